/** @import { Option, Placed, SandboxState } from './shapes.ts' */
import { html } from 'htm/preact'
import { useState } from 'preact/hooks'
import { plainText } from '../markup/read.js'
import { Combobox } from './combobox.js'
import { confirmed } from './dialog.js'
import { textOf } from './markup.js'
import { Overflow } from './menu.js'
import { useOwnId, useScene } from './scene.js'
import { enter, heldBy } from './surface.js'

/** @type {Record<string, string>} */
const TYPED = {
  plain_text_input: 'text',
  email_text_input: 'email',
  url_text_input: 'url',
  number_input: 'text',
  datepicker: 'date',
  timepicker: 'time',
}

/** One element that people press, type into or choose from. @param {Placed} placed */
export function Element(placed) {
  const scene = useScene()
  const { type } = placed.element
  if (type === 'button') return html`<${ActionButton} ...${placed} />`
  if (type === 'image') return textOf(placed.element, scene)
  if (type === 'overflow') return html`<${Overflow} ...${placed} />`
  if (type in TYPED) return html`<${TextInput} ...${placed} />`
  if (type === 'radio_buttons' || type === 'checkboxes') return html`<${Choices} ...${placed} />`
  if (type.endsWith('_select')) return html`<${Select} ...${placed} />`
  return html`<span class="kind">${scene.words.undrawn(type)}</span>`
}

/**
 * A button of the app. It says so while the app has not acknowledged; as in Slack, a
 * second click in the meantime is sent too.
 *
 * @param {Placed} placed
 */
function ActionButton({ element, block, surface }) {
  const scene = useScene()
  const [underWay, setUnderWay] = useState(0)
  const { style, value, url } = element
  async function press() {
    if (element.confirm && !(await confirmed(Object(element.confirm), scene))) return
    if (typeof url === 'string' && /^https?:\/\//i.test(url))
      window.open(url, '_blank', 'noopener,noreferrer')
    setUnderWay((before) => before + 1)
    await surface.press(element, typeof value === 'string' ? value : undefined, block)
    setUnderWay((before) => before - 1)
  }
  return html`<button
    type="button"
    class=${style === 'primary' || style === 'danger' ? `action ${style}` : 'action'}
    aria-label=${element.accessibility_label}
    aria-busy=${underWay > 0 ? 'true' : undefined}
    onClick=${press}
  >
    ${plainText(element.text)}
  </button>`
}

/** A field to type into. @param {Placed} placed */
function TextInput(placed) {
  const { words } = useScene()
  const { element, block, surface } = placed
  const [typed, setTyped] = useState(/** @type {string | undefined} */ (undefined))
  const text = typed ?? String(heldBy(placed) ?? '')
  const most = typeof element.max_length === 'number' ? element.max_length : undefined
  // As in Slack, shown only when it begins to matter.
  const isNearEnd = most !== undefined && text.length > most * 0.75
  const isLong = element.multiline === true
  const field = {
    id: placed.id,
    value: text,
    placeholder: plainText(element.placeholder),
    autocomplete: 'off',
    spellcheck: false,
    inputmode: element.type === 'number_input' ? 'decimal' : undefined,
    'aria-required': placed.isRequired ? 'true' : undefined,
    'aria-invalid': placed.isWrong ? 'true' : undefined,
    'aria-describedby': placed.described,
    onInput(/** @type {InputEvent & { currentTarget: HTMLInputElement }} */ { currentTarget, isComposing }) {
      setTyped(currentTarget.value)
      // A character that is still being composed is not entered yet.
      if (!isComposing) enter(placed, currentTarget.value || null)
    },
    onCompositionEnd(
      /** @type {CompositionEvent & { currentTarget: HTMLInputElement }} */ { currentTarget },
    ) {
      enter(placed, currentTarget.value)
    },
    onKeyDown(/** @type {KeyboardEvent} */ event) {
      const on = Object(element.dispatch_action_config).trigger_actions_on
      const dispatches =
        block.dispatch_action === true && (!Array.isArray(on) || on.includes('on_enter_pressed'))
      if (event.key !== 'Enter' || event.isComposing || isLong || !dispatches) return
      // As in Slack, where Enter notifies the app and does not submit.
      event.preventDefault()
      void surface.press(element, text, block)
    },
  }
  return html`<div class="field">
    ${isLong ? html`<textarea rows="3" ...${field} />` : html`<input type=${TYPED[element.type]} ...${field} />`}
    ${
      most !== undefined &&
      html`<span class=${text.length > most ? 'count over' : 'count'} aria-hidden="true">
        ${isNearEnd && words.ofMost(text.length, most)}
      </span>`
    }
  </div>`
}

/** Radio buttons or checkboxes. @param {Placed} placed */
function Choices(placed) {
  const scene = useScene()
  const name = useOwnId()
  const { element } = placed
  const isOne = element.type === 'radio_buttons'
  const [held, setHeld] = useState(() => [heldBy(placed) ?? []].flat())
  const options = /** @type {Option[]} */ (Array.isArray(element.options) ? element.options : [])
  function choose(/** @type {string} */ value, /** @type {boolean} */ isIn) {
    const now = isOne
      ? [value]
      : options.map((one) => one.value).filter((one) => (one === value ? isIn : held.includes(one)))
    setHeld(now)
    enter(placed, isOne ? (now[0] ?? null) : now)
  }
  return html`<div class="choices" ...${isOne && { role: 'radiogroup', 'aria-labelledby': placed.labelId }}>
    ${options.map(
      ({ text, value, description }) =>
        html`<label class="choice">
          <input
            type=${isOne ? 'radio' : 'checkbox'}
            name=${name}
            value=${value}
            checked=${held.includes(value)}
            aria-describedby=${placed.described}
            onChange=${(/** @type {{ currentTarget: HTMLInputElement }} */ { currentTarget }) =>
              choose(value, currentTarget.checked)}
          />
          <span>
            ${textOf(text, scene)}
            ${description && html`<span class="description">${textOf(description, scene)}</span>`}
          </span>
        </label>`,
    )}
  </div>`
}

/** A select for one or several of these: options, people, channels, or what the app finds. @param {Placed} placed */
function Select(placed) {
  const { words, state } = useScene()
  const { element, surface } = placed
  const isMany = element.type.startsWith('multi_')
  const isExternal = element.type.endsWith('external_select')
  const [chosen, setChosen] = useState(/** @type {string[] | undefined} */ (undefined))
  const [found, setFound] = useState(/** @type {Option[]} */ ([]))
  const now = chosen ?? [heldBy(placed) ?? []].flat()
  const known = [...optionsFor(placed, state), ...found]
  const nameOf = (/** @type {string} */ value) =>
    known.find((option) => option.value === value)?.text.text ?? value
  function choose(/** @type {string[]} */ values) {
    setChosen(values)
    enter(placed, isMany ? values : (values[0] ?? null))
  }
  const least = typeof element.min_query_length === 'number' ? element.min_query_length : 3
  return html`<div class="select">
    ${
      isMany &&
      html`<div class="chips">
        ${now.map(
          (value) =>
            html`<button
              key=${value}
              type="button"
              class="chip"
              aria-label=${words.takeAway(nameOf(value))}
              onClick=${() => choose(now.filter((one) => one !== value))}
            >
              ${nameOf(value)}<span aria-hidden="true"> ×</span>
            </button>`,
        )}
      </div>`
    }
    <${Combobox}
      ...${placed}
      placeholder=${plainText(element.placeholder) || words.choose}
      label=${isMany || now[0] === undefined ? '' : nameOf(now[0])}
      mayBeEmptied=${placed.isRequired === false}
      find=${async (/** @type {string} */ query) => {
        if (!isExternal) return known.filter(({ text }) => matches(text.text, query))
        if (query.length < least) return words.typeMore(least)
        const more = await surface.suggest(element, query)
        setFound((before) => [...before, ...more])
        return more
      }}
      choose=${(/** @type {Option | null} */ option) =>
        choose(option ? [...new Set(isMany ? [...now, option.value] : [option.value])] : [])}
    />
  </div>`
}

/** @param {Placed} placed @param {SandboxState} state @returns {Option[]} */
function optionsFor({ element, block, surface }, { people, channels }) {
  const option = (/** @type {string} */ value, /** @type {string} */ text) => ({ value, text: { text } })
  if (element.type.endsWith('users_select')) return people.map(({ id, realName }) => option(id, realName))
  if (/(channels|conversations)_select$/.test(element.type))
    return channels.map(({ id, name }) => option(id, `#${name}`))
  const groups = Array.isArray(element.option_groups) ? element.option_groups : []
  const own = Array.isArray(element.options) ? element.options : []
  const all = [...own, ...groups.flatMap((group) => Object(group).options ?? [])]
  if (!element.type.endsWith('external_select')) return all
  const held = Object(surface.values[String(block.block_id)]?.[String(element.action_id)])
  // Options found by typing are known only if they were chosen.
  const before = [held.selected_option, ...(held.selected_options ?? []), element.initial_option]
  return [...all, ...before.filter(Boolean)]
}

/** @param {string} text @param {string} query */
function matches(text, query) {
  return text.toLocaleLowerCase().includes(query.trim().toLocaleLowerCase())
}
