// @ts-check
/**
 * A guard against flashing, on what is shown, not on what is sent.
 *
 * WCAG 2.2, 2.3.1: nothing flashes more than three times a second. A flash is a pair of
 * opposing changes of relative luminance of 10 % or more, or of saturated red. The guard
 * looks at the picture as 8 × 8 cells and lets no cell turn (change its direction by that
 * much) more than twice in any second, which is less than half of what is allowed. Where
 * a cell has no turn left, the fade to the next picture is held back; it is never cut.
 *
 * A thumb is the mean sRGB of the cells, 192 numbers in 0..255. Blending two pictures
 * and averaging cells commute, so the thumb of a half-faded picture is known without
 * reading the screen.
 */

export const SIDE = 8;
export const THUMB = SIDE * SIDE * 3;

/** Change of relative luminance that counts. */
export const LUMINANCE_STEP = 0.1;

/** Change of R − G − B (linear) that counts: 20 of 320, WCAG's red flash. */
export const RED_STEP = 20 / 320;

/** Turns a cell may make in any `WINDOW_S`. */
export const TURNS = 2;
export const WINDOW_S = 1;

/** Held cells keep to this share of a step: a canvas rounds each blend to whole levels, and
 *  two levels near white are 0.015 of relative luminance. */
const MARGIN = 0.8;
const HALVINGS = 7;
const CELLS = SIDE * SIDE;

/** sRGB byte to linear light, WCAG's definition of relative luminance. */
const LINEAR = Float64Array.from({ length: 256 }, (_, byte) => {
  const s = byte / 255;
  return s <= 0.04045 ? s / 12.92 : ((s + 0.055) / 1.055) ** 2.4;
});

/** @param {number} level 0..255, not whole */
function linear(level) {
  const low = Math.min(254, Math.max(0, Math.floor(level)));
  return LINEAR[low] + (LINEAR[low + 1] - LINEAR[low]) * (level - low);
}

/**
 * @param {Float64Array} from
 * @param {Float64Array} to
 * @param {number} share of `to`, 0..1
 * @returns {Float64Array}
 */
export function mix(from, to, share) {
  return from.map((level, i) => level + (to[i] - level) * share);
}

/**
 * @param {Float64Array} thumb
 * @returns {Float64Array} relative luminance of the cells, then their red excess
 */
export function light(thumb) {
  const seen = new Float64Array(2 * CELLS);
  for (let cell = 0; cell < CELLS; cell += 1) {
    const r = linear(thumb[3 * cell]);
    const g = linear(thumb[3 * cell + 1]);
    const b = linear(thumb[3 * cell + 2]);
    seen[cell] = 0.2126 * r + 0.7152 * g + 0.0722 * b;
    seen[CELLS + cell] = Math.max(0, r - g - b);
  }
  return seen;
}

/** @param {number} i index into what `light` gives */
const step = (i) => (i < CELLS ? LUMINANCE_STEP : RED_STEP);

export class FlashGuard {
  #extreme = new Float64Array(2 * CELLS); // furthest light in the present direction
  #direction = new Int8Array(2 * CELLS); // 0 until the first real change
  #turns = new Float64Array(2 * CELLS * TURNS).fill(-Infinity); // newest first, seconds

  /**
   * How far the fade may go now.
   *
   * @param {Float64Array} from thumb of the picture faded from
   * @param {Float64Array} to thumb of the picture faded to
   * @param {number} done share of `to` that is shown
   * @param {number} wanted share that the fade's time asks for, ≥ `done`
   * @param {number} now seconds
   * @returns {number} share to show, in [done, wanted]
   */
  limit(from, to, done, wanted, now) {
    let share = wanted;
    if (this.#flashes(light(mix(from, to, wanted)), now)) {
      let [safe, unsafe] = [done, wanted];
      for (let i = 0; i < HALVINGS; i += 1) {
        const half = (safe + unsafe) / 2;
        if (this.#flashes(light(mix(from, to, half)), now)) unsafe = half;
        else safe = half;
      }
      share = safe;
    }
    this.#see(light(mix(from, to, share)), now);
    return share;
  }

  /**
   * @param {Float64Array} seen
   * @param {number} now
   */
  #flashes(seen, now) {
    return seen.some((value, i) => {
      const oldest = this.#turns[i * TURNS + TURNS - 1];
      if (now - oldest >= WINDOW_S) return false;
      return this.#swing(i, value) >= step(i) * MARGIN;
    });
  }

  /**
   * @param {number} i
   * @param {number} value
   * @returns {number} how far `value` lies back from the extreme
   */
  #swing(i, value) {
    const back = this.#extreme[i] - value;
    return this.#direction[i] >= 0 ? back : -back;
  }

  /**
   * @param {Float64Array} seen
   * @param {number} now
   */
  #see(seen, now) {
    seen.forEach((value, i) => {
      const swing = this.#swing(i, value);
      if (this.#direction[i] === 0) {
        // From the page's black, light can only rise: the first rise sets the direction.
        if (-swing >= step(i)) this.#direction[i] = 1;
        if (-swing >= step(i)) this.#extreme[i] = value;
      } else if (swing <= 0) {
        this.#extreme[i] = value;
      } else if (swing >= step(i)) {
        this.#turn(i, value, now);
      }
    });
  }

  /**
   * @param {number} i
   * @param {number} value
   * @param {number} now
   */
  #turn(i, value, now) {
    const first = i * TURNS;
    this.#turns.copyWithin(first + 1, first, first + TURNS - 1);
    this.#turns[first] = now;
    this.#extreme[i] = value;
    this.#direction[i] = this.#direction[i] > 0 ? -1 : 1;
  }
}
