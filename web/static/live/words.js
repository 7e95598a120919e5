// @ts-check
/**
 * The words that drive the picture, sized by their weight, each with its reason.
 *
 * Words keep their places for a while: a list that is sorted ten times a second cannot be
 * read.
 */

import { make, say, the } from "./elements.js";

/** @typedef {import("./frames.js").Concept} Concept */

const MOST = 7;
const SORT_MS = 1_500;
const SHOW_MS = 200;

export class Words {
  #list = the("words", HTMLElement);
  #prompt = the("prompt", HTMLElement);
  #none = the("words-none", HTMLElement);
  /** @type {Map<string, {row: HTMLElement, because: Element, figure: Element}>} */
  #rows = new Map();
  #sorted = 0;
  #shown = 0;

  /**
   * @param {Concept[]} concepts
   * @param {string} prompt
   * @param {number} now milliseconds
   */
  show(concepts, prompt, now) {
    if (now - this.#shown < SHOW_MS) return;
    this.#shown = now;
    const strongest = [...concepts].sort((a, b) => b.weight - a.weight).slice(0, MOST);
    this.#drop(new Set(strongest.map(({ word }) => word)));
    strongest.forEach((concept) => this.#fill(concept));
    if (now - this.#sorted > SORT_MS) this.#sort(strongest, now);
    this.#none.hidden = strongest.length > 0;
    say(this.#prompt, prompt);
    this.#prompt.hidden = !prompt;
  }

  /** @param {Set<string>} kept */
  #drop(kept) {
    for (const [word, { row }] of this.#rows) {
      if (kept.has(word)) continue;
      row.remove();
      this.#rows.delete(word);
    }
  }

  /** @param {Concept} concept */
  #fill({ word, weight, because }) {
    let at = this.#rows.get(word);
    if (!at) {
      const row = make("li");
      const said = make("span", { class: "word" }, word);
      at = { row, figure: make("span", { class: "figure" }), because: make("span", { class: "because" }) };
      row.append(said, at.figure, at.because);
      this.#rows.set(word, at);
      this.#list.append(row);
    }
    at.row.style.setProperty("--weight", weight.toFixed(2));
    say(at.figure, weight.toFixed(2));
    say(at.because, because);
  }

  /**
   * @param {Concept[]} strongest
   * @param {number} now
   */
  #sort(strongest, now) {
    this.#sorted = now;
    const wanted = strongest.map(({ word }) => this.#rows.get(word)?.row);
    const there = [...this.#list.children];
    if (wanted.some((row, i) => row !== there[i])) {
      this.#list.replaceChildren(...wanted.filter((row) => row !== undefined));
    }
  }
}
