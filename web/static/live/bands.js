// @ts-check
/** Band powers: share of each band by channel, and how far the sitter is from the baseline. */

import { make, say, the } from "./elements.js";
import { signed } from "./mood.js";

const SHOW_MS = 200;

export class Bands {
  #table = the("bands-table", HTMLElement);
  #progress = the("baseline", HTMLProgressElement);
  #learning = the("baseline-row", HTMLElement);
  #key = "";
  #cells = /** @type {HTMLElement[][]} */ ([]);
  #shown = 0;

  /**
   * @param {{ch_names: string[], bands: string[], relative: number[][],
   *   z: Record<string, number>, baseline: number}} signals
   * @param {number} now milliseconds
   */
  show(signals, now) {
    const { ch_names: names, bands, relative, z, baseline } = signals;
    if (now - this.#shown < SHOW_MS || !bands.length) return;
    this.#shown = now;
    const key = [...names, ...bands].join();
    if (key !== this.#key) this.#build(key, names, bands);
    relative.forEach((row, c) => row.forEach((share, b) => this.#fill(c, b, share)));
    bands.forEach((band, b) => this.#deviation(this.#cells[names.length][b], z[band]));
    this.#learning.hidden = baseline >= 1;
    this.#progress.value = baseline;
    say(the("baseline-text", HTMLElement), `${Math.round(100 * baseline)} %`);
  }

  /**
   * @param {string} key
   * @param {string[]} names
   * @param {string[]} bands
   */
  #build(key, names, bands) {
    this.#key = key;
    const cells = () => bands.map(() => make("td"));
    this.#cells = [...names.map(cells), cells()];
    const head = make(
      "tr",
      {},
      make("td"),
      ...bands.map((band) => make("th", { scope: "col" }, band)),
    );
    const rows = this.#cells.map((row, c) => {
      const last = c === names.length;
      const title = make("th", { scope: "row" }, last ? "vs rest" : names[c]);
      return make("tr", { class: last ? "deviation" : undefined }, title, ...row);
    });
    this.#table.replaceChildren(make("thead", {}, head), make("tbody", {}, ...rows));
  }

  /**
   * @param {number} channel
   * @param {number} band
   * @param {number} share
   */
  #fill(channel, band, share) {
    const cell = this.#cells[channel]?.[band];
    if (!cell) return;
    cell.style.setProperty("--share", Math.min(1, share).toFixed(3));
    say(cell, String(Math.round(100 * share)));
  }

  /**
   * @param {HTMLElement} cell
   * @param {number | undefined} deviations
   */
  #deviation(cell, deviations) {
    say(cell, deviations === undefined ? "–" : signed(deviations).slice(0, -1));
    cell.dataset.far = String(Math.abs(deviations ?? 0) >= 1);
  }
}
