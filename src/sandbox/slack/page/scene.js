/** @import { Message, Route, SandboxState, Scene } from './shapes.ts' */
import { createContext } from 'preact'
import { useContext, useState } from 'preact/hooks'

export const SceneContext = createContext(/** @type {Scene} */ (/** @type {unknown} */ (undefined)))

/** The viewer and the view, for every part of the page. @returns {Scene} */
export function useScene() {
  return useContext(SceneContext)
}

let lastId = 0

/** An id that no other element of the page has; Preact's own start again each time the root is drawn. */
export function useOwnId() {
  const [id] = useState(() => {
    lastId += 1
    return `x${lastId}`
  })
  return id
}

/**
 * Reads the viewer and the view from the address, so that people can bookmark it, send it and open it twice.
 * @returns {Route}
 */
export function readRoute() {
  const query = new URLSearchParams(location.search)
  const text = (/** @type {string} */ name) => query.get(name) ?? ''
  const pane = text('pane')
  return {
    person: text('person'),
    channel: text('channel'),
    thread: text('thread'),
    tab: text('tab') === 'home' ? 'home' : 'messages',
    tool: text('tool') || 'traffic',
    pane: pane === 'channels' || pane === 'tools' ? pane : 'talk',
  }
}

/** @param {Partial<Route>} route @returns {string} */
export function addressOf(route) {
  const query = new URLSearchParams()
  for (const [name, value] of Object.entries(route)) {
    const isUsual =
      value === '' || value === 'messages' || value === 'talk' || (name === 'tool' && value === 'traffic')
    if (!isUsual) query.set(name, value)
  }
  return `/?${query}`
}

/**
 * Fills in what the address leaves out or gets wrong: the first person who can act, and their first channel.
 *
 * @param {Route} route @param {SandboxState} state @returns {Route}
 */
export function settled(route, state) {
  const able = state.people.filter(canAct)
  const viewer = able.find(({ id }) => id === route.person) ?? able[0]
  if (!viewer) return route
  const channels = state.channels.filter(({ members }) => members.includes(viewer.id)).map(({ id }) => id)
  const isThere = channels.includes(route.channel) || route.channel === viewer.dm
  return { ...route, person: viewer.id, channel: isThere ? route.channel : (channels[0] ?? viewer.dm) }
}

/** @param {SandboxState['people'][number]} person */
export function canAct({ isBot, isDeleted }) {
  return !isBot && !isDeleted
}

/** @param {string} id @param {SandboxState} state @returns {string | undefined} */
export function personName(id, { app, people }) {
  return id === app.botUserId ? app.name : people.find((person) => person.id === id)?.realName
}

/** @param {string} id @param {SandboxState} state @returns {string | undefined} */
export function groupHandle(id, { groups }) {
  return groups.find((group) => group.id === id)?.handle
}

/** @param {string} id @param {SandboxState} state @returns {string | undefined} */
export function channelName(id, { app, people, channels, otherChannels }) {
  if (people.some(({ dm }) => dm === id)) return app.name
  return [...channels, ...otherChannels].find((channel) => channel.id === id)?.name
}

/** @param {Message} message @param {SandboxState} state @returns {string} */
export function authorOf({ bot_id, user = '' }, state) {
  return bot_id ? state.app.name : (personName(user, state) ?? user)
}

/** What is unread in a channel, or by `channel/ts` in a thread. @param {string} place @param {Scene} scene */
export function unreadIn(place, { state, viewer }) {
  return state.unread[viewer.id]?.[place] ?? { messages: 0, mentions: 0 }
}

/** @param {Message} message @returns {boolean} whether it shows only in its thread */
export function isInThread({ ts, thread_ts = ts, subtype }) {
  return thread_ts !== ts && subtype !== 'thread_broadcast'
}

/** @param {string} ts of a message @returns {number} epoch ms */
export function timeOf(ts) {
  return Number(ts) * 1000
}

const COLOURS = 8

/** A colour's number, always the same for the same person. @param {string} id */
export function colourOf(id) {
  let sum = 0
  for (const letter of id) sum = (sum * 31 + letter.charCodeAt(0)) % 997
  return sum % COLOURS
}
