// @ts-check
/** The whole in short: the link, the run, the journal, hangs and lost mail. */

import { icon, make, say, setIcon, the } from "../live/elements.js";
import { age, clock, counted, lasted } from "./amounts.js";
import { copyable } from "./copying.js";

/** @typedef {import("./api.js").State} State */
/** @typedef {import("./api.js").Zombie} Zombie */
/** @typedef {import("./states.js").Tone} Tone */

const SPEAK_MS = 700;

/** @type {Record<string, [string, Tone]>} */
const JOURNAL = {
  writing: ["s-running", "good"],
  full: ["e-hung", "bad"],
  down: ["s-failed", "bad"],
};

/** The state of the link and of the whole, said at the top. */
export class Whole {
  #word = the("status-word", HTMLElement);
  #reason = the("status-reason", HTMLElement);
  #spoken = the("status-spoken", HTMLElement);
  #facts = {
    up: the("whole-up", HTMLElement),
    journal: the("whole-journal", HTMLElement),
    zombies: the("whole-zombies", HTMLElement),
    stalls: the("whole-stalls", HTMLElement),
    letters: the("whole-letters", HTMLElement),
  };
  #banner = the("draining", HTMLElement);
  #timer = 0;
  #heard = 0; // Unix seconds of the last word from the server
  /** @type {Record<string, number>} */
  letters = {};

  /**
   * @param {State} state
   * @param {number} unix
   */
  show(state, unix) {
    this.#heard = unix;
    this.letters = state.dead_letters;
    const { up, journal, zombies, stalls, letters } = this.#facts;
    say(up, age(state.up_s));
    up.title = `run ${state.run}`;
    const [picture, tone] = JOURNAL[state.journal] ?? ["e-process", "note"];
    fact(journal, picture, state.journal, tone);
    fact(zombies, "e-hung", String(state.zombies), state.zombies ? "bad" : "idle");
    const longest = state.stalls ? `, longest ${lasted(state.longest_stall_s)}` : "";
    fact(stalls, "e-hung", `${state.stalls}${longest}`, state.stalls ? "warn" : "idle");
    const lost = Object.values(state.dead_letters).reduce((sum, count) => sum + count, 0);
    fact(letters, "e-mail", lost.toLocaleString("en"), "idle");
    this.#banner.hidden = !state.draining;
    say(this.#banner, state.draining ? `Draining: ${state.draining.replaceAll("_", " ")}. The process is about to end.` : "");
  }

  /**
   * @param {"connecting" | "live" | "lost"} link
   * @param {string} [why]
   */
  link(link, why = "") {
    document.body.dataset.link = link;
    const words = { connecting: "Connecting", live: "Live", lost: "Connection lost" };
    const asOf = link === "lost" && this.#heard ? `; this is how it was at ${clock(this.#heard, this.#heard)}` : "";
    say(this.#word, words[link]);
    say(this.#reason, link === "lost" ? `trying again${why ? ` (${why})` : ""}${asOf}` : why);
    this.speak(link === "lost" ? "Connection lost, trying again" : words[link]);
  }

  /** @param {string} text politely, and only when it stands for a moment */
  speak(text) {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => say(this.#spoken, text), SPEAK_MS);
  }
}

/**
 * @param {HTMLElement} element
 * @param {string} picture
 * @param {string} text
 * @param {Tone} tone
 */
function fact(element, picture, text, tone) {
  if (!element.firstElementChild) element.append(icon(picture), make("span"));
  const [svg, word] = element.children;
  if (svg) setIcon(svg, picture);
  if (word) say(word, text);
  if (element.dataset.tone !== tone) element.dataset.tone = tone;
}

/** A dialog that tells more of a figure at the top. */
export class More {
  #dialog = the("more", HTMLDialogElement);
  #title = the("more-title", HTMLElement);
  #body = the("more-body", HTMLElement);

  constructor() {
    the("more-close", HTMLButtonElement).addEventListener("click", () => this.#dialog.close());
  }

  /** @param {Record<string, number>} letters by reason */
  letters(letters) {
    const rows = Object.entries(letters)
      .sort(([, a], [, b]) => b - a)
      .map(([reason, count]) =>
        make("tr", {}, make("th", { scope: "row" }, reason), make("td", {}, count.toLocaleString("en"))),
      );
    const head = make("tr", {}, make("th", { scope: "col" }, "reason"), make("th", { scope: "col" }, "messages"));
    const table = make("table", { class: "plain" }, make("thead", {}, head), make("tbody", {}, ...rows));
    this.#show(
      "Messages that nobody handled",
      rows.length ? table : make("p", { class: "quiet" }, "None in this run."),
    );
  }

  /**
   * @param {Zombie[]} zombies
   * @param {number} now of the server's clock, seconds
   */
  zombies(zombies, now) {
    const items = zombies.map(({ path, life, during, since, stack }) => {
      const said = `Life ${life} hangs in ${during}; it was replaced ${age(now - since)} ago.`;
      return make("li", {}, make("code", {}, path), make("p", {}, said), copyable(stack, "the stack"));
    });
    this.#show(
      counted(zombies.length, "zombie"),
      zombies.length
        ? make("ul", { class: "zombies" }, ...items)
        : make("p", { class: "quiet" }, "Every actor that was replaced has ended."),
    );
  }

  /** @param {string} message */
  fail(message) {
    this.#show("That could not be seen", make("p", { class: "error" }, message));
  }

  /**
   * @param {string} title
   * @param {HTMLElement} body
   */
  #show(title, body) {
    say(this.#title, title);
    this.#body.replaceChildren(body);
    if (!this.#dialog.open) this.#dialog.showModal();
  }
}
