// @ts-check
/**
 * Keys of the treegrid, after the ARIA Authoring Practices (treegrid, focus on rows first):
 * up and down a line, right opens and goes in, left closes and goes out, Home, End, pages,
 * `*` opens all siblings, letters find a name, Enter chooses.
 */

import { nameOf } from "./tree.js";

/** @typedef {import("./tree.js").Node} Node */

const TYPING_MS = 700;
const PAGE = 10;
const NAMED = /^[\p{L}\p{N}_-]$/u; // what a name can have; `?` and `/` are the page's

/**
 * @typedef {object} Ways
 * @property {() => Node[]} shown
 * @property {() => Node | null} here
 * @property {(node: Node) => boolean} isOpen
 * @property {(node: Node, isOpen: boolean) => void} open
 * @property {(node: Node) => void} go
 * @property {(path: string) => void} choose
 */

export class GridKeys {
  #ways;
  #typed = "";
  #typedAt = 0;

  /** @param {Ways} ways */
  constructor(ways) {
    this.#ways = ways;
  }

  /** @param {KeyboardEvent} event */
  pressed(event) {
    const here = this.#ways.here();
    if (!here || event.ctrlKey || event.metaKey || event.altKey) return;
    const act = this.#act(event.key, here) ?? this.#typing(event, here);
    if (!act) return;
    event.preventDefault();
    event.stopPropagation();
    act();
  }

  /**
   * @param {string} key
   * @param {Node} here
   * @returns {(() => void) | undefined}
   */
  #act(key, here) {
    const { shown, choose } = this.#ways;
    const at = shown().indexOf(here);
    const steps = /** @type {Record<string, number>} */ ({
      ArrowDown: at + 1,
      ArrowUp: at - 1,
      PageDown: at + PAGE,
      PageUp: at - PAGE,
      Home: 0,
      End: Infinity,
    });
    const step = steps[key];
    if (step !== undefined) return () => this.#goTo(step);
    /** @type {Record<string, () => void>} */
    const acts = {
      ArrowRight: () => this.#into(here),
      ArrowLeft: () => this.#out(here),
      "*": () => this.#openAll(here),
      Enter: () => choose(here.path),
    };
    return acts[key];
  }

  /** @param {number} index */
  #goTo(index) {
    const shown = this.#ways.shown();
    const node = shown[Math.max(0, Math.min(index, shown.length - 1))];
    if (node) this.#ways.go(node);
  }

  /** @param {Node} here */
  #into(here) {
    const [first] = here.children;
    if (!first) return;
    if (!this.#ways.isOpen(here)) return this.#ways.open(here, true);
    const shown = this.#ways.shown();
    const next = shown[shown.indexOf(here) + 1];
    if (next?.parent === here) this.#ways.go(next);
  }

  /** @param {Node} here */
  #out(here) {
    if (here.children.length && this.#ways.isOpen(here)) return this.#ways.open(here, false);
    if (here.parent) this.#ways.go(here.parent);
  }

  /** @param {Node} here */
  #openAll(here) {
    for (const node of this.#ways.shown().filter(({ parent }) => parent === here.parent)) {
      if (node.children.length && !this.#ways.isOpen(node)) this.#ways.open(node, true);
    }
  }

  /**
   * @param {KeyboardEvent} event
   * @param {Node} here
   * @returns {(() => void) | undefined}
   */
  #typing({ key, timeStamp }, here) {
    if (!NAMED.test(key)) return undefined;
    const goesOn = timeStamp - this.#typedAt < TYPING_MS;
    this.#typedAt = timeStamp;
    this.#typed = (goesOn ? this.#typed : "") + key.toLowerCase();
    const shown = this.#ways.shown();
    // A new word begins below; one that grows may still be the line that was found.
    const from = shown.indexOf(here) + (this.#typed.length > 1 ? 0 : 1);
    const round = [...shown.slice(from), ...shown.slice(0, from)];
    const found = round.find((node) => nameOf(node).toLowerCase().startsWith(this.#typed));
    return () => found && this.#ways.go(found);
  }
}
