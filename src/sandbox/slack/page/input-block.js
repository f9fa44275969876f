/** @import { Block, Scene, Surface } from './shapes.ts' */
import { h, newId } from './dom.js'
import { drawElement } from './element.js'

const GROUPS = ['radio_buttons', 'checkboxes']

/**
 * An input with its label, hint and error, which a screen reader reads together.
 *
 * @param {Block} block @param {Scene} scene @param {Surface} surface
 */
export function inputBlock(block, scene, surface) {
  const { words } = scene
  const element = /** @type {Block} */ (block.element)
  const [inputId, labelId, hintId, errorId] = [newId(), newId(), newId(), newId()]
  const isOptional = block.optional === true
  const isGroup = GROUPS.includes(element.type)
  const label = [
    String(Object(block.label).text ?? ''),
    isOptional
      ? h('span.optional', {}, ` ${words.optional}`)
      : h('span.required', { 'aria-hidden': 'true', title: words.required }, ' *'),
  ]
  const hint = Object(block.hint).text
  const described = hint ? `${hintId} ${errorId}` : errorId
  return h(
    'div.block.input',
    isGroup ? { role: 'group', 'aria-labelledby': labelId, 'aria-describedby': described } : {},
    isGroup ? h('div.label', { id: labelId }, label) : h('label.label', { id: labelId, for: inputId }, label),
    drawElement(element, block, scene, surface, {
      id: inputId,
      labelId,
      described,
      isRequired: !isOptional,
    }),
    h('p.error', { id: errorId, role: 'alert', hidden: true }),
    hint ? h('p.hint', { id: hintId }, String(hint)) : null,
  )
}

const FIELDS = 'input:not([type="radio"], [type="checkbox"]), textarea'

/**
 * Shows what is wrong at an input, or that nothing is, without drawing it anew: somebody may be typing in it.
 *
 * @param {Element} drawn by `inputBlock` @param {string} [error]
 */
export function showError(drawn, error) {
  const place = drawn.querySelector('p.error')
  if (!(place instanceof HTMLElement) || place.dataset.shown === error) return
  drawn.classList.toggle('wrong', error !== undefined)
  place.hidden = error === undefined
  place.replaceChildren(...(error === undefined ? [] : [h('span', { 'aria-hidden': 'true' }, '⚠ '), error]))
  if (error === undefined) delete place.dataset.shown
  else place.dataset.shown = error
  for (const field of drawn.querySelectorAll(FIELDS))
    if (error === undefined) field.removeAttribute('aria-invalid')
    else field.setAttribute('aria-invalid', 'true')
}
