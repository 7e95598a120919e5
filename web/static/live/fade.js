// @ts-check
/**
 * The picture: ten frames a second, faded into one another at the display's own rate.
 *
 * A fade starts from what is shown, also when the last one has not ended, and lasts a
 * little longer than frames are apart, so that the movement never stands still between
 * two. The flash guard may hold a fade back; with `prefers-reduced-motion` fades are slow
 * and each is finished before the next begins.
 */

import { FlashGuard, SIDE, THUMB } from "./flash.js";

const SLOWER = 1.15;
const SHORTEST_MS = 90;
const LONGEST_MS = 1_000;
const FIRST_MS = 700;
const CALM_MS = 1_800;
const GLOW_MS = 150;
const SOFTENED_MS = 1_500;

const calm = matchMedia("(prefers-reduced-motion: reduce)");

/** @param {number} width @param {number} height */
function sheet(width, height) {
  const canvas = document.createElement("canvas");
  canvas.width = width;
  canvas.height = height;
  return canvas;
}

/**
 * @param {HTMLCanvasElement} canvas
 * @param {CanvasRenderingContext2DSettings} [settings]
 */
function pen(canvas, settings) {
  const context = canvas.getContext("2d", settings);
  if (!context) throw new Error("this browser has no 2D canvas");
  context.imageSmoothingQuality = "high";
  return context;
}

export class Fader {
  #screen;
  #pen;
  #glow;
  #from = sheet(1, 1);
  #fromPen = pen(this.#from);
  #fromThumb = /** @type {Float64Array} */ (new Float64Array(THUMB));
  #to = /** @type {ImageBitmap | null} */ (null);
  #toThumb = /** @type {Float64Array} */ (new Float64Array(THUMB));
  #next = /** @type {{picture: Blob, shown: (decode_ms: number) => void} | null} */ (null);
  #decoding = false;
  #waiting = /** @type {ImageBitmap | null} */ (null);
  #share = 1;
  #began = 0;
  #lasts = FIRST_MS;
  #apart = 100; // milliseconds between pictures, smoothed
  #came = 0;
  #glowed = 0;
  #heldAt = -Infinity;
  #turning = 0;
  #guard = new FlashGuard();
  #half = pen(sheet(64, 64));
  #tiny = pen(sheet(SIDE, SIDE), { willReadFrequently: true });

  /**
   * @param {HTMLCanvasElement} screen
   * @param {HTMLCanvasElement} glow a small canvas behind the picture
   */
  constructor(screen, glow) {
    this.#screen = screen;
    this.#pen = pen(screen, { alpha: false });
    this.#glow = pen(glow, { alpha: false });
  }

  /** How long the present fade lasts, milliseconds. */
  get fade_ms() {
    return this.#lasts;
  }

  /** The guard has held a fade back just now. */
  get softened() {
    return performance.now() - this.#heldAt < SOFTENED_MS;
  }

  /**
   * Show a picture. Of several that come while one is decoded, the newest is shown.
   *
   * @param {Blob} picture
   * @param {(decode_ms: number) => void} shown
   */
  show(picture, shown) {
    this.#next = { picture, shown };
    if (!this.#decoding) void this.#decode();
  }

  async #decode() {
    this.#decoding = true;
    while (this.#next) {
      const { picture, shown } = this.#next;
      this.#next = null;
      const began = performance.now();
      const bitmap = await createImageBitmap(picture).catch(() => null);
      if (bitmap) {
        shown(performance.now() - began);
        this.#take(bitmap);
      }
    }
    this.#decoding = false;
  }

  /** @param {ImageBitmap} bitmap */
  #take(bitmap) {
    if (calm.matches && this.#to && this.#share < 1) {
      this.#waiting?.close();
      this.#waiting = bitmap;
      return;
    }
    const now = performance.now();
    this.#fit(bitmap.width, bitmap.height);
    this.#fromPen.drawImage(this.#screen, 0, 0);
    this.#fromThumb = this.#thumb(this.#from); // read, not reckoned: roundings add up
    this.#lasts = this.#duration(now);
    this.#to?.close();
    this.#to = bitmap;
    this.#toThumb = this.#thumb(bitmap);
    this.#share = 0;
    this.#began = now;
    this.#turning ||= requestAnimationFrame((at) => this.#draw(at));
  }

  /** @param {number} now */
  #duration(now) {
    const first = this.#to === null;
    if (!first) this.#apart += 0.2 * (Math.min(now - this.#came, 2_000) - this.#apart);
    this.#came = now;
    if (calm.matches) return CALM_MS;
    if (first) return FIRST_MS;
    return Math.min(LONGEST_MS, Math.max(SHORTEST_MS, SLOWER * this.#apart));
  }

  /** @param {number} width @param {number} height */
  #fit(width, height) {
    if (this.#screen.width !== width || this.#screen.height !== height) {
      this.#screen.width = this.#from.width = width;
      this.#screen.height = this.#from.height = height;
      this.#pen.imageSmoothingQuality = "high";
    } else if (this.#from.width !== width || this.#from.height !== height) {
      this.#from.width = width;
      this.#from.height = height;
    }
  }

  /**
   * @param {ImageBitmap | HTMLCanvasElement} picture
   * @returns {Float64Array}
   */
  #thumb(picture) {
    // In two steps: one would skip most pixels of a large picture.
    this.#half.drawImage(picture, 0, 0, 64, 64);
    this.#tiny.drawImage(this.#half.canvas, 0, 0, SIDE, SIDE);
    const { data } = this.#tiny.getImageData(0, 0, SIDE, SIDE);
    return Float64Array.from({ length: THUMB }, (_, i) => data[4 * Math.floor(i / 3) + (i % 3)]);
  }

  /** @param {number} at */
  #draw(at) {
    this.#turning = 0;
    const to = this.#to;
    if (!to) return;
    const passed = Math.min(1, Math.max(0, (at - this.#began) / this.#lasts));
    const wanted = Math.max(this.#share, passed);
    const share = this.#guard.limit(
      this.#fromThumb,
      this.#toThumb,
      this.#share,
      wanted,
      at / 1000,
    );
    if (share < wanted - 1e-6) this.#heldAt = at;
    this.#share = share;
    this.#pen.globalAlpha = 1;
    this.#pen.drawImage(this.#from, 0, 0);
    this.#pen.globalAlpha = share;
    this.#pen.drawImage(to, 0, 0);
    this.#shine(at);
    if (share < 1) this.#turning = requestAnimationFrame((next) => this.#draw(next));
    else this.#ended();
  }

  #ended() {
    const waiting = this.#waiting;
    this.#waiting = null;
    if (waiting) this.#take(waiting);
  }

  /** @param {number} at */
  #shine(at) {
    if (at - this.#glowed < GLOW_MS) return;
    this.#glowed = at;
    const { canvas } = this.#glow;
    this.#glow.drawImage(this.#screen, 0, 0, canvas.width, canvas.height);
  }
}
