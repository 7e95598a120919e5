// @ts-check
/**
 * When a block is to sound: the jitter buffer, as arithmetic.
 *
 * The first block waits for `LEAD_S`; every other has its place after it by the index of
 * its first sample, so that a lost block is a silence of its length and nothing moves. A
 * block that comes too late for its place begins the count anew. Where blocks have waited
 * longer than they need for some seconds (a burst after a halt, a sound card slower than
 * the server's clock), one is left out.
 */

export const LEAD_S = 0.25;
const LATE_S = 0.005;
const LONG_S = 0.2; // this much more than LEAD_S is too much
const WATCHED = 50; // blocks: five seconds
const JUMP_S = 2;

/**
 * @typedef {object} Place
 * @property {number} start of the block, on the audio clock, seconds
 * @property {boolean} joins it goes on where the last one ended
 */

export class Plan {
  #origin = NaN; // audio clock's time of sample 0
  #next = NaN; // index after the last block
  #joint = true; // false: the block before the next one was left out
  #waits = /** @type {number[]} */ ([]);

  /** Audio clock's time at which what is planned begins. */
  start = NaN;

  /** Audio clock's time at which what is planned ends. */
  end = -Infinity;

  /**
   * @param {number} first index of the block's first sample
   * @param {number} count samples
   * @param {number} sfreq samples a second
   * @param {number} now audio clock's time, seconds
   * @returns {Place | null} null: leave it out
   */
  place(first, count, sfreq, now) {
    const jumps = !(first >= this.#next && first - this.#next < JUMP_S * sfreq);
    let start = this.#origin + first / sfreq;
    if (jumps || !(start >= now + LATE_S)) {
      // A whole number of samples: between two blocks nothing is interpolated.
      start = Math.ceil(Math.max(now + LEAD_S, this.end) * sfreq) / sfreq;
      this.#origin = start - first / sfreq;
      this.#next = NaN;
      this.#waits = [];
      this.start = start;
    } else if (this.#tooLong(start - now)) {
      this.#origin -= count / sfreq;
      this.#waits = [];
      this.#next = first + count;
      this.#joint = false;
      return null;
    }
    const joins = this.#next === first && this.#joint;
    this.#joint = true;
    this.#next = first + count;
    this.end = start + count / sfreq;
    return { start, joins };
  }

  /** @param {number} wait seconds until the block sounds */
  #tooLong(wait) {
    this.#waits.push(wait);
    if (this.#waits.length < WATCHED) return false;
    const least = Math.min(...this.#waits);
    this.#waits.shift();
    return least > LEAD_S + LONG_S;
  }
}
