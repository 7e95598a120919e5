// @ts-check
/** Latency by stage: where the time between a sample and its picture goes. */

import { make, say, the } from "./elements.js";

export const STAGES = ["read", "filter", "encode", "semantic", "queue", "generate", "codec"];
const KEPT = 100; // pictures
const SHOW_MS = 500;

/**
 * @param {number[]} values
 * @param {number} share 0..1
 */
export function quantile(values, share) {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? 0;
}

/** @param {number} value */
const milliseconds = (value) => (value < 9.95 ? value.toFixed(1) : String(Math.round(value)));

export class Latency {
  #bar = the("latency-bar", HTMLElement);
  #legend = the("latency-legend", HTMLElement);
  #total = the("latency-total", HTMLElement);
  #kept = /** @type {Record<string, number>[]} */ ([]);
  #page = { decode: 0, fade: 0 };
  #behind = /** @type {number | null} */ (null);
  #shown = 0;
  /** @type {Map<string, {part: HTMLElement, row: HTMLElement, figure: Element}>} */
  #stages = new Map();

  constructor() {
    for (const name of [...STAGES, "between"]) {
      const part = make("span", { "data-stage": name });
      const figure = make("dd");
      const row = make("div", { "data-stage": name }, make("dt", {}, name), figure);
      this.#stages.set(name, { part, row, figure });
      this.#bar.append(part);
      this.#legend.append(row);
    }
  }

  /**
   * @param {Record<string, number>} latency_ms of a picture that a brain drove
   * @param {number} now milliseconds
   */
  show(latency_ms, now) {
    this.#kept.push(latency_ms);
    if (this.#kept.length > KEPT) this.#kept.shift();
    if (now - this.#shown < SHOW_MS) return;
    this.#shown = now;
    const means = this.#means();
    const whole = Math.max(1e-9, [...means.values()].reduce((a, b) => a + b, 0));
    for (const [name, { part, row, figure }] of this.#stages) {
      const mean = means.get(name) ?? 0;
      part.style.flexGrow = String(mean / whole);
      part.hidden = row.hidden = !means.has(name);
      say(figure, `${milliseconds(mean)} ms`);
    }
    this.#sum();
  }

  /**
   * @param {number} decode milliseconds
   * @param {number} fade milliseconds
   */
  page(decode, fade) {
    const { decode: before } = this.#page;
    this.#page = { decode: before + 0.1 * (decode - before), fade };
  }

  /** @param {number | null} behind milliseconds that the sound heard lies behind the picture */
  sound(behind) {
    this.#behind = behind;
  }

  forget() {
    this.#kept = [];
  }

  /** @returns {Map<string, number>} means by stage; what no stage claims is `between` */
  #means() {
    const mean = (/** @type {(of: Record<string, number>) => number} */ pick) =>
      this.#kept.reduce((sum, of) => sum + pick(of), 0) / this.#kept.length;
    const newest = this.#kept[this.#kept.length - 1];
    const means = new Map(
      STAGES.filter((name) => name in newest).map((name) => [name, mean((of) => of[name] ?? 0)]),
    );
    const claimed = [...means.values()].reduce((a, b) => a + b, 0);
    const between = mean((of) => of.total ?? 0) - claimed;
    if (between > 0.05) means.set("between", between);
    return means;
  }

  #sum() {
    const totals = this.#kept.map(({ total }) => total ?? 0);
    const [half, most] = [quantile(totals, 0.5), quantile(totals, 0.99)];
    say(this.#total, `${milliseconds(half)} ms`);
    say(
      the("latency-note", HTMLElement),
      `median of the last ${totals.length} pictures, 99 % within ${milliseconds(most)} ms. ` +
        `On this page: decoding ${milliseconds(this.#page.decode)} ms, ` +
        `fade ${Math.round(this.#page.fade)} ms${this.#heard()}.`,
    );
  }

  #heard() {
    if (this.#behind === null) return "";
    const side = this.#behind < 0 ? "before" : "behind";
    return `, sound ${Math.abs(Math.round(this.#behind))} ms ${side} the picture`;
  }
}
