/** @import { Block, Surface, Typed } from './shapes.ts' */

/** The name of an input among those of its view. @param {Block} block @param {Block} element */
export function keyOf(block, element) {
  return `${block.block_id}/${element.action_id}`
}

/**
 * What an element holds: what this window typed, else what the server knows, else what it began with.
 *
 * @param {Block} element @param {Block} block @param {Surface} surface @returns {Typed}
 */
export function heldBy(element, block, surface) {
  const typed = surface.drafts.get(keyOf(block, element))
  if (typed !== undefined) return typed
  const state = surface.view?.state.values[String(block.block_id)]?.[String(element.action_id)]
  return state ? fromState(state) : initial(element)
}

/** @param {object} state @returns {Typed} */
function fromState(state) {
  const entry = Object.entries(state).find(([key]) => key !== 'type')
  return plain(entry?.[1])
}

/** @param {Block} element @returns {Typed} */
function initial(element) {
  const entry = Object.entries(element).find(([key]) => key.startsWith('initial_'))
  return plain(entry?.[1])
}

/** A text, an option's value, or several of them. @param {any} value @returns {Typed} */
function plain(value) {
  if (value === null || value === undefined) return null
  if (Array.isArray(value)) return value.map((one) => String(plain(one)))
  if (typeof value === 'object') return typeof value.value === 'string' ? value.value : null
  return String(value)
}

/**
 * Tells what was typed or chosen: in a modal it is kept for its submission, elsewhere it is an action at once.
 *
 * @param {Block} element @param {Block} block @param {Surface} surface @param {Typed} value
 */
export function tell(element, block, surface, value) {
  if (surface.kind === 'modal') surface.fill(keyOf(block, element), value)
  else void surface.press(element, Array.isArray(value) ? value[0] : (value ?? undefined))
}
