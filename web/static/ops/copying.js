// @ts-check
/** A text that is long and exact: shown as it is, with a button that copies it. */

import { make } from "../live/elements.js";

const TOLD_MS = 2_500;

/**
 * @param {string} text
 * @param {string} what for the label: `the traceback`
 * @returns {HTMLElement}
 */
export function copyable(text, what) {
  const pre = make("pre", { tabindex: "0", role: "region", "aria-label": what }, text);
  const button = make("button", { type: "button", class: "small" }, `Copy ${what}`);
  const told = make("span", { role: "status", class: "quiet" });
  button.addEventListener("click", () => {
    void copy(text, pre).then((said) => {
      told.textContent = said;
      setTimeout(() => (told.textContent = ""), TOLD_MS);
    });
  });
  return make("div", { class: "copyable" }, pre, make("p", { class: "split" }, button, told));
}

/**
 * @param {string} text
 * @param {HTMLElement} shown selected where a page may not write the clipboard (plain http)
 */
async function copy(text, shown) {
  try {
    await navigator.clipboard.writeText(text);
    return "Copied.";
  } catch {
    getSelection()?.selectAllChildren(shown);
    return "Selected: press Ctrl+C (⌘C).";
  }
}
