/** @import { Kept, Route, SandboxState, Scene } from './shapes.ts' */
import { html } from 'htm/preact'
import { Fragment, render } from 'preact'
import { Channels } from './channels.js'
import { Modal } from './modal.js'
import { addressOf, channelName, groupHandle, personName, readRoute, SceneContext, settled } from './scene.js'
import { createServer, listenForChanges } from './server.js'
import { Talk } from './talk.js'
import { Tools } from './tools.js'
import { wordsFor } from './words.js'

/** How long a notice stays, in ms. */
const NOTICE = 8000

/** Starts the page: asks for the state at every change, and draws it. */
function start() {
  const server = createServer()
  let route = readRoute()
  /** @type {SandboxState | undefined} */
  let state
  let isOnline = true
  let isComposing = false
  /** @type {{ text: string, detail?: string, hash: string | undefined } | undefined} */
  let notice
  let noticeTimer = 0
  /** @type {Parameters<Scene['openDialog']>[0] | undefined} */
  let dialog
  let dialogsOpened = 0
  let asked = 0
  let isAsking = false
  /** @type {Kept} */
  const kept = {
    drafts: new Map(),
    sent: new Map(),
    modals: new Map(),
    isTipHidden: false,
    traffic: {
      run: '',
      entries: new Map(),
      opened: new Set(),
      filter: { text: '', kind: '', failedOnly: false, withPlayed: false },
    },
  }

  /** @param {Partial<Route>} change */
  function go(change) {
    const isOther = change.person !== undefined && change.person !== route.person
    route = { ...route, ...change }
    history.pushState(null, '', addressOf(route))
    if (isOther) void refresh()
    else draw()
    if (change.channel === undefined || matchMedia('(max-width: 1100px)').matches) return
    const composer = document.querySelector('main .composer textarea')
    if (composer instanceof HTMLElement) composer.focus()
  }

  /** The hash of the open form as it is now: content that the app puts there later is newer than a notice. */
  const formHash = () => (state?.views[route.person] ?? []).at(-1)?.hash

  /** @param {string} text @param {string} [detail] */
  function notify(text, detail) {
    clearTimeout(noticeTimer)
    notice = text === '' ? undefined : { text, ...(detail && { detail }), hash: formHash() }
    if (notice && notice.hash === undefined) noticeTimer = window.setTimeout(() => notify(''), NOTICE)
    draw()
  }

  /** @type {Scene['openDialog']} */
  function openDialog(drawDialog) {
    dialog = drawDialog
    dialogsOpened += 1
    draw()
  }

  function closeDialog(/** @type {typeof dialog} */ own) {
    if (dialog !== own) return
    dialog = undefined
    draw()
  }

  /** Asks for the state; changes in the meantime cause one more request, not one each. */
  async function refresh() {
    asked += 1
    if (isAsking) return
    isAsking = true
    try {
      for (let own = -1; own !== asked; ) {
        own = asked
        const seen = await server.state(route.person).catch((error) => {
          // Nobody has this id: `settled` below chooses the first person who can act.
          if (error.name === 'RefusedError') return server.state('')
          throw error
        })
        const right = settled(route, seen)
        if (right.person !== route.person) asked += 1
        else {
          state = seen
          isOnline = true
        }
        route = right
      }
    } catch {
      isOnline = false
    } finally {
      isAsking = false
    }
    draw()
  }

  function draw() {
    // A redraw would interrupt a Chinese character that is being composed.
    if (!state || isComposing) return
    const now = state
    const viewer = now.people.find(({ id }) => id === route.person)
    if (!viewer) return
    const words = wordsFor(viewer.locale)
    const reader = {
      person: (/** @type {string} */ id) => personName(id, now),
      channel: (/** @type {string} */ id) => channelName(id, now),
      group: (/** @type {string} */ id) => groupHandle(id, now),
      locale: viewer.locale,
      tz: viewer.tz,
      now: now.now,
    }
    /** @type {Scene} */
    const scene = { state, viewer, words, route, server, reader, kept, go, notify, openDialog }
    const places = Object.values(state.unread[viewer.id] ?? {})
    const unread = places.reduce((sum, { mentions }) => sum + mentions, 0)
    const sign = unread > 0 ? `(${unread}) ` : places.length > 0 ? '* ' : ''
    document.documentElement.lang = words.language
    document.body.dataset.pane = route.pane
    document.title = `${sign}${channelName(route.channel, now) ?? route.channel} · ${viewer.realName} · ${words.title}`
    const own = dialog
    // Each dialog has its own element: a browser reports that one was closed only later, when another may be open.
    render(
      html`<${SceneContext.Provider} value=${scene}>
        <${Frame} scene=${scene} isOnline=${isOnline} unread=${unread} notice=${notice} formHash=${formHash()} />
        ${own && html`<${Fragment} key=${dialogsOpened}>${own(() => closeDialog(own))}</>`}
      </>`,
      document.body,
    )
  }

  addEventListener('popstate', () => {
    route = readRoute()
    void refresh()
  })
  document.addEventListener('visibilitychange', draw)
  document.addEventListener('compositionstart', () => {
    isComposing = true
  })
  document.addEventListener('compositionend', () => {
    isComposing = false
    setTimeout(draw)
  })
  listenForChanges((isConnected) => {
    if (isConnected) return void refresh()
    isOnline = false
    draw()
  })
}

/**
 * A screen reader can't reach anything outside an open form, so then the form shows the notice.
 *
 * @param {{
 *   scene: Scene, isOnline: boolean, unread: number, formHash: string | undefined,
 *   notice: { text: string, detail?: string, hash: string | undefined } | undefined,
 * }} props
 */
function Frame({ scene: { words, route, go }, isOnline, unread, notice, formHash }) {
  const pane = (/** @type {Route['pane']} */ name, /** @type {string} */ text) =>
    html`<button
      type="button"
      class=${`to-${name}`}
      aria-pressed=${String(route.pane === name)}
      onClick=${() => go({ pane: name })}
    >
      ${text}
    </button>`
  return html`<header class="banner">
      ${!isOnline && html`<strong class="offline" role="alert">${words.offline}</strong>`}
      <h1 class="unseen">${words.title}</h1>
      <span>${words.notSlack} </span>
      <button type="button" class="linklike" onClick=${() => go({ tool: 'about', thread: '', pane: 'tools' })}>
        ${words.more}
      </button>
    </header>
    <div class="columns"><${Channels} /><${Talk} /><${Tools} /></div>
    <nav class="panes" aria-label=${words.panes}>
      ${pane('channels', unread > 0 ? `${words.channels} (${unread})` : words.channels)}
      ${pane('talk', words.messages)} ${pane('tools', words.behind)}
    </nav>
    <div class="notice-bar" role="alert" hidden=${!notice || notice.hash !== undefined}>
      ${notice?.text}${notice?.detail && html`<small>${notice.detail}</small>`}
    </div>
    <${Modal} failure=${notice && formHash !== undefined && notice.hash === formHash ? notice : undefined} />`
}

start()
