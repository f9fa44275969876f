/** @import { Route, SandboxState, Scene } from './shapes.ts' */
import { createChannels, unreadIn } from './channels.js'
import { h, redraw } from './dom.js'
import { createModal } from './modal.js'
import { channelName } from './names.js'
import { addressOf, readRoute, settled } from './route.js'
import { createServer, listenForChanges } from './server.js'
import { createTalk } from './talk.js'
import { createTools } from './tools.js'
import { wordsFor } from './words.js'

/** ms for which a notice stays. */
const NOTICE = 8000

/** Starts the page: it asks for the state at every change, and draws what differs. */
function start() {
  const server = createServer()
  const banner = h('header.banner')
  const channels = createChannels()
  const talk = createTalk()
  const tools = createTools()
  const panes = h('nav.panes')
  const notice = h('div.notice-bar', { role: 'alert', hidden: true })
  document.body.append(
    banner,
    h('div.columns', {}, channels.element, talk.element, tools.element),
    panes,
    notice,
  )
  const modal = createModal()

  let route = readRoute()
  /** @type {SandboxState | undefined} */
  let state
  let isOnline = true
  let isComposing = false
  let noticeTimer = 0
  let asked = 0
  let isAsking = false

  /** @param {Partial<Route>} change */
  function go(change) {
    const isOther = change.person !== undefined && change.person !== route.person
    route = { ...route, ...change }
    history.pushState(null, '', addressOf(route))
    if (isOther) void refresh()
    else draw()
    if (change.channel !== undefined && !matchMedia('(max-width: 1100px)').matches) talk.focusComposer()
  }

  /** @param {string} text @param {string} [detail] */
  function notify(text, detail) {
    // All around an open form is out of reach for a screen reader.
    if (modal.isOpen()) return modal.tell(text, detail)
    notice.replaceChildren(text, detail ? h('small', {}, detail) : '')
    notice.hidden = false
    clearTimeout(noticeTimer)
    noticeTimer = window.setTimeout(() => {
      notice.hidden = true
    }, NOTICE)
  }

  /** Asks for the state; changes in the meantime are asked for once more, not each. */
  async function refresh() {
    asked += 1
    if (isAsking) return
    isAsking = true
    try {
      for (let own = -1; own !== asked; ) {
        own = asked
        const seen = await server.state(route.person).catch((error) => {
          // Nobody of this id: whoever is first is looked for below.
          if (error.name === 'RefusedError') return server.state('')
          throw error
        })
        const right = settled(route, seen)
        if (right.person !== route.person) {
          route = right
          asked += 1
        } else {
          route = right
          state = seen
          isOnline = true
        }
      }
    } catch {
      isOnline = false
    } finally {
      isAsking = false
    }
    draw()
  }

  function draw() {
    // A redraw would break off a Chinese character that is being composed.
    if (!state || isComposing) return
    const viewer = state.people.find(({ id }) => id === route.person)
    if (!viewer) return
    const words = wordsFor(viewer.locale)
    const scene = { state, viewer, words, route, server, go, notify }
    document.documentElement.lang = words.language
    document.body.dataset.pane = route.pane
    const unread = state.channels.reduce(
      (sum, { id }) => sum + unreadIn(id, scene),
      unreadIn(viewer.dm, scene),
    )
    document.title = `${unread > 0 ? `(${unread}) ` : ''}${channelName(route.channel, scene)} · ${viewer.realName} · ${words.title}`
    drawFrame(scene, unread)
    channels.draw(scene)
    talk.draw(scene)
    tools.draw(scene)
    modal.draw(scene)
  }

  /** @param {Scene} scene @param {number} unread */
  function drawFrame({ words }, unread) {
    redraw(banner, [isOnline, words.language], () => [
      isOnline ? null : h('strong.offline', { role: 'alert' }, words.offline),
      h('h1.unseen', {}, words.title),
      h('span', {}, words.notSlack, ' '),
      h(
        'button.linklike',
        { type: 'button', onclick: () => go({ tool: 'about', thread: '', pane: 'tools' }) },
        words.more,
      ),
    ])
    redraw(panes, [route.pane, unread, words.language], () => {
      panes.setAttribute('aria-label', words.panes)
      const pane = (/** @type {Route['pane']} */ name, /** @type {string} */ text) =>
        h(
          'button',
          {
            type: 'button',
            'aria-pressed': String(route.pane === name),
            'data-focus': `pane ${name}`,
            class: `to-${name}`,
            onclick: () => go({ pane: name }),
          },
          text,
        )
      return [
        pane('channels', unread > 0 ? `${words.channels} (${unread})` : words.channels),
        pane('talk', words.messages),
        pane('tools', words.behind),
      ]
    })
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

start()
