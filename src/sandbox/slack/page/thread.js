/** @import { Scene } from './shapes.ts' */
import { createComposer } from './composer.js'
import { dayKey } from './dates.js'
import { h, redraw, redrawList } from './dom.js'
import { drawMessage } from './message.js'

/** The thread of one message, with its own composer. */
export function createThread() {
  const head = h('header')
  const list = h('div.messages')
  const composer = createComposer({ isInThread: true })
  /** @type {Scene} */
  let shown
  const close = () => shown.go({ thread: '', pane: 'talk' })
  const element = h(
    'section.thread',
    {
      'aria-labelledby': 'thread-title',
      onkeydown: (/** @type {KeyboardEvent} */ event) => {
        if (event.key === 'Escape' && !event.defaultPrevented && !event.isComposing) close()
      },
    },
    head,
    list,
    composer.element,
  )

  /** @param {Scene} scene */
  function draw(scene) {
    shown = scene
    const { state, route, words, viewer } = scene
    const all = (state.messages[route.channel] ?? []).filter(
      ({ ts, thread_ts }) => ts === route.thread || thread_ts === route.thread,
    )
    redraw(head, [words.language], () => [
      h('h2', { id: 'thread-title' }, words.thread),
      h('button.quiet', { type: 'button', 'aria-label': words.closeThread, onclick: close }, '×'),
    ])
    redrawList(
      list,
      all,
      ({ ts }) => ts,
      (message) => [message, viewer.id, dayKey(state.now, viewer)],
      (message) => drawMessage(message, scene),
    )
    composer.draw(scene)
  }

  return { element, draw }
}
