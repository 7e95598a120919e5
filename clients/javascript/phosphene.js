/**
 * A client of Phosphene for browsers and for Node 20 and newer: one module, nothing else.
 *
 *     const phosphene = new Phosphene({ key: KEY });
 *     await phosphene.audio.generate({ frequency: 136.1, duration: 30 });
 *     await phosphene.audio.play();
 *
 * Types are in phosphene.d.ts. Where there is no global WebSocket (Node before 22), give one:
 * `new Phosphene({ WebSocket })` with that of the package `ws`.
 */

const LOCAL = 'http://127.0.0.1:8008';
const NORMAL = 1000;
const BROKEN = 1006;
/** Going away, broken, restarting, try again later: such a stream may be there again soon. */
const WORTH_IT = new Set([1001, BROKEN, 1012, 1013]);
const PCM_MAGIC = 'PHS1';
const PCM_HEAD_BYTES = 24;
/** Messages that may wait for who iterates; then the oldest are dropped. */
const MOST_WAITING = 256;
const FIRST_TRIES = 3;

// -- errors ---------------------------------------------------------------------------------

/** Root of what this client throws on purpose. */
export class PhospheneError extends Error {
  constructor(message, options) {
    super(message, options);
    this.name = new.target.name;
  }
}

/** No connection, or no answer in time. */
export class UnreachableError extends PhospheneError {}

/** The server said what this client does not understand. */
export class AnswerError extends PhospheneError {}

/** A stream ended otherwise than by its own end, and was not raised again. */
export class StreamClosedError extends PhospheneError {
  constructor(code, reason) {
    super(`the stream was closed with ${code}: ${reason || 'no reason'}`);
    this.code = code;
    this.reason = reason;
  }
}

/** The server refused, and said why. */
export class ApiError extends PhospheneError {
  constructor(status, code, message, details = {}, retryAfter = null) {
    super(`${status} ${code}: ${message}`);
    this.status = status;
    this.code = code;
    this.reason = message;
    this.details = details;
    this.retryAfter = retryAfter;
  }

  /** `field`, `value` and `allowed` of each wrong field, where the server says so. */
  get mistakes() {
    return Array.isArray(this.details.mistakes) ? this.details.mistakes : [];
  }
}

/** What was sent is wrong (400, 413, 415, 422). */
export class InvalidError extends ApiError {}
/** No key, a wrong one, or one that may not do this (401, 403). */
export class KeyRefusedError extends ApiError {}
/** No such thing, or another's (404). */
export class NotThereError extends ApiError {}
/** It is in no state for that (409). */
export class ConflictError extends ApiError {}
/** More than a limit allows (429); see `retryAfter`. */
export class TooManyError extends ApiError {}
/** Not now (503, 504); see `retryAfter`. */
export class UnavailableError extends ApiError {}

const KINDS = {
  400: InvalidError, 413: InvalidError, 415: InvalidError, 422: InvalidError,
  401: KeyRefusedError, 403: KeyRefusedError,
  404: NotThereError, 409: ConflictError, 429: TooManyError,
  503: UnavailableError, 504: UnavailableError,
};

const isObject = (value) => typeof value === 'object' && value !== null && !Array.isArray(value);

/** Read an answer that is an error, in any of the server's four forms. */
export function apiError(status, text, retryAfter) {
  let said = {};
  try {
    said = JSON.parse(text);
  } catch {
    // what a proxy says; its first words are the message
  }
  const outer = isObject(said) ? said : {};
  const found = isObject(outer.error) ? outer.error : outer;
  const Kind = KINDS[status] ?? ApiError;
  const seconds = retryAfter ? Number(retryAfter) : NaN;
  return new Kind(
    status,
    String(found.error_code ?? found.code ?? `HTTP_${status}`),
    String(found.message ?? (text.slice(0, 200).trim() || 'no reason was given')),
    isObject(found.details) ? found.details : {},
    Number.isFinite(seconds) && seconds >= 0 ? seconds : null,
  );
}

// -- what comes over streams, read ----------------------------------------------------------

/** Read MessagePack, as the server writes heads of pictures. */
export function unpack(bytes) {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const words = new TextDecoder();
  let at = 0;
  const move = (size) => {
    const from = at;
    at += size;
    if (at > bytes.byteLength) throw new RangeError('it ends too early');
    return from;
  };
  const uint = (size) => {
    const from = move(size);
    if (size === 1) return view.getUint8(from);
    if (size === 2) return view.getUint16(from);
    if (size === 4) return view.getUint32(from);
    return Number(view.getBigUint64(from));
  };
  const int = (size) => {
    const from = move(size);
    if (size === 1) return view.getInt8(from);
    if (size === 2) return view.getInt16(from);
    if (size === 4) return view.getInt32(from);
    return Number(view.getBigInt64(from));
  };
  const raw = (size) => {
    const from = move(size);
    return bytes.subarray(from, at);
  };
  const text = (size) => words.decode(raw(size));
  const list = (size) => Array.from({ length: size }, value);
  const map = (size) => Object.fromEntries(Array.from({ length: size }, () => [value(), value()]));
  const kinds = {
    0xc0: () => null, 0xc2: () => false, 0xc3: () => true,
    0xc4: () => raw(uint(1)), 0xc5: () => raw(uint(2)), 0xc6: () => raw(uint(4)),
    0xca: () => view.getFloat32(move(4)), 0xcb: () => view.getFloat64(move(8)),
    0xcc: () => uint(1), 0xcd: () => uint(2), 0xce: () => uint(4), 0xcf: () => uint(8),
    0xd0: () => int(1), 0xd1: () => int(2), 0xd2: () => int(4), 0xd3: () => int(8),
    0xd9: () => text(uint(1)), 0xda: () => text(uint(2)), 0xdb: () => text(uint(4)),
    0xdc: () => list(uint(2)), 0xdd: () => list(uint(4)),
    0xde: () => map(uint(2)), 0xdf: () => map(uint(4)),
  };
  function value() {
    const kind = uint(1);
    if (kind < 0x80) return kind;
    if (kind < 0x90) return map(kind & 0x0f);
    if (kind < 0xa0) return list(kind & 0x0f);
    if (kind < 0xc0) return text(kind & 0x1f);
    if (kind >= 0xe0) return kind - 0x100;
    const read = kinds[kind];
    if (!read) throw new RangeError(`no such kind: ${kind}`);
    return read();
  }
  return value();
}

class PictureReader {
  constructor(session, since) {
    this.session = session;
    this.since = since;
    this.status = null;
  }

  path() {
    const since = this.since === undefined ? '' : `&since=${this.since}`;
    return `/stream/${encodeURIComponent(this.session)}?format=binary${since}`;
  }

  greeting() {
    return [];
  }

  read(data) {
    if (typeof data === 'string') {
      this.status = JSON.parse(data);
      return null;
    }
    const bytes = new Uint8Array(data);
    const end = 4 + new DataView(data).getUint32(0);
    const about = unpack(bytes.subarray(4, end));
    this.since = about.sequence;
    return { jpeg: bytes.subarray(end), about };
  }
}

class SoundReader {
  constructor(session) {
    this.session = session;
    this.format = null;
    this.status = null;
  }

  path() {
    if (this.session === undefined) return '/api/v1/audio/stream';
    return `/stream/${encodeURIComponent(this.session)}/audio`;
  }

  greeting() {
    return [];
  }

  read(data) {
    if (typeof data === 'string') {
      const said = JSON.parse(data);
      if (said.type === 'audio_format') this.format = said;
      if (said.type === 'status') this.status = said;
      return null;
    }
    const view = new DataView(data);
    const magic = new TextDecoder().decode(new Uint8Array(data, 0, 4));
    if (magic !== PCM_MAGIC) throw new RangeError(`a block of sound begins with ${magic}`);
    const count = (data.byteLength - PCM_HEAD_BYTES) / 2;
    const pcm = Int16Array.from({ length: count }, (_, index) =>
      view.getInt16(PCM_HEAD_BYTES + 2 * index, true));
    return {
      sfreq: view.getUint32(4, true),
      firstSample: Number(view.getBigUint64(8, true)),
      unixTime: view.getFloat64(16, true),
      samples: count / 2,
      pcm,
    };
  }
}

class LiveReader {
  constructor(wanted) {
    this.wanted = wanted;
  }

  path() {
    return '/ws';
  }

  greeting() {
    const { topics, rateHz } = this.wanted;
    return topics === undefined && rateHz === undefined ? [] : [subscription(this.wanted)];
  }

  read(data) {
    return JSON.parse(typeof data === 'string' ? data : new TextDecoder().decode(data));
  }
}

const subscription = ({ topics, rateHz }) =>
  JSON.stringify({ type: 'SUBSCRIBE', topics, rate_hz: rateHz });

// -- streams --------------------------------------------------------------------------------

const sleep = (seconds, signal) => new Promise((done) => {
  const timer = setTimeout(done, seconds * 1000);
  signal.addEventListener('abort', () => { clearTimeout(timer); done(); }, { once: true });
});

/**
 * Messages of one kind: `for await (const message of stream)`. Leaving the loop closes it.
 *
 * A stream that the server closes because it restarts (1012) or because this client was too
 * slow (1013), or that breaks, is opened again, with waits that double. Browsers and Node
 * answer the server's pings by themselves.
 */
export class Stream {
  #server;
  #reader;
  #socket = null;
  #waiting = [];
  #wake = null;
  #end = null;
  #stop = new AbortController();
  #tried = 0;

  constructor(server, reader) {
    this.#server = server;
    this.#reader = reader;
    /** Settles when it is open for the first time, or is not to be had. */
    this.opened = this.#begin();
    this.opened.catch((error) => this.#finish(error));
  }

  /** Of a session: what the source did last. */
  get status() {
    return this.#reader.status ?? null;
  }

  /** Of sound: what it consists of, known from the first block on. */
  get format() {
    return this.#reader.format ?? null;
  }

  /** How many messages were dropped here because nobody took them. */
  dropped = 0;

  /** End it; safe to repeat. */
  close() {
    this.#finish(null);
    this.#socket?.close(NORMAL);
  }

  async *[Symbol.asyncIterator]() {
    try {
      for (;;) {
        if (this.#waiting.length) {
          yield this.#waiting.shift();
        } else if (this.#end) {
          if (this.#end.error) throw this.#end.error;
          return;
        } else {
          await new Promise((wake) => { this.#wake = wake; });
        }
      }
    } finally {
      this.close();
    }
  }

  /** Say something; throws where it cannot be said now. */
  sendText(text) {
    if (this.#socket?.readyState !== 1) throw new StreamClosedError(BROKEN, 'it is not open');
    this.#socket.send(text);
  }

  #finish(error) {
    this.#end ??= { error };
    this.#stop.abort();
    this.#wake?.();
  }

  async #begin() {
    // Node's own WebSocket may ask for its upgrade on a connection that `fetch` left open,
    // where a server need not hear it; the next try takes another connection.
    for (let tried = 1; ; tried += 1) {
      try {
        return await this.#dial();
      } catch (error) {
        if (tried === FIRST_TRIES || this.#end) throw error;
      }
    }
  }

  #dial() {
    const { timeoutMs } = this.#server;
    return new Promise((done, fail) => {
      const socket = this.#server.socket(this.#reader.path());
      socket.binaryType = 'arraybuffer';
      this.#socket = socket;
      let isOpen = false;
      const timer = setTimeout(() => {
        fail(new UnreachableError('no answer to the handshake in time'));
        socket.close();
      }, timeoutMs);
      socket.onopen = () => {
        clearTimeout(timer);
        isOpen = true;
        if (this.#end) socket.close(NORMAL);
        for (const text of this.#reader.greeting()) socket.send(text);
        done();
      };
      socket.onmessage = ({ data }) => this.#take(data);
      const refused = () => {
        clearTimeout(timer);
        fail(new UnreachableError('the server refused the stream, or is not there'));
      };
      socket.onerror = () => {
        if (!isOpen) refused(); // of an open one `onclose` says more; Node 20 has none here
      };
      socket.onclose = ({ code, reason }) => {
        if (isOpen) this.#lost(new StreamClosedError(code, reason));
        else refused();
      };
    });
  }

  #take(data) {
    this.#tried = 0;
    let found;
    try {
      found = this.#reader.read(data);
    } catch (error) {
      this.#finish(new AnswerError(`a message cannot be read: ${error.message}`));
      this.#socket.close(NORMAL);
      return;
    }
    if (found === null) return;
    if (this.#waiting.push(found) > MOST_WAITING) {
      this.#waiting.shift();
      this.dropped += 1;
    }
    this.#wake?.();
  }

  async #lost(closed) {
    if (this.#end) return;
    if (closed.code === NORMAL) return this.#finish(null);
    let failure = closed;
    const { tries, firstS, mostS } = this.#server.patience;
    while (WORTH_IT.has(closed.code) && this.#tried < tries && !this.#end) {
      const wait = Math.min(mostS, firstS * 2 ** this.#tried) * (0.5 + Math.random() / 2);
      this.#tried += 1;
      await sleep(wait, this.#stop.signal);
      if (this.#end) return;
      try {
        return await this.#dial();
      } catch (error) {
        failure = error;
      }
    }
    return this.#finish(failure);
  }
}

/** The conversation at `/ws`: iterate over what is said, and say what is to be done. */
export class Live extends Stream {
  #reader;

  constructor(server, wanted) {
    const reader = new LiveReader({ ...wanted });
    super(server, reader);
    this.#reader = reader;
  }

  /** Send a command; the answer comes among the messages. */
  say(command) {
    this.sendText(JSON.stringify(command));
  }

  /** Make a practice and start it: `session_started`. */
  startSession(name, { duration, intention } = {}) {
    this.say({ type: 'START_SESSION', session_name: name, duration, intention });
  }

  /** Stop one that runs: `session_stopped`. */
  stopSession(session) {
    this.say({ type: 'STOP_SESSION', session_id: session });
  }

  /** Change what sounds: `settings_updated`. */
  updateSettings(settings) {
    this.say({ type: 'UPDATE_SETTINGS', settings });
  }

  /** Ask for a `pong`. */
  ping(timestamp) {
    this.say({ type: 'ping', timestamp });
  }

  /** Choose what comes, also after it was opened again: `subscribed`. */
  subscribe({ topics = this.#reader.wanted.topics, rateHz = this.#reader.wanted.rateHz }) {
    this.#reader.wanted = { topics, rateHz };
    this.sendText(subscription(this.#reader.wanted));
  }
}

// -- calls ----------------------------------------------------------------------------------

class Server {
  constructor({
    baseUrl = LOCAL, key, timeoutMs = 30_000, slowMs = 300_000,
    fetch = globalThis.fetch, WebSocket = globalThis.WebSocket, patience = {},
  }) {
    if (!/^https?:\/\//.test(baseUrl)) {
      throw new TypeError(`baseUrl must be http://… or https://…, not ${baseUrl}`);
    }
    this.base = baseUrl.replace(/\/+$/, '');
    this.key = key;
    this.timeoutMs = timeoutMs;
    this.slowMs = slowMs;
    this.fetch = fetch;
    this.WebSocket = WebSocket;
    this.patience = { tries: 10, firstS: 0.5, mostS: 15, ...patience };
  }

  socket(path) {
    if (!this.WebSocket) {
      throw new TypeError('there is no global WebSocket here: give one, such as that of `ws`');
    }
    // Browsers cannot send a key as a header with a WebSocket; a stream's id needs none.
    const isPublic = path.startsWith('/stream/');
    const joint = path.includes('?') ? '&' : '?';
    const shown = this.key && !isPublic ? `${joint}key=${encodeURIComponent(this.key)}` : '';
    return new this.WebSocket(this.base.replace(/^http/, 'ws') + path + shown);
  }

  async send(method, path, { body, slow = false, also = [] } = {}) {
    const headers = {};
    if (this.key) headers.Authorization = `Bearer ${this.key}`;
    if (body !== undefined) headers['Content-Type'] = 'application/json';
    const signal = AbortSignal.timeout(slow ? this.slowMs : this.timeoutMs);
    const sent = body === undefined ? undefined : JSON.stringify(body);
    try {
      const { fetch } = this;
      const answer = await fetch(this.base + path, { method, headers, body: sent, signal });
      if (answer.ok || also.includes(answer.status)) return answer;
      throw apiError(answer.status, await answer.text(), answer.headers.get('retry-after'));
    } catch (error) {
      if (error instanceof PhospheneError) throw error;
      throw new UnreachableError(`${method} ${path}: ${why(error)}`, { cause: error });
    }
  }

  async call(method, path, options) {
    const answer = await this.send(method, path, options);
    let text = '';
    try {
      text = await answer.text();
    } catch (error) {
      throw new UnreachableError(`${method} ${path}: ${why(error)}`, { cause: error });
    }
    let said;
    try {
      said = JSON.parse(text);
    } catch (error) {
      throw new AnswerError(`${method} ${path}: ${error.message}`, { cause: error });
    }
    if (!answer.ok && !('service' in said)) throw apiError(answer.status, text, null);
    return said;
  }
}

const why = (error) => error.cause?.message || error.message || String(error);

function segment(id) {
  // An empty id, `.` or `..` would make another path of it.
  if (!String(id).replace(/\./g, '')) throw new TypeError(`${JSON.stringify(id)} is no id`);
  return encodeURIComponent(id);
}

/** Sittings (document 000): a headset or a simulated brain, and pictures; by a key. */
class Sittings {
  #server;

  constructor(server) {
    this.#server = server;
  }

  /** Make one and start it. */
  create(user, device = 'simulator', config = {}) {
    const body = { user_id: user, device_type: device, session_config: config };
    return this.#server.call('POST', '/api/v1/session/create', { body });
  }

  /** List those of one's key. */
  list() {
    return this.#server.call('GET', '/api/v1/session');
  }

  /** Ask how one is. */
  status(session) {
    return this.#server.call('GET', `/api/v1/session/${segment(session)}`);
  }

  /** End one; safe to repeat. */
  end(session) {
    return this.#server.call('POST', `/api/v1/session/${segment(session)}/end`);
  }

  /** Stop its samples. */
  pause(session) {
    return this.#server.call('POST', `/api/v1/session/${segment(session)}/pause`);
  }

  /** Let its samples flow again. */
  resume(session) {
    return this.#server.call('POST', `/api/v1/session/${segment(session)}/resume`);
  }

  /** Let it sound, or be silent. */
  sound(session, on) {
    const path = `/api/v1/session/${segment(session)}/sound`;
    return this.#server.call('POST', path, { body: { sound: on } });
  }

  /** Open the stream of its pictures, each `{ jpeg, about }`. */
  pictures(session, { since } = {}) {
    return new Stream(this.#server, new PictureReader(session, since));
  }
}

/** Practices (document 003): a name, an intention, modalities. */
class Practices {
  #server;

  constructor(server) {
    this.#server = server;
  }

  /** Make one; it waits. */
  async create(wish) {
    const made = await this.#server.call('POST', '/api/v1/sessions/create', { body: wish });
    // Only here its id and status have names of their own.
    const { session_id: id, session_status: status, ...rest } = made;
    return { ...rest, id, status };
  }

  /** Let it run until its time is over. */
  start(session) {
    return this.#server.call('POST', `/api/v1/sessions/${segment(session)}/start`);
  }

  /** Stop it before that. */
  stop(session) {
    return this.#server.call('POST', `/api/v1/sessions/${segment(session)}/stop`);
  }

  /** Ask how one is. */
  async status(session) {
    return (await this.#server.call('GET', `/api/v1/sessions/${segment(session)}/status`)).session;
  }

  /** List a part of those that one may see, newest first. */
  list({ status, limit = 20, offset = 0 } = {}) {
    const query = new URLSearchParams({ limit, offset, ...(status ? { status } : {}) });
    return this.#server.call('GET', `/api/v1/sessions?${query}`);
  }

  /** Forget one; one that runs is stopped first. */
  delete(session) {
    return this.#server.call('DELETE', `/api/v1/sessions/${segment(session)}`);
  }
}

/** Sound (document 003). */
class Audio {
  #server;

  constructor(server) {
    this.#server = server;
  }

  /** Render a sound, and make it the one to play. */
  generate(wish = {}) {
    return this.#server.call('POST', '/api/v1/audio/generate', { body: wish, slow: true });
  }

  /** Play it from its beginning, by output 2 or 3 and to whoever listens. */
  play(level = 2) {
    return this.#server.call('POST', '/api/v1/audio/play', { body: { hardware_level: level } });
  }

  /** Fade it out. */
  stop() {
    return this.#server.call('POST', '/api/v1/audio/stop');
  }

  /** Ask what there is, and what sounds. */
  status() {
    return this.#server.call('GET', '/api/v1/audio/status');
  }

  /** Ask for the spectrum of what sounds now. */
  spectrum() {
    return this.#server.call('GET', '/api/v1/audio/spectrum');
  }

  /** The sound as a file, as a stream of bytes: `for await`, or pipe it to the disk. */
  async file(format = 'wav') {
    const path = `/api/v1/audio/file?format=${encodeURIComponent(format)}`;
    return (await this.#server.send('GET', path, { slow: true })).body;
  }

  /** List the presets. */
  presets() {
    return this.#server.call('GET', '/api/v1/audio/presets');
  }

  /** Ask for one. */
  preset(id) {
    return this.#server.call('GET', `/api/v1/audio/presets/${segment(id)}`);
  }

  /** Keep one; its id is made of its name, if none is given. */
  savePreset(preset, id) {
    return this.#server.call('POST', '/api/v1/audio/presets', { body: { ...preset, id } });
  }

  /** Forget one that was kept. */
  deletePreset(id) {
    return this.#server.call('DELETE', `/api/v1/audio/presets/${segment(id)}`);
  }

  /** List recommended frequencies. */
  ranges() {
    return this.#server.call('GET', '/api/v1/audio/frequencies/range');
  }

  /** Listen to a session, or to the generated sound. */
  stream(session) {
    return new Stream(this.#server, new SoundReader(session));
  }
}

/** A server. */
export class Phosphene {
  #server;

  constructor(options = {}) {
    this.#server = new Server(options);
    this.sittings = new Sittings(this.#server);
    this.practices = new Practices(this.#server);
    this.audio = new Audio(this.#server);
  }

  /** Ask how the server is; one that goes down answers too. */
  health() {
    return this.#server.call('GET', '/health', { also: [503] });
  }

  /** Join the conversation at `/ws`. */
  live({ topics, rateHz } = {}) {
    return new Live(this.#server, { topics, rateHz });
  }
}
