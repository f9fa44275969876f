/** @import { Option, Placed } from './shapes.ts' */
import { html } from 'htm/preact'
import { useLayoutEffect, useRef, useState } from 'preact/hooks'
import { putBeside } from './combobox.js'
import { confirmed } from './dialog.js'
import { textOf } from './markup.js'
import { useOwnId, useScene } from './scene.js'
import { RefusedError } from './server.js'

/**
 * The app's shortcuts: those of a message in its menu, the others from anywhere.
 *
 * @param {{ type: 'message' | 'global', on?: { channel: string, messageTs: string } }} props
 */
export function Shortcuts({ type, on }) {
  const { state, viewer, words, server, notify } = useScene()
  const offered = state.app.shortcuts.filter((one) => one.type === type)
  const isOutsider = (viewer.teamId ?? state.team.id) !== state.team.id
  if (offered.length === 0 || isOutsider) return null
  const options = offered.map(({ name, callbackId }) => ({
    text: { type: 'plain_text', text: name },
    value: callbackId,
  }))
  /** @type {Placed['surface']['press']} */
  async function press(_element, callbackId) {
    try {
      const result = await server.act(viewer.id, 'shortcut', { callbackId, ...on })
      if (!result.ok) notify(words.pressFailed(result.error), result.why)
    } catch (error) {
      if (!(error instanceof RefusedError)) throw error
      notify(words.notPressed, error.message)
    }
  }
  return html`<div class="shortcuts">
    <${Overflow}
      element=${{ type: 'overflow', options }}
      block=${{ type: 'actions' }}
      surface=${{ press }}
      label=${type === 'message' ? words.messageShortcuts : words.shortcuts}
      sign=${type === 'message' ? '⋯' : '⚡'}
    />
  </div>`
}

/**
 * The menu behind three dots: https://www.w3.org/WAI/ARIA/apg/patterns/menu-button/
 *
 * @param {Pick<Placed, 'element' | 'block'> & { surface: Pick<Placed['surface'], 'press'>, label?: string, sign?: string }} props
 */
export function Overflow({ element, block, surface, label, sign = '⋯' }) {
  const scene = useScene()
  const id = useOwnId()
  const button = useRef(/** @type {HTMLButtonElement | null} */ (null))
  const menu = useRef(/** @type {HTMLDivElement | null} */ (null))
  const [isOpen, setOpen] = useState(false)
  const [underWay, setUnderWay] = useState(0)
  const options = /** @type {Option[]} */ (Array.isArray(element.options) ? element.options : [])

  useLayoutEffect(() => {
    const [list, place] = [menu.current, button.current]
    if (!isOpen || !list || !place) return
    putBeside(list, place)
    const follow = (/** @type {Event} */ event) => event.target !== list && putBeside(list, place)
    addEventListener('scroll', follow, { capture: true })
    return () => removeEventListener('scroll', follow, { capture: true })
  }, [isOpen])

  /** @param {number} at the option that gets the focus; counted from the end if negative */
  function open(at) {
    menu.current?.showPopover()
    items().at(at)?.focus()
  }
  function items() {
    return /** @type {HTMLElement[]} */ ([...(menu.current?.children ?? [])])
  }
  /** @param {KeyboardEvent} event */
  function onButtonKey(event) {
    const at = { ArrowDown: 0, ArrowUp: -1 }[event.key]
    if (at === undefined) return
    event.preventDefault()
    open(at)
  }
  /** @param {KeyboardEvent} event */
  function onMenuKey(event) {
    const all = items()
    const now = all.indexOf(/** @type {HTMLElement} */ (document.activeElement))
    const letter = event.key.toLocaleLowerCase()
    const next = {
      ArrowDown: (now + 1) % all.length,
      ArrowUp: (now - 1 + all.length) % all.length,
      Home: 0,
      End: all.length - 1,
    }[event.key]
    if (next !== undefined) {
      event.preventDefault()
      all[next]?.focus()
    } else if (event.key === 'Escape' || event.key === 'Tab') {
      // Esc closes only this menu, not the form around it; Tab goes on from the button.
      if (event.key === 'Escape') event.preventDefault()
      event.stopPropagation()
      menu.current?.hidePopover()
      button.current?.focus()
    } else if (letter.length === 1 && letter.trim() !== '') {
      const after = [...all.slice(now + 1), ...all.slice(0, now + 1)]
      after.find((item) => item.textContent?.trim().toLocaleLowerCase().startsWith(letter))?.focus()
    }
  }
  /** @param {Option} option */
  async function choose({ value, url }) {
    menu.current?.hidePopover()
    button.current?.focus()
    if (element.confirm && !(await confirmed(Object(element.confirm), scene))) return
    if (typeof url === 'string' && /^https?:\/\//i.test(url))
      window.open(url, '_blank', 'noopener,noreferrer')
    setUnderWay((before) => before + 1)
    await surface.press(element, value, block)
    setUnderWay((before) => before - 1)
  }

  return html`<div class="overflow">
    <button
      ref=${button}
      type="button"
      id=${id}
      class="action dots"
      aria-label=${label ?? scene.words.moreActions}
      title=${label}
      aria-haspopup="menu"
      aria-expanded=${String(isOpen)}
      aria-controls=${`${id}-menu`}
      aria-busy=${underWay > 0 ? 'true' : undefined}
      onClick=${() => (isOpen ? menu.current?.hidePopover() : open(0))}
      onPointerDown=${(/** @type {Event} */ event) => isOpen && event.preventDefault()}
      onKeyDown=${onButtonKey}
    >
      <span aria-hidden="true">${sign}</span>
    </button>
    <div
      ref=${menu}
      class="options menu"
      id=${`${id}-menu`}
      role="menu"
      popover="manual"
      aria-labelledby=${id}
      onToggle=${(/** @type {ToggleEvent} */ { newState }) => setOpen(newState === 'open')}
      onFocusOut=${(/** @type {FocusEvent} */ { relatedTarget }) =>
        relatedTarget !== button.current &&
        !menu.current?.contains(/** @type {Node | null} */ (relatedTarget)) &&
        menu.current?.hidePopover()}
      onKeyDown=${onMenuKey}
    >
      ${options.map(
        (option) =>
          html`<button type="button" role="menuitem" tabindex="-1" onClick=${() => choose(option)}>
            ${textOf(option.text, scene)}
          </button>`,
      )}
    </div>
  </div>`
}
