// @ts-check
/**
 * Entries of the journal by what led to them: a chain is an entry that nothing here caused,
 * and all its consequences. Pure.
 */

import { sayingOf } from "./sayings.js";

/** @typedef {import("./sayings.js").Entry} Entry */
/** @typedef {import("./sayings.js").Saying} Saying */
/** @typedef {{entry: Entry, saying: Saying, depth: number}} Link depth: steps from the first */
/** @typedef {{number: number, links: Link[]}} Chain number: of its first entry */

/** Entries kept in the page. */
export const MOST = 5_000;
const CUT_TO = 4_000;

export class Chains {
  #entries = /** @type {Entry[]} */ ([]);
  /** @type {Map<number, Chain>} by number of the first entry */
  #chains = new Map();
  /** @type {Map<number, {chain: Chain, depth: number}>} by number of any */
  #places = new Map();

  /** Number of the oldest entry here; 0: there is none. */
  get first() {
    return this.#entries[0]?.number ?? 0;
  }

  /** Number of the newest. */
  get last() {
    return this.#entries[this.#entries.length - 1]?.number ?? 0;
  }

  /** @returns {Chain[]} newest first */
  newestFirst() {
    return [...this.#chains.values()].reverse();
  }

  /**
   * Take entries in order, those that are here already left out.
   *
   * @param {Entry[]} entries
   * @returns {Set<Chain>} chains that are new or longer now
   */
  add(entries) {
    const news = entries.filter(({ number }) => number > this.last);
    this.#entries.push(...news);
    const changed = new Set(news.map((entry) => this.#place(entry)));
    if (this.#entries.length > MOST) this.#rebuild(this.#entries.slice(-CUT_TO));
    return changed;
  }

  /** @param {Entry[]} entries older than all that are here, in order */
  addOlder(entries) {
    const { first } = this;
    this.#rebuild([...entries.filter(({ number }) => !first || number < first), ...this.#entries]);
  }

  clear() {
    this.#rebuild([]);
  }

  /** @param {Entry[]} entries */
  #rebuild(entries) {
    this.#entries = entries;
    this.#chains.clear();
    this.#places.clear();
    entries.forEach((entry) => this.#place(entry));
  }

  /** @param {Entry} entry */
  #place(entry) {
    const { number, cause } = entry;
    const above = cause === null ? undefined : this.#places.get(cause);
    const depth = above ? above.depth + 1 : 0;
    const chain = above ? above.chain : { number, links: [] };
    if (!above) this.#chains.set(number, chain);
    chain.links.push({ entry, saying: sayingOf(entry.event), depth });
    this.#places.set(number, { chain, depth });
    return chain;
  }
}

/**
 * @typedef {object} Wish what the timeline shall show
 * @property {string} path a part of it
 * @property {string} kind empty: any
 * @property {string} text a part of what is said
 */

/**
 * @param {Link} link
 * @param {Wish} wish
 */
export function fits({ saying, entry }, { path, kind, text }) {
  return (
    (!kind || saying.kind === kind) &&
    (!path || concerns(saying, entry).includes(path.toLowerCase())) &&
    (!text || `${saying.text}\n${saying.detail ?? ""}`.toLowerCase().includes(text.toLowerCase()))
  );
}

/**
 * Whether anything of it is to be seen.
 *
 * @param {Chain} chain
 * @param {Wish} wish
 */
export function isWanted({ links }, wish) {
  return wantsAll(wish) || links.some((link) => fits(link, wish));
}

/** @param {Wish} wish */
export function wantsAll({ path, kind, text }) {
  return !path && !kind && !text;
}

/**
 * @param {Saying} saying
 * @param {Entry} entry
 */
function concerns({ path }, { event }) {
  return `${path}\n${event.child ?? ""}`.toLowerCase();
}

const TONES = ["bad", "warn"];

/**
 * The gravest tone of what followed, where that is graver than how it began.
 *
 * @param {Chain} chain
 * @returns {import("./states.js").Tone | null}
 */
export function gravestAfter({ links }) {
  const [first, ...rest] = links;
  const found = TONES.find((tone) => rest.some(({ saying }) => saying.tone === tone));
  const graver = found && first && !TONES.slice(0, TONES.indexOf(found) + 1).includes(first.saying.tone);
  return graver ? /** @type {import("./states.js").Tone} */ (found) : null;
}
