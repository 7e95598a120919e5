// @ts-check
/** The operators' API over HTTP, as far as the page uses it. */

import { ApiError } from "../live/api.js";

/** @typedef {import("./tree.js").Facts} Facts */
/** @typedef {import("./tree.js").Row} Row */
/** @typedef {import("./sayings.js").Entry} Entry */
/** @typedef {{now: number, unix: number}} Clock */
/** @typedef {"stop" | "start" | "restart" | "pause" | "resume"} Action */
/** @typedef {{le_s: number | null, count: number}} Bucket */
/** @typedef {{count: number, mean_s: number, p50_s: number | null, p99_s: number | null, buckets: Bucket[]}} Latency */
/** @typedef {{actor: Facts, latency: Latency, clock: Clock}} Seen */
/** @typedef {{path: string, life: number, during: string, since: number, stack: string}} Zombie */

/**
 * As `protocols.operators.SystemState`.
 *
 * @typedef {object} State
 * @property {string} run
 * @property {number} up_s
 * @property {number} last_number
 * @property {string} journal
 * @property {number} stalls
 * @property {number} longest_stall_s
 * @property {number} zombies
 * @property {string} draining
 * @property {Record<string, number>} dead_letters
 */

const PATIENCE_MS = 15_000;

export class OpsApi {
  #key;

  /** @param {string} key */
  constructor(key) {
    this.#key = key;
  }

  /** @returns {Promise<{children: Row[], state: State, clock: Clock, number: number}>} */
  tree() {
    return this.#ask("GET", "/ops/tree");
  }

  /** @returns {Promise<{actors: Facts[], clock: Clock}>} */
  actors() {
    return this.#ask("GET", "/ops/actors");
  }

  /**
   * @param {string} path
   * @returns {Promise<Seen>}
   */
  actor(path) {
    return this.#ask("GET", `/ops/actors/${escaped(path)}`);
  }

  /**
   * @param {number} since
   * @param {number} limit
   * @returns {Promise<{entries: Entry[], first: number, last: number}>}
   */
  events(since, limit) {
    return this.#ask("GET", `/ops/events?since=${since}&limit=${limit}`);
  }

  /** @returns {Promise<{zombies: Zombie[], clock: Clock}>} */
  zombies() {
    return this.#ask("GET", "/ops/zombies");
  }

  /**
   * @param {string} path
   * @param {Action} action
   * @param {string} reason
   * @returns {Promise<{child: Row, clock: Clock}>}
   */
  order(path, action, reason) {
    return this.#ask("POST", `/ops/actors/${escaped(path)}/${action}`, { reason });
  }

  /**
   * @param {string} method
   * @param {string} address
   * @param {unknown} [body]
   * @returns {Promise<any>}
   */
  async #ask(method, address, body) {
    /** @type {Record<string, string>} */
    const headers = { Accept: "application/json", Authorization: `Bearer ${this.#key}` };
    if (body !== undefined) headers["Content-Type"] = "application/json";
    let answer;
    try {
      answer = await fetch(address, {
        method,
        headers,
        body: body === undefined ? null : JSON.stringify(body),
        cache: "no-store",
        signal: AbortSignal.timeout(PATIENCE_MS),
      });
    } catch {
      throw new ApiError(0, "The server cannot be reached.");
    }
    const said = await answer.json().catch(() => null);
    if (answer.ok && said !== null) return said;
    throw new ApiError(answer.status, said?.error?.message ?? `The server answered ${answer.status}.`);
  }
}

/** @param {string} path its slashes stay */
function escaped(path) {
  return path.split("/").map(encodeURIComponent).join("/");
}

/**
 * Where the stream is; its key goes in the address since a browser sends no header there.
 *
 * @param {string} key
 * @param {number} since
 */
export function streamAddress(key, since) {
  const url = new URL("/ops/stream", location.href);
  url.protocol = url.protocol.replace("http", "ws");
  url.searchParams.set("key", key);
  url.searchParams.set("since", String(since));
  return url.href;
}

/** @param {unknown} error */
export function wordsOf(error) {
  return error instanceof Error ? error.message : String(error);
}

/** @param {unknown} error a key that is wrong, or not an operator's */
export function isKeyRefused(error) {
  return error instanceof ApiError && [401, 403].includes(error.status);
}
