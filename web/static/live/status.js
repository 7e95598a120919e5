// @ts-check
/**
 * What is going on, in one word and one reason: the link to the server first, then what
 * the source does.
 *
 * Spoken politely, and only when it changed and stayed so for a moment: a link that
 * flickers must not talk all the time.
 */

import { say, the } from "./elements.js";

/** @typedef {"connecting" | "searching" | "streaming" | "frozen" | "paused" | "ended"} State */

const WORDS = /** @type {Record<State, string>} */ ({
  connecting: "Connecting",
  searching: "Searching",
  streaming: "Streaming",
  frozen: "Frozen",
  paused: "Paused",
  ended: "Ended",
});
const SPEAK_MS = 700;

export class Status {
  #word = the("status-word", HTMLElement);
  #reason = the("status-reason", HTMLElement);
  #spoken = the("status-spoken", HTMLElement);
  #veil = the("veil", HTMLElement);
  #timer = 0;
  #state = /** @type {State} */ ("connecting");

  get state() {
    return this.#state;
  }

  /**
   * @param {State} state
   * @param {string} reason
   */
  show(state, reason) {
    this.#state = state;
    document.body.dataset.status = state;
    say(this.#word, WORDS[state]);
    say(this.#reason, reason);
    const veiled = state !== "streaming";
    this.#veil.hidden = !veiled;
    say(the("veil-word", HTMLElement), WORDS[state]);
    say(the("veil-reason", HTMLElement), reason);
    clearTimeout(this.#timer);
    this.#timer = setTimeout(
      () => say(this.#spoken, reason ? `${WORDS[state]}: ${reason}` : WORDS[state]),
      SPEAK_MS,
    );
  }
}
