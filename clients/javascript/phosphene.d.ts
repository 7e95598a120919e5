/** Types of the client of Phosphene: see phosphene.js. Times `…_at` are ISO 8601. */

// -- errors ---------------------------------------------------------------------------------

export class PhospheneError extends Error {}
export class UnreachableError extends PhospheneError {}
export class AnswerError extends PhospheneError {}

export class StreamClosedError extends PhospheneError {
  /** Of the WebSocket's close; 1006: it broke without one. */
  readonly code: number;
  readonly reason: string;
  constructor(code: number, reason: string);
}

export interface Mistake {
  field: string;
  value?: unknown;
  allowed: string;
}

export class ApiError extends PhospheneError {
  /** Of HTTP. */
  readonly status: number;
  /** For a program, such as `SESSION_NOT_FOUND`. */
  readonly code: string;
  /** For a person. */
  readonly reason: string;
  readonly details: Record<string, unknown>;
  /** Seconds after which it is worth another try, if the server said so. */
  readonly retryAfter: number | null;
  readonly mistakes: Mistake[];
  constructor(
    status: number,
    code: string,
    message: string,
    details?: Record<string, unknown>,
    retryAfter?: number | null,
  );
}

export class InvalidError extends ApiError {}
export class KeyRefusedError extends ApiError {}
export class NotThereError extends ApiError {}
export class ConflictError extends ApiError {}
export class TooManyError extends ApiError {}
export class UnavailableError extends ApiError {}

export function apiError(status: number, text: string, retryAfter: string | null): ApiError;

/** Read MessagePack, as the server writes heads of pictures. */
export function unpack(bytes: Uint8Array): unknown;

// -- answers --------------------------------------------------------------------------------

export interface Health {
  status: 'healthy' | 'degraded' | 'draining';
  service: string;
  version: string;
  timestamp: number;
  websocket_connections: number;
  streaming_active: boolean;
  uptime_seconds: number;
  down: string[];
  tick_late_p99_ms: number | null;
  storage: Record<string, unknown>;
}

/** How a sitting is to run; what is left out is the server's to choose. */
export interface SittingConfig {
  duration_minutes?: number;
  model?: string;
  width?: number;
  height?: number;
  seed?: number;
  speed?: number;
  loop?: boolean;
  mains_hz?: 50 | 60;
  window_s?: number;
  step_s?: number;
  pictures_hz?: number;
  sound?: boolean;
}

export interface SittingMade {
  session_id: string;
  status: string;
  created_at: string;
  websocket_url: string;
  phase: string;
  reason: string;
  session_config: Required<SittingConfig>;
}

export interface Sitting extends SittingMade {
  status: 'active' | 'paused' | 'ended' | 'failed';
  images_generated: number;
  duration_seconds: number;
  last_activity: string;
  user_id: string;
  device_type: string;
  ended_at: string | null;
  avg_latency_ms: number;
}

export interface SittingList {
  sessions: Sitting[];
  total: number;
}

export interface SittingEnded {
  session_id: string;
  status: string;
  summary: { total_images: number; duration_seconds: number; avg_latency_ms: number };
}

export interface PracticeWish {
  name: string;
  /** Seconds until it ends by itself, once it has been started. */
  duration?: number;
  intention?: string;
  frequency?: number;
  modalities?: string[];
}

export interface Modality {
  name: string;
  state: 'running' | 'stopped' | 'not_available';
  reason: string;
}

export type PracticeStatus = 'created' | 'running' | 'completed' | 'stopped';

export interface Practice {
  id: string;
  name: string;
  status: PracticeStatus;
  created_at: string | null;
  started_at: string | null;
  ended_at: string | null;
  /** Seconds; so are `elapsed` and `remaining`. */
  duration: number;
  elapsed: number;
  remaining: number;
  intention: string;
  frequency: number;
  modalities: Modality[];
  reason: string;
  kept: boolean;
  websocket_url: string | null;
  audio_url: string | null;
}

export interface PracticePage {
  sessions: Practice[];
  total: number;
  limit: number;
  offset: number;
  storage: 'disk' | 'memory';
}

export interface Moved {
  session_id: string;
  session_status: PracticeStatus;
  message: string;
  started_at: string | null;
  stopped_at?: string;
  duration_actual?: number;
  modalities: Modality[];
}

/** A sound to render; what is left out is the preset's or the server's to choose. */
export interface SoundWish {
  frequency?: number;
  duration?: number;
  volume?: number;
  prayer_bowl_mode?: boolean;
  harmonic_strength?: number;
  modulation_depth?: number;
  bowl?: 'strike' | 'rub';
  binaural_hz?: number;
  isochronic_hz?: number;
  normalise_lufs?: number;
  seed?: number;
  preset?: string;
}

export interface SoundConfig extends Required<Omit<SoundWish, 'preset' | 'normalise_lufs'>> {
  normalise_lufs: number | null;
}

export interface Generated {
  id: string;
  message: string;
  config: SoundConfig;
  audio_generated: boolean;
  samples: number;
  sfreq: number;
  channels: number;
  peak: number;
  loudness_lufs: number | null;
  gain: number;
  generation_time_ms: number;
  file_url: string;
}

export interface Output {
  level: number;
  device: string;
  state: 'none' | 'closed' | 'opening' | 'playing' | 'lost' | 'failed';
  reason: string;
  underruns: number;
}

export interface Playing {
  message: string;
  hardware_level: number;
  audio_duration: number;
  audio_samples: number;
  output: Output;
  stream_url: string;
}

export interface Stopped {
  message: string;
  playing: boolean;
}

export interface SoundStatus {
  has_audio: boolean;
  audio_duration: number;
  spectrum_available: boolean;
  timestamp: number;
  audio_samples: number;
  playing: boolean;
  position: number;
  config: SoundConfig | null;
  outputs: Output[];
  sessions_sounding: number;
  skipped_samples: number;
}

export interface Spectrum {
  /** 64 figures of 0 to 1; zeros in silence. */
  spectrum: number[];
  length: number;
  timestamp: number;
  playing: boolean;
  /** Hertz, of the bins' middles. */
  frequencies: number[];
}

export interface Preset {
  name: string;
  frequency: number;
  description: string;
  prayer_bowl_mode: boolean;
  harmonic_strength: number;
  modulation_depth: number;
  volume: number;
}

export interface Presets {
  presets: Record<string, Preset>;
  count: number;
  own: string[];
  trouble: string;
}

export interface KeptPreset {
  id: string;
  preset: Preset;
  message?: string;
}

export interface FrequencyRange {
  name: string;
  min?: number;
  max?: number;
  frequencies?: number[] | Record<string, number>;
  description?: string;
}

// -- what comes over streams ----------------------------------------------------------------

export interface Concept {
  word: string;
  weight: number;
  because: unknown;
}

/** A picture's head. */
export interface AboutPicture {
  type: 'image';
  timestamp: number;
  sequence: number;
  captured_at: number;
  latency_ms: Record<string, number>;
  metadata: {
    prompt: string;
    confidence: number;
    driven: boolean;
    model: string;
    seed: number;
    steps: number;
    width: number;
    height: number;
    format: string;
    device: string;
    concepts: Concept[];
    mood: Record<string, unknown>;
    features: Record<string, number>;
    known_words: string[];
    motion: number;
    palette: string[];
  };
}

export interface Picture {
  jpeg: Uint8Array;
  about: AboutPicture;
}

export interface SourceStatus {
  type: 'status';
  status: 'searching' | 'streaming' | 'frozen' | 'paused' | 'ended';
  reason: string;
  timestamp: number;
  sequence: number;
}

export interface SoundFormat {
  type: 'audio_format';
  sfreq: number;
  channels: number;
  encoding: 's16le';
  block_samples: number;
  server_time: number;
}

/** A tenth of a second of sound. */
export interface SoundBlock {
  sfreq: number;
  /** Index since the server's run began; a jump in it is a gap. */
  firstSample: number;
  /** At which its first sample is due, seconds. */
  unixTime: number;
  /** A channel. */
  samples: number;
  /** Left and right in turn. */
  pcm: Int16Array;
}

export type Topic = 'realtime_data' | 'heartbeat' | 'domain_event';

export interface LiveSettings {
  frequency?: number;
  volume?: number;
  prayer_bowl_mode?: boolean;
  harmonic_strength?: number;
  modulation_depth?: number;
}

export type LiveMessage =
  | {
      type: 'connection_status';
      status: 'connected';
      connection_id: string;
      server_time: number;
      topics: Topic[];
      rate_hz: number;
    }
  | {
      type: 'realtime_data';
      timestamp: number;
      audio_spectrum: number[];
      sessions: Record<string, { id: string; name: string; status: string; elapsed: number }>;
      system_status: {
        cpu_usage: number;
        memory_usage: number;
        websocket_connections: number;
      };
      sequence: number;
    }
  | { type: 'heartbeat'; timestamp: number; connection_count: number; uptime: number }
  | {
      type: 'domain_event';
      event_name: string;
      payload: Record<string, unknown>;
      timestamp: number;
    }
  | { type: 'pong'; timestamp: number; ping_timestamp?: number }
  | { type: 'subscribed'; topics: Topic[]; rate_hz: number; timestamp: number }
  | {
      type: 'session_started';
      session_id: string;
      name: string;
      duration: number;
      intention: string;
      timestamp: number;
    }
  | {
      type: 'session_stopped';
      session_id: string;
      status: string;
      elapsed: number;
      timestamp: number;
    }
  | {
      type: 'settings_updated';
      settings: Required<LiveSettings> | null;
      playing: boolean;
      changed: string[];
      ignored: string[];
      timestamp: number;
    }
  | {
      type: 'error';
      status: 'error';
      error_code: string;
      message: string;
      details: Record<string, unknown>;
      timestamp: string;
      command: string | null;
    };

export type LiveCommand =
  | { type: 'START_SESSION'; session_name: string; duration?: number; intention?: string }
  | { type: 'STOP_SESSION'; session_id: string }
  | { type: 'UPDATE_SETTINGS'; settings: LiveSettings }
  | { type: 'ping'; timestamp?: number }
  | { type: 'SUBSCRIBE'; topics?: Topic[]; rate_hz?: number };

/** Messages of one kind; leaving the loop closes it. */
export class Stream<M> implements AsyncIterable<M> {
  protected constructor();
  /** Settles when it is open for the first time, or is not to be had. */
  readonly opened: Promise<void>;
  /** How many messages were dropped here because nobody took them. */
  readonly dropped: number;
  /** Of a session: what the source did last. */
  readonly status: SourceStatus | null;
  /** Of sound: what it consists of, known from the first block on. */
  readonly format: SoundFormat | null;
  close(): void;
  /** Say something; throws where it cannot be said now. */
  sendText(text: string): void;
  [Symbol.asyncIterator](): AsyncGenerator<M, void, undefined>;
}

export class Live extends Stream<LiveMessage> {
  protected constructor();
  say(command: LiveCommand): void;
  startSession(name: string, options?: { duration?: number; intention?: string }): void;
  stopSession(session: string): void;
  updateSettings(settings: LiveSettings): void;
  ping(timestamp?: number): void;
  subscribe(wanted: { topics?: Topic[]; rateHz?: number }): void;
}

// -- the client -----------------------------------------------------------------------------

/** As much of a WebSocket as is used: the browser's, Node's, or that of `ws`. */
export type WebSocketClass = new (url: string) => {
  binaryType: string;
  readonly readyState: number;
  send(data: string): void;
  close(code?: number): void;
  onopen: ((event: any) => void) | null;
  onmessage: ((event: any) => void) | null;
  onerror: ((event: any) => void) | null;
  onclose: ((event: any) => void) | null;
};

export interface Options {
  /** `http://127.0.0.1:8008`, if nothing is said. */
  baseUrl?: string;
  /** As `phosphene keys create` printed it. */
  key?: string;
  /** Milliseconds that a call may take, 30,000; and one for which the server renders, 300,000. */
  timeoutMs?: number;
  slowMs?: number;
  fetch?: typeof fetch;
  WebSocket?: WebSocketClass;
  /** How often in a row, and how long, a stream that broke is opened again. */
  patience?: { tries?: number; firstS?: number; mostS?: number };
}

export class Phosphene {
  constructor(options?: Options);
  readonly sittings: {
    create(user: string, device?: string, config?: SittingConfig): Promise<SittingMade>;
    list(): Promise<SittingList>;
    status(session: string): Promise<Sitting>;
    end(session: string): Promise<SittingEnded>;
    pause(session: string): Promise<Sitting>;
    resume(session: string): Promise<Sitting>;
    sound(session: string, on: boolean): Promise<Sitting>;
    pictures(session: string, options?: { since?: number }): Stream<Picture>;
  };
  readonly practices: {
    create(wish: PracticeWish): Promise<Practice>;
    start(session: string): Promise<Moved>;
    stop(session: string): Promise<Moved>;
    status(session: string): Promise<Practice>;
    list(options?: {
      status?: PracticeStatus;
      limit?: number;
      offset?: number;
    }): Promise<PracticePage>;
    delete(session: string): Promise<Moved>;
  };
  readonly audio: {
    generate(wish?: SoundWish): Promise<Generated>;
    play(level?: 2 | 3): Promise<Playing>;
    stop(): Promise<Stopped>;
    status(): Promise<SoundStatus>;
    spectrum(): Promise<Spectrum>;
    file(format?: 'wav' | 'flac' | 'ogg'): Promise<ReadableStream<Uint8Array>>;
    presets(): Promise<Presets>;
    preset(id: string): Promise<KeptPreset>;
    savePreset(preset: Partial<Preset> & Pick<Preset, 'name' | 'frequency'>, id?: string): Promise<KeptPreset>;
    deletePreset(id: string): Promise<{ message: string; id: string }>;
    ranges(): Promise<{ ranges: Record<string, FrequencyRange> }>;
    stream(session?: string): Stream<SoundBlock>;
  };
  health(): Promise<Health>;
  live(options?: { topics?: Topic[]; rateHz?: number }): Live;
}
