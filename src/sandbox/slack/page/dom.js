/** @import { Child } from './shapes.ts' */

const PROPERTIES = new Set(['value', 'checked', 'disabled', 'hidden', 'selected', 'open', 'type'])

/**
 * Makes an element. Texts become text nodes only: there is no way here to make markup of what people typed.
 *
 * @param {string} tag with classes, as `button.primary`
 * @param {Record<string, unknown>} [props] attributes; functions are listeners by their name, `onclick`
 * @param {...Child} children
 * @returns {HTMLElement}
 */
export function h(tag, props = {}, ...children) {
  const [name, ...classes] = tag.split('.')
  const element = document.createElement(name)
  if (classes.length > 0) element.className = classes.join(' ')
  for (const [key, value] of Object.entries(props)) {
    if (value === undefined || value === null) continue
    if (typeof value === 'function')
      element.addEventListener(key.slice(2), /** @type {EventListener} */ (value))
    else if (PROPERTIES.has(key)) Object.assign(element, { [key]: value })
    else if (value !== false) element.setAttribute(key, value === true ? '' : String(value))
  }
  element.append(...flat(children))
  return element
}

/** @param {Child[]} children @returns {(Node | string)[]} */
export function flat(children) {
  return children.flatMap((child) => {
    if (child === null || child === undefined || child === false) return []
    return Array.isArray(child) ? flat(child) : [child]
  })
}

/** @type {WeakMap<Element, string>} */
const prints = new WeakMap()

/**
 * Redraws what is inside an element, only when what it shows has changed; who types or tabs inside keeps the focus.
 *
 * @param {Element} place
 * @param {unknown} shown all that the drawing depends on
 * @param {() => Child} draw
 * @returns {boolean} whether it was drawn anew
 */
export function redraw(place, shown, draw) {
  const print = JSON.stringify(shown)
  if (prints.get(place) === print) return false
  prints.set(place, print)
  keepingFocus(place, () => place.replaceChildren(...flat([draw()])))
  return true
}

/**
 * Redraws a list: rows that have not changed stay the very same elements.
 *
 * @template T
 * @param {Element} place
 * @param {T[]} rows
 * @param {(row: T) => string} keyOf
 * @param {(row: T) => unknown} shownOf all that its drawing depends on
 * @param {(row: T) => HTMLElement} draw
 */
export function redrawList(place, rows, keyOf, shownOf, draw) {
  const old = new Map([...place.children].map((row) => [row.getAttribute('data-key'), row]))
  keepingFocus(place, () => {
    let at = place.firstElementChild
    for (const row of rows) {
      const key = keyOf(row)
      const print = JSON.stringify(shownOf(row))
      let element = old.get(key)
      if (!element || prints.get(element) !== print) {
        const fresh = draw(row)
        fresh.setAttribute('data-key', key)
        prints.set(fresh, print)
        if (element) {
          if (element === at) at = element.nextElementSibling
          element.remove()
        }
        element = fresh
      }
      old.delete(key)
      if (element === at) at = at.nextElementSibling
      else place.insertBefore(element, at)
    }
    for (const gone of old.values()) gone.remove()
  })
}

/** @param {Element} place @param {() => void} change */
function keepingFocus(place, change) {
  const focused = document.activeElement
  const key = place.contains(focused)
    ? focused?.closest('[data-focus]')?.getAttribute('data-focus')
    : undefined
  const caret =
    focused instanceof HTMLInputElement || focused instanceof HTMLTextAreaElement ? caretOf(focused) : null
  change()
  if (!key || document.activeElement === focused) return
  const again = place.querySelector(`[data-focus="${CSS.escape(key)}"]`)
  if (!(again instanceof HTMLElement)) return
  again.focus({ preventScroll: true })
  if (caret && (again instanceof HTMLInputElement || again instanceof HTMLTextAreaElement) && caretOf(again))
    again.setSelectionRange(caret[0], caret[1])
}

/** @param {HTMLInputElement | HTMLTextAreaElement} field @returns {[number, number] | null} null for kinds without */
function caretOf({ selectionStart, selectionEnd }) {
  return selectionStart === null || selectionEnd === null ? null : [selectionStart, selectionEnd]
}

let lastId = 0

/** An id that no other element of the page has. */
export function newId() {
  lastId += 1
  return `x${lastId}`
}
