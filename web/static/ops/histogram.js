// @ts-check
/** How long messages took, as bars; the same in words and as a table. */

import { make } from "../live/elements.js";
import { counted, took } from "./amounts.js";

/** @typedef {import("./api.js").Latency} Latency */
/** @typedef {import("./api.js").Bucket} Bucket */

const SVG = "http://www.w3.org/2000/svg";
const NARROWEST = 220;
const WIDEST = 440;
const HEIGHT = 84;
const FOOT = 16;
const LABEL = 75; // wide enough for the longest
const GAP = 3;
const LEAST = 2; // a bucket with one message of a million is still seen

export class Histogram {
  #box;
  #shown = "";

  /** @param {HTMLElement} box */
  constructor(box) {
    this.#box = box;
  }

  /** @param {Latency} latency */
  show(latency) {
    const key = latency.buckets.map(({ count }) => count).join();
    if (key === this.#shown) return;
    this.#shown = key;
    if (!latency.count) {
      this.#box.replaceChildren(make("p", { class: "quiet" }, "It has handled nothing in this life."));
      return;
    }
    const isOpen = this.#box.querySelector("details")?.open ?? false;
    const buckets = busy(latency.buckets);
    const table = asTable(buckets, latency.count);
    table.open = isOpen;
    this.#box.replaceChildren(bars(buckets, inWords(latency), this.#width()), words(latency), table);
  }

  /** As wide as it will be shown, so that its letters have the size that they should. */
  #width() {
    return Math.max(NARROWEST, Math.min(this.#box.clientWidth, WIDEST));
  }

  forget() {
    this.#shown = "";
    this.#box.replaceChildren();
  }
}

/**
 * From the first to the last bucket that has something, with one more at each end.
 *
 * @param {Bucket[]} buckets
 */
function busy(buckets) {
  const full = buckets.flatMap(({ count }, i) => (count ? [i] : []));
  const first = Math.max(0, (full[0] ?? 0) - 1);
  const last = Math.min(buckets.length - 1, (full[full.length - 1] ?? 0) + 1);
  return buckets.slice(first, Math.max(last, first + 3) + 1);
}

/** @param {Latency} latency */
function inWords({ count, mean_s: mean, p50_s: half, p99_s: most }) {
  return (
    `${counted(count, "message")}: half took at most ${took(half)}, ` +
    `99 of 100 at most ${took(most)}; mean ${took(mean)}`
  );
}

/** @param {Latency} latency */
function words({ count, mean_s: mean, p50_s: half, p99_s: most }) {
  const figures = /** @type {[string, string][]} */ ([
    ["messages", count.toLocaleString("en")],
    ["mean", took(mean)],
    ["p50 ≤", took(half)],
    ["p99 ≤", took(most)],
  ]);
  return make(
    "dl",
    { class: "figures-row" },
    ...figures.map(([name, value]) => make("div", {}, make("dt", {}, name), make("dd", {}, value))),
  );
}

/**
 * @param {Bucket[]} buckets
 * @param {string} said
 * @param {number} width
 */
function bars(buckets, said, width) {
  const svg = drawn("svg", { viewBox: `0 0 ${width} ${HEIGHT}`, class: "bars", role: "img", "aria-label": said });
  const most = Math.max(...buckets.map(({ count }) => count));
  const step = width / buckets.length;
  const room = HEIGHT - FOOT;
  const each = Math.ceil(buckets.length / Math.floor(width / LABEL));
  buckets.forEach(({ count, le_s: bound }, i) => {
    const height = count ? Math.max(LEAST, (count / most) * (room - 4)) : 0;
    const bar = drawn("rect", {
      x: i * step + GAP / 2,
      y: room - height,
      width: step - GAP,
      height,
      rx: 2,
    });
    bar.append(drawn("title", {}, `${range(bound)}: ${counted(count, "message")}`));
    svg.append(bar);
    if (i % each === 0) {
      const x = i * step + step / 2;
      const anchor = i === 0 ? "start" : "middle";
      svg.append(drawn("text", { x: i === 0 ? GAP / 2 : x, y: HEIGHT - 4, "text-anchor": anchor }, range(bound)));
    }
  });
  svg.append(drawn("line", { x1: 0, x2: width, y1: room + 0.5, y2: room + 0.5 }));
  return svg;
}

/**
 * @param {Bucket[]} buckets
 * @param {number} total
 */
function asTable(buckets, total) {
  const rows = buckets.map(({ le_s: bound, count }) =>
    make(
      "tr",
      {},
      make("th", { scope: "row" }, range(bound)),
      make("td", {}, count.toLocaleString("en")),
      make("td", {}, `${((100 * count) / total).toFixed(1)} %`),
    ),
  );
  const head = make(
    "tr",
    {},
    ...["up to", "messages", "share"].map((title) => make("th", { scope: "col" }, title)),
  );
  const table = make("table", { class: "plain" }, make("thead", {}, head), make("tbody", {}, ...rows));
  const details = document.createElement("details");
  details.append(make("summary", {}, "As a table"), table);
  return details;
}

/** @param {number | null} bound */
function range(bound) {
  return bound === null ? "longer" : `≤ ${took(bound)}`;
}

/**
 * @param {string} tag
 * @param {Record<string, string | number>} attributes
 * @param {string} [text]
 */
function drawn(tag, attributes, text) {
  const made = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, String(value));
  if (text !== undefined) made.textContent = text;
  return made;
}
