// @ts-check
/** Figures as words: durations, instants, shares of a histogram. Pure. */

/** Upper bounds of the histogram's buckets, seconds: `protocols.operators.HANDLING_LE_S`. */
export const BOUNDS_S = Array.from({ length: 14 }, (_, power) => 1e-6 * 4 ** power);

const MINUTE = 60;
const HOUR = 3_600;
const DAY = 86_400;

/**
 * How long a message took, to two figures.
 *
 * @param {number | null} seconds null: longer than can be told
 * @returns {string}
 */
export function took(seconds) {
  if (seconds === null) return `> ${took(BOUNDS_S[BOUNDS_S.length - 1] ?? 0)}`;
  if (seconds === 0) return "0";
  const [value, unit] =
    seconds < 999.5e-6
      ? [seconds * 1e6, "µs"]
      : seconds < 0.9995
        ? [seconds * 1e3, "ms"]
        : [seconds, "s"];
  return `${value < 9.95 ? Number(value.toFixed(1)) : Math.round(value)} ${unit}`;
}

/**
 * How long ago something was. It changes seldom on purpose: 600 rows that all count seconds
 * are 600 changes a second.
 *
 * @param {number} seconds
 */
export function age(seconds) {
  if (seconds < 10) return `${Math.max(0, Math.floor(seconds))} s`;
  if (seconds < MINUTE) return `${Math.floor(seconds / 10) * 10} s`;
  if (seconds < HOUR) return `${Math.floor(seconds / MINUTE)} min`;
  if (seconds < DAY) return `${Math.floor(seconds / HOUR)} h ${Math.floor((seconds % HOUR) / MINUTE)} min`;
  return `${Math.floor(seconds / DAY)} d ${Math.floor((seconds % DAY) / HOUR)} h`;
}

/**
 * How long a thing lasted, exactly enough.
 *
 * @param {number} seconds
 */
export function lasted(seconds) {
  return seconds < MINUTE ? `${Number(seconds.toFixed(2))} s` : age(seconds);
}

/**
 * The bucket's bound under which `share` of all messages are.
 *
 * @param {number[]} counts by bucket, one more than `BOUNDS_S`
 * @param {number} share 0 to 1
 * @returns {number | null} seconds; 0 without messages; null above the last bound
 */
export function quantile(counts, share) {
  const wanted = share * counts.reduce((sum, count) => sum + count, 0);
  let seen = 0;
  for (const [i, count] of counts.entries()) {
    seen += count;
    if (seen >= wanted && seen) return BOUNDS_S[i] ?? null;
  }
  return 0;
}

const CLOCK = new Intl.DateTimeFormat(undefined, {
  hour: "2-digit",
  minute: "2-digit",
  second: "2-digit",
  hourCycle: "h23",
});
const DATE = new Intl.DateTimeFormat(undefined, { month: "short", day: "numeric" });

/**
 * Local time of day; of another day with its date.
 *
 * @param {number} unix seconds since 1970 UTC
 * @param {number} now likewise
 */
export function clock(unix, now) {
  const at = new Date(unix * 1e3);
  const said = CLOCK.format(at);
  return at.toDateString() === new Date(now * 1e3).toDateString()
    ? said
    : `${DATE.format(at)} ${said}`;
}

/**
 * The instant in full, UTC.
 *
 * @param {number} unix seconds since 1970 UTC
 */
export function utc(unix) {
  return new Date(unix * 1e3).toISOString();
}

/**
 * @param {number} count
 * @param {string} one
 * @param {string} [many]
 */
export function counted(count, one, many = `${one}s`) {
  return `${count.toLocaleString("en")} ${count === 1 ? one : many}`;
}
