/** @import { Message, Scene } from './shapes.ts' */
import { dayKey, dayName, timeOf } from './dates.js'
import { h, redrawList } from './dom.js'
import { drawMessage } from './message.js'

/** @typedef {{ day: string, at: number } | { message: Message, replies: Message[], isFirstUnread: boolean }} Row */

/** How near to the end counts as being at the end, in px. */
const NEAR = 60

/** Draws the messages of one channel under their days, and keeps the newest in sight of who reads at the end. */
export function createMessages() {
  const list = h('div.messages', { role: 'log', tabindex: '0' })
  /** @type {{ place: string, mark: string }} where the unread began when this place was opened */
  let opened = { place: '', mark: '' }

  /** @param {Scene} scene */
  function draw(scene) {
    const { route, viewer, state, words } = scene
    const place = `${viewer.id} ${route.channel}`
    const all = state.messages[route.channel] ?? []
    const isOpened = opened.place !== place
    if (isOpened) {
      opened = { place, mark: state.reads[viewer.id]?.[route.channel] ?? '0' }
      list.replaceChildren()
    }
    const isAtEnd = isOpened || list.scrollHeight - list.scrollTop - list.clientHeight < NEAR
    list.setAttribute('aria-label', words.messages)
    const look = [viewer.id, route.thread, dayKey(state.now, viewer)]
    redrawList(
      list,
      rowsOf(all, scene, opened.mark),
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

/** @param {Message[]} all @param {Scene} scene @param {string} mark @returns {Row[]} */
function rowsOf(all, { viewer }, mark) {
  /** @type {Map<string, Message[]>} */
  const threads = new Map()
  for (const message of all)
    if (message.thread_ts !== undefined && message.thread_ts !== message.ts)
      threads.set(message.thread_ts, [...(threads.get(message.thread_ts) ?? []), message])
  /** @type {Row[]} */
  const rows = []
  let day = ''
  let isMarked = mark === '0'
  for (const message of all) {
    if (message.thread_ts !== undefined && message.thread_ts !== message.ts) continue
    const at = timeOf(message.ts)
    if (dayKey(at, viewer) !== day) {
      day = dayKey(at, viewer)
      rows.push({ day, at })
    }
    const isFirstUnread = !isMarked && Number(message.ts) > Number(mark) && message.user !== viewer.id
    if (isFirstUnread) isMarked = true
    rows.push({ message, replies: threads.get(message.ts) ?? [], isFirstUnread })
  }
  return rows
}
