// @ts-check
/**
 * The EEG, scrolling: the last six seconds, all channels in lanes, raw or clean.
 *
 * Samples come ten times a second; the window moves at the display's pace behind a
 * playhead that follows the newest sample smoothly, so that the traces glide.
 */

import uPlot from "../vendor/uplot/uPlot.esm.js";
import { colour } from "./contact.js";
import { ink, say, the } from "./elements.js";
import { Ring } from "./ring.js";

/** @typedef {import("./ring.js").Kind} Kind */
/** @typedef {import("./contact.js").Quality} Quality */

export const WINDOW_S = 6;
const BEHIND_S = 0.15;
const FRAME_MS = 45;
const MANY_FRAME_MS = 100;
const MANY = 8;
const SCALES_UV = [5, 10, 20, 50, 100, 200, 500, 1000, 2000];
const OVERLAP = 0.8; // lanes a trace may leave its own by before it is cut

const calm = matchMedia("(prefers-reduced-motion: reduce)");

export class Eeg {
  #box = the("eeg-plot", HTMLElement);
  #scaleText = the("eeg-scale", HTMLElement);
  #plot = /** @type {uPlot | null} */ (null);
  #ring = new Ring(0, 1);
  #names = /** @type {string[]} */ ([]);
  #states = /** @type {string[]} */ ([]);
  #sfreq = 0;
  #kind = /** @type {Kind} */ ("clean");
  #lane = 0; // index into SCALES_UV
  #playhead = 0;
  #drawn = 0;

  constructor() {
    new ResizeObserver(() => this.#resize()).observe(this.#box);
    requestAnimationFrame((at) => this.#scroll(at));
  }

  get kind() {
    return this.#kind;
  }

  /** @param {Kind} kind */
  look(kind) {
    this.#kind = kind;
    this.#fitLane(true);
    this.#feed();
  }

  /**
   * @param {{sfreq: number, ch_names: string[], first_sample: number,
   *   raw_uv: number[][], clean_uv: number[][], quality: Quality[]}} signals
   */
  show(signals) {
    const { sfreq, ch_names: names, first_sample: first } = signals;
    if (!names.length || !(sfreq > 0)) return;
    if (sfreq !== this.#sfreq || names.join() !== this.#names.join()) {
      this.#rebuild(names, sfreq);
    }
    this.#ring.push(first, signals.raw_uv, signals.clean_uv);
    this.#states = signals.quality.map(({ state }) => state);
    this.#fitLane(false);
    this.#feed();
  }

  /**
   * @param {string[]} names
   * @param {number} sfreq
   */
  #rebuild(names, sfreq) {
    this.#names = names;
    this.#sfreq = sfreq;
    this.#ring = new Ring(names.length, Math.ceil((WINDOW_S + 0.5) * sfreq));
    this.#box.style.setProperty("--channels", String(names.length));
    this.#plot?.destroy();
    this.#plot = new uPlot(this.#options(), [[0], ...names.map(() => [null])], this.#box);
    this.#playhead = 0;
  }

  /** @returns {uPlot.Options} */
  #options() {
    const count = this.#names.length;
    return {
      ...this.#size(),
      legend: { show: false },
      cursor: { show: false },
      pxAlign: 0,
      padding: [4, 4, 4, 0],
      scales: {
        x: { time: false, auto: false, range: (_, low, high) => [low, high] },
        y: { auto: false, range: [-0.6, count - 0.4] },
      },
      axes: [
        {
          size: 0,
          values: () => [],
          splits: (_, __, low, high) => seconds(low, high),
          grid: { stroke: ink("line"), width: 1 },
          ticks: { show: false },
        },
        {
          size: 52,
          gap: 8,
          font: `12px ${ink("sans")}`,
          stroke: ink("muted"),
          splits: () => this.#names.map((_, i) => count - 1 - i),
          values: () => this.#names,
          grid: { show: false },
          ticks: { show: false },
        },
      ],
      series: [
        {},
        ...this.#names.map((label, i) => ({
          label,
          width: 1.25,
          stroke: () => this.#stroke(i),
          points: { show: false },
          spanGaps: false,
        })),
      ],
    };
  }

  /** @param {number} i */
  #stroke(i) {
    const state = this.#states[i] ?? "settling";
    return state === "good" ? ink("trace") : colour(state);
  }

  #size() {
    return { width: Math.max(120, this.#box.clientWidth), height: Math.max(80, this.#box.clientHeight) };
  }

  #resize() {
    this.#plot?.setSize(this.#size());
  }

  /** @param {boolean} anew forget the present scale */
  #fitLane(anew) {
    // A lane is wider than the usual swing, so that traces stay apart. Up at once, down
    // only when well below: a scale that changes at every blink would be no scale.
    const size = 2.4 * this.#ring.size(this.#kind);
    const want = SCALES_UV.findIndex((uv) => size <= uv);
    const fit = want < 0 ? SCALES_UV.length - 1 : want;
    const below = SCALES_UV[this.#lane - 1] ?? 0;
    if (anew || fit > this.#lane) this.#lane = fit;
    else if (size < 0.8 * below) this.#lane -= 1;
    say(this.#scaleText, `${SCALES_UV[this.#lane]} µV`);
  }

  #feed() {
    if (!this.#plot || this.#ring.end < 0) return;
    const { length, end } = this.#ring;
    const time = Array.from({ length }, (_, i) => (end - length + i) / this.#sfreq);
    const uv = SCALES_UV[this.#lane];
    const lanes = this.#names.map((_, i) => {
      const middle = this.#names.length - 1 - i;
      return this.#ring.read(this.#kind, i, (value) =>
        middle + Math.max(-OVERLAP, Math.min(OVERLAP, value / uv)));
    });
    this.#plot.setData([time, ...lanes], false);
  }

  /** @param {number} at */
  #scroll(at) {
    requestAnimationFrame((next) => this.#scroll(next));
    const passed = at - this.#drawn;
    const slow = calm.matches ? 500 : this.#names.length > MANY ? MANY_FRAME_MS : FRAME_MS;
    if (passed < slow || !this.#plot || this.#ring.end < 0) return;
    this.#drawn = at;
    this.#follow(passed / 1000);
    this.#plot.setScale("x", { min: this.#playhead - WINDOW_S, max: this.#playhead });
  }

  /** @param {number} passed seconds */
  #follow(passed) {
    const newest = this.#ring.end / this.#sfreq;
    const error = newest - BEHIND_S - (this.#playhead + passed);
    if (Math.abs(error) > 1) this.#playhead = newest - BEHIND_S;
    else this.#playhead = Math.min(newest, this.#playhead + passed + 0.1 * error);
  }
}

/**
 * @param {number} low
 * @param {number} high
 * @returns {number[]}
 */
function seconds(low, high) {
  const whole = [];
  for (let s = Math.ceil(low); s <= high; s += 1) whole.push(s);
  return whole;
}
