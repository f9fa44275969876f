import { html } from 'htm/preact'
import { People } from './dialog.js'
import { addressOf, unreadIn, useScene } from './scene.js'

/** The list of channels with what is unread in each, and who looks. */
export function Channels() {
  const scene = useScene()
  const { state, viewer, route, words, go, openDialog } = scene
  const hasApp = state.app.hasMessagesTab || state.app.hasHomeTab

  const choosePerson = () => openDialog((close) => html`<${People} close=${close} />`)

  /** @param {{ id: string, name: string, isPrivate?: boolean, isExternal?: boolean }} place */
  function link({ id, name, isPrivate, isExternal }) {
    const there = { channel: id, thread: '', pane: /** @type {const} */ ('talk') }
    const unread = unreadIn(id, scene)
    function open(/** @type {MouseEvent} */ event) {
      if (event.metaKey || event.ctrlKey || event.shiftKey) return
      event.preventDefault()
      go(there)
    }
    return html`<li>
      <a
        class=${unread > 0 ? 'place unread' : 'place'}
        href=${addressOf({ ...route, ...there })}
        aria-current=${id === route.channel ? 'page' : undefined}
        onClick=${open}
      >
        ${
          id === viewer.dm
            ? html`<span class="app-icon" aria-hidden="true"></span>`
            : html`<span class="sign" aria-hidden="true">${isPrivate ? '🔒' : '#'}</span>`
        }
        <span class="name">${name}</span>
        ${isExternal && html`<span class="note" role="img" title=${words.shared} aria-label=${words.shared}>⇄</span>`}
        ${unread > 0 && html`<span class="count" aria-label=${words.unreadCount(unread)}>${unread}</span>`}
      </a>
    </li>`
  }

  return html`<nav class="channels" aria-label=${words.channels}>
    <p class="team">${state.team.name}</p>
    <button type="button" class="viewer" onClick=${choosePerson}>
      <span class="online" aria-hidden="true"></span>
      <span>${words.youAre(viewer.realName)}</span>
      <span class="note">${words.switchPerson}</span>
    </button>
    <h2>${words.channels}</h2>
    <ul>${state.channels.map(link)}</ul>
    <h2>${words.apps}</h2>
    <ul>${hasApp && link({ id: viewer.dm, name: state.app.name })}</ul>
  </nav>`
}
