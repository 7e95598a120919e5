// @ts-check
/**
 * The supervision tree: whole rows first, then what entries of the journal change in them.
 * Pure: no page here. What changed is gathered until somebody takes it.
 */

import { BY_GRAVITY, isTroubled, lookOf } from "./states.js";

/** @typedef {import("./states.js").Row} Row */
/** @typedef {import("./sayings.js").Entry} Entry */
/** @typedef {{spent: number, of: number, within_s: number}} Budget */
/** @typedef {{edge: string, came: number, taken: number, dropped: Record<string, number>, queued: number}} Edge */

/**
 * As `protocols.operators.ActorFacts`.
 *
 * @typedef {object} Facts
 * @property {Row} row
 * @property {string} strategy
 * @property {string} restart
 * @property {Budget | null} budget
 * @property {number} depth
 * @property {number} oldest_s
 * @property {string} handling
 * @property {number} handling_s
 * @property {number | null} hang_after_s
 * @property {{counts: number[], seconds: number}} handled
 * @property {Edge[]} edges
 * @property {any} last_end
 * @property {number | null} last_end_at
 */

/**
 * @typedef {object} Node
 * @property {string} path
 * @property {Row} row
 * @property {Facts | null} facts
 * @property {Node | null} parent
 * @property {Node[]} children by name
 */

const SLOW_S = 1;
const names = new Intl.Collator("en", { numeric: true });

export class Tree {
  /** @type {Map<string, Node>} */
  #nodes = new Map();
  #top = /** @type {Node[]} */ ([]);
  #changed = /** @type {Set<Node>} */ (new Set());
  #shape = 0;

  /** Unix time of the server's clock when that was 0, seconds. */
  epoch = 0;

  /** Counts up whenever rows come, go or may be shown otherwise. */
  get shape() {
    return this.#shape;
  }

  get size() {
    return this.#nodes.size;
  }

  /** @param {string} path */
  find(path) {
    return this.#nodes.get(path) ?? null;
  }

  /** @returns {Iterable<Node>} */
  nodes() {
    return this.#nodes.values();
  }

  /** What changed since this was asked last. */
  takeChanged() {
    const changed = this.#changed;
    this.#changed = new Set();
    return changed;
  }

  /** @param {Row[]} rows all that there are */
  replace(rows) {
    const kept = new Set(rows.map(({ path }) => path));
    for (const path of [...this.#nodes.keys()]) if (!kept.has(path)) this.#drop(path);
    for (const row of rows) this.#put(row);
  }

  /** @param {Entry} entry */
  take({ at, event }) {
    const since = at - this.epoch;
    switch (event.type) {
      case "stepped":
        return this.#put(event.row);
      case "started":
        return this.#step(event.path, { life: event.life, state: "running", reason: "", since });
      case "ended": {
        const state = event.normal ? "stopped" : "failed";
        return this.#step(event.path, { life: event.life, state, reason: event.reason, since });
      }
      case "held":
        return this.#step(event.path, { held: event.held, paused: event.paused });
      case "gone":
        return this.#drop(event.path);
      default:
    }
  }

  /**
   * What was asked of all actors. It may be older than the entries that came meanwhile.
   *
   * @param {Facts[]} actors
   */
  learn(actors) {
    for (const facts of actors) {
      const node = this.#nodes.get(facts.row.path);
      if (!node) continue; // its birth is still on its way here
      node.facts = facts;
      this.#changed.add(node);
      if (facts.row.since >= node.row.since) this.#put(facts.row);
    }
  }

  /**
   * The lines to show, in order.
   *
   * @param {(node: Node) => boolean} isOpen
   * @param {boolean} onlyTroubled
   * @returns {Node[]}
   */
  visible(isOpen, onlyTroubled) {
    /** @type {Node[]} */
    const lines = [];
    const walk = (/** @type {Node[]} */ nodes) => {
      for (const node of nodes) {
        if (onlyTroubled && !isWorrying(node)) continue;
        lines.push(node);
        if (node.children.length && isOpen(node)) walk(node.children);
      }
    };
    walk(this.#top);
    return lines;
  }

  /** @param {Node} node */
  siblings(node) {
    return node.parent ? node.parent.children : this.#top;
  }

  /** @param {Row} row */
  #put(row) {
    const known = this.#nodes.get(row.path);
    if (!known) return this.#add(row);
    if (isSame(known.row, row)) return;
    known.row = row;
    this.#mark(known);
  }

  /**
   * @param {string} path
   * @param {Partial<Row>} changes
   */
  #step(path, changes) {
    const node = this.#nodes.get(path);
    // Gone from the tree, or the late word of an earlier life.
    if (node && (changes.life ?? node.row.life) >= node.row.life) this.#put({ ...node.row, ...changes });
  }

  /** @param {Row} row */
  #add(row) {
    const { path } = row;
    const parent = this.#above(path);
    const siblings = parent ? parent.children : this.#top;
    const orphans = siblings.filter((other) => other.path.startsWith(`${path}/`));
    const node = { path, row, facts: null, parent, children: orphans };
    orphans.forEach((orphan) => {
      orphan.parent = node;
      siblings.splice(siblings.indexOf(orphan), 1);
    });
    const after = siblings.findIndex((other) => names.compare(other.path, path) > 0);
    siblings.splice(after < 0 ? siblings.length : after, 0, node);
    this.#nodes.set(path, node);
    this.#mark(node);
    this.#shape += 1;
  }

  /** @param {string} path */
  #above(path) {
    for (let cut = path.lastIndexOf("/"); cut > 0; cut = path.lastIndexOf("/", cut - 1)) {
      const found = this.#nodes.get(path.slice(0, cut));
      if (found) return found;
    }
    return null;
  }

  /** @param {string} path */
  #drop(path) {
    const node = this.#nodes.get(path);
    if (!node) return;
    const siblings = this.siblings(node);
    siblings.splice(siblings.indexOf(node), 1);
    this.#mark(node.parent);
    const forget = (/** @type {Node} */ gone) => {
      this.#nodes.delete(gone.path);
      this.#changed.delete(gone);
      gone.children.forEach(forget);
    };
    forget(node);
    this.#shape += 1;
  }

  /** @param {Node | null} node a change of a row changes the summaries above it */
  #mark(node) {
    for (let at = node; at; at = at.parent) this.#changed.add(at);
  }
}

/**
 * @param {Row} one
 * @param {Row} other
 */
function isSame(one, other) {
  return /** @type {(keyof Row)[]} */ (Object.keys(other)).every((name) => one[name] === other[name]);
}

/**
 * Its name below its parent in the tree; the root itself, which nobody supervises, is no line.
 *
 * @param {Node} node
 */
export function nameOf({ path, parent }) {
  return parent ? path.slice(parent.path.length + 1) : path.replace(/^root\//, "");
}

/** @param {Node} node */
export function levelOf(node) {
  let level = 1;
  for (let at = node.parent; at; at = at.parent) level += 1;
  return level;
}

/**
 * Whether it, or anything below it, should be looked at.
 *
 * @param {Node} node
 * @returns {boolean}
 */
export function isWorrying(node) {
  const { facts, row } = node;
  const slow = facts !== null && (facts.handling_s > SLOW_S || facts.oldest_s > SLOW_S);
  return isTroubled(row) || slow || node.children.some(isWorrying);
}

/**
 * How many actors below are in which state, worst first.
 *
 * @param {Node} node
 * @returns {[string, number][]}
 */
export function summaryOf(node) {
  /** @type {Map<string, number>} */
  const counts = new Map();
  const count = (/** @type {Node} */ { row, children }) => {
    if (row.kind !== "supervisor" || lookOf(row).word !== "running") {
      const { word } = lookOf(row);
      counts.set(word, (counts.get(word) ?? 0) + 1);
    }
    children.forEach(count);
  };
  node.children.forEach(count);
  return [...counts].sort(([a], [b]) => BY_GRAVITY.indexOf(a) - BY_GRAVITY.indexOf(b));
}
