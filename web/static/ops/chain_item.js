// @ts-check
/** A chain of entries in the timeline: how it began, and what followed, folded. */

import { icon, make } from "../live/elements.js";
import { clock, counted, utc } from "./amounts.js";
import { fits, gravestAfter, wantsAll } from "./chains.js";
import { copyable } from "./copying.js";

/** @typedef {import("./chains.js").Chain} Chain */
/** @typedef {import("./chains.js").Link} Link */
/** @typedef {import("./chains.js").Wish} Wish */

const DEEPEST = 5; // further steps are not set in further
const AT_ONCE = 200;

export class ChainItem {
  #choose;
  #shown = 0; // links of the chain that are in the page
  #isOpen = false;
  #fold = document.createElement("button");
  #rest = make("ol", { class: "rest", hidden: "" });
  #wish = /** @type {Wish} */ ({ path: "", kind: "", text: "" });

  /**
   * @param {Chain} chain
   * @param {number} now Unix seconds
   * @param {(path: string) => void} choose
   */
  constructor(chain, now, choose) {
    this.chain = chain;
    this.#choose = choose;
    this.now = now;
    this.element = make("li", { class: "chain" });
    this.element.dataset.number = String(chain.number);
    this.#fold.type = "button";
    this.#fold.className = "fold";
    this.#fold.addEventListener("click", () => this.#open(!this.#isOpen));
    const [first] = chain.links;
    if (first) this.element.append(this.#line(first), this.#fold, this.#rest);
    this.grow();
  }

  /**
   * What is looked for is unfolded and marked.
   *
   * @param {Wish} wish
   */
  seek(wish) {
    this.#wish = wish;
    const isWithin = !wantsAll(wish) && this.chain.links.slice(1).some((link) => fits(link, wish));
    if (isWithin && !this.#isOpen) this.#open(true);
    this.#markFound();
  }

  /** The chain may be longer now. */
  grow() {
    const count = this.chain.links.length - 1;
    this.#fold.hidden = count === 0;
    if (!count) return;
    const label = `… and ${counted(count, "consequence")}`;
    const tone = gravestAfter(this.chain);
    if (this.#fold.textContent !== label) this.#fold.textContent = label;
    if (tone) this.#fold.dataset.tone = tone;
    this.#fold.setAttribute("aria-expanded", String(this.#isOpen));
    if (this.#isOpen) this.#fill();
  }

  /** @param {boolean} isOpen */
  #open(isOpen) {
    this.#isOpen = isOpen;
    this.#rest.hidden = !isOpen;
    if (isOpen) this.#fill();
    this.#fold.setAttribute("aria-expanded", String(isOpen));
  }

  #fill(most = AT_ONCE) {
    this.#rest.querySelector(".more")?.remove();
    const { links } = this.chain;
    const upto = Math.min(links.length, Math.max(this.#shown, most) + 1);
    for (const link of links.slice(1 + this.#shown, upto)) {
      const item = make("li", {}, this.#line(link));
      item.style.setProperty("--depth", String(Math.min(link.depth, DEEPEST) - 1));
      this.#rest.append(item);
      this.#shown += 1;
    }
    const left = links.length - 1 - this.#shown;
    if (left > 0) this.#rest.append(this.#more(left));
    this.#markFound();
  }

  /** @param {number} left */
  #more(left) {
    const button = make("button", { type: "button", class: "fold" }, `… ${left.toLocaleString("en")} more`);
    button.addEventListener("click", () => this.#fill(this.#shown + AT_ONCE));
    return make("li", { class: "more" }, button);
  }

  #markFound() {
    const isSought = !wantsAll(this.#wish);
    [...this.#rest.querySelectorAll(".entry-line")].forEach((line, i) => {
      const link = this.chain.links[i + 1];
      line.classList.toggle("found", isSought && link !== undefined && fits(link, this.#wish));
    });
  }

  /** @param {Link} link */
  #line({ entry, saying }) {
    const { number, at, cause } = entry;
    const led = cause === null ? "" : `, led to by ${cause}`;
    const time = make("time", { datetime: utc(at), title: `${utc(at)} · entry ${number}${led}` }, clock(at, this.now));
    const said = make("span", { class: "said" });
    if (saying.path) said.append(this.#pathButton(saying.path), " ");
    said.append(make("span", { class: "text" }, saying.text));
    const look = make("span", { class: "look", "data-tone": saying.tone }, icon(saying.icon));
    const line = make("div", { class: "entry-line", "data-kind": saying.kind }, time, look, said);
    line.dataset.number = String(number);
    if (saying.detail) line.append(detail(saying.detail));
    return line;
  }

  /** @param {string} path */
  #pathButton(path) {
    const button = make("button", { type: "button", class: "path", title: path });
    // Whose it is, and what: the whole would fill two lines, and is one press away.
    const [above, name] = path.split("/").slice(-2);
    if (name) button.append(make("span", { class: "above" }, `${above}/`));
    button.append(name ?? path);
    button.addEventListener("click", () => this.#choose(path));
    return button;
  }
}

/** @param {string} text */
function detail(text) {
  const details = document.createElement("details");
  details.className = "detail";
  details.append(make("summary", {}, "Traceback"));
  // Made when it is opened: a thousand tracebacks in the page would be heavy.
  details.addEventListener("toggle", () => details.append(copyable(text, "the traceback")), { once: true });
  return details;
}
