// @ts-check
/**
 * The sound's button, its state in a word, its level, mute and volume.
 *
 * Nothing sounds before somebody asks for it. The choice of a volume is kept for this tab.
 */

import { say, setIcon, the } from "./elements.js";
import { Sound } from "./sound.js";

/** @typedef {import("./sound.js").SoundState} SoundState */

const SLOT = "phosphene.volume";
const USUAL = 0.8;
const FLOOR_DB = -60;
const WORDS = /** @type {Record<SoundState, string>} */ ({
  off: "Sound off",
  buffering: "Buffering",
  playing: "Playing",
});

export class SoundPanel {
  #button = the("sound", HTMLButtonElement);
  #row = the("sound-row", HTMLElement);
  #word = the("sound-word", HTMLElement);
  #meter = the("sound-level", HTMLMeterElement);
  #mute = the("sound-mute", HTMLButtonElement);
  #slider = the("sound-volume", HTMLInputElement);
  #sound = /** @type {Sound | null} */ (null);
  #muted = false;
  #wish = 0; // counts presses: an answer that comes after the next press is old
  #turn;

  /**
   * @param {(on: boolean) => Promise<string | null>} turn switches the session's sound;
   *   gives the address of its stream, or null where that was refused
   */
  constructor(turn) {
    this.#turn = turn;
    this.#slider.value = String(100 * kept());
    this.#button.onclick = () => void this.toggle();
    this.#mute.onclick = () => this.mute();
    this.#slider.oninput = () => {
      sessionStorage.setItem(SLOT, String(this.#level));
      this.#muted = false;
      this.#apply();
    };
    this.#show("off");
  }

  /**
   * @param {number} unix a time of the server's clock, seconds
   * @returns {number | null} milliseconds by which what is heard lies behind it
   */
  behind(unix) {
    const heard = this.#sound?.heardAt ?? null;
    return heard === null ? null : 1_000 * (unix - heard);
  }

  async toggle() {
    const wish = (this.#wish += 1);
    if (this.#sound) {
      this.leave();
      await this.#turn(false);
      return;
    }
    const url = await this.#turn(true);
    if (url === null || wish !== this.#wish) return;
    this.#sound = new Sound(url, {
      state: (state) => this.#show(state),
      level: (level) => this.#measure(level),
      ended: () => this.leave(),
    });
    this.#apply();
  }

  mute() {
    if (!this.#sound) return;
    this.#muted = !this.#muted;
    this.#apply();
  }

  /** Stop listening; the session's sound goes on for others. */
  leave() {
    this.#wish += 1;
    this.#sound?.close();
    this.#sound = null;
    this.#show("off");
  }

  hurry() {
    this.#sound?.hurry();
  }

  get #level() {
    return Number(this.#slider.value) / 100;
  }

  #apply() {
    if (this.#sound) this.#sound.volume = this.#muted ? 0 : this.#level;
    this.#mute.setAttribute("aria-pressed", String(this.#muted));
    setIcon(this.#mute, this.#muted ? "i-muted" : "i-sound");
  }

  /** @param {SoundState} state */
  #show(state) {
    const on = state !== "off";
    this.#button.dataset.state = state;
    this.#button.setAttribute("aria-pressed", String(on));
    this.#row.hidden = !on;
    say(this.#word, WORDS[state]);
  }

  /** @param {number} level root of the mean square, 0 to 1 */
  #measure(level) {
    const db = Math.max(FLOOR_DB, 20 * Math.log10(level + 1e-9));
    this.#meter.value = db;
    this.#row.dataset.heard = String(db > FLOOR_DB);
  }
}

function kept() {
  const found = Number(sessionStorage.getItem(SLOT) ?? USUAL);
  return found >= 0 && found <= 1 ? found : USUAL;
}
