// @ts-check
/**
 * Mood as a place: valence across, arousal up, with the trail of the last seconds.
 *
 * The ring around the dot is uncertainty: the less the channels can be trusted, the
 * wider. The figures beside it say the same in text.
 */

import { ink, say, the } from "./elements.js";

/** @typedef {import("./frames.js").MoodAxis} MoodAxis */

const TRAIL = 200; // points: 20 s at 10 Hz
const SAY_MS = 400;
const MINUS = "−";

/** @param {number} value */
export const signed = (value) =>
  `${value < 0 ? MINUS : "+"}${Math.abs(value).toFixed(2)}`;

export class Mood {
  #canvas = the("mood-plane", HTMLCanvasElement);
  #pen = /** @type {CanvasRenderingContext2D} */ (this.#canvas.getContext("2d"));
  #trail = /** @type {[number, number][]} */ ([]);
  #said = 0;

  /**
   * @param {number} arousal
   * @param {number} valence
   * @param {number} confidence
   * @param {number} now milliseconds
   */
  show(arousal, valence, confidence, now) {
    this.#trail.push([valence, arousal]);
    if (this.#trail.length > TRAIL) this.#trail.shift();
    this.#draw(confidence);
    if (now - this.#said < SAY_MS) return;
    this.#said = now;
    say(the("arousal", HTMLElement), signed(arousal));
    say(the("valence", HTMLElement), signed(valence));
    say(the("confidence", HTMLElement), confidence.toFixed(2));
  }

  /** @param {{arousal?: MoodAxis, valence?: MoodAxis}} mood */
  explain({ arousal, valence }) {
    /** @type {[string, MoodAxis | undefined][]} */
    const axes = [["arousal", arousal], ["valence", valence]];
    for (const [name, axis] of axes) {
      if (!axis) continue;
      say(the(`${name}-formula`, HTMLElement), axis.formula);
      say(the(`${name}-source`, HTMLElement), axis.source);
    }
  }

  forget() {
    this.#trail = [];
  }

  /** @param {number} confidence */
  #draw(confidence) {
    const { width, height } = this.#size();
    const pen = this.#pen;
    pen.clearRect(0, 0, width, height);
    this.#axes(width, height);
    /** @type {(place: [number, number]) => [number, number]} */
    const at = ([x, y]) => [
      (0.5 + 0.44 * clamp(x)) * width,
      (0.5 - 0.44 * clamp(y)) * height,
    ];
    const colour = ink("accent");
    pen.strokeStyle = colour;
    pen.lineWidth = 1.5;
    this.#trail.slice(1).forEach((place, i) => {
      pen.globalAlpha = 0.7 * ((i + 1) / this.#trail.length) ** 2;
      pen.beginPath();
      pen.moveTo(...at(this.#trail[i]));
      pen.lineTo(...at(place));
      pen.stroke();
    });
    this.#dot(at(this.#trail[this.#trail.length - 1]), confidence, colour);
  }

  /**
   * @param {[number, number]} place
   * @param {number} confidence
   * @param {string} colour
   */
  #dot([x, y], confidence, colour) {
    const pen = this.#pen;
    pen.fillStyle = colour;
    pen.globalAlpha = 0.16;
    pen.beginPath();
    pen.arc(x, y, 8 + 26 * (1 - clamp(confidence)), 0, 2 * Math.PI);
    pen.fill();
    pen.globalAlpha = 1;
    pen.beginPath();
    pen.arc(x, y, 4.5, 0, 2 * Math.PI);
    pen.fill();
  }

  /** @param {number} width @param {number} height */
  #axes(width, height) {
    const pen = this.#pen;
    pen.globalAlpha = 1;
    pen.strokeStyle = ink("line");
    pen.lineWidth = 1;
    pen.beginPath();
    pen.moveTo(0, height / 2);
    pen.lineTo(width, height / 2);
    pen.moveTo(width / 2, 0);
    pen.lineTo(width / 2, height);
    pen.stroke();
    pen.beginPath();
    pen.arc(width / 2, height / 2, 0.44 * Math.min(width, height), 0, 2 * Math.PI);
    pen.stroke();
  }

  /** Match the canvas to its place on the screen. */
  #size() {
    const { clientWidth: width, clientHeight: height } = this.#canvas;
    const dense = Math.min(2, devicePixelRatio || 1);
    const [w, h] = [Math.round(width * dense), Math.round(height * dense)];
    if (this.#canvas.width !== w || this.#canvas.height !== h) {
      this.#canvas.width = w;
      this.#canvas.height = h;
    }
    this.#pen.setTransform(dense, 0, 0, dense, 0, 0);
    return { width, height };
  }
}

/** @param {number} value */
function clamp(value) {
  return Math.max(-1, Math.min(1, value));
}
