// @ts-check
/**
 * One stream of a session, held open: reconnects with backoff from the last sequence seen.
 *
 * A stream that has gone silent is closed and opened anew: a network that vanished
 * without a word keeps a WebSocket "open" for minutes.
 */

import { wait } from "./backoff.js";

const SILENT_MS = 10_000;

/** @typedef {"connecting" | "open" | "closed"} Link */

export class Stream {
  #url;
  #ears;
  #socket = /** @type {WebSocket | null} */ (null);
  #failures = 0;
  #retry = 0;
  #watch = 0;
  #finished = false;

  /** Last sequence seen; a reconnection asks for what came since. */
  sequence = 0;

  /** Silence is expected (paused, searching): do not take it for a lost network. */
  quiet = false;

  /**
   * @param {string} url `ws://…/stream/<id>?format=…`
   * @param {{
   *   message: (data: string | ArrayBuffer) => void,
   *   link: (link: Link, failures: number) => void,
   * }} ears
   */
  constructor(url, ears) {
    this.#url = url;
    this.#ears = ears;
    this.#open();
  }

  /** Close for good. */
  close() {
    this.#finished = true;
    clearTimeout(this.#retry);
    clearTimeout(this.#watch);
    this.#socket?.close(1000);
  }

  /** Try at once (the network is back, the page is seen again). */
  hurry() {
    if (this.#finished || this.#socket) return;
    clearTimeout(this.#retry);
    this.#open();
  }

  #open() {
    const url = new URL(this.#url, location.href);
    if (this.sequence > 0) url.searchParams.set("since", String(this.sequence));
    const socket = new WebSocket(url);
    socket.binaryType = "arraybuffer";
    this.#socket = socket;
    this.#ears.link("connecting", this.#failures);
    this.#listen();
    socket.onopen = () => {
      if (this.#socket !== socket) return;
      this.#ears.link("open", 0);
      this.#listen();
    };
    socket.onmessage = ({ data }) => {
      if (this.#socket !== socket || this.#finished) return;
      this.#failures = 0; // a handshake alone is no success: a server may hang up after it
      this.#listen();
      this.#ears.message(data);
    };
    socket.onclose = () => this.#lost(socket);
  }

  #listen() {
    clearTimeout(this.#watch);
    this.#watch = setTimeout(() => {
      const socket = this.#socket;
      if (this.quiet && socket?.readyState === WebSocket.OPEN) return this.#listen();
      if (socket) {
        socket.close();
        this.#lost(socket); // do not wait for a close that may never be answered
      }
    }, SILENT_MS);
  }

  /** @param {WebSocket} socket */
  #lost(socket) {
    if (this.#socket !== socket) return;
    this.#socket = null;
    clearTimeout(this.#watch);
    if (this.#finished) return;
    this.#failures += 1;
    this.#ears.link("closed", this.#failures);
    if (this.#finished) return; // the listener may have decided to close
    this.#retry = setTimeout(() => this.#open(), wait(this.#failures, Math.random()));
  }
}
