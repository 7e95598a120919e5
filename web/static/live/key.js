// @ts-check
/**
 * The API key of this tab.
 *
 * `phosphene serve` prints `/live#key=phos_…`. A fragment never reaches a server or a
 * log; it is taken out of the address bar at once so that no screenshot, bookmark or
 * history shows it, and it is kept for this tab only.
 */

const SLOT = "phosphene.key";

/** @returns {string} the key, or "" where none is known */
export function takeKey() {
  const given = new URLSearchParams(location.hash.slice(1)).get("key");
  if (given !== null) {
    history.replaceState(null, "", location.pathname + location.search);
    keepKey(given);
  }
  return sessionStorage.getItem(SLOT) ?? "";
}

/** @param {string} key */
export function keepKey(key) {
  sessionStorage.setItem(SLOT, key.trim());
}

export function forgetKey() {
  sessionStorage.removeItem(SLOT);
}
