/** @import { Block, Option, Scene, Surface } from './shapes.ts' */
/** @import { Named } from './element.js' */
import { h, newId } from './dom.js'
import { textOf } from './text.js'
import { heldBy, keyOf, tell } from './value.js'

/**
 * Radio buttons or checkboxes.
 *
 * @param {Block} element @param {Block} block @param {Scene} scene @param {Surface} surface @param {Named} named
 */
export function choices(element, block, scene, surface, named) {
  const isOne = element.type === 'radio_buttons'
  const name = newId()
  const held = heldBy(element, block, surface)
  const chosen = new Set(Array.isArray(held) ? held : held === null ? [] : [held])
  const options = /** @type {Option[]} */ (Array.isArray(element.options) ? element.options : [])
  const place = h('div.choices', isOne ? { role: 'radiogroup', 'aria-labelledby': named.labelId } : {})
  const told = () => {
    const values = [...place.querySelectorAll('input')].filter((one) => one.checked).map((one) => one.value)
    tell(element, block, surface, isOne ? (values[0] ?? null) : values)
  }
  place.append(
    ...options.map((option) =>
      h(
        'label.choice',
        {},
        h('input', {
          type: isOne ? 'radio' : 'checkbox',
          name,
          value: option.value,
          checked: chosen.has(option.value),
          'aria-describedby': named.described,
          'data-focus': `${keyOf(block, element)}/${option.value}`,
          onchange: told,
        }),
        h(
          'span',
          {},
          textOf(option.text, scene),
          option.description ? h('span.description', {}, textOf(option.description, scene)) : null,
        ),
      ),
    ),
  )
  return place
}
