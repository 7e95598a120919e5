// @ts-check
/** Orders: each asks for a reason before it is given, and says what became of it. */

import { make, say, the } from "../live/elements.js";
import { wordsOf } from "./api.js";
import { counted } from "./amounts.js";
import { lookOf } from "./states.js";

/** @typedef {import("./api.js").Action} Action */
/** @typedef {import("./states.js").Row} Row */
/** @typedef {import("./tree.js").Node} Node */

/** @type {Record<Action, {word: string, icon: string, what: string}>} */
export const ACTIONS = {
  start: { word: "Start", icon: "s-running", what: "It begins a new life; its supervisor watches it again." },
  stop: { word: "Stop", icon: "s-stopped", what: "It ends in order and stays down until an operator starts it." },
  restart: { word: "Restart", icon: "s-waiting", what: "It ends in order and begins a new life. What it remembers is lost." },
  pause: { word: "Pause", icon: "s-paused", what: "It handles nothing more; its mail waits, and is dropped as its edges' rules say." },
  resume: { word: "Resume", icon: "s-running", what: "It goes on with the mail that waits." },
};

export class Orders {
  #dialog = the("order", HTMLDialogElement);
  #form = the("order-form", HTMLFormElement);
  #reason = the("order-reason", HTMLTextAreaElement);
  #error = the("order-error", HTMLElement);
  #give = the("order-give", HTMLButtonElement);
  #cancel = the("order-cancel", HTMLButtonElement);
  #order;
  #answered;
  #wish = /** @type {{node: Node, action: Action} | null} */ (null);

  /**
   * @param {(path: string, action: Action, reason: string) => Promise<Row>} order
   * @param {(action: Action, row: Row) => void} answered
   */
  constructor(order, answered) {
    this.#order = order;
    this.#answered = answered;
    this.#form.addEventListener("submit", (event) => {
      event.preventDefault();
      void this.#send();
    });
    this.#cancel.addEventListener("click", () => this.#dialog.close());
  }

  /**
   * @param {Node} node
   * @param {Action} action
   */
  ask(node, action) {
    this.#wish = { node, action };
    const { word, what } = ACTIONS[action];
    const below = countBelow(node);
    const all = below ? ` So does everything below it: ${counted(below, "actor")}.` : "";
    say(the("order-title", HTMLElement), `${word} this actor?`);
    the("order-what", HTMLElement).replaceChildren(make("code", {}, node.path), make("span", {}, what + all));
    say(this.#give, word);
    this.#reason.value = "";
    this.#fail("");
    this.#dialog.showModal();
    this.#reason.focus();
  }

  async #send() {
    const wish = this.#wish;
    const reason = this.#reason.value.trim();
    if (!wish || this.#give.disabled) return;
    if (!reason) {
      this.#fail("Give a reason: it is written into the journal with your key's name.");
      this.#reason.focus();
      return;
    }
    this.#fail("");
    this.#give.disabled = true;
    this.#form.setAttribute("aria-busy", "true");
    try {
      const row = await this.#order(wish.node.path, wish.action, reason);
      this.#dialog.close();
      this.#answered(wish.action, row);
    } catch (error) {
      this.#fail(wordsOf(error));
    } finally {
      this.#give.disabled = false;
      this.#form.removeAttribute("aria-busy");
    }
  }

  /** @param {string} message */
  #fail(message) {
    say(this.#error, message);
    this.#reason.setAttribute("aria-invalid", String(Boolean(message)));
  }
}

/**
 * Whether an order can make sense now; the server has the last word.
 *
 * @param {Action} action
 * @param {Row} row
 */
export function isPossible(action, row) {
  switch (action) {
    case "start":
      return row.state !== "running" && row.state !== "starting";
    case "stop":
      return !(row.held && row.state === "stopped");
    case "pause": // paused, a supervisor would leave its children alone
      return !row.paused && row.kind !== "supervisor";
    case "resume":
      return row.paused;
    default:
      return true;
  }
}

/**
 * @param {Action} action
 * @param {Row} row
 */
export function answerText(action, row) {
  return `${ACTIONS[action].word}: done. It is ${lookOf(row).word} now${row.reason ? ` (${row.reason})` : ""}.`;
}

/**
 * @param {Node} node
 * @returns {number}
 */
function countBelow({ children }) {
  return children.reduce((count, child) => count + 1 + countBelow(child), 0);
}
