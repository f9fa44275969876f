/** @import { Route, SandboxState } from './shapes.ts' */

/** Reads who looks at what from the address, so that it can be kept, sent and opened twice. @returns {Route} */
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
 * What the address leaves open or says wrongly: nobody is the first who can act, nowhere is their first channel.
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
