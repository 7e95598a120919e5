// @ts-check
/**
 * What happened, newest first: consequences are folded under what led to them.
 *
 * Paused, it stands still and counts what comes; nothing is lost.
 */

import { say, the } from "../live/elements.js";
import { counted } from "./amounts.js";
import { ChainItem } from "./chain_item.js";
import { Chains, isWanted, wantsAll } from "./chains.js";
import { KINDS } from "./sayings.js";

/** @typedef {import("./chains.js").Chain} Chain */
/** @typedef {import("./sayings.js").Entry} Entry */

const PAGE = 60;
const SIFT_MS = 150;

export class Timeline {
  #chains = new Chains();
  #list = the("events", HTMLOListElement);
  #pause = the("events-pause", HTMLButtonElement);
  #older = the("events-older", HTMLButtonElement);
  #note = the("events-note", HTMLElement);
  #path = the("find-path", HTMLInputElement);
  #kind = the("find-kind", HTMLSelectElement);
  #text = the("find-text", HTMLInputElement);
  #clear = the("find-clear", HTMLButtonElement);
  /** @type {Map<number, ChainItem>} */
  #items = new Map();
  #shown = PAGE;
  #waiting = /** @type {Entry[]} */ ([]);
  #isPaused = false;
  #kept = 0;
  #now;
  #choose;
  #fetch;
  #timer = 0;

  /**
   * @param {object} parts
   * @param {() => number} parts.now Unix seconds by the server
   * @param {(path: string) => void} parts.choose
   * @param {(before: number) => Promise<{entries: Entry[], first: number}>} parts.fetch
   */
  constructor({ now, choose, fetch }) {
    this.#now = now;
    this.#choose = choose;
    this.#fetch = fetch;
    for (const [kind, words] of Object.entries(KINDS)) this.#kind.append(new Option(words, kind));
    for (const field of [this.#path, this.#text]) field.addEventListener("input", () => this.#soon());
    this.#kind.addEventListener("change", () => this.#soon());
    this.#clear.addEventListener("click", () => this.find(""));
    this.#pause.addEventListener("click", () => this.pause(!this.#isPaused));
    this.#older.addEventListener("click", () => void this.#showOlder());
  }

  /** Number of the newest entry, shown or waiting. */
  get last() {
    return this.#waiting[this.#waiting.length - 1]?.number ?? this.#chains.last;
  }

  clear() {
    this.#chains.clear();
    this.#waiting = [];
    this.#render();
  }

  /**
   * @param {Entry[]} entries
   * @param {number} [kept] number of the oldest that the server still has
   */
  add(entries, kept) {
    if (kept !== undefined) this.#kept = kept;
    if (this.#isPaused) {
      this.#waiting.push(...entries.filter(({ number }) => number > this.last));
      return this.#tellPaused();
    }
    const changed = this.#chains.add(entries);
    for (const chain of changed) this.#items.get(chain.number)?.grow();
    this.#render();
  }

  /** @param {boolean} isPaused */
  pause(isPaused) {
    this.#isPaused = isPaused;
    if (!isPaused) this.add(this.#waiting.splice(0));
    this.#tellPaused();
  }

  /** @param {string} path show only what concerns it; empty: everything */
  find(path) {
    this.#path.value = path;
    this.#kind.value = this.#text.value = "";
    this.#sift();
    (path ? this.#path : this.#list).focus();
  }

  #wish() {
    return {
      path: this.#path.value.trim(),
      kind: this.#kind.value,
      text: this.#text.value.trim(),
    };
  }

  #soon() {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#sift(), SIFT_MS);
  }

  #sift() {
    this.#shown = PAGE;
    this.#render();
  }

  /** Chains in their places; those that are there already are not touched. */
  #render() {
    const wish = this.#wish();
    const all = this.#chains.newestFirst();
    const wanted = [];
    for (const chain of all) {
      if (wanted.length > this.#shown) break; // one more tells that there is more
      if (isWanted(chain, wish)) wanted.push(chain);
    }
    const shown = wanted.slice(0, this.#shown).map((chain) => this.#item(chain));
    this.#place(shown);
    for (const item of shown) item.seek(wish);
    const isAll = wanted.length <= this.#shown && this.#chains.first <= Math.max(1, this.#kept);
    this.#older.hidden = isAll;
    this.#clear.hidden = wantsAll(wish);
    say(this.#note, shown.length ? "" : all.length ? "Nothing here fits." : "Nothing has happened yet.");
  }

  /** @param {ChainItem[]} shown */
  #place(shown) {
    const kept = new Set(shown.map(({ element }) => element));
    for (const element of [...this.#list.children]) {
      if (!kept.has(/** @type {HTMLElement} */ (element))) element.remove();
    }
    let next = this.#list.firstElementChild;
    for (const { element } of shown) {
      if (element === next) next = next.nextElementSibling;
      else this.#list.insertBefore(element, next);
    }
    const numbers = new Set(shown.map(({ chain }) => chain.number));
    for (const number of this.#items.keys()) if (!numbers.has(number)) this.#items.delete(number);
  }

  /** @param {Chain} chain */
  #item(chain) {
    const known = this.#items.get(chain.number);
    if (known?.chain === chain) return known;
    const item = new ChainItem(chain, this.#now(), this.#choose);
    this.#items.set(chain.number, item);
    return item;
  }

  async #showOlder() {
    const hidden = this.#chains.newestFirst().length > this.#items.size;
    this.#shown += PAGE;
    const { first } = this.#chains;
    if ((!hidden || !wantsAll(this.#wish())) && first > Math.max(1, this.#kept)) {
      this.#older.disabled = true;
      try {
        const { entries, first: kept } = await this.#fetch(first);
        this.#kept = kept;
        this.#chains.addOlder(entries);
      } finally {
        this.#older.disabled = false;
      }
    }
    this.#render();
  }

  #tellPaused() {
    const count = this.#waiting.length;
    this.#pause.setAttribute("aria-pressed", String(this.#isPaused));
    say(this.#pause, this.#isPaused && count ? `Paused, ${counted(count, "new entry", "new entries")}` : this.#isPaused ? "Paused" : "Pause");
  }
}
