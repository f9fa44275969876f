/** @import { Scene } from './shapes.ts' */
import { h } from './dom.js'
import { createHints } from './hints.js'
import { createHistory } from './history.js'
import { channelName } from './names.js'

/** Where people type: messages and commands, with hints of the commands and what was typed before. */
export function createComposer({ isInThread = false } = {}) {
  /** @type {Scene} */
  let scene
  /** @type {Map<string, string>} what is typed and not sent, by place */
  const drafts = new Map()
  const history = createHistory()
  let place = ''

  const field = /** @type {HTMLTextAreaElement} */ (
    h('textarea', {
      rows: '1',
      'data-focus': isInThread ? 'thread-composer' : 'composer',
      spellcheck: 'false',
      oninput: () => typed(),
      onkeydown: onKey,
      onblur: () => hints.close(),
    })
  )
  const hints = createHints(field, (text) => {
    field.value = text
    typed()
  })
  const send = h('button.primary', { type: 'button', onclick: () => void submit() })
  const alert = h('p.notice', { role: 'alert', hidden: true })
  const element = h('div.composer', {}, alert, hints.element, h('div.line', {}, field, send))
  const closed = h('p.closed', { hidden: true })
  const whole = h('div', {}, element, closed)

  function typed() {
    drafts.set(place, field.value)
    grow()
    alert.hidden = true
    hints.draw(isInThread ? '' : field.value, scene)
  }
  function grow() {
    field.style.height = 'auto'
    field.style.height = `${Math.min(field.scrollHeight, 160)}px`
  }

  /** @param {KeyboardEvent} event */
  function onKey(event) {
    if (event.isComposing || hints.onKey(event)) return
    if (event.key === 'Enter' && !event.shiftKey) {
      event.preventDefault()
      void submit()
    } else if (event.key === 'ArrowUp' || event.key === 'ArrowDown') {
      const text = history.step(scene.viewer.id, event.key === 'ArrowUp' ? -1 : 1, field)
      if (text === undefined) return
      event.preventDefault()
      field.value = text
      typed()
      hints.close()
      field.setSelectionRange(text.length, text.length)
    }
  }

  async function submit() {
    const text = field.value.trim()
    if (text === '') return
    const { words, server, viewer, route } = scene
    field.value = ''
    typed()
    history.add(viewer.id, text)
    send.setAttribute('aria-busy', 'true')
    try {
      if (!text.startsWith('/')) {
        const thread = isInThread ? { threadTs: route.thread } : {}
        await server.act(viewer.id, 'say', { text, channel: route.channel, ...thread })
      } else if (isInThread) tell(words.noCommandInThread(text.split(/\s/)[0]))
      else await run(text)
    } catch (error) {
      tell(error instanceof Error ? error.message : String(error))
    } finally {
      send.removeAttribute('aria-busy')
    }
  }

  /** @param {string} text */
  async function run(text) {
    const { words, server, viewer, route } = scene
    const [, command = '', rest = ''] = /^(\S+)\s*([\s\S]*)$/.exec(text) ?? []
    const result = await server.act(viewer.id, 'command', { command, text: rest, channel: route.channel })
    if (result.ok) return
    if (result.error === 'invalid_command') tell(words.invalidCommand(command))
    else tell(words.commandFailed(command, result.error), result.why)
  }

  /** @param {string} text @param {string} [detail] */
  function tell(text, detail) {
    alert.replaceChildren(h('strong', {}, 'Slackbot '), text, detail ? h('small', {}, detail) : '')
    alert.hidden = false
  }

  /** @param {Scene} now */
  function draw(now) {
    scene = now
    const { words, route, viewer, state } = now
    const isDm = route.channel === viewer.dm
    const channel = state.channels.find(({ id }) => id === route.channel)
    const isClosed = (isDm && state.app.isMessagesTabReadOnly) || channel?.isArchived === true
    element.hidden = isClosed
    closed.hidden = !isClosed
    closed.textContent = isDm ? words.appTakesNoMessages : words.archived
    const target = isDm ? state.app.name : `#${channelName(route.channel, now)}`
    field.placeholder = isInThread ? words.replyHere : words.messageTo(target)
    field.setAttribute('aria-label', field.placeholder)
    send.textContent = words.send
    const here = `${viewer.id} ${route.channel} ${isInThread ? route.thread : ''}`
    if (here === place) return
    place = here
    field.value = drafts.get(place) ?? ''
    alert.hidden = true
    grow()
    hints.close()
  }

  return { element: whole, draw, focus: () => field.focus(), tell }
}
