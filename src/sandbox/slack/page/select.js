/** @import { Block, Option, Scene, Surface } from './shapes.ts' */
/** @import { Named } from './element.js' */
import { combobox } from './combobox.js'
import { h } from './dom.js'
import { heldBy, keyOf, tell } from './value.js'

/**
 * A select of one or several, of options, people, channels, or what the app finds.
 *
 * @param {Block} element @param {Block} block @param {Scene} scene @param {Surface} surface @param {Named} named
 */
export function select(element, block, scene, surface, named) {
  const isMany = element.type.startsWith('multi_')
  const isExternal = element.type.endsWith('external_select')
  const held = heldBy(element, block, surface)
  /** @type {string[]} */
  let chosen = Array.isArray(held) ? held : held === null ? [] : [held]
  const known = optionsFor(element, scene, surface, block)
  const nameOf = (/** @type {string} */ value) =>
    known.find((option) => option.value === value)?.text.text ?? value

  const chips = isMany ? h('div.chips') : null
  const drawChips = () =>
    chips?.replaceChildren(
      ...chosen.map((value) =>
        h(
          'button.chip',
          {
            type: 'button',
            'aria-label': scene.words.takeAway(nameOf(value)),
            onclick: () => choose(value, false),
          },
          nameOf(value),
          h('span', { 'aria-hidden': 'true' }, ' ×'),
        ),
      ),
    )
  const choose = (/** @type {string | null} */ value, /** @type {boolean} */ isIn) => {
    if (!isMany) chosen = value === null ? [] : [value]
    else if (value !== null)
      chosen = isIn ? [...new Set([...chosen, value])] : chosen.filter((one) => one !== value)
    drawChips()
    tell(element, block, surface, isMany ? chosen : (chosen[0] ?? null))
  }
  drawChips()

  const least = typeof element.min_query_length === 'number' ? element.min_query_length : 3
  const box = combobox({
    words: scene.words,
    named,
    focusKey: keyOf(block, element),
    placeholder: String(Object(element.placeholder).text ?? scene.words.choose),
    label: isMany || chosen.length === 0 ? '' : nameOf(chosen[0]),
    mayBeEmptied: named.isRequired === false,
    find: async (query) => {
      if (!isExternal) return known.filter(({ text }) => matches(text.text, query))
      if (query.length < least) return scene.words.typeMore(least)
      const found = await surface.suggest(element, query)
      known.push(...found)
      return found
    },
    choose: (option) => choose(option?.value ?? null, true),
    isEmptiedByChoice: isMany,
  })
  return h('div.select', {}, chips, box)
}

/** The menu behind three dots. @param {Block} element @param {Block} block @param {Scene} scene @param {Surface} surface */
export function overflow(element, block, scene, surface) {
  const options = /** @type {Option[]} */ (Array.isArray(element.options) ? element.options : [])
  return h(
    'div.select.overflow',
    {},
    combobox({
      words: scene.words,
      named: {},
      focusKey: keyOf(block, element),
      placeholder: scene.words.more,
      label: '',
      mayBeEmptied: false,
      find: async (query) => options.filter(({ text }) => matches(text.text, query)),
      choose: (option) => void (option && surface.press(element, option.value)),
      isEmptiedByChoice: true,
    }),
  )
}

/** @param {Block} element @param {Scene} scene @param {Surface} surface @param {Block} block @returns {Option[]} */
function optionsFor(element, { state }, surface, block) {
  const of = (/** @type {{ id: string, name: string }[]} */ list) =>
    list.map(({ id, name }) => ({ value: id, text: { text: name } }))
  if (element.type.endsWith('users_select'))
    return of(state.people.map(({ id, realName }) => ({ id, name: realName })))
  if (/(channels|conversations)_select$/.test(element.type))
    return of(state.channels.map(({ id, name }) => ({ id, name: `#${name}` })))
  const groups = Array.isArray(element.option_groups) ? element.option_groups : []
  const own = Array.isArray(element.options) ? element.options : []
  const held = Object(surface.view?.state.values[String(block.block_id)]?.[String(element.action_id)])
  // What was found ahead by typing is known by what was chosen of it.
  const before = [held.selected_option, ...(held.selected_options ?? []), element.initial_option].filter(
    Boolean,
  )
  const all = [...own, ...groups.flatMap((group) => Object(group).options ?? [])]
  return element.type.endsWith('external_select') ? [...all, ...before] : all
}

/** @param {string} text @param {string} query */
function matches(text, query) {
  return text.toLocaleLowerCase().includes(query.trim().toLocaleLowerCase())
}
