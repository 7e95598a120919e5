// @ts-check
/**
 * Plays a stream of sound: blocks to the audio clock, without clicks.
 *
 * Each block becomes an AudioBuffer at its planned time. A fade-out is always planned at
 * the end of what is there, and taken back when the next block joins: so a stream that
 * falls silent fades, whatever the reason. Works without an AudioWorklet, which browsers
 * refuse to pages that come by plain HTTP from another machine.
 */

import { readBlock } from "./sound_block.js";
import { Plan } from "./sound_plan.js";
import { Stream } from "./stream.js";

/** @typedef {"off" | "buffering" | "playing"} SoundState */

const SFREQ = 44_100;
const FADE_S = 0.01;
const SMOOTH_S = 0.03; // time constant of the volume
const LOOK_MS = 100;
const SIZE = 2048; // samples of the level

export class Sound {
  #context;
  #gate;
  #volume;
  #analyser;
  #window = new Float32Array(SIZE);
  #plan = new Plan();
  #stream;
  #ears;
  #timer;
  /** @type {{start: number, at: number}[]} */
  #heard = [];

  /** @type {SoundState} */
  state = "buffering";

  /**
   * Call it in a user's gesture: browsers let nothing else begin a sound.
   *
   * @param {string} url of the stream
   * @param {{
   *   state: (state: SoundState) => void,
   *   level: (level: number) => void,
   *   ended: (reason: string) => void,
   * }} ears
   */
  constructor(url, ears) {
    this.#ears = ears;
    this.#context = context();
    this.#gate = this.#context.createGain();
    this.#volume = this.#context.createGain();
    this.#analyser = this.#context.createAnalyser();
    this.#analyser.fftSize = SIZE;
    this.#gate.gain.value = 0;
    this.#gate.connect(this.#volume).connect(this.#analyser);
    this.#analyser.connect(this.#context.destination);
    void this.#context.resume();
    this.#stream = new Stream(url, {
      message: (data) => this.#message(data),
      link: () => {},
    });
    this.#stream.quiet = true; // a voice may be silent as long as it likes
    this.#timer = setInterval(() => this.#look(), LOOK_MS);
    ears.state(this.state);
  }

  /** Loudness of what is heard, 0 to 1. @param {number} level */
  set volume(level) {
    // Squared: half way on the slider is about half as loud.
    this.#volume.gain.setTargetAtTime(level ** 2, this.#context.currentTime, SMOOTH_S);
  }

  /** Unix time of what is heard now, by the server's clock; null: nothing is. */
  get heardAt() {
    const { currentTime, outputLatency, baseLatency } = this.#context;
    const now = currentTime - (outputLatency || baseLatency || 0);
    const block = this.#heard.findLast(({ start }) => start <= now);
    return this.state === "playing" && block ? block.at + now - block.start : null;
  }

  hurry() {
    this.#stream.hurry();
    void this.#context.resume();
  }

  /** Fade, and let go of everything. */
  close() {
    clearInterval(this.#timer);
    this.#stream.close();
    const gain = this.#volume.gain;
    gain.cancelScheduledValues(0);
    gain.setTargetAtTime(0, this.#context.currentTime, SMOOTH_S / 3);
    setTimeout(() => void this.#context.close(), 5 * LOOK_MS);
    this.#tell("off");
    this.#ears.level(0);
  }

  /** @param {string | ArrayBuffer} data */
  #message(data) {
    if (typeof data === "string") {
      const { type, status, reason } = JSON.parse(data);
      if (type === "status" && status === "ended") this.#ears.ended(reason);
      return;
    }
    const block = readBlock(data);
    if (block && block.count > 0) this.#schedule(block);
  }

  /** @param {import("./sound_block.js").Block} block */
  #schedule({ sfreq, first, at, count, sides }) {
    const before = this.#plan.end;
    const place = this.#plan.place(first, count, sfreq, this.#context.currentTime);
    if (!place) return;
    const buffer = this.#context.createBuffer(2, count, sfreq);
    sides.forEach((side, i) => buffer.copyToChannel(side, i));
    const source = this.#context.createBufferSource();
    source.buffer = buffer;
    source.connect(this.#gate);
    source.start(place.start);
    this.#fade(place, before);
    this.#heard.push({ start: place.start, at });
    if (this.#heard.length > 20) this.#heard.shift();
  }

  /**
   * @param {import("./sound_plan.js").Place} place
   * @param {number} before end of the block before it
   */
  #fade({ start, joins }, before) {
    const gain = this.#gate.gain;
    const end = this.#plan.end;
    const now = this.#context.currentTime;
    if (joins && before - FADE_S > now) {
      gain.cancelScheduledValues(before - FADE_S); // it goes on: no fade there
    } else {
      // Too late to take it back, or something is missing before: in again.
      gain.setValueAtTime(0, start);
      gain.linearRampToValueAtTime(1, start + FADE_S);
    }
    gain.setValueAtTime(1, end - FADE_S);
    gain.linearRampToValueAtTime(0, end);
  }

  #look() {
    const now = this.#context.currentTime;
    const sounds = this.#context.state === "running" && now >= this.#plan.start && now < this.#plan.end;
    this.#tell(sounds ? "playing" : "buffering");
    this.#analyser.getFloatTimeDomainData(this.#window);
    const power = this.#window.reduce((sum, value) => sum + value * value, 0) / SIZE;
    this.#ears.level(Math.sqrt(power));
  }

  /** @param {SoundState} state */
  #tell(state) {
    if (state === this.state) return;
    this.state = state;
    this.#ears.state(state);
  }
}

function context() {
  // At the stream's own rate each block is played as it is, without a seam.
  try {
    return new AudioContext({ sampleRate: SFREQ });
  } catch {
    return new AudioContext();
  }
}
