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
    target.closest("button, a, summary, input:not([type=range]), select") !== null
  );
}

/**
 * After a press with the pointer, give the focus back: who then hits Space means the page,
 * not the button that was pressed a minute ago. Who walks with Tab keeps the focus.
 *
 * @param {HTMLElement} home
 */
export function giveBack(home) {
  addEventListener("click", ({ target, detail }) => {
    const here = document.activeElement;
    if (detail === 0 || !(target instanceof Element) || !target.closest("label, button")) return;
    if (here?.matches("button, [type=checkbox], [type=radio]") && here.checkVisibility()) {
      if (!here.closest("dialog, .entry, .ended")) home.focus({ preventScroll: true });
    }
  });
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
