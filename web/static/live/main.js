// @ts-check
/**
 * The live page, put together: key, device, sitting, panels, keys.
 *
 * What is shown comes from the two streams alone; the page computes nothing about the
 * brain.
 */

import { Api, ApiError } from "./api.js";
import { Bands } from "./bands.js";
import { Begin, askKey } from "./begin.js";
import { Contact } from "./contact.js";
import { Eeg } from "./eeg.js";
import { say, setIcon, the } from "./elements.js";
import { Fader } from "./fade.js";
import { forgetKey, keepKey, takeKey } from "./key.js";
import { Latency } from "./latency.js";
import { Mood } from "./mood.js";
import { giveBack, listen } from "./shortcuts.js";
import { Sitter } from "./sitter.js";
import { Sitting } from "./sitting.js";
import { SoundPanel } from "./sound_panel.js";
import { Status } from "./status.js";
import { Words } from "./words.js";

/** @typedef {import("./frames.js").ImageHead} ImageHead */
/** @typedef {import("./api.js").Summary} Summary */
/** @typedef {{id: string, url: string, device: string}} Kept */

const SLOT = "phosphene.session";
const DESCRIBE_MS = 5_000;
const COUNT_MS = 500;
const NOTICE_MS = 12_000;

const stage = the("stage", HTMLElement);
const picture = the("picture", HTMLCanvasElement);
const fader = new Fader(picture, the("glow", HTMLCanvasElement));
const status = new Status();
const words = new Words();
const mood = new Mood();
const eeg = new Eeg();
const contact = new Contact();
const bands = new Bands();
const latency = new Latency();
const sitter = new Sitter((command) => void attempt(async () => {
  if (kept) await api.command(kept.id, command);
}));
const begin = new Begin(start);
const sound = new SoundPanel(turnSound);

let api = new Api("");
let sitting = /** @type {Sitting | null} */ (null);
let kept = /** @type {Kept | null} */ (null);
const last = { described: 0, counted: 0, signals: 0, noticed: 0 };

/** @param {"key" | "begin" | "live"} view */
function show(view) {
  document.body.dataset.view = view;
}

/**
 * Do what may be refused, and say why it was.
 *
 * @param {() => Promise<void>} action
 */
async function attempt(action) {
  const notice = the("notice", HTMLElement);
  clearTimeout(last.noticed);
  try {
    await action();
    say(notice, "");
  } catch (error) {
    if (error instanceof ApiError && error.status === 401) return needKey(error.message);
    say(notice, error instanceof Error ? error.message : String(error));
    last.noticed = setTimeout(() => say(notice, ""), NOTICE_MS);
  }
}

/** @param {string} why */
function needKey(why) {
  forgetKey();
  sitting?.leave();
  sound.leave();
  show("key");
  say(the("key-error", HTMLElement), why);
  askKey((key) => {
    keepKey(key);
    void enter(key);
  });
}

/** @param {string} key */
async function enter(key) {
  api = new Api(key);
  if (!key) return needKey("");
  const known = JSON.parse(sessionStorage.getItem(SLOT) ?? "null");
  if (known && (await alive(known.id))) return attend(known);
  await offer();
}

async function offer() {
  show("begin");
  try {
    begin.offer(await api.devices());
  } catch (error) {
    if (error instanceof ApiError && error.status === 401) return needKey(error.message);
    begin.fail(error instanceof Error ? error.message : String(error));
  }
  begin.focus();
}

/** @param {string} id */
async function alive(id) {
  try {
    return (await api.look(id)).status !== "ended";
  } catch (error) {
    return !(error instanceof ApiError && [401, 403, 404].includes(error.status));
  }
}

/** @param {string} device */
async function start(device) {
  try {
    const made = await api.begin(device);
    sitter.reset();
    attend({
      id: made.session_id,
      url: made.websocket_url ?? `/stream/${made.session_id}`,
      device,
    });
    // A newcomer should see what a change of state does without touching anything.
    if (device === "simulator") sitter.follow("wander");
  } catch (error) {
    if (error instanceof ApiError && error.status === 401) return needKey(error.message);
    throw error;
  }
}

/** @param {Kept} session */
function attend(session) {
  kept = session;
  sessionStorage.setItem(SLOT, JSON.stringify(session));
  sitting?.leave();
  sound.leave();
  mood.forget();
  latency.forget();
  sitter.offer(session.device === "simulator");
  say(the("device", HTMLElement), session.device);
  the("ended", HTMLElement).hidden = true;
  show("live");
  stage.focus();
  sitting = new Sitting(session.url, {
    picture: onPicture,
    signals: onSignals,
    status: onStatus,
    alive: () => alive(session.id),
  });
}

/**
 * @param {ImageHead} head
 * @param {Blob} blob
 */
function onPicture(head, blob) {
  const now = performance.now();
  const { metadata, sequence, latency_ms } = head;
  if (!document.hidden) {
    fader.show(blob, (decode) => latency.page(decode, fader.fade_ms));
  }
  stage.dataset.sequence = String(sequence);
  stage.dataset.driven = String(metadata.driven);
  mood.explain(metadata.mood);
  tint(metadata.palette);
  latency.sound(sound.behind(head.timestamp));
  if (metadata.driven) latency.show(latency_ms, now);
  if (now - last.signals > 2_000) words.show(metadata.concepts, metadata.prompt, now);
  count(head, now);
  describe(head, now);
}

/** @param {any} signals */
function onSignals(signals) {
  const now = performance.now();
  last.signals = now;
  eeg.show(signals);
  contact.show(signals.ch_names, signals.quality);
  bands.show(signals, now);
  mood.show(signals.arousal, signals.valence, signals.confidence, now);
  words.show(signals.concepts, signals.prompt, now);
  sitter.channels(signals.ch_names);
  say(the("device", HTMLElement), signals.device);
}

/**
 * @param {import("./status.js").State} state
 * @param {string} reason
 */
function onStatus(state, reason) {
  status.show(state, reason);
  const paused = state === "paused";
  const button = the("pause", HTMLButtonElement);
  button.setAttribute("aria-pressed", String(paused));
  say(the("pause-text", HTMLElement), paused ? "Resume" : "Pause");
  setIcon(button, paused ? "i-play" : "i-pause");
  button.disabled = the("end", HTMLButtonElement).disabled = state === "ended";
  the("sound", HTMLButtonElement).disabled = state === "ended";
  the("sitter", HTMLElement).inert = state === "ended";
  if (state === "ended") ended(reason, undefined);
}

/**
 * @param {string} reason
 * @param {Summary | undefined} summary
 */
function ended(reason, summary) {
  sessionStorage.removeItem(SLOT);
  sound.leave();
  the("ended", HTMLElement).hidden = false;
  if (!summary) {
    if (reason) say(the("ended-text", HTMLElement), reason);
    return;
  }
  const { total_images: images, duration_seconds: seconds, avg_latency_ms: mean } = summary;
  const minutes = Math.floor(seconds / 60);
  const lasted = `${minutes ? `${minutes} min ` : ""}${Math.round(seconds % 60)} s`;
  const latencyText = mean === null ? "" : `, ${Math.round(mean)} ms from sample to picture`;
  say(the("ended-text", HTMLElement), `${images} pictures in ${lasted}${latencyText}.`);
}

/**
 * Colours of the page's light, from the picture itself.
 *
 * @param {string[]} palette `#rrggbb`
 */
function tint(palette) {
  palette.slice(0, 3).forEach((colour, i) => {
    document.body.style.setProperty(`--tint-${i}`, colour);
  });
}

/**
 * @param {ImageHead} head
 * @param {number} now
 */
function count(head, now) {
  if (now - last.counted < COUNT_MS) return;
  last.counted = now;
  say(the("sequence", HTMLElement), head.sequence.toLocaleString("en"));
  say(the("rate", HTMLElement), (sitting?.rate ?? 0).toFixed(1));
  const { model, seed, width, height } = head.metadata;
  say(the("made-by", HTMLElement), `${model} · seed ${seed} · ${width}×${height}`);
  the("softened", HTMLElement).hidden = !fader.softened;
  the("undriven", HTMLElement).hidden = head.metadata.driven;
}

/**
 * @param {ImageHead} head
 * @param {number} now
 */
function describe(head, now) {
  if (now - last.described < DESCRIBE_MS) return;
  last.described = now;
  const { driven, concepts } = head.metadata;
  const said = concepts.slice(0, 4).map(({ word }) => word).join(", ");
  picture.setAttribute(
    "aria-label",
    driven ? `Live picture, driven by: ${said}` : "A picture that nothing drives now",
  );
}

/**
 * @param {boolean} on
 * @returns {Promise<string | null>} address of the session's sound; null: refused
 */
async function turnSound(on) {
  if (!kept || status.state === "ended") return null;
  const { id } = kept;
  let url = /** @type {string | null} */ (null);
  await attempt(async () => {
    await api.sound(id, on);
    const made = new URL(`/stream/${encodeURIComponent(id)}/audio`, location.href);
    made.protocol = location.protocol === "https:" ? "wss:" : "ws:";
    url = made.href;
  });
  return url;
}

async function togglePause() {
  if (!kept || status.state === "ended") return;
  const { id } = kept;
  await attempt(() => api.pause(id, status.state !== "paused"));
}

async function end() {
  if (!kept || status.state === "ended") return;
  const { id } = kept;
  await attempt(async () => {
    const { summary } = await api.end(id);
    sitting?.leave();
    onStatus("ended", "you ended the session");
    ended("", summary);
    the("again", HTMLElement).focus();
  });
}

async function fullScreen() {
  if (document.fullscreenElement) await document.exitFullscreen();
  else await attempt(() => stage.requestFullscreen());
}

/** @param {import("./ring.js").Kind} kind */
function look(kind) {
  the(`look-${kind}`, HTMLInputElement).checked = true;
  eeg.look(kind);
}

function hurry() {
  sitting?.hurry();
  sound.hurry();
}

const help = the("help", HTMLDialogElement);
const inSitting = () => document.body.dataset.view === "live";

the("pause", HTMLElement).onclick = togglePause;
the("end", HTMLElement).onclick = end;
the("full", HTMLElement).onclick = fullScreen;
the("help-open", HTMLElement).onclick = () => help.showModal();
the("help-close", HTMLElement).onclick = () => help.close();
the("again", HTMLElement).onclick = () => void offer();
the("look-raw", HTMLElement).onchange = () => eeg.look("raw");
the("look-clean", HTMLElement).onchange = () => eeg.look("clean");
addEventListener("online", hurry);
document.addEventListener("visibilitychange", () => !document.hidden && hurry());

listen({
  " ": () => inSitting() && void togglePause(),
  f: () => inSitting() && void fullScreen(),
  s: () => inSitting() && void sound.toggle(),
  m: () => inSitting() && sound.mute(),
  r: () => look("raw"),
  c: () => look("clean"),
  "?": () => help.showModal(),
});

giveBack(stage);
void enter(takeKey());
