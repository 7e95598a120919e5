// @ts-check
/**
 * Elements of the page: find one by id, make one, set text only when it changed.
 *
 * Text set again and again is announced again and again by some screen readers, and
 * costs layout: `say` compares first.
 */

/**
 * @template {Element} T
 * @param {string} id
 * @param {new (...args: any[]) => T} kind
 * @returns {T} the element, or an error that names it
 */
export function the(id, kind) {
  const found = document.getElementById(id);
  if (!(found instanceof kind)) throw new Error(`#${id} is not a ${kind.name}`);
  return found;
}

/**
 * @param {string} tag
 * @param {{class?: string, [attribute: string]: string | undefined}} [attributes]
 * @param {(Node | string)[]} children
 * @returns {HTMLElement}
 */
export function make(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value !== undefined) made.setAttribute(name, value);
  }
  made.append(...children);
  return made;
}

/**
 * @param {Element} element
 * @param {string} text
 */
export function say(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

/**
 * An icon of the page's own sprite.
 *
 * @param {string} name id of a `<symbol>`
 * @returns {SVGSVGElement}
 */
export function icon(name) {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.setAttribute("class", "icon");
  svg.setAttribute("aria-hidden", "true");
  const use = document.createElementNS("http://www.w3.org/2000/svg", "use");
  use.setAttribute("href", `#${name}`);
  svg.append(use);
  return svg;
}

/**
 * @param {SVGSVGElement | Element} svg
 * @param {string} name
 */
export function setIcon(svg, name) {
  const use = svg.querySelector("use");
  if (use && use.getAttribute("href") !== `#${name}`) use.setAttribute("href", `#${name}`);
}

/**
 * A value of the style sheet, for what is drawn on a canvas.
 *
 * @param {string} name of a custom property, without the dashes
 * @returns {string}
 */
export function ink(name) {
  return getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
}
