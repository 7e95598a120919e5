// @ts-check
/**
 * States of actors, each by picture, word and tone: who sees no colours reads the word,
 * who cannot read it from afar knows the shape.
 */

/** @typedef {"good" | "note" | "idle" | "warn" | "bad"} Tone */
/** @typedef {"starting" | "running" | "stopping" | "stopped" | "waiting" | "failed"} ChildState */
/** @typedef {{icon: string, word: string, tone: Tone}} Look */

/**
 * One line of the tree, as `protocols.supervision.ChildRow` has it.
 *
 * @typedef {object} Row
 * @property {string} path
 * @property {string} kind
 * @property {ChildState} state
 * @property {number} life
 * @property {number} restarts
 * @property {string} dispatcher
 * @property {string} reason
 * @property {number} since of the server's clock, seconds
 * @property {boolean} held
 * @property {boolean} paused
 */

const LOOKS = /** @type {Record<ChildState, Look>} */ ({
  starting: { icon: "s-starting", word: "starting", tone: "note" },
  running: { icon: "s-running", word: "running", tone: "good" },
  stopping: { icon: "s-stopping", word: "stopping", tone: "note" },
  stopped: { icon: "s-stopped", word: "stopped", tone: "idle" },
  waiting: { icon: "s-waiting", word: "waiting", tone: "warn" },
  failed: { icon: "s-failed", word: "failed", tone: "bad" },
});
const HELD = /** @type {Look} */ ({ icon: "s-held", word: "held", tone: "warn" });
const PAUSED = /** @type {Look} */ ({ icon: "s-paused", word: "paused", tone: "warn" });

/** All words that `lookOf` can say, worst first: the order in which a summary names them. */
export const BY_GRAVITY = [
  "failed",
  "waiting",
  "held",
  "paused",
  "stopping",
  "starting",
  "stopped",
  "running",
];

/**
 * @param {Row} row
 * @returns {Look}
 */
export function lookOf(row) {
  if (row.held && row.state === "stopped") return HELD;
  if (row.paused && row.state === "running") return PAUSED;
  return LOOKS[row.state] ?? { icon: "s-starting", word: row.state, tone: "note" };
}

/**
 * @param {string} word
 * @returns {Look}
 */
export function lookOfWord(word) {
  if (word === HELD.word) return HELD;
  if (word === PAUSED.word) return PAUSED;
  return LOOKS[/** @type {ChildState} */ (word)];
}

/**
 * Whether an operator should look at it: all but what runs, and what ended in order by itself.
 *
 * @param {Row} row
 */
export function isTroubled(row) {
  return !["running", "stopped"].includes(lookOf(row).word);
}
