// @ts-check
/**
 * The tree as an ARIA treegrid: one stop for Tab, arrows within.
 *
 * Hundreds of lines stay smooth because only those that changed are painted, and none is
 * moved that is in its place.
 */

import { make, say } from "../live/elements.js";
import { counted } from "./amounts.js";
import { GridKeys } from "./grid_keys.js";
import { COLUMNS, Line } from "./line.js";
import { isWorrying } from "./tree.js";

/** @typedef {import("./tree.js").Node} Node */
/** @typedef {import("./tree.js").Tree} Tree */

const MANY = 20;
const SESSION = /^root\/sessions\/[^/]+\/[^/]+$/;

export class Grid {
  #tree;
  #body;
  #note;
  #choose;
  /** @type {Map<string, Line>} */
  #lines = new Map();
  /** @type {Map<string, boolean>} what was opened or closed by hand, or as it first came */
  #open = new Map();
  #shown = /** @type {Node[]} */ ([]);
  #shape = -1;
  #here = ""; // path of the line that Tab comes to
  #chosen = "";
  #onlyTroubled = false;
  #time = { now: 0, epoch: 0 };

  /**
   * @param {{tree: Tree, table: HTMLElement, note: HTMLElement, choose: (path: string) => void}} parts
   */
  constructor({ tree, table, note, choose }) {
    this.#tree = tree;
    this.#note = note;
    this.#choose = choose;
    this.#body = make("div", { role: "rowgroup", class: "lines" });
    table.append(header(), this.#body);
    table.addEventListener("click", (event) => this.#clicked(event));
    this.#body.addEventListener("focusin", ({ target }) => {
      const line = target instanceof Element && target.closest(".line");
      if (line instanceof HTMLElement) this.#stand(line.dataset.path ?? "");
    });
    const keys = new GridKeys({
      shown: () => this.#shown,
      here: () => this.#tree.find(this.#here),
      isOpen: (node) => this.#isOpen(node),
      open: (node, isOpen) => this.open(node, isOpen),
      go: (node) => this.focus(node.path),
      choose,
    });
    this.#body.addEventListener("keydown", (event) => keys.pressed(event));
  }

  /**
   * Show what changed since the last time.
   *
   * @param {number} now of the server's clock, seconds
   * @param {boolean} aSecond whether it is time to tell ages anew
   */
  paint(now, aSecond) {
    this.#time = { now, epoch: this.#tree.epoch };
    const changed = this.#tree.takeChanged();
    if (this.#shape !== this.#tree.shape || this.#onlyTroubled) this.#arrange();
    for (const node of changed) this.#paintLine(node);
    if (aSecond) for (const line of this.#lines.values()) line.tick(now, this.#tree.epoch);
  }

  /** @param {boolean} only */
  showOnlyTroubled(only) {
    this.#onlyTroubled = only;
    this.#arrange();
  }

  /**
   * @param {Node} node
   * @param {boolean} isOpen
   */
  open(node, isOpen) {
    this.#open.set(node.path, isOpen);
    this.#arrange();
    this.#paintLine(node);
  }

  /** @param {string} path its line is made visible first */
  focus(path) {
    this.#reveal(path);
    this.#lines.get(path)?.row.focus();
  }

  /** The line where the keyboard was last. */
  focusHere() {
    this.#lines.get(this.#here)?.row.focus();
  }

  /** @param {string} path of the line that is chosen; empty: none */
  mark(path) {
    this.#lines.get(this.#chosen)?.row.setAttribute("aria-selected", "false");
    this.#chosen = path;
    if (!path) return;
    this.#reveal(path);
    const row = this.#lines.get(path)?.row;
    row?.setAttribute("aria-selected", "true");
    row?.scrollIntoView({ block: "nearest" });
  }

  /** @param {string} path Tab comes to its line, which is unfolded if need be */
  #reveal(path) {
    const node = this.#tree.find(path);
    for (let at = node?.parent; at; at = at.parent) {
      if (!this.#isOpen(at)) this.#open.set(at.path, true);
    }
    if (node && !this.#lines.has(path)) this.#arrange();
    if (node) this.#stand(path);
  }

  /** @param {Node} node */
  #isOpen(node) {
    if (this.#onlyTroubled && isWorrying(node)) return this.#open.get(node.path) ?? true;
    const known = this.#open.get(node.path);
    if (known !== undefined) return known;
    return !SESSION.test(node.path) && node.children.length <= MANY;
  }

  #arrange() {
    this.#shape = this.#tree.shape;
    const shown = this.#tree.visible((node) => this.#isOpen(node), this.#onlyTroubled);
    const kept = new Set(shown.map(({ path }) => path));
    const hadFocus = this.#lines.get(this.#here)?.row === document.activeElement;
    for (const [path, line] of this.#lines) {
      if (kept.has(path) && line.node === this.#tree.find(path)) continue;
      line.row.remove();
      this.#lines.delete(path);
    }
    this.#shown = shown;
    this.#place();
    if (!kept.has(this.#here)) this.#fallBack(hadFocus);
    say(this.#note, this.#noteText());
  }

  #place() {
    let next = this.#body.firstElementChild;
    for (const node of this.#shown) {
      const known = this.#lines.get(node.path);
      const line = known ?? new Line(node);
      if (!known) {
        this.#lines.set(node.path, line);
        if (node.path === this.#chosen) line.row.setAttribute("aria-selected", "true");
      }
      if (line.row === next) next = next.nextElementSibling;
      else this.#body.insertBefore(line.row, next);
      this.#paintLine(node);
    }
  }

  /** @param {Node} node */
  #paintLine(node) {
    const line = this.#lines.get(node.path);
    if (!line) return;
    const siblings = this.#tree.siblings(node);
    const position = siblings.indexOf(node) + 1;
    line.paint({ isOpen: this.#isOpen(node), position, of: siblings.length, ...this.#time });
  }

  /**
   * The line where the keyboard was is gone: go to the nearest one above it.
   *
   * @param {boolean} hadFocus
   */
  #fallBack(hadFocus) {
    let path = this.#here;
    while (path && !this.#lines.has(path)) path = path.slice(0, Math.max(0, path.lastIndexOf("/")));
    this.#stand(path || (this.#shown[0]?.path ?? ""));
    if (hadFocus) this.#lines.get(this.#here)?.row.focus();
  }

  /** @param {string} path */
  #stand(path) {
    if (path !== this.#here) this.#lines.get(this.#here)?.row.setAttribute("tabindex", "-1");
    this.#here = path;
    const row = this.#lines.get(path)?.row;
    if (row && row.getAttribute("tabindex") !== "0") row.setAttribute("tabindex", "0");
  }

  /** @param {Event} event */
  #clicked({ target }) {
    const row = target instanceof Element ? target.closest(".line") : null;
    const node = row instanceof HTMLElement ? this.#tree.find(row.dataset.path ?? "") : null;
    if (!node || !(target instanceof Element)) return;
    if (target.closest(".twisty") && node.children.length) this.open(node, !this.#isOpen(node));
    else this.#choose(node.path);
  }

  #noteText() {
    if (this.#onlyTroubled && this.#shown.length === 0) return "Nothing needs a look.";
    const hidden = this.#tree.size - this.#shown.length;
    return counted(this.#tree.size, "actor") + (hidden ? `, ${hidden.toLocaleString("en")} folded away` : "");
  }
}

function header() {
  const line = make("div", { role: "row", class: "line titles" });
  line.append(make("div", { role: "columnheader", class: "cell head-cell" }, "Name"));
  for (const [column, title, meaning] of COLUMNS) {
    line.append(make("div", { role: "columnheader", class: `cell ${column}`, title: meaning }, title));
  }
  return make("div", { role: "rowgroup", class: "titles-group" }, line);
}

