// @ts-check
/** The way in: a key where none is known, then a device, then the session. */

import { KNOWN_DEVICES } from "./api.js";
import { make, say, the } from "./elements.js";

/** @typedef {import("./api.js").Device} Device */

/** Choose a device: the known ones, and any other by its name. */
export class Begin {
  #list = the("devices", HTMLElement);
  #absent = the("devices-absent", HTMLElement);
  #more = the("device-more", HTMLDetailsElement);
  #other = the("device-other", HTMLInputElement);
  #button = the("begin", HTMLButtonElement);
  #error = the("begin-error", HTMLElement);

  /** @param {(device: string) => Promise<void>} begin */
  constructor(begin) {
    the("begin-form", HTMLFormElement).addEventListener("submit", (event) => {
      event.preventDefault();
      void this.#try(begin);
    });
    this.#other.addEventListener("input", () => {
      const typed = this.#other.value.trim() !== "";
      this.#radios().forEach((radio) => (radio.disabled = typed));
    });
  }

  /** @param {Device[]} devices */
  offer(devices) {
    const here = devices.filter(({ available }) => available !== false);
    const absent = devices.filter(({ available }) => available === false);
    const first = here.find((device) => device.default) ?? here[0] ?? absent[0];
    this.#more.open = devices === KNOWN_DEVICES || here.length === 0;
    this.#list.replaceChildren(...here.map((device) => choice(device, device === first)));
    this.#absent.replaceChildren(...absent.map((device) => choice(device, device === first)));
  }

  /** @param {string} message */
  fail(message) {
    this.#error.hidden = !message;
    say(this.#error, message);
  }

  focus() {
    // A long list of recordings must not scroll out of view for the button's sake.
    this.#button.focus({ preventScroll: true });
  }

  #radios() {
    return [this.#list, this.#absent].flatMap((list) => [...list.querySelectorAll("input")]);
  }

  /** @param {(device: string) => Promise<void>} begin */
  async #try(begin) {
    const chosen = this.#radios().find((radio) => radio.checked);
    const device = this.#other.value.trim() || (chosen?.value ?? "");
    if (!device) return this.fail("Choose a device, or type the name of one.");
    this.fail("");
    this.#button.disabled = true;
    try {
      await begin(device);
    } catch (error) {
      this.fail(error instanceof Error ? error.message : String(error));
    } finally {
      this.#button.disabled = false;
    }
  }
}

/**
 * @param {Device} device
 * @param {boolean} checked
 */
function choice({ device_type: type, name, available, reason }, checked) {
  const radio = document.createElement("input");
  Object.assign(radio, { type: "radio", name: "device", value: type, checked });
  const text = make("span", { class: "device-text" }, make("b", {}, name || type));
  if (name && !type.endsWith(name)) text.append(make("code", {}, type));
  const absent = available === false;
  const said = reason || (absent ? "not found" : "");
  if (said) text.append(make("small", absent ? { class: "absent" } : {}, said));
  return make("label", { class: "device" }, radio, text);
}

/** @param {(key: string) => void} given */
export function askKey(given) {
  const field = the("key", HTMLInputElement);
  the("key-form", HTMLFormElement).onsubmit = (event) => {
    event.preventDefault();
    if (field.value.trim()) given(field.value.trim());
    field.value = "";
  };
  field.focus();
}
