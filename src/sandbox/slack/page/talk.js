/** @import { Scene } from './shapes.ts' */
import { createComposer } from './composer.js'
import { h, redraw } from './dom.js'
import { createHome } from './home.js'
import { createMessages } from './messages.js'
import { channelName, personName } from './names.js'

/** The middle of the page: one channel or the DM with the app. */
export function createTalk() {
  const head = h('header')
  const messages = createMessages()
  const home = createHome()
  const composer = createComposer()
  const element = h(
    'main',
    { 'aria-labelledby': 'place-title' },
    head,
    home.element,
    messages.element,
    composer.element,
  )
  /** @type {string} */
  let openedHome = ''

  /** @param {Scene} scene */
  function draw(scene) {
    const { route, viewer, state, server } = scene
    const isDm = route.channel === viewer.dm
    const hasHome = isDm && state.app.hasHomeTab
    const isHome = hasHome && (route.tab === 'home' || !state.app.hasMessagesTab)
    drawHead(scene, hasHome, isHome)
    home.element.hidden = !isHome
    messages.element.hidden = isHome
    composer.element.hidden = isHome
    if (isHome) home.draw(scene)
    else {
      messages.draw(scene)
      composer.draw(scene)
      markRead(scene)
    }
    // The app is told each time that the tab is opened, not each time that it is drawn.
    const opened = isHome ? viewer.id : ''
    if (opened !== openedHome) {
      openedHome = opened
      if (isHome) void server.act(viewer.id, 'home').catch(() => {})
    }
  }

  /** @param {Scene} scene @param {boolean} hasHome @param {boolean} isHome */
  function drawHead(scene, hasHome, isHome) {
    const { route, viewer, state, words, go } = scene
    const channel = state.channels.find(({ id }) => id === route.channel)
    const members = channel?.members.map((id) => personName(id, scene)) ?? []
    redraw(head, [route, members, channel, hasHome, isHome, viewer.id, words.language], () => {
      const tab = (/** @type {'home' | 'messages'} */ name, /** @type {string} */ text) =>
        h(
          'button.tab',
          {
            type: 'button',
            'aria-pressed': String((name === 'home') === isHome),
            'data-focus': `tab ${name}`,
            onclick: () => go({ tab: name }),
          },
          text,
        )
      return [
        h(
          'h2',
          { id: 'place-title' },
          channel ? `${channel.isPrivate ? '🔒 ' : '# '}${channel.name}` : channelName(route.channel, scene),
        ),
        channel
          ? h('span.note', { title: members.join(', ') }, words.members(members.length))
          : h('span.badge', {}, words.app),
        channel?.isExternal ? h('span.note', {}, words.shared) : null,
        hasHome && state.app.hasMessagesTab
          ? h('div.tabs', {}, tab('home', words.home), tab('messages', words.messages))
          : null,
      ]
    })
  }

  return { element, draw, focusComposer: composer.focus, tell: composer.tell }
}

/** What is on the screen has been read. @param {Scene} scene */
function markRead({ route, viewer, state, server }) {
  const last = state.messages[route.channel]?.at(-1)
  if (!last || document.visibilityState !== 'visible') return
  if (route.pane === 'channels' && matchMedia('(max-width: 700px)').matches) return
  if (Number(state.reads[viewer.id]?.[route.channel] ?? 0) >= Number(last.ts)) return
  void server.act(viewer.id, 'read', { channel: route.channel, ts: last.ts }).catch(() => {})
}
