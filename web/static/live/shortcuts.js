// @ts-check
/** Keys. A key that a focused control needs is left to it. */

/** @param {EventTarget | null} target */
function typing(target) {
  return (
    target instanceof Element &&
    target.closest("input:not([type=checkbox], [type=range], [type=radio]), textarea, select") !== null
  );
}

/** @param {EventTarget | null} target */
function pressable(target) {
  return (
    target instanceof Element &&
    target.closest("button, a, summary, input, select, textarea") !== null
  );
}

/** @param {Record<string, () => void>} actions by `KeyboardEvent.key` */
export function listen(actions) {
  addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.repeat) return;
    if (typing(event.target) || document.querySelector("dialog[open]")) return;
    if (event.key === " " && pressable(event.target)) return;
    const action = actions[event.key.length === 1 ? event.key.toLowerCase() : event.key];
    if (!action) return;
    event.preventDefault();
    action();
  });
}
