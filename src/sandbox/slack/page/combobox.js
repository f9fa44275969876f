/** @import { Option } from './shapes.ts' */
import { html } from 'htm/preact'
import { useLayoutEffect, useRef, useState } from 'preact/hooks'
import { useOwnId, useScene } from './scene.js'

/** ms to wait after typing before searching. */
const REST = 150

/**
 * A field with suggestions as people type: https://www.w3.org/WAI/ARIA/apg/patterns/combobox/
 *
 * @param {object} given
 * @param {string} [given.id] for a label that names the field
 * @param {string} [given.described]
 * @param {boolean} [given.isRequired]
 * @param {boolean} [given.isWrong]
 * @param {string} given.placeholder
 * @param {string} given.label of the chosen option, empty if it is shown elsewhere
 * @param {boolean} [given.mayBeEmptied]
 * @param {(query: string) => Promise<Option[] | string>} given.find options, or why there are none
 * @param {(option: Option | null) => void} given.choose
 */
export function Combobox({ placeholder, label, mayBeEmptied = false, find, choose, ...given }) {
  const { words } = useScene()
  const listId = useOwnId()
  const input = useRef(/** @type {HTMLInputElement | null} */ (null))
  const list = useRef(/** @type {HTMLUListElement | null} */ (null))
  const [typed, setTyped] = useState(/** @type {string | undefined} */ (undefined))
  /** The suggestions; undefined while the list is closed. */
  const [found, setFound] = useState(/** @type {Option[] | string | undefined} */ (undefined))
  const [active, setActive] = useState(-1)
  const options = Array.isArray(found) ? found : []
  const isOpen = found !== undefined
  const search = useRef({
    timer: 0,
    number: 0,
    /** Resolves when no pointer is down on the list: a press on an option that is replaced or moved would be lost. */
    released: Promise.resolve(),
  }).current

  useLayoutEffect(() => {
    const [place, field] = [list.current, input.current]
    if (!isOpen || !place || !field) return
    place.showPopover()
    const follow = (/** @type {Event} */ event) => event.target !== place && putBeside(place, field)
    addEventListener('scroll', follow, { capture: true })
    return () => {
      removeEventListener('scroll', follow, { capture: true })
      if (place.isConnected) place.hidePopover()
    }
  }, [isOpen])
  useLayoutEffect(() => {
    if (!isOpen || !list.current || !input.current) return
    putBeside(list.current, input.current)
    list.current.children[active]?.scrollIntoView({ block: 'nearest' })
  }, [found, active])

  function close() {
    // The pending search must not open the list again.
    clearTimeout(search.timer)
    search.number += 1
    setTyped(undefined)
    setFound(undefined)
  }
  /** @param {string} query */
  async function look(query) {
    search.number += 1
    const own = search.number
    const now = await find(query)
    await search.released
    if (own !== search.number || !input.current) return
    const chosen = Array.isArray(now) ? now.findIndex(({ text }) => text.text === label) : -1
    setActive(Array.isArray(now) && now.length > 0 ? Math.max(0, chosen) : -1)
    setFound(now)
  }
  /** @param {Option | null} option */
  function take(option) {
    close()
    choose(option)
  }
  /** @param {KeyboardEvent} event */
  function onKeyDown(event) {
    if (event.isComposing) return
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key]
    if (step !== undefined) {
      event.preventDefault()
      if (!isOpen) void look('')
      else setActive((active + step + options.length) % Math.max(1, options.length))
    } else if (event.key === 'Enter') {
      // Enter in a select never submits the form around it.
      event.preventDefault()
      const option = options[active]
      if (!isOpen) void look('')
      else if (option) take(option)
    } else if (event.key === 'Escape' && isOpen) {
      event.preventDefault()
      event.stopPropagation()
      close()
    }
  }
  /** @param {{ currentTarget: HTMLInputElement }} event */
  function onInput({ currentTarget: { value } }) {
    clearTimeout(search.timer)
    setTyped(value)
    if (value === '' && mayBeEmptied && label !== '') return take(null)
    search.timer = window.setTimeout(() => look(value), REST)
  }
  /** Otherwise a press on an option would first take the focus out of the field. @param {Event} event */
  function onPointerDown(event) {
    event.preventDefault()
    search.released = nextRelease()
  }

  return html`<div class="combobox">
    <input
      ref=${input}
      type="text"
      id=${given.id}
      role="combobox"
      value=${typed ?? label}
      placeholder=${placeholder}
      autocomplete="off"
      spellcheck=${false}
      aria-label=${given.id ? undefined : placeholder}
      aria-expanded=${String(isOpen)}
      aria-controls=${listId}
      aria-autocomplete="list"
      aria-activedescendant=${isOpen && active >= 0 ? `${listId}-${active}` : undefined}
      aria-required=${given.isRequired ? 'true' : undefined}
      aria-invalid=${given.isWrong ? 'true' : undefined}
      aria-describedby=${given.described}
      onInput=${onInput}
      onClick=${() => (isOpen ? close() : look(''))}
      onFocus=${() => input.current?.select()}
      onBlur=${close}
      onKeyDown=${onKeyDown}
    />
    <ul
      ref=${list}
      class="options"
      id=${listId}
      role="listbox"
      popover="manual"
      aria-label=${words.options}
      onPointerDown=${onPointerDown}
    >
      ${options.map(
        (option, index) =>
          html`<li
            id=${`${listId}-${index}`}
            role="option"
            class=${index === active ? 'active' : undefined}
            aria-selected=${String(option.text.text === label)}
            onClick=${() => take(option)}
          >
            <span>${option.text.text}</span>
            ${option.description && html`<span class="description">${option.description.text}</span>`}
          </li>`,
      )}
      ${
        isOpen &&
        options.length === 0 &&
        html`<li class="none" role="presentation">${typeof found === 'string' ? found : words.nothingFound}</li>`
      }
    </ul>
  </div>`
}

/** Resolves once a pointer is up and its click has been handled. @returns {Promise<void>} */
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

/**
 * Places the list below the field, or above it if there is more room.
 * @param {HTMLElement} list
 * @param {HTMLElement} input
 */
export function putBeside(list, input) {
  const { left, top, bottom, width } = input.getBoundingClientRect()
  const own = Math.max(width, 180)
  const below = innerHeight - bottom
  const isBelow = below > 200 || below > top
  Object.assign(list.style, {
    left: `${Math.max(8, Math.min(left, innerWidth - own - 8))}px`,
    width: `${own}px`,
    maxHeight: `${Math.min(280, (isBelow ? below : top) - 12)}px`,
    top: isBelow ? `${bottom + 4}px` : 'auto',
    bottom: isBelow ? 'auto' : `${innerHeight - top + 4}px`,
  })
}
