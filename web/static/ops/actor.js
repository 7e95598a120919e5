// @ts-check
/** The panel of one actor: what it is, how it does, what happened to it, what can be ordered. */

import { icon, make, say, setIcon, the } from "../live/elements.js";
import { ApiError } from "../live/api.js";
import { wordsOf } from "./api.js";
import { age, clock, counted, lasted, took, utc } from "./amounts.js";
import { copyable } from "./copying.js";
import { Histogram } from "./histogram.js";
import { ACTIONS, isPossible } from "./orders.js";
import { lookOf } from "./states.js";

/** @typedef {import("./api.js").Action} Action */
/** @typedef {import("./api.js").Seen} Seen */
/** @typedef {import("./tree.js").Facts} Facts */
/** @typedef {import("./tree.js").Edge} Edge */
/** @typedef {import("./states.js").Row} Row */

const NOTICE_MS = 15_000;

export class ActorPanel {
  #panel = the("actor", HTMLElement);
  #title = the("actor-title", HTMLElement);
  #path = the("actor-path", HTMLElement);
  #look = the("actor-look", HTMLElement);
  #facts = the("actor-facts", HTMLElement);
  #edges = the("actor-edges", HTMLElement);
  #end = the("actor-end", HTMLElement);
  #notice = the("actor-notice", HTMLElement);
  #histogram = new Histogram(the("actor-times", HTMLElement));
  /** @type {Map<Action, HTMLButtonElement>} */
  #buttons = new Map();
  #icon = icon("s-starting");
  #word = make("span", { class: "word" });
  #reason = make("span", { class: "reason" });
  #shown = { path: "", end: "", edges: "", facts: "" };
  #timer = 0;

  /** @param {(action: Action) => void} order */
  constructor(order) {
    const group = the("actor-orders", HTMLElement);
    for (const [action, { word, icon: name }] of Object.entries(ACTIONS)) {
      const button = document.createElement("button");
      button.type = "button";
      button.append(icon(name), word);
      button.addEventListener("click", () => order(/** @type {Action} */ (action)));
      this.#buttons.set(/** @type {Action} */ (action), button);
      group.append(button);
    }
    this.#look.append(this.#icon, this.#word, this.#reason);
  }

  get path() {
    return this.#shown.path;
  }

  /**
   * @param {string} path
   * @param {Row} row what the tree knows of it already
   */
  open(path, row) {
    if (path !== this.#shown.path) {
      this.#shown = { path, end: "", edges: "", facts: "" };
      for (const part of [this.#facts, this.#edges, this.#end]) part.replaceChildren();
      this.#histogram.forget();
      this.notice("", "");
    }
    this.#panel.hidden = false;
    say(this.#title, path.split("/").pop() ?? path);
    say(this.#path, path);
    this.showRow(row);
  }

  focus() {
    this.#title.focus();
    this.#panel.scrollIntoView({ block: "nearest" });
  }

  close() {
    this.#panel.hidden = true;
    this.#shown.path = "";
  }

  /** @param {Row} row */
  showRow(row) {
    const look = lookOf(row);
    setIcon(this.#icon, look.icon);
    say(this.#word, look.word);
    say(this.#reason, row.reason);
    this.#look.dataset.tone = look.tone;
    for (const [action, button] of this.#buttons) {
      const isOff = !isPossible(action, row);
      if (button.disabled !== isOff) button.disabled = isOff;
    }
  }

  /** @param {Seen} seen */
  show({ actor, latency, clock: at }) {
    if (actor.row.path !== this.#shown.path) return; // the answer to an earlier choice
    this.#showFacts(actor, at);
    this.#histogram.show(latency);
    this.#showEdges(actor.edges);
    this.#showEnd(actor, at.unix);
  }

  /** @param {unknown} error */
  fail(error) {
    const isGone = error instanceof ApiError && error.status === 404;
    this.notice(isGone ? "It is in the tree no longer." : wordsOf(error), "bad");
  }

  /**
   * @param {string} text
   * @param {"good" | "bad" | ""} tone
   */
  notice(text, tone) {
    clearTimeout(this.#timer);
    say(this.#notice, text);
    this.#notice.dataset.tone = tone;
    if (text) this.#timer = setTimeout(() => say(this.#notice, ""), NOTICE_MS);
  }

  /**
   * @param {Facts} facts
   * @param {import("./api.js").Clock} at
   */
  #showFacts(facts, at) {
    const { row, budget, depth, oldest_s: oldest, hang_after_s: hang } = facts;
    const since = row.since + at.unix - at.now;
    const rows = /** @type {[string, string, string?][]} */ ([
      ["in this state", row.since ? `${age(at.now - row.since)}, since ${clock(since, at.unix)}` : "–", row.since ? utc(since) : ""],
      ["kind", facts.strategy ? `${row.kind}, ${facts.strategy}` : row.kind],
      ["life", `${row.life}, ${counted(row.restarts, "restart")}`],
      ["restarted", facts.restart],
      ["budget", budget ? `${budget.spent} of ${budget.of} within ${lasted(budget.within_s)} spent` : "it is the root: no budget"],
      ["inbox", depth ? `${depth} wait, the oldest for ${took(oldest)}` : "empty"],
      ["in hand", facts.handling ? `${facts.handling}, for ${took(facts.handling_s)}` : "nothing"],
      ["hangs after", hang === null ? "never: it is not watched" : lasted(hang)],
      ["runs on", row.dispatcher],
    ]);
    const key = JSON.stringify(rows);
    if (key === this.#shown.facts) return;
    this.#shown.facts = key;
    const parts = rows.map(([name, value, title]) =>
      make("div", {}, make("dt", {}, name), make("dd", title ? { title } : {}, value)),
    );
    this.#facts.replaceChildren(...parts);
  }

  /** @param {Edge[]} edges */
  #showEdges(edges) {
    const key = JSON.stringify(edges);
    if (key === this.#shown.edges) return;
    this.#shown.edges = key;
    if (!edges.length) {
      this.#edges.replaceChildren(make("p", { class: "quiet" }, "No mail comes to it."));
      return;
    }
    const titles = ["edge", "came", "taken", "dropped", "waits"];
    const head = make("tr", {}, ...titles.map((title) => make("th", { scope: "col" }, title)));
    const table = make("table", { class: "plain" }, make("thead", {}, head), make("tbody", {}, ...edges.map(edgeRow)));
    this.#edges.replaceChildren(table);
  }

  /**
   * @param {Facts} facts
   * @param {number} now
   */
  #showEnd({ last_end: end, last_end_at: at }, now) {
    const key = end ? `${end.life} ${at}` : "none";
    if (key === this.#shown.end) return;
    this.#shown.end = key;
    if (!end) {
      this.#end.replaceChildren(make("p", { class: "quiet" }, "It has not failed in this run."));
      return;
    }
    const when = at === null ? "" : clock(at, now);
    const during = end.during ? ` in ${end.during}` : "";
    const time = make("time", at === null ? {} : { datetime: utc(at), title: utc(at) }, when);
    const said = make("p", { class: "why" }, time, ` Life ${end.life} ended${during}: ${end.reason || "no reason given"}`);
    this.#end.replaceChildren(said, end.trace ? copyable(end.trace, "the traceback") : "");
  }
}

/** @param {Edge} edge */
function edgeRow({ edge, came, taken, dropped, queued }) {
  const reasons = Object.entries(dropped).filter(([, count]) => count > 0);
  const total = reasons.reduce((sum, [, count]) => sum + count, 0);
  const why = reasons.map(([reason, count]) => `${count.toLocaleString("en")} ${reason}`).join(", ");
  const lost = make("td", total ? { "data-tone": "warn" } : {}, total.toLocaleString("en"));
  if (why) lost.append(make("small", {}, why));
  return make(
    "tr",
    {},
    make("th", { scope: "row" }, edge),
    make("td", {}, came.toLocaleString("en")),
    make("td", {}, taken.toLocaleString("en")),
    lost,
    make("td", {}, queued.toLocaleString("en")),
  );
}
