// @ts-check
/** When to try again: twice as long each time, with jitter so that pages do not march in step. */

const FIRST_MS = 250;
const LONGEST_MS = 8_000;

/**
 * @param {number} failures in a row, from 1
 * @param {number} chance in [0, 1)
 * @returns {number} milliseconds: half to whole of min(250·2ⁿ⁻¹, 8000)
 */
export function wait(failures, chance) {
  const whole = Math.min(FIRST_MS * 2 ** (failures - 1), LONGEST_MS);
  return whole * (0.5 + 0.5 * chance);
}
