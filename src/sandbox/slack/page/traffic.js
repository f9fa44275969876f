/** @import { TrafficEntry } from './shapes.ts' */
import { html } from 'htm/preact'
import { useEffect, useReducer, useRef, useState } from 'preact/hooks'
import { moment } from '../markup/read.js'
import { useEndInSight } from './messages.js'
import { useScene } from './scene.js'

/** How many entries are drawn at once; the filter searches all. */
const DRAWN = 200
/** How long a copy button confirms, in ms. */
const SAID = 1500
/** @type {TrafficEntry['kind'][]} */
const KINDS = ['command', 'interaction', 'options', 'event', 'web_api', 'upload', 'response_url']

/** The raw traffic between this Slack and the app, in both directions, newest last. */
export function Traffic() {
  const { words, state, kept } = useScene()
  const { entries, filter } = kept.traffic
  const [, redraw] = useReducer((/** @type {number} */ times) => times + 1, 0)
  useNews(() => redraw(undefined))
  const list = useEndInSight()
  const sought = filter.text.trim().toLowerCase()
  const played = [...entries.keys()].filter((id) => id <= state.playedTo).length
  const fitting = [...entries.values()].filter(
    (entry) =>
      (filter.withPlayed || entry.id > state.playedTo) &&
      (filter.kind === '' || entry.kind === filter.kind) &&
      (!filter.failedOnly || statusOf(entry).isBad) &&
      (sought === '' || entry.haystack.includes(sought)),
  )
  const drawn = fitting.slice(-DRAWN)
  /** @param {Partial<typeof filter>} change */
  function set(change) {
    Object.assign(filter, change)
    redraw(undefined)
  }
  return html`<div class="traffic">
    <div class="filters">
      <input
        type="search"
        value=${filter.text}
        placeholder=${words.filter}
        aria-label=${words.filter}
        onInput=${(/** @type {{ currentTarget: HTMLInputElement }} */ { currentTarget }) => set({ text: currentTarget.value })}
      />
      <select
        value=${filter.kind}
        aria-label=${words.kind}
        onChange=${(/** @type {{ currentTarget: HTMLSelectElement }} */ { currentTarget }) => set({ kind: currentTarget.value })}
      >
        <option value="">${words.allKinds}</option>
        ${KINDS.map((name) => html`<option value=${name}>${words.kinds[name]}</option>`)}
      </select>
      <label>
        <input
          type="checkbox"
          checked=${filter.failedOnly}
          onChange=${(/** @type {{ currentTarget: HTMLInputElement }} */ { currentTarget }) =>
            set({ failedOnly: currentTarget.checked })}
        />${' '}
        <span>${words.failedOnly}</span>
      </label>
      ${
        played > 0 &&
        html`<label>
          <input
            type="checkbox"
            checked=${filter.withPlayed}
            onChange=${(/** @type {{ currentTarget: HTMLInputElement }} */ { currentTarget }) =>
              set({ withPlayed: currentTarget.checked })}
          />${' '}
          <span>${words.withPlayed(played)}</span>
        </label>`
      }
      <span class="note" role="status">${words.ofEntries(drawn.length, entries.size)}</span>
    </div>
    <div
      ref=${list}
      class=${drawn.length === 0 ? 'entries nothing' : 'entries'}
      tabindex="0"
      data-nothing=${words.noTraffic}
    >
      ${drawn.map((entry) => html`<${Entry} key=${`${state.run} ${entry.id}`} entry=${entry} />`)}
    </div>
  </div>`
}

/** At every change, asks for new entries, and again for those that had not ended. @param {() => void} told */
function useNews(told) {
  const { server, state, kept } = useScene()
  const asking = useRef({ isAsking: false, isAskedAgain: false }).current
  async function ask() {
    if (asking.isAsking) {
      asking.isAskedAgain = true
      return
    }
    asking.isAsking = true
    const { entries } = kept.traffic
    const open = [...entries.values()].find(({ ms }) => ms === undefined)
    try {
      const after = open ? open.id - 1 : Math.max(0, ...entries.keys())
      for (const entry of await server.traffic(after))
        entries.set(entry.id, { ...entry, haystack: haystackOf(entry) })
      told()
    } catch {
      // The page reports the lost connection, and asks again once it is back.
    }
    asking.isAsking = false
    if (!asking.isAskedAgain) return
    asking.isAskedAgain = false
    await ask()
  }
  useEffect(() => {
    if (kept.traffic.run !== state.run) {
      kept.traffic.run = state.run
      kept.traffic.entries.clear()
      kept.traffic.opened.clear()
    }
    void ask()
  }, [state])
}

/** @param {{ entry: TrafficEntry }} props */
function Entry({ entry }) {
  const { words, viewer, kept } = useScene()
  const { opened } = kept.traffic
  const [isOpen, setIsOpen] = useState(opened.has(entry.id))
  const { text, isBad } = statusOf(entry)
  const time = moment(entry.at, viewer, { dateStyle: 'medium', timeStyle: 'medium' })
  /** @param {{ currentTarget: HTMLDetailsElement }} event */
  function onToggle({ currentTarget: { open } }) {
    if (open) opened.add(entry.id)
    else opened.delete(entry.id)
    setIsOpen(open)
  }
  return html`<details class=${isBad ? 'entry bad' : 'entry'} open=${isOpen} onToggle=${onToggle}>
    <summary>
      <span class=${`way ${entry.direction}`} title=${words.ways[entry.direction]}>
        ${words.waysShort[entry.direction]}
      </span>
      <span class="name">${entry.name}</span>
      <span class="kind">${words.kinds[entry.kind]}</span>
      ${entry.retry && html`<span class="badge">${words.retry(entry.retry)}</span>`}
      ${entry.fault && html`<span class="badge fault">${entry.fault}</span>`}
      ${
        entry.ms === undefined
          ? html`<span class="status under-way">${words.underWay}</span>`
          : html`<span class="status" title=${text}>${text}</span>`
      }
      <span class="ms">${entry.ms !== undefined && words.ms(entry.ms)}</span>
    </summary>
    ${
      isOpen &&
      html`<div class="payloads">
        <p class="note">${time} · ${entry.transport === 'socket' ? 'Socket Mode' : 'HTTP'}</p>
        <${Payload} title=${words.request} value=${entry.request} />
        ${
          entry.answer !== undefined &&
          html`<${Payload} title=${words.answers[entry.direction]} value=${entry.answer} />`
        }
        ${entry.error && html`<p class="error">${entry.error}</p>`}
      </div>`
    }
  </details>`
}

/** @param {{ title: string, value: unknown }} props */
function Payload({ title, value }) {
  return html`<div class="part"><strong>${title}</strong><${CopyButton} value=${json(value)} /></div>
    <pre tabindex="0">${json(value)}</pre>`
}

/** @param {{ value: string }} props */
export function CopyButton({ value }) {
  const { words } = useScene()
  const [label, setLabel] = useState(/** @type {string | undefined} */ (undefined))
  async function copy() {
    setLabel(
      await navigator.clipboard.writeText(value).then(
        () => words.copied,
        () => words.notCopied,
      ),
    )
    setTimeout(() => setLabel(undefined), SAID)
  }
  return html`<button type="button" class="small" onClick=${copy}>${label ?? words.copy}</button>`
}

/** An entry's result in a word; empty while it is in progress. @param {TrafficEntry} entry */
function statusOf({ status, error, answer, direction, ms }) {
  const refusal = direction === 'to_slack' ? Object(answer) : {}
  const isRefused = refusal.ok === false
  const isBad = ms !== undefined && (error !== undefined || isRefused || (status ?? 200) >= 400)
  if (ms === undefined) return { text: '', isBad }
  return { text: error ?? (isRefused ? String(refusal.error) : String(status ?? 'ack')), isBad }
}

/** @param {TrafficEntry} entry */
function haystackOf({ name, request, answer, error = '' }) {
  return `${name} ${json(request)} ${json(answer)} ${error}`.toLowerCase()
}

/** @param {unknown} value */
function json(value) {
  return value === undefined ? '' : JSON.stringify(value, undefined, 2)
}
