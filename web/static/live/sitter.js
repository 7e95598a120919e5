// @ts-check
/**
 * Controls of the simulated sitter: what an experimenter could do in the room.
 *
 * Only a session whose device is the simulator has them. A hand on a slider takes the sitter
 * out of a script, for the two would pull against each other.
 */

import { make, say, the } from "./elements.js";

/** @typedef {import("./api.js").BrainCommand} BrainCommand */

const SEND_MS = 120;
const SLIDERS = ["relaxation", "focus", "drowsiness", "pleasure"];

export class Sitter {
  #panel = the("sitter", HTMLElement);
  #form = the("sitter-form", HTMLFormElement);
  #script = the("sitter-script", HTMLSelectElement);
  #eyes = the("sitter-eyes", HTMLInputElement);
  #loose = the("sitter-loose", HTMLElement);
  #unplug = the("sitter-unplug", HTMLInputElement);
  #send;
  #pending = /** @type {Record<string, unknown>} */ ({});
  #timer = 0;
  #names = "";

  /** @param {(command: BrainCommand) => void} send */
  constructor(send) {
    this.#send = send;
    this.#eyes.addEventListener("change", () => this.#change("eyes_closed", this.#eyes.checked));
    for (const name of SLIDERS) {
      const slider = the(`sitter-${name}`, HTMLInputElement);
      slider.addEventListener("input", () => {
        this.#figure(slider);
        this.#change(name, slider.valueAsNumber);
      });
      this.#figure(slider);
    }
    the("sitter-blink", HTMLElement).onclick = () => send({ command: "blink" });
    the("sitter-clench", HTMLElement).onclick = () =>
      send({ command: "clench_jaw", seconds: 2 });
    this.#unplug.addEventListener("change", () =>
      send({ command: "unplug", unplugged: this.#unplug.checked }));
    this.#script.addEventListener("change", () => this.follow(this.#script.value));
  }

  /** @param {boolean} there the session's device is the simulator */
  offer(there) {
    this.#panel.hidden = !there;
  }

  /** A new session: everything as it is at the start. */
  reset() {
    this.#form.reset();
    SLIDERS.forEach((name) => this.#figure(the(`sitter-${name}`, HTMLInputElement)));
    this.#names = "";
  }

  /** @param {string} script its name, or "" for none */
  follow(script) {
    this.#scripted(script);
    this.#send({ command: "run_script", name: script });
  }

  /** @param {string[]} names channels whose electrode can be loosened */
  channels(names) {
    if (this.#panel.hidden || names.join() === this.#names) return;
    this.#names = names.join();
    this.#loose.replaceChildren(...names.map((name) => this.#toggle(name)));
  }

  /** @param {string} channel */
  #toggle(channel) {
    const box = document.createElement("input");
    box.type = "checkbox";
    box.addEventListener("change", () =>
      this.#send({ command: "loosen_electrode", channel, loose: box.checked }));
    return make("label", { class: "chip" }, box, make("span", {}, channel));
  }

  /** @param {HTMLInputElement} slider */
  #figure(slider) {
    const figure = slider.parentElement?.querySelector(".level");
    if (figure) say(figure, slider.valueAsNumber.toFixed(1).replace("-", "−"));
  }

  /**
   * @param {string} name
   * @param {unknown} value
   */
  #change(name, value) {
    this.#pending[name] = value;
    this.#timer ||= setTimeout(() => this.#flush(), SEND_MS);
  }

  #flush() {
    this.#timer = 0;
    if (this.#script.value) {
      // The script has moved what the sliders do not show: send all of them.
      this.#scripted("");
      this.#pending = { ...this.#shown(), ...this.#pending };
    }
    this.#send({ command: "set_state", ...this.#pending });
    this.#pending = {};
  }

  /** @param {string} script */
  #scripted(script) {
    this.#script.value = script;
    this.#form.classList.toggle("scripted", script !== "");
  }

  /** @returns {Record<string, unknown>} */
  #shown() {
    const levels = SLIDERS.map((name) => [name, the(`sitter-${name}`, HTMLInputElement).valueAsNumber]);
    return { eyes_closed: this.#eyes.checked, ...Object.fromEntries(levels) };
  }
}
