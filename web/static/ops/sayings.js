// @ts-check
/** What the journal's entries say, in words. Pure. */

import { counted, lasted } from "./amounts.js";
import { lookOf } from "./states.js";

/** @typedef {import("./states.js").Tone} Tone */
/** @typedef {{type: string, [field: string]: any}} LifeEvent of `protocols.supervision` */
/** @typedef {{number: number, at: number, cause: number | null, event: LifeEvent}} Entry */
/** @typedef {"lives" | "deaths" | "hangs" | "orders" | "mail" | "process" | "sessions"} Kind */

/**
 * @typedef {object} Saying
 * @property {Kind} kind by which the timeline can be filtered
 * @property {string} icon
 * @property {Tone} tone
 * @property {string} path of whom it tells; empty: of the whole
 * @property {string} text what happened, to be read after the path
 * @property {string} [detail] a traceback or a stack
 */

/** Kinds with the words of the filter. */
export const KINDS = /** @type {Record<Kind, string>} */ ({
  deaths: "Crashes and ends",
  lives: "Starts and restarts",
  hangs: "Hangs, zombies, stalls",
  orders: "Operators and settings",
  mail: "Lost mail, leases",
  process: "Process, journal, drain",
  sessions: "Practices",
});

/** @type {Record<string, (event: any) => Saying>} by the event's `type` */
const SAYINGS = {
  stepped: ({ row }) => {
    const { icon, word, tone } = lookOf(row);
    return say("lives", icon, tone, row.path, word + because(row.reason));
  },
  started: ({ path, life }) => say("lives", "s-running", "good", path, `started, life ${life}`),
  ended: (event) => ended(event),
  held: ({ path, held, paused }) =>
    say("orders", held ? "s-held" : paused ? "s-paused" : "s-running", "note", path, marks(held, paused)),
  gone: ({ path }) => say("lives", "s-stopped", "idle", path, "is in the tree no longer"),
  restart: ({ path, child, spent, of, within_s: within, wait_s: wait }) => {
    const when = wait > 0 ? `after ${lasted(wait)}` : "at once";
    const name = child.split("/").pop();
    const text = `restarts ${name} ${when}: ${spent} of ${of} within ${lasted(within)}`;
    return say("lives", "s-waiting", "warn", path, text);
  },
  gave_up: ({ path, reason }) => say("deaths", "s-failed", "bad", path, `gave up${because(reason)}`),
  flags: ({ path, before, after }) =>
    say("orders", "e-operator", "note", path, `works otherwise: ${changes(before, after)}`),
  hung: ({ path, life, during, for_s: seconds, stack }) => ({
    ...say("hangs", "e-hung", "bad", path, `hangs in ${during} for ${lasted(seconds)} (life ${life})`),
    detail: stack,
  }),
  zombie: ({ path, life, zombies }) =>
    say("hangs", "e-hung", "bad", path, `was replaced but still hangs (life ${life}); ${counted(zombies, "zombie")} now`),
  zombie_ended: ({ path, life, after_s: seconds, zombies }) =>
    say("hangs", "e-hung", "note", path, `its hung life ${life} came back after ${lasted(seconds)} and ended; ${counted(zombies, "zombie")} now`),
  stall: ({ seconds }) =>
    say("hangs", "e-hung", "warn", "", `the whole process stood still for ${lasted(seconds)}`),
  dead_letters: ({ edge, reason, message, count }) =>
    say("mail", "e-mail", "idle", edge, `${count.toLocaleString("en")} × ${message} lost: ${reason}`),
  process: ({ path, pid, step, reason, jobs }) => {
    const grave = ["killed", "crashed"].includes(step);
    const done = jobs ? ` after ${counted(jobs, "job")}` : "";
    return say(grave ? "deaths" : "lives", grave ? "s-failed" : "s-running", grave ? "bad" : "note",
      path, `child process ${pid} ${step}${done}${because(reason)}`);
  },
  lease: ({ resource, wanted_by: by, held_by: holder }) =>
    say("mail", "e-mail", "warn", by, `may not have ${resource}: ${holder} holds it`),
  operator: ({ who, action, path, reason }) =>
    say("orders", "e-operator", "note", path, `${who} ordered ${action}${because(reason)}`),
  operator_done: ({ path, outcome }) => say("orders", "e-operator", "note", path, outcome),
  setting: ({ setting, before, after, who }) =>
    say("orders", "e-operator", "note", setting, `${before} → ${after}, by ${who}`),
  domain: ({ name, payload }) =>
    say("sessions", "s-running", "note", payload.session_id ?? "", name.toLowerCase().replaceAll("_", " ")),
  fault: ({ fault, where, detail }) =>
    say("process", "s-failed", "warn", where, `on purpose: ${fault}${because(detail)}`),
  drain: ({ phase, took_s: seconds, outcome }) =>
    say("process", "e-process", outcome === "done" ? "note" : "warn", "", `drain: ${phase} ${outcome} after ${lasted(seconds)}`),
  run: ({ run, version, pid, settings }) => {
    const unusual = Object.entries(settings ?? {}).map(([name, value]) => `${name} = ${value}`);
    return say("process", "e-process", "note", "",
      `run ${run} began: version ${version}, process ${pid}${unusual.length ? `; ${unusual.join(", ")}` : ""}`);
  },
  run_ended: ({ code, reason }) =>
    say("process", "e-process", code ? "bad" : "note", "", `the run ended with ${code}${because(reason)}`),
  entries_lost: ({ first, last, reason }) =>
    say("process", "e-process", "bad", "", `entries ${first} to ${last} are on no disk${because(reason)}`),
  tree: ({ rows }) => say("process", "e-process", "idle", "", `a new file begins: ${counted(rows.length, "row")}`),
};

/**
 * @param {LifeEvent} event
 * @returns {Saying}
 */
export function sayingOf(event) {
  const known = SAYINGS[event.type];
  if (known) return known(event);
  const { type, path = "", ...rest } = event;
  return say("process", "e-process", "note", path, `${type} ${JSON.stringify(rest)}`);
}

/**
 * @param {Kind} kind
 * @param {string} icon
 * @param {Tone} tone
 * @param {string} path
 * @param {string} text
 * @returns {Saying}
 */
function say(kind, icon, tone, path, text) {
  return { kind, icon, tone, path, text };
}

/** @param {any} event */
function ended({ path, life, normal, reason, exit, during, trace }) {
  if (normal) {
    const how = exit === "shutdown" ? "was ended" : "ended";
    return say("deaths", "s-stopped", "idle", path, `${how} (life ${life})${because(reason)}`);
  }
  const where = during ? ` in ${during}` : "";
  const said = say("deaths", "s-failed", "bad", path, `crashed${where} (life ${life})${because(reason)}`);
  return trace ? { ...said, detail: trace } : said;
}

/** @param {string} reason */
function because(reason) {
  return reason ? `: ${reason}` : "";
}

/**
 * @param {boolean} held
 * @param {boolean} paused
 */
function marks(held, paused) {
  if (held) return "is held: only an operator starts it again";
  return paused ? "is paused: its mail waits" : "is held and paused no longer";
}

/**
 * @param {Record<string, string | number>} before
 * @param {Record<string, string | number>} after
 */
function changes(before, after) {
  return Object.entries(after)
    .filter(([name, value]) => before[name] !== value)
    .map(([name, value]) => `${name} ${before[name] ?? "unset"} → ${value}`)
    .join(", ");
}
