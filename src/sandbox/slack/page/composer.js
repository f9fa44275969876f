/** @import { Kept } from './shapes.ts' */
import { html } from 'htm/preact'
import { useLayoutEffect, useRef, useState } from 'preact/hooks'
import { Shortcuts } from './menu.js'
import { channelName, useOwnId, useScene } from './scene.js'

/** The field's greatest height, in px. */
const HIGHEST = 160
/** How many texts the arrow keys can recall. */
const KEPT = 50

/**
 * Where people type messages and commands, with hints for commands and a history.
 *
 * @param {{ isInThread?: boolean }} props
 */
export function Composer({ isInThread = false }) {
  const { words, route, viewer, state, server, kept } = useScene()
  const place = `${viewer.id} ${route.channel} ${isInThread ? route.thread : ''}`
  const field = useRef(/** @type {HTMLTextAreaElement | null} */ (null))
  const listId = useOwnId()
  const [text, setText] = useState(kept.drafts.get(place) ?? '')
  const [failure, setFailure] = useState(
    /** @type {{ text: string, detail?: string } | undefined} */ (undefined),
  )
  const [isUnderWay, setIsUnderWay] = useState(false)
  const [showsHints, setShowsHints] = useState(false)
  const [active, setActive] = useState(0)
  const before = useBefore(kept, `${viewer.id} ${isInThread}`)

  const isDm = route.channel === viewer.dm
  const channel = state.channels.find(({ id }) => id === route.channel)
  const [typed = '', rest] = text.split(/\s([\s\S]*)/, 2)
  const isCommand = showsHints && !isInThread && text.startsWith('/')
  const hints = state.app.commands.filter(
    ({ command }) => isCommand && (rest === undefined ? command.startsWith(typed) : command === typed),
  )

  useLayoutEffect(() => {
    if (!field.current) return
    field.current.style.height = 'auto'
    field.current.style.height = `${Math.min(field.current.scrollHeight, HIGHEST)}px`
  }, [text])

  function type(/** @type {string} */ now) {
    kept.drafts.set(place, now)
    setText(now)
    setFailure(undefined)
    setShowsHints(true)
    setActive(0)
  }

  function take(/** @type {string | undefined} */ command) {
    if (command !== undefined && rest === undefined) type(`${command} `)
    field.current?.focus()
  }

  /** @param {KeyboardEvent} event @returns {boolean} whether it was meant for the hints */
  function isForHints(event) {
    if (hints.length === 0) return false
    const isComplete = /\s/.test(text) || hints.some(({ command }) => command === text)
    if (event.key === 'Escape') setShowsHints(false)
    else if (/^(Tab|Enter)$/.test(event.key) && !isComplete && !event.shiftKey) take(hints[active]?.command)
    else if (/^Arrow(Up|Down)$/.test(event.key) && hints.length > 1)
      setActive((active + (event.key === 'ArrowDown' ? 1 : -1) + hints.length) % hints.length)
    else return false
    event.preventDefault()
    return true
  }

  /** @param {KeyboardEvent & { currentTarget: HTMLTextAreaElement }} event */
  function onKeyDown(event) {
    if (event.isComposing || isForHints(event)) return
    if (event.key === 'Enter' && !event.shiftKey) {
      event.preventDefault()
      void submit()
    } else if (event.key === 'ArrowUp' || event.key === 'ArrowDown') {
      const other = before.step(event.key === 'ArrowUp' ? -1 : 1, event.currentTarget)
      if (other === undefined) return
      event.preventDefault()
      type(other)
      setShowsHints(false)
    }
  }

  async function submit() {
    const said = text.trim()
    if (said === '') return
    type('')
    before.add(said)
    setIsUnderWay(true)
    try {
      const thread = isInThread ? { threadTs: route.thread } : {}
      if (!said.startsWith('/'))
        await server.act(viewer.id, 'say', { text: said, channel: route.channel, ...thread })
      else if (isInThread) setFailure({ text: words.noCommandInThread(said.split(/\s/)[0]) })
      else await run(said)
    } catch (error) {
      setFailure({ text: error instanceof Error ? error.message : String(error) })
    } finally {
      setIsUnderWay(false)
    }
  }

  async function run(/** @type {string} */ said) {
    const [, command = '', after = ''] = /^(\S+)\s*([\s\S]*)$/.exec(said) ?? []
    const result = await server.act(viewer.id, 'command', { command, text: after, channel: route.channel })
    if (result.ok) return
    if (result.error === 'invalid_command') setFailure({ text: words.invalidCommand(command) })
    else setFailure({ text: words.commandFailed(command, result.error), detail: result.why })
  }

  if ((isDm && state.app.isMessagesTabReadOnly) || channel?.isArchived === true)
    return html`<p class="closed">${isDm ? words.appTakesNoMessages : words.archived}</p>`
  const target = isDm ? state.app.name : `#${channelName(route.channel, state) ?? route.channel}`
  const label = isInThread ? words.replyHere : words.messageTo(target)
  return html`<div class="composer">
    <p class="notice" role="alert" hidden=${!failure}>
      ${failure && html`<strong>Slackbot </strong>${failure.text}`}
      ${failure?.detail && html`<small>${failure.detail}</small>`}
    </p>
    <ul
      class="hints"
      id=${listId}
      role="listbox"
      aria-label=${words.commands}
      hidden=${hints.length === 0}
      onPointerDown=${(/** @type {Event} */ event) => event.preventDefault()}
    >
      ${hints.map(
        ({ command, usageHint, description }, index) =>
          html`<li
            id=${`${listId}-${index}`}
            role="option"
            class=${index === active ? 'active' : undefined}
            aria-selected=${String(index === active)}
            onClick=${() => take(command)}
          >
            <span class="command">${command} <span class="usage">${usageHint}</span></span>
            <span class="description">${description}</span>
          </li>`,
      )}
    </ul>
    <div class="line">
      ${!isInThread && html`<${Shortcuts} type="global" />`}
      <textarea
        ref=${field}
        rows="1"
        spellcheck=${false}
        value=${text}
        placeholder=${label}
        aria-label=${label}
        aria-controls=${listId}
        aria-autocomplete="list"
        aria-activedescendant=${hints.length > 0 ? `${listId}-${active}` : undefined}
        onInput=${(/** @type {{ currentTarget: HTMLTextAreaElement }} */ { currentTarget }) => type(currentTarget.value)}
        onKeyDown=${onKeyDown}
        onBlur=${() => setShowsHints(false)}
      ></textarea>
      <button
        type="button"
        class="primary"
        aria-busy=${isUnderWay ? 'true' : undefined}
        onClick=${() => submit()}
      >
        ${words.send}
      </button>
    </div>
  </div>`
}

/** What a person sent before, recalled with the arrow keys. @param {Kept} kept @param {string} owner */
function useBefore({ sent }, owner) {
  /** Steps back from the end; 0 is the text being typed. */
  const at = useRef({ back: 0, unsent: '' }).current
  return {
    /** @param {string} text */
    add(text) {
      const texts = (sent.get(owner) ?? []).filter((one) => one !== text)
      sent.set(owner, [...texts, text].slice(-KEPT))
      at.back = 0
    },
    /**
     * @param {-1 | 1} step -1 is back to earlier texts
     * @param {HTMLTextAreaElement} field
     * @returns {string | undefined} undefined if the arrow should only move the caret
     */
    step(step, { value, selectionStart }) {
      const texts = sent.get(owner) ?? []
      const shown = at.back > 0 ? texts.at(-at.back) : undefined
      // In a text that is being edited, arrows move the caret. Only an empty field, or a text just recalled, steps on.
      if (value !== '' && value !== shown) {
        at.back = 0
        if (step > 0 || selectionStart > 0) return undefined
      }
      const next = Math.min(texts.length, at.back - step)
      if (next < 0 || next === at.back) return undefined
      if (at.back === 0) at.unsent = value
      at.back = next
      return next === 0 ? at.unsent : texts.at(-next)
    },
  }
}
