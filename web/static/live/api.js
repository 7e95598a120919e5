// @ts-check
/**
 * The server's HTTP interface, as far as the page uses it.
 *
 * Errors come in document 000's envelope: `{"error": {"code", "message", "details"}}`.
 */

/** @typedef {{device_type: string, name?: string, available?: boolean, reason?: string, default?: boolean}} Device */
/** @typedef {{session_id: string, status: string, websocket_url?: string}} Created */
/** @typedef {{total_images: number, duration_seconds: number, avg_latency_ms: number | null}} Summary */
/** @typedef {{[field: string]: unknown, command: string}} BrainCommand */

/** What the page offers where a server does not list its devices. */
export const KNOWN_DEVICES = /** @type {Device[]} */ ([
  { device_type: "simulator", name: "Simulated brain", available: true },
]);

const TRIES = 3;
const SOON_S = 2;

export class ApiError extends Error {
  /**
   * @param {number} status 0: the server was not reached
   * @param {string} message
   * @param {number} later seconds after which it may go; 0: the server did not say
   */
  constructor(status, message, later = 0) {
    super(message);
    this.status = status;
    this.later = later;
  }
}

export class Api {
  #key;

  /** @param {string} key */
  constructor(key) {
    this.#key = key;
  }

  /** @returns {Promise<Device[]>} */
  async devices() {
    try {
      const answer = await this.#ask("GET", "/api/v1/devices");
      return answer.devices?.length ? answer.devices : KNOWN_DEVICES;
    } catch (error) {
      if (error instanceof ApiError && [404, 405, 501].includes(error.status)) {
        return KNOWN_DEVICES;
      }
      throw error;
    }
  }

  /**
   * @param {string} device
   * @returns {Promise<Created>}
   */
  begin(device) {
    return this.#ask("POST", "/api/v1/session/create", {
      user_id: "live-page",
      device_type: device,
      session_config: {
        duration_minutes: 30,
        model: "phosphene-painter",
        width: 512,
        height: 512,
      },
    });
  }

  /**
   * @param {string} session
   * @returns {Promise<{status: string}>}
   */
  look(session) {
    return this.#ask("GET", `/api/v1/session/${encodeURIComponent(session)}`);
  }

  /**
   * @param {string} session
   * @returns {Promise<{summary?: Summary}>}
   */
  end(session) {
    return this.#ask("POST", `/api/v1/session/${encodeURIComponent(session)}/end`);
  }

  /**
   * @param {string} session
   * @param {boolean} paused
   */
  pause(session, paused) {
    const verb = paused ? "pause" : "resume";
    return this.#ask("POST", `/api/v1/session/${encodeURIComponent(session)}/${verb}`);
  }

  /**
   * @param {string} session
   * @param {boolean} on
   */
  sound(session, on) {
    return this.#ask("POST", `/api/v1/session/${encodeURIComponent(session)}/sound`, { sound: on });
  }

  /**
   * Tell the sitter. A session that has just been made may not hear yet, and says when to
   * come again; every command may be repeated without harm.
   *
   * @param {string} session
   * @param {BrainCommand} command
   */
  async command(session, command) {
    const path = `/api/v1/session/${encodeURIComponent(session)}/brain`;
    for (let tries = 1; ; tries += 1) {
      try {
        return await this.#ask("POST", path, command);
      } catch (error) {
        const soon = error instanceof ApiError && error.later > 0 && error.later <= SOON_S;
        if (!soon || tries === TRIES) throw error;
        await new Promise((done) => setTimeout(done, 1_000 * error.later));
      }
    }
  }

  /**
   * @param {string} method
   * @param {string} path
   * @param {unknown} [body]
   * @returns {Promise<any>}
   */
  async #ask(method, path, body) {
    /** @type {Record<string, string>} */
    const headers = { Accept: "application/json" };
    if (this.#key) headers.Authorization = `Bearer ${this.#key}`;
    if (body !== undefined) headers["Content-Type"] = "application/json";
    let answer;
    try {
      answer = await fetch(path, {
        method,
        headers,
        body: body === undefined ? null : JSON.stringify(body),
        cache: "no-store",
        signal: AbortSignal.timeout(15_000),
      });
    } catch {
      throw new ApiError(0, "The server cannot be reached. Is `phosphene serve` running?");
    }
    const said = await answer.json().catch(() => null);
    if (!answer.ok) throw refusal(answer, said);
    return said ?? {};
  }
}

/**
 * @param {Response} answer
 * @param {any} said
 */
function refusal(answer, said) {
  const message = said?.error?.message ?? said?.message ?? `the server answered ${answer.status}`;
  const later = Number(answer.headers.get("Retry-After")) || 0;
  const hint = later ? `; try again in ${later} s` : "";
  return new ApiError(answer.status, message.replace(/\.$/, later ? "" : ".") + hint, later);
}
