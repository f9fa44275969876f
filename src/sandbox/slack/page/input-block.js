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
  const error = surface.view?.errors[String(block.block_id)]
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
  const described = [hint ? hintId : '', error ? errorId : ''].filter(Boolean).join(' ') || undefined
  return h(
    error ? 'div.block.input.wrong' : 'div.block.input',
    isGroup ? { role: 'group', 'aria-labelledby': labelId, 'aria-describedby': described } : {},
    isGroup ? h('div.label', { id: labelId }, label) : h('label.label', { id: labelId, for: inputId }, label),
    drawElement(element, block, scene, surface, {
      id: inputId,
      labelId,
      described,
      isRequired: !isOptional,
      isWrong: error !== undefined,
    }),
    error
      ? h('p.error', { id: errorId, role: 'alert' }, h('span', { 'aria-hidden': 'true' }, '⚠ '), error)
      : null,
    hint ? h('p.hint', { id: hintId }, String(hint)) : null,
  )
}
