/** @import { Block, Scene, Surface } from './shapes.ts' */
/** @import { Named } from './element.js' */
import { h } from './dom.js'
import { heldBy, keyOf, tell } from './value.js'

/**
 * A field to type into.
 *
 * @param {Block} element @param {Block} block @param {Scene} scene @param {Surface} surface @param {Named} named
 * @param {string} type as HTML names it
 */
export function textInput(element, block, scene, surface, named, type) {
  const most = typeof element.max_length === 'number' ? element.max_length : undefined
  const isLong = element.multiline === true
  const begun = String(heldBy(element, block, surface) ?? '')
  const count = most === undefined ? null : h('span.count', { 'aria-hidden': 'true' })
  const showCount = (/** @type {string} */ text) => {
    if (!count || most === undefined) return
    // As in Slack, only where it begins to matter.
    count.textContent = text.length > most * 0.75 ? scene.words.ofMost(text.length, most) : ''
    count.classList.toggle('over', text.length > most)
  }
  showCount(begun)
  const field = h(isLong ? 'textarea' : 'input', {
    ...(isLong ? { rows: '3' } : { type }),
    id: named.id,
    value: begun,
    placeholder: Object(element.placeholder).text,
    autocomplete: 'off',
    spellcheck: 'false',
    inputmode: element.type === 'number_input' ? 'decimal' : undefined,
    'aria-required': named.isRequired ? 'true' : undefined,
    'aria-describedby': named.described,
    'data-focus': keyOf(block, element),
    oninput: (/** @type {InputEvent & { currentTarget: HTMLInputElement }} */ event) => {
      const { value } = event.currentTarget
      showCount(value)
      // A character that is still being composed is not typed yet.
      if (!event.isComposing) tell(element, block, surface, value === '' ? null : value)
    },
    oncompositionend: (/** @type {CompositionEvent & { currentTarget: HTMLInputElement }} */ event) =>
      tell(element, block, surface, event.currentTarget.value),
    onkeydown: (/** @type {KeyboardEvent & { currentTarget: HTMLInputElement }} */ event) => {
      if (event.key !== 'Enter' || event.isComposing || isLong || !dispatchesOnEnter(element, block)) return
      // As in Slack, where Enter tells the app and does not submit.
      event.preventDefault()
      void surface.press(element, event.currentTarget.value)
    },
  })
  return h('div.field', {}, field, count)
}

/** @param {Block} element @param {Block} block */
function dispatchesOnEnter(element, block) {
  const on = Object(element.dispatch_action_config).trigger_actions_on
  return block.dispatch_action === true && (!Array.isArray(on) || on.includes('on_enter_pressed'))
}
