/** @import { Option, Words } from './shapes.ts' */
/** @import { Named } from './element.js' */
import { h, newId } from './dom.js'

/** ms of rest before what is typed is looked for. */
const REST = 150

/**
 * A field that proposes as one types: https://www.w3.org/WAI/ARIA/apg/patterns/combobox/
 *
 * @param {object} given
 * @param {Words} given.words
 * @param {Named} given.named
 * @param {string} given.focusKey
 * @param {string} given.placeholder
 * @param {string} given.label of what is chosen
 * @param {boolean} given.mayBeEmptied
 * @param {(query: string) => Promise<Option[] | string>} given.find options, or why there are none
 * @param {(option: Option | null) => void} given.choose
 * @param {boolean} given.isEmptiedByChoice where what is chosen is shown elsewhere
 * @returns {HTMLElement}
 */
export function combobox({ words, named, focusKey, placeholder, find, choose, ...given }) {
  let { label } = given
  /** @type {Option[]} */
  let options = []
  let active = -1
  let search = 0
  let timer = 0
  /** Settles when no pointer is down on the list: options that are replaced or move under it would not be taken. */
  let released = Promise.resolve()
  const listId = newId()
  const input = /** @type {HTMLInputElement} */ (
    h('input', {
      type: 'text',
      id: named.id,
      role: 'combobox',
      value: label,
      placeholder,
      autocomplete: 'off',
      spellcheck: 'false',
      'aria-label': named.id ? undefined : placeholder,
      'aria-expanded': 'false',
      'aria-controls': listId,
      'aria-autocomplete': 'list',
      'aria-required': named.isRequired ? 'true' : undefined,
      'aria-describedby': named.described,
      'data-focus': focusKey,
    })
  )
  const list = h('ul.options', {
    id: listId,
    role: 'listbox',
    popover: 'manual',
    'aria-label': words.options,
    // Else a press on an option would take the focus out of the field first.
    onpointerdown: (/** @type {Event} */ event) => {
      event.preventDefault()
      released = nextRelease()
    },
  })
  const isOpen = () => input.getAttribute('aria-expanded') === 'true'

  function open() {
    if (!isOpen()) {
      list.showPopover()
      input.setAttribute('aria-expanded', 'true')
      addEventListener('scroll', follow, { capture: true })
    }
    place(list, input)
  }
  function close() {
    // What was typed a moment ago must not open it again.
    clearTimeout(timer)
    search += 1
    input.value = label
    input.removeAttribute('aria-activedescendant')
    if (!isOpen()) return
    input.setAttribute('aria-expanded', 'false')
    removeEventListener('scroll', follow, { capture: true })
    if (list.isConnected) list.hidePopover()
  }
  function follow(/** @type {Event} */ event) {
    if (event.target !== list && isOpen()) place(list, input)
  }
  /** @param {string} query */
  async function look(query) {
    search += 1
    const own = search
    const found = await find(query)
    await released
    if (own !== search || !list.isConnected) return
    options = typeof found === 'string' ? [] : found
    active = options.findIndex(({ text }) => text.text === label)
    if (active < 0 && options.length > 0) active = 0
    list.replaceChildren(
      ...(options.length > 0
        ? options.map(row)
        : [h('li.none', { role: 'presentation' }, typeof found === 'string' ? found : words.nothingFound)]),
    )
    open()
    showActive()
  }
  /** @param {Option} option @param {number} index */
  function row(option, index) {
    return h(
      'li',
      {
        id: `${listId}-${index}`,
        role: 'option',
        'aria-selected': option.text.text === label ? 'true' : 'false',
        onclick: () => take(option),
      },
      h('span', {}, option.text.text),
      option.description ? h('span.description', {}, option.description.text) : null,
    )
  }
  function showActive() {
    for (const [index, element] of [...list.children].entries()) {
      element.classList.toggle('active', index === active)
      if (index === active) element.scrollIntoView({ block: 'nearest' })
    }
    if (active >= 0) input.setAttribute('aria-activedescendant', `${listId}-${active}`)
    else input.removeAttribute('aria-activedescendant')
  }
  /** @param {Option | null} option */
  function take(option) {
    label = option && !given.isEmptiedByChoice ? option.text.text : ''
    close()
    choose(option)
  }
  /** @param {KeyboardEvent} event */
  function onKey(event) {
    if (event.isComposing) return
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key]
    if (step !== undefined) {
      event.preventDefault()
      if (!isOpen()) return void look('')
      active = (active + step + options.length) % Math.max(1, options.length)
      return showActive()
    }
    if (event.key === 'Enter') {
      // Enter in a select never submits the form around it.
      event.preventDefault()
      const option = options[active]
      if (!isOpen()) void look('')
      else if (option) take(option)
    } else if (event.key === 'Escape' && isOpen()) {
      event.preventDefault()
      event.stopPropagation()
      close()
    }
  }

  input.addEventListener('input', () => {
    clearTimeout(timer)
    if (input.value === '' && given.mayBeEmptied && label !== '') return take(null)
    timer = window.setTimeout(() => look(input.value), REST)
  })
  input.addEventListener('click', () => void (isOpen() ? close() : look('')))
  input.addEventListener('focus', () => input.select())
  input.addEventListener('blur', close)
  input.addEventListener('keydown', onKey)
  return h('div.combobox', {}, input, list)
}

/** Settles once a pointer is up, and the click that comes of it was handled. @returns {Promise<void>} */
function nextRelease() {
  return new Promise((resolve) => {
    const up = () => {
      removeEventListener('pointerup', up)
      removeEventListener('pointercancel', up)
      setTimeout(resolve)
    }
    addEventListener('pointerup', up)
    addEventListener('pointercancel', up)
  })
}

/** Below the field, or above it where there is more room. @param {HTMLElement} list @param {HTMLElement} input */
function place(list, input) {
  const { left, top, bottom, width } = input.getBoundingClientRect()
  const below = innerHeight - bottom
  const isBelow = below > 200 || below > top
  Object.assign(list.style, {
    left: `${left}px`,
    width: `${Math.max(width, 180)}px`,
    maxHeight: `${Math.min(280, (isBelow ? below : top) - 12)}px`,
    top: isBelow ? `${bottom + 4}px` : 'auto',
    bottom: isBelow ? 'auto' : `${innerHeight - top + 4}px`,
  })
}
