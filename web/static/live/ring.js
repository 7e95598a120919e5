// @ts-check
/**
 * The last seconds of a signal: channels of raw and clean samples by their index.
 *
 * A jump of the index is a loss and is drawn as a gap; an index that runs backwards is a
 * signal opened anew, and the past is forgotten.
 */

/** @typedef {"raw" | "clean"} Kind */

export class Ring {
  /** @type {{raw: Float32Array[], clean: Float32Array[]}} */
  #kept;

  /** Index after the newest sample; −1 before the first. */
  end = -1;

  /**
   * @param {number} channels
   * @param {number} length samples kept
   */
  constructor(channels, length) {
    this.length = length;
    const silence = () => new Float32Array(length).fill(NaN);
    this.#kept = {
      raw: Array.from({ length: channels }, silence),
      clean: Array.from({ length: channels }, silence),
    };
  }

  /**
   * @param {number} first index of the chunk's first sample
   * @param {number[][]} raw channels, then samples, µV
   * @param {number[][]} clean
   */
  push(first, raw, clean) {
    const count = clean[0]?.length ?? 0;
    if (this.end < 0) this.end = first;
    if (first < this.end) this.#forget(first);
    const lost = Math.min(first - this.end, this.length);
    for (let i = first - lost; i < first; i += 1) this.#put(i, -1, raw, clean);
    for (let i = 0; i < count; i += 1) this.#put(first + i, i, raw, clean);
    this.end = first + count;
  }

  /**
   * @param {Kind} kind
   * @param {number} channel
   * @param {(uv: number) => number} scale
   * @returns {(number | null)[]} oldest first; null where nothing came
   */
  read(kind, channel, scale) {
    const kept = this.#kept[kind][channel];
    const out = new Array(this.length);
    for (let i = 0; i < this.length; i += 1) {
      const uv = kept[this.#slot(this.end + i)];
      out[i] = Number.isNaN(uv) ? null : scale(uv);
    }
    return out;
  }

  /**
   * A robust size of what is seen.
   *
   * @param {Kind} kind
   * @returns {number} µV that 90 % of the samples of the median channel stay within
   */
  size(kind) {
    const sizes = this.#kept[kind].map((kept) => {
      const seen = kept.filter((uv) => !Number.isNaN(uv)).map(Math.abs).sort();
      return seen.length ? seen[Math.floor(0.9 * (seen.length - 1))] : 0;
    });
    sizes.sort((a, b) => a - b);
    return sizes[Math.floor(sizes.length / 2)] ?? 0;
  }

  /** @param {number} index */
  #slot(index) {
    return ((index % this.length) + this.length) % this.length;
  }

  /** @param {number} first */
  #forget(first) {
    for (const kept of [...this.#kept.raw, ...this.#kept.clean]) kept.fill(NaN);
    this.end = first;
  }

  /**
   * @param {number} index
   * @param {number} i place in the chunk, −1 for a lost sample
   * @param {number[][]} raw
   * @param {number[][]} clean
   */
  #put(index, i, raw, clean) {
    const slot = this.#slot(index);
    this.#kept.raw.forEach((kept, c) => (kept[slot] = i < 0 ? NaN : (raw[c]?.[i] ?? NaN)));
    this.#kept.clean.forEach((kept, c) => (kept[slot] = i < 0 ? NaN : (clean[c]?.[i] ?? NaN)));
  }
}
