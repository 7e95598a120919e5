// @ts-check
/**
 * One sitting: a session, its two streams, and what they bring to the panels.
 *
 * The pictures' stream is what counts: its link is the page's link. Signals that are late
 * or missing leave the picture alone.
 */

import { readFrame } from "./frames.js";
import { Stream } from "./stream.js";

/** @typedef {import("./frames.js").ImageHead} ImageHead */
/** @typedef {import("./status.js").State} State */
/** @typedef {import("./stream.js").Link} Link */

const FAILURES_BEFORE_A_LOOK = 2;
const RATE_SMOOTHING = 0.1;

/**
 * @typedef {object} Ears
 * @property {(head: ImageHead, picture: Blob) => void} picture
 * @property {(signals: any) => void} signals
 * @property {(state: State, reason: string) => void} status
 * @property {() => Promise<boolean>} alive whether the server still knows the session
 */

export class Sitting {
  #ears;
  #pictures;
  #signals;
  #said = { state: /** @type {State} */ ("connecting"), reason: "" };
  #over = false;
  #came = 0;
  #apart = 0; // milliseconds between pictures, smoothed

  /** Pictures a second. */
  get rate() {
    return this.#apart ? 1_000 / this.#apart : 0;
  }

  /**
   * @param {string} url of the session's stream
   * @param {Ears} ears
   */
  constructor(url, ears) {
    this.#ears = ears;
    this.#tell("connecting", "opening the stream");
    this.#pictures = new Stream(form(url, "binary"), {
      message: (data) => this.#picture(data),
      link: (link, failures) => this.#linked(link, failures),
    });
    this.#signals = new Stream(form(url, "signals"), {
      message: (data) => this.#signal(data),
      link: () => {},
    });
  }

  /** Leave the streams. The session itself goes on. */
  leave() {
    this.#over = true;
    this.#pictures.close();
    this.#signals.close();
  }

  hurry() {
    this.#pictures.hurry();
    this.#signals.hurry();
  }

  /** @param {string | ArrayBuffer} data */
  #picture(data) {
    if (typeof data === "string") return this.#status(JSON.parse(data));
    const { head, picture } = readFrame(data);
    this.#pictures.sequence = head.sequence;
    this.#count(performance.now());
    if (this.#said.state === "connecting") this.#tell("streaming", "");
    this.#ears.picture(head, picture);
  }

  /** @param {string | ArrayBuffer} data */
  #signal(data) {
    if (typeof data !== "string") return;
    const message = JSON.parse(data);
    if (message.type === "signals") this.#ears.signals(message);
  }

  /** @param {{type: string, status: State, reason: string, sequence: number}} message */
  #status({ type, status, reason, sequence }) {
    if (type !== "status") return;
    this.#pictures.sequence = Math.max(this.#pictures.sequence, sequence ?? 0);
    this.#pictures.quiet = this.#signals.quiet = status !== "streaming";
    if (status === "ended") this.leave();
    this.#tell(status, reason);
  }

  /** @param {number} now */
  #count(now) {
    const apart = now - this.#came;
    this.#came = now;
    if (apart > 5_000) return; // the first, or the first after a rest
    this.#apart += (this.#apart ? RATE_SMOOTHING : 1) * (apart - this.#apart);
  }

  /**
   * @param {Link} link
   * @param {number} failures
   */
  #linked(link, failures) {
    if (link === "open") {
      // What the source does is said by the server when a stream opens; until then the
      // last word may be old.
      if (this.#said.state !== "connecting") this.#ears.status(this.#said.state, this.#said.reason);
    } else if (link === "closed") {
      this.#ears.status("connecting", "the connection is lost; trying again");
      if (failures >= FAILURES_BEFORE_A_LOOK) void this.#lookAfter();
    }
  }

  async #lookAfter() {
    if (this.#over || (await this.#ears.alive())) return;
    this.leave();
    this.#tell("ended", "the server no longer knows this session");
  }

  /**
   * @param {State} state
   * @param {string} reason
   */
  #tell(state, reason) {
    this.#said = { state, reason };
    this.#ears.status(state, reason);
  }
}

/**
 * @param {string} url
 * @param {string} format
 */
function form(url, format) {
  const made = new URL(url, location.href);
  made.protocol = location.protocol === "https:" ? "wss:" : "ws:";
  made.searchParams.set("format", format);
  return made.href;
}
