// @ts-check
/** Contact of each electrode: a sign, a word, a figure and the reason, never colour alone. */

import { icon, ink, make, say, setIcon, the } from "./elements.js";

/** @typedef {{state: string, index: number, reason: string}} Quality */

/** States of `protocols.eeg.ContactState`: colour and whether it is good enough. */
export const STATES = /** @type {Record<string, string>} */ ({
  good: "good",
  settling: "idle",
  blink: "note",
  muscle: "warn",
  noisy: "warn",
  railed: "bad",
  flat: "bad",
});

/** @param {string} state */
export const tone = (state) => STATES[state] ?? "idle";

/** Colour of a state as the style sheet has it. @param {string} state */
export const colour = (state) => ink(tone(state));

export class Contact {
  #list = the("contact-list", HTMLElement);
  #summary = the("contact-summary", HTMLElement);
  #names = "";
  /** @type {{row: HTMLElement, sign: Element, word: Element, index: HTMLMeterElement, why: Element}[]} */
  #rows = [];

  /**
   * @param {string[]} names
   * @param {Quality[]} quality
   */
  show(names, quality) {
    if (names.join() !== this.#names) this.#build(names);
    quality.forEach((found, i) => this.#fill(i, found));
    const good = quality.filter(({ state }) => tone(state) === "good").length;
    say(this.#summary, `${good} of ${names.length} good`);
  }

  /** @param {string[]} names */
  #build(names) {
    this.#names = names.join();
    this.#rows = names.map(() => {
      const index = document.createElement("meter");
      Object.assign(index, { min: 0, max: 1, low: 0.35, high: 0.7, optimum: 1 });
      return {
        row: make("li"),
        sign: icon("q-settling"),
        word: make("span", { class: "state" }),
        index,
        why: make("span", { class: "why" }),
      };
    });
    this.#rows.forEach(({ row, sign, word, index, why }, i) => {
      row.append(make("span", { class: "channel" }, names[i]), sign, word, why, index);
      index.setAttribute("aria-label", `quality of ${names[i]}`);
    });
    this.#list.replaceChildren(...this.#rows.map(({ row }) => row));
  }

  /**
   * @param {number} i
   * @param {Quality} found
   */
  #fill(i, { state, index, reason }) {
    const at = this.#rows[i];
    if (!at) return;
    at.row.dataset.tone = tone(state);
    at.row.dataset.state = state;
    setIcon(at.sign, `q-${state in STATES ? state : "settling"}`);
    say(at.word, state);
    at.index.value = index;
    const why = state === "good" || reason === state ? "" : reason;
    say(at.why, why);
    at.row.classList.toggle("said", why !== "");
    at.row.title = reason;
  }
}
