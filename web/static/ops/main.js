// @ts-check
/**
 * The operators' page, put together: key, stream, tree, one actor, what happened.
 *
 * Rows and entries come by the stream; figures that no entry tells (inboxes, times) are
 * asked for every two seconds, and only while the page is seen.
 */

import { wait } from "../live/backoff.js";
import { askKey } from "../live/begin.js";
import { say, the } from "../live/elements.js";
import { keepKey, takeKey } from "../live/key.js";
import { listen } from "../live/shortcuts.js";
import { Stream } from "../live/stream.js";
import { ActorPanel } from "./actor.js";
import { OpsApi, isKeyRefused, streamAddress, wordsOf } from "./api.js";
import { Grid } from "./grid.js";
import { Orders, answerText } from "./orders.js";
import { sayingOf } from "./sayings.js";
import { Timeline } from "./timeline.js";
import { Tree } from "./tree.js";
import { More, Whole } from "./whole.js";

/** @typedef {import("./api.js").Clock} Clock */
/** @typedef {import("./sayings.js").Entry} Entry */

const HISTORY = 300;
const FIGURES_MS = 2_000;
const SECOND_MS = 1_000;
const FAILURES_BEFORE_A_LOOK = 2;
const KEY = /^[\x21-\x7e]+$/; // anything else cannot be sent as a header

const tree = new Tree();
const whole = new Whole();
const more = new More();
const grid = new Grid({
  tree,
  table: the("tree", HTMLElement),
  note: the("tree-note", HTMLElement),
  choose: (path) => choose(path, true),
});
const panel = new ActorPanel((action) => {
  const node = tree.find(panel.path);
  if (node) orders.ask(node, action);
  else panel.notice("It is in the tree no longer.", "bad");
});
const orders = new Orders(
  async (path, action, reason) => (await api.order(path, action, reason)).child,
  (action, row) => {
    tree.take({ number: 0, at: 0, cause: null, event: { type: "stepped", row } });
    panel.notice(answerText(action, row), "good");
    panel.focus();
    soon();
  },
);
const timeline = new Timeline({
  now: () => clock.unix + passed(),
  choose: (path) => (tree.find(path) ? choose(path, true) : timeline.find(path)),
  fetch: (before) => api.events(Math.max(0, before - 1 - HISTORY), Math.min(HISTORY, before - 1)),
});

let api = new OpsApi("");
let stream = /** @type {Stream | null} */ (null);
let visit = 0; // counts up with each key, so that answers to an earlier one are dropped
let inRows = 0; // number of the newest entry that the whole rows had
let clock = /** @type {Clock & {heard: number}} */ ({ now: 0, unix: 0, heard: 0 });
let run = "";
let isPaintDue = false;
let failures = 0;

/** Seconds since the server told its time. */
function passed() {
  return (performance.now() - clock.heard) / 1e3;
}

/** @param {"key" | "live"} view */
function show(view) {
  document.body.dataset.view = view;
}

/** @param {string} why */
function needKey(why) {
  visit += 1;
  stream?.close();
  stream = null;
  show("key");
  say(the("key-error", HTMLElement), why);
  askKey((key) => {
    keepKey(key);
    void enter(key);
  });
}

/** @param {string} key */
async function enter(key) {
  if (!key) return needKey("");
  if (!KEY.test(key)) return needKey("That is not a key: it has letters that no key has.");
  visit += 1;
  const mine = visit;
  api = new OpsApi(key);
  try {
    const { children, state, clock: at, number } = await api.tree();
    const { entries, first } = await api.events(Math.max(0, number - HISTORY), HISTORY);
    if (mine !== visit) return;
    failures = 0;
    show("live");
    keepTime(at);
    timeline.clear();
    timeline.add(entries, first);
    heard({ children, state, clock: at, number });
    follow(key, timeline.last);
    void figures(mine);
  } catch (error) {
    if (mine !== visit) return;
    if (isKeyRefused(error)) return needKey(wordsOf(error));
    failures += 1;
    show("live");
    whole.link("lost", wordsOf(error));
    setTimeout(() => mine === visit && void enter(key), wait(failures, Math.random()));
  }
}

/**
 * @param {string} key
 * @param {number} since
 */
function follow(key, since) {
  stream?.close();
  const mine = visit;
  stream = new Stream(streamAddress(key, since), {
    message: (data) => mine === visit && typeof data === "string" && told(JSON.parse(data)),
    link: (link, lost) => mine === visit && linked(link, lost),
  });
}

/** @param {any} said */
function told(said) {
  switch (said.type) {
    case "tree":
      // Another run whose numbers begin anew has another journal.
      if (said.state.run !== run && said.number < timeline.last) timeline.clear();
      heard(said);
      goOn(said.since);
      whole.link("live");
      break;
    case "events":
      goOn(said.entries.at(-1)?.number);
      happened(said.entries);
      break;
    case "state":
      keepTime(said.clock);
      whole.show(said.state, said.clock.unix);
      break;
    default:
  }
}

/** @param {number | undefined} number after which a reconnection asks to go on */
function goOn(number) {
  if (stream && number !== undefined) stream.sequence = number;
}

/** @param {{children: import("./states.js").Row[], state: import("./api.js").State, clock: Clock, number: number}} seen */
function heard({ children, state, clock: at, number }) {
  keepTime(at);
  run = state.run;
  tree.replace(children);
  inRows = number;
  whole.show(state, at.unix);
  soon();
}

/** @param {Entry[]} entries in order */
function happened(entries) {
  for (const entry of entries) if (entry.number > inRows) tree.take(entry);
  timeline.add(entries);
  const grave = entries.map(({ event }) => sayingOf(event)).filter(({ tone }) => tone === "bad");
  const [last] = grave.slice(-1);
  if (last) whole.speak(`${last.path} ${last.text}${grave.length > 1 ? `, and ${grave.length - 1} more` : ""}`);
  soon();
}

/** @param {Clock} at */
function keepTime(at) {
  clock = { ...at, heard: performance.now() };
  tree.epoch = at.unix - at.now;
}

/**
 * @param {import("../live/stream.js").Link} link
 * @param {number} lost in a row
 */
function linked(link, lost) {
  if (link !== "closed") return;
  whole.link("lost");
  if (lost % FAILURES_BEFORE_A_LOOK === 0) void lookAtKey(visit);
}

/** @param {number} mine a refused handshake does not say why; HTTP does */
async function lookAtKey(mine) {
  try {
    await api.tree();
  } catch (error) {
    if (mine === visit && isKeyRefused(error)) needKey(wordsOf(error));
  }
}

/** @param {number} mine what no entry tells, as long as this visit lasts */
async function figures(mine) {
  while (mine === visit) {
    if (!document.hidden) {
      try {
        const { actors } = await api.actors();
        if (mine !== visit) return;
        tree.learn(actors);
        soon();
        await look();
      } catch {
        // The link tells when the server is gone; figures come again with it.
      }
    }
    await new Promise((done) => setTimeout(done, FIGURES_MS));
  }
}

/** Look at the chosen actor. */
async function look() {
  const { path } = panel;
  if (!path) return;
  try {
    panel.show(await api.actor(path));
  } catch (error) {
    if (path === panel.path) panel.fail(error);
  }
}

/**
 * @param {string} path
 * @param {boolean} goThere
 */
function choose(path, goThere) {
  const node = tree.find(path);
  if (!node) return;
  panel.open(path, node.row);
  grid.mark(path);
  document.body.dataset.actor = "open";
  if (goThere) panel.focus();
  void look();
}

function leaveActor() {
  const { path } = panel;
  panel.close();
  grid.mark("");
  delete document.body.dataset.actor;
  if (path) grid.focus(path);
}

/** Paint with the next frame, once. */
function soon() {
  if (isPaintDue) return;
  isPaintDue = true;
  requestAnimationFrame(() => {
    isPaintDue = false;
    paint(false);
  });
}

/** @param {boolean} aSecond */
function paint(aSecond) {
  grid.paint(clock.now + passed(), aSecond);
  const node = panel.path && tree.find(panel.path);
  if (node) panel.showRow(node.row);
}

const help = the("help", HTMLDialogElement);

/** @param {() => Promise<void>} show */
async function tellMore(show) {
  try {
    await show();
  } catch (error) {
    more.fail(wordsOf(error));
  }
}

the("help-open", HTMLElement).onclick = () => help.showModal();
the("help-close", HTMLElement).onclick = () => help.close();
the("actor-close", HTMLElement).onclick = leaveActor;
the("actor-events", HTMLElement).onclick = () => timeline.find(panel.path);
the("actor", HTMLElement).addEventListener("keydown", ({ key }) => key === "Escape" && leaveActor());
the("whole-letters", HTMLElement).onclick = () => more.letters(whole.letters);
the("whole-zombies", HTMLElement).onclick = () => void tellMore(async () => {
  const { zombies, clock: at } = await api.zombies();
  more.zombies(zombies, at.now);
});
the("only-troubled", HTMLInputElement).onchange = ({ currentTarget }) =>
  grid.showOnlyTroubled(/** @type {HTMLInputElement} */ (currentTarget).checked);
addEventListener("online", () => stream?.hurry());
document.addEventListener("visibilitychange", () => !document.hidden && stream?.hurry());
setInterval(() => !document.hidden && paint(true), SECOND_MS);

listen({
  "/": () => the("find-path", HTMLInputElement).focus(),
  t: () => grid.focusHere(),
  e: () => the("events", HTMLElement).focus(),
  p: () => the("events-pause", HTMLButtonElement).click(),
  "?": () => help.showModal(),
});

void enter(takeKey());
