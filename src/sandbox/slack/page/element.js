/** @import { Block, Scene, Surface } from './shapes.ts' */

import { actionButton } from './button.js'
import { choices } from './choices.js'
import { h } from './dom.js'
import { overflow, select } from './select.js'
import { imageText } from './text.js'
import { textInput } from './text-input.js'

/**
 * How an input is named and told of; for an element outside an input block nothing.
 *
 * @typedef {{ id?: string, labelId?: string, described?: string, isRequired?: boolean }} Named
 */

const TYPED = {
  plain_text_input: 'text',
  email_text_input: 'email',
  url_text_input: 'url',
  number_input: 'text',
  datepicker: 'date',
  timepicker: 'time',
}

/**
 * One element that people press, type into or choose from.
 *
 * @param {Block} element @param {Block} block @param {Scene} scene @param {Surface} surface @param {Named} [named]
 * @returns {HTMLElement}
 */
export function drawElement(element, block, scene, surface, named = {}) {
  const type = element.type
  if (type === 'button') return actionButton(element, block, scene, surface)
  if (type === 'image') return imageText(element, scene)
  if (type === 'overflow') return overflow(element, block, scene, surface)
  if (type in TYPED)
    return textInput(element, block, scene, surface, named, TYPED[/** @type {keyof typeof TYPED} */ (type)])
  if (type === 'radio_buttons' || type === 'checkboxes') return choices(element, block, scene, surface, named)
  if (type.endsWith('_select')) return select(element, block, scene, surface, named)
  return h('span.kind', {}, scene.words.undrawn(type))
}
