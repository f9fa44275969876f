/** @import { Scene } from './shapes.ts' */
import { h, redraw } from './dom.js'
import { openPeople } from './people.js'
import { addressOf } from './route.js'

/** The list of channels with what is unread in each, and who looks. */
export function createChannels() {
  const element = h('nav.channels')

  /** @param {Scene} scene */
  function draw(scene) {
    const { state, viewer, route, words, go } = scene
    const places = [
      ...state.channels.map((channel) => ({ ...channel, isApp: false })),
      ...(state.app.hasMessagesTab || state.app.hasHomeTab
        ? [{ id: viewer.dm, name: state.app.name, members: [], isApp: true }]
        : []),
    ].map((place) => ({ ...place, unread: unreadIn(place.id, scene) }))
    const shown = [places, viewer, route.channel, route.person, state.team.name, words.language]
    redraw(element, shown, () => {
      element.setAttribute('aria-label', words.channels)
      const link = (/** @type {typeof places[number]} */ place) =>
        h(
          'li',
          {},
          h(
            place.unread > 0 ? 'a.place.unread' : 'a.place',
            {
              href: addressOf({ ...route, channel: place.id, thread: '', pane: 'talk' }),
              'aria-current': place.id === route.channel ? 'page' : undefined,
              'data-focus': place.id,
              onclick: (/** @type {MouseEvent} */ event) => {
                if (event.metaKey || event.ctrlKey || event.shiftKey) return
                event.preventDefault()
                go({ channel: place.id, thread: '', pane: 'talk' })
              },
            },
            h(
              place.isApp ? 'span.app-icon' : 'span.sign',
              { 'aria-hidden': 'true' },
              place.isApp ? '' : signOf(place),
            ),
            h('span.name', {}, place.name),
            place.isExternal
              ? h('span.note', { role: 'img', title: words.shared, 'aria-label': words.shared }, '⇄')
              : null,
            place.unread > 0
              ? h('span.count', { 'aria-label': words.unreadCount(place.unread) }, String(place.unread))
              : null,
          ),
        )
      return [
        h('p.team', {}, state.team.name),
        h(
          'button.viewer',
          { type: 'button', 'data-focus': 'viewer', onclick: () => openPeople(scene) },
          h('span.online', { 'aria-hidden': 'true' }),
          h('span', {}, words.youAre(viewer.realName)),
          h('span.note', {}, words.switchPerson),
        ),
        h('h2', {}, words.channels),
        h('ul', {}, places.filter(({ isApp }) => !isApp).map(link)),
        h('h2', {}, words.apps),
        h('ul', {}, places.filter(({ isApp }) => isApp).map(link)),
      ]
    })
  }

  return { element, draw }
}

/** @param {{ isPrivate?: boolean, isArchived?: boolean }} channel */
function signOf({ isPrivate }) {
  return isPrivate ? '🔒' : '#'
}

/** Messages of others since the viewer read there. @param {string} channel @param {Scene} scene */
export function unreadIn(channel, { state, viewer }) {
  const mark = Number(state.reads[viewer.id]?.[channel] ?? 0)
  return (state.messages[channel] ?? []).filter(({ ts, user }) => Number(ts) > mark && user !== viewer.id)
    .length
}
