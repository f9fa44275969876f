/** @import { Message, Scene } from './shapes.ts' */
import { dayKey, dayName, timeOf } from './dates.js'
import { h, redrawList } from './dom.js'
import { drawMessage } from './message.js'

/** @typedef {{ day: string, at: number } | { message: Message, replies: Message[], isFirstUnread: boolean }} Row */

/**
 * A place and what was unread there when it was opened: what comes while one looks on is not marked.
 * @typedef {{ place: string, from: string, to: string }} Opened
 */

/** How near to the end counts as being at the end, in px. */
const NEAR = 60

/** Draws the messages of one channel under their days, and keeps the newest in sight of who reads at the end. */
export function createMessages() {
  const list = h('div.messages', { role: 'log', tabindex: '0' })
  /** @type {Opened} */
  let opened = { place: '', from: '0', to: '0' }

  /** @param {Scene} scene */
  function draw(scene) {
    const { route, viewer, state, words } = scene
    const place = `${viewer.id} ${route.channel}`
    const all = state.messages[route.channel] ?? []
    const isOpened = opened.place !== place
    if (isOpened) {
      opened = { place, from: state.reads[viewer.id]?.[route.channel] ?? '0', to: all.at(-1)?.ts ?? '0' }
      list.replaceChildren()
    }
    const isAtEnd = isOpened || list.scrollHeight - list.scrollTop - list.clientHeight < NEAR
    list.setAttribute('aria-label', words.messages)
    const look = [viewer.id, route.thread, dayKey(state.now, viewer)]
    redrawList(
      list,
      rowsOf(all, scene, opened),
      (row) => ('message' in row ? row.message.ts : row.day),
      (row) => [row, look],
      (row) =>
        'message' in row
          ? drawMessage(row.message, scene, row)
          : h('div.day', { role: 'separator' }, h('span', {}, dayName(row.at, scene))),
    )
    list.classList.toggle('nothing', all.length === 0)
    list.dataset.nothing = words.noMessages
    if (isAtEnd) list.scrollTop = list.scrollHeight
  }

  return { element: list, draw }
}

/** @param {Message[]} all @param {Scene} scene @param {Opened} opened @returns {Row[]} */
function rowsOf(all, { viewer }, { from, to }) {
  /** @type {Map<string, Message[]>} */
  const threads = new Map()
  for (const message of all)
    if (message.thread_ts !== undefined && message.thread_ts !== message.ts)
      threads.set(message.thread_ts, [...(threads.get(message.thread_ts) ?? []), message])
  /** @type {Row[]} */
  const rows = []
  let day = ''
  let isMarked = from === '0'
  for (const message of all) {
    if (message.thread_ts !== undefined && message.thread_ts !== message.ts) continue
    const at = timeOf(message.ts)
    if (dayKey(at, viewer) !== day) {
      day = dayKey(at, viewer)
      rows.push({ day, at })
    }
    const isFirstUnread =
      !isMarked &&
      Number(message.ts) > Number(from) &&
      Number(message.ts) <= Number(to) &&
      message.user !== viewer.id
    if (isFirstUnread) isMarked = true
    rows.push({ message, replies: threads.get(message.ts) ?? [], isFirstUnread })
  }
  return rows
}
