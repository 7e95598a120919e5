// @ts-check
/**
 * One line of the treegrid. It is painted again and again; only what reads otherwise than
 * before is touched.
 */

import { icon, make } from "../live/elements.js";
import { age, quantile, took, utc } from "./amounts.js";
import { lookOf, lookOfWord } from "./states.js";
import { levelOf, nameOf, summaryOf } from "./tree.js";

/** @typedef {import("./tree.js").Node} Node */
/** @typedef {import("./states.js").Look} Look */

/** Columns after the name, with the short word that stands before them where lines wrap. */
export const COLUMNS = /** @type {const} */ ([
  ["state", "State", "What its supervisor knows of it"],
  ["since", "For", "How long it has been in this state"],
  ["life", "Life", "Which life this is"],
  ["budget", "Budget", "Restarts that its supervisor has spent, of those it has within its window"],
  ["inbox", "Inbox", "Messages that wait, and for how long the oldest has"],
  ["hand", "In hand", "What it handles now, and for how long"],
  ["pace", "p50 / p99", "Half, and 99 of 100, of its messages took at most so long"],
]);

/** @typedef {(typeof COLUMNS)[number][0]} Column */

const SHOWN_S = 0.25;
const NONE = "–";
const LIT_TICKS = 2;

export class Line {
  /** @type {Record<Column, HTMLElement>} */
  #cells;
  #name = make("span", { class: "name" });
  #below = make("span", { class: "below" });
  #state = make("span", { class: "look" });
  #icon = icon("s-starting");
  #word = make("span", { class: "word" });
  #reason = make("span", { class: "reason" });
  /** @type {Map<Element, Map<string, string>>} */
  #was = new Map();
  #seen = "";
  #lit = 0; // seconds for which it is still lit

  /** @param {Node} node */
  constructor(node) {
    this.node = node;
    this.row = make("div", { role: "row", class: "line", tabindex: "-1", "aria-selected": "false" });
    const head = make("div", { role: "gridcell", class: "cell head-cell" });
    head.append(make("span", { class: "twisty", "aria-hidden": "true" }), this.#name, this.#below);
    const made = COLUMNS.map(([column, title]) => {
      const cell = make("div", { role: "gridcell", class: `cell ${column}`, "data-title": title });
      return /** @type {[Column, HTMLElement]} */ ([column, cell]);
    });
    this.#cells = /** @type {Record<Column, HTMLElement>} */ (Object.fromEntries(made));
    this.#state.append(this.#icon, this.#word);
    this.#cells.state.append(this.#state, this.#reason);
    this.row.append(head, ...made.map(([, cell]) => cell));
    this.row.dataset.path = node.path;
    this.#name.title = node.path;
  }

  /**
   * @param {{isOpen: boolean, position: number, of: number, now: number, epoch: number}} how
   *   `now` of the server's clock; `epoch` its Unix time at 0
   */
  paint({ isOpen, position, of, now, epoch }) {
    const { node } = this;
    const { row, facts } = node;
    const isParent = node.children.length > 0;
    this.#attribute(this.row, "aria-level", String(levelOf(node)));
    this.#attribute(this.row, "aria-posinset", String(position));
    this.#attribute(this.row, "aria-setsize", String(of));
    this.#attribute(this.row, "aria-expanded", isParent ? String(isOpen) : "");
    this.#property(this.row, "--level", String(levelOf(node)));
    this.#text(this.#name, nameOf(node));
    this.#summary(isParent && !isOpen ? summaryOf(node) : []);
    this.#look(lookOf(row), row.reason);
    this.#age(now, epoch);
    this.#text(this.#cells.life, row.life ? String(row.life) : NONE);
    this.#paintFacts(facts);
  }

  /**
   * A second went by.
   *
   * @param {number} now of the server's clock, seconds
   * @param {number} epoch
   */
  tick(now, epoch) {
    this.#age(now, epoch);
    if (this.#lit && !--this.#lit) this.row.classList.remove("fresh");
  }

  /**
   * @param {number} now
   * @param {number} epoch
   */
  #age(now, epoch) {
    const { since } = this.node.row;
    this.#text(this.#cells.since, since ? age(now - since) : NONE);
    this.#attribute(this.#cells.since, "title", since ? `since ${utc(since + epoch)}` : "");
  }

  /** @param {import("./tree.js").Facts | null} facts */
  #paintFacts(facts) {
    const { budget, inbox, hand, pace } = this.#cells;
    if (!facts) {
      for (const cell of [budget, inbox, hand, pace]) this.#text(cell, NONE);
      return;
    }
    const { budget: spent, depth, oldest_s: oldest, handling, handling_s: seconds } = facts;
    this.#text(budget, spent ? `${spent.spent} / ${spent.of}` : NONE, !spent?.spent);
    this.#tone(budget, spent && spent.spent ? (spent.spent >= spent.of ? "bad" : "warn") : "");
    this.#attribute(budget, "title", spent ? `within ${spent.within_s} s` : "");
    this.#text(inbox, depth ? `${depth}${oldest >= SHOWN_S ? ` · ${took(oldest)}` : ""}` : "0", !depth);
    this.#tone(inbox, oldest > 1 ? "warn" : "");
    this.#text(hand, handling ? `${handling}${seconds >= SHOWN_S ? ` · ${took(seconds)}` : ""}` : NONE);
    const limit = facts.hang_after_s;
    this.#tone(hand, limit && seconds > limit ? "bad" : seconds > 1 ? "warn" : "");
    const { counts } = facts.handled;
    const [half, most] = [quantile(counts, 0.5), quantile(counts, 0.99)];
    this.#text(pace, half === 0 ? NONE : `${took(half)} / ${took(most)}`);
  }

  /**
   * @param {Look} look
   * @param {string} reason
   */
  #look(look, reason) {
    this.#attribute(this.#icon.querySelector("use") ?? this.#icon, "href", `#${look.icon}`);
    this.#text(this.#word, look.word);
    this.#text(this.#reason, reason);
    this.#attribute(this.#reason, "title", reason);
    this.#tone(this.#state, look.tone);
    if (this.#seen && this.#seen !== look.word) {
      this.row.classList.add("fresh");
      this.#lit = LIT_TICKS;
    }
    this.#seen = look.word;
  }

  /** @param {[string, number][]} counts */
  #summary(counts) {
    const said = counts.map(([word, count]) => `${count} ${word}`).join(", ");
    const key = `summary ${said}`;
    if (this.#was.get(this.#below)?.get("summary") === key) return;
    this.#remember(this.#below, "summary", key);
    const parts = counts.flatMap(([word, count], i) => {
      const { icon: name, tone } = lookOfWord(word);
      const part = make("span", { class: "look", "data-tone": tone }, icon(name), `${count} ${word}`);
      return i ? [" ", part] : [part];
    });
    this.#below.replaceChildren(...parts);
  }

  /**
   * @param {Element} element
   * @param {string} text
   * @param {boolean} [isUsual] where lines wrap it is left out
   */
  #text(element, text, isUsual = text === NONE) {
    if (!this.#remember(element, "text", text)) return;
    element.textContent = text;
    element.classList.toggle("none", isUsual);
  }

  /**
   * @param {Element} element
   * @param {string} tone
   */
  #tone(element, tone) {
    this.#attribute(element, "data-tone", tone);
  }

  /**
   * @param {Element} element
   * @param {string} name
   * @param {string} value empty: none
   */
  #attribute(element, name, value) {
    if (!this.#remember(element, name, value)) return;
    if (value) element.setAttribute(name, value);
    else element.removeAttribute(name);
  }

  /**
   * @param {HTMLElement} element
   * @param {string} name
   * @param {string} value
   */
  #property(element, name, value) {
    if (this.#remember(element, name, value)) element.style.setProperty(name, value);
  }

  /**
   * @param {Element} element
   * @param {string} what
   * @param {string} value
   * @returns {boolean} whether it is other than before
   */
  #remember(element, what, value) {
    const was = this.#was.get(element) ?? new Map();
    this.#was.set(element, was);
    if (was.get(what) === value) return false;
    was.set(what, value);
    return true;
  }
}
