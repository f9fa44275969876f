import { html } from 'htm/preact'
import { People } from './dialog.js'
import { textOf } from './markup.js'
import { addressOf, unreadIn, useScene } from './scene.js'

/** The list of channels with their unread messages, and the viewer. */
export function Channels() {
  const scene = useScene()
  const { state, viewer, route, words, go, openDialog } = scene
  const hasApp = state.app.hasMessagesTab || state.app.hasHomeTab

  const choosePerson = () => openDialog((close) => html`<${People} close=${close} />`)

  /** @param {{ id: string, name: string, isPrivate?: boolean, isExternal?: boolean }} place */
  function link({ id, name, isPrivate, isExternal }) {
    const there = { channel: id, thread: '', pane: /** @type {const} */ ('talk') }
    const { messages, mentions } = unreadIn(id, scene)
    function open(/** @type {MouseEvent} */ event) {
      if (event.metaKey || event.ctrlKey || event.shiftKey) return
      event.preventDefault()
      go(there)
    }
    return html`<li>
      <a
        class=${messages > 0 ? 'place unread' : 'place'}
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
        ${badge({ messages, mentions })}
      </a>
    </li>`
  }

  /**
   * A count of what is meant for the viewer; other messages only make the name stand out.
   * @param {{ messages: number, mentions: number }} unread
   */
  function badge({ messages, mentions }) {
    if (mentions > 0)
      return html`<span class="count" role="img" aria-label=${words.unreadCount(mentions)}>${mentions}</span>`
    return messages > 0 && html`<span class="unseen"> ${words.unreadMark}</span>`
  }

  /** The viewer's threads with new replies, each by its first message. */
  const threads = Object.entries(state.unread[viewer.id] ?? {}).flatMap(([place, unread]) => {
    const [channel = '', thread] = place.split('/')
    const first = (state.messages[channel] ?? []).find(({ ts }) => ts === thread)
    return first ? [{ place, channel, first, unread }] : []
  })

  /** @param {(typeof threads)[number]} thread */
  function threadLink({ place, channel, first, unread }) {
    const there = { channel, thread: first.ts, pane: /** @type {const} */ ('tools') }
    function open(/** @type {MouseEvent} */ event) {
      if (event.metaKey || event.ctrlKey || event.shiftKey) return
      event.preventDefault()
      go(there)
    }
    return html`<li key=${place}>
      <a class="place unread" href=${addressOf({ ...route, ...there })} onClick=${open}>
        <span class="sign" aria-hidden="true">↳</span>
        <span class="name">${textOf({ type: 'mrkdwn', text: first.text }, scene)}</span>
        ${badge(unread)}
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
    ${threads.length > 0 && html`<h2>${words.threads}</h2><ul>${threads.map(threadLink)}</ul>`}
    <h2>${words.channels}</h2>
    <ul>${state.channels.map(link)}</ul>
    <h2>${words.apps}</h2>
    <ul>${hasApp && link({ id: viewer.dm, name: state.app.name })}</ul>
  </nav>`
}
