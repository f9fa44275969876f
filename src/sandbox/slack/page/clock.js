import { html } from 'htm/preact'
import { useEffect, useReducer, useRef } from 'preact/hooks'
import { moment } from '../markup/read.js'
import { Labelled } from './faults.js'
import { useScene } from './scene.js'

const HOUR = 3_600_000
const DAY = 24 * HOUR
const STEPS = [
  { unit: /** @type {const} */ ('hour'), count: 1, ms: HOUR },
  { unit: /** @type {const} */ ('day'), count: 1, ms: DAY },
  { unit: /** @type {const} */ ('day'), count: 7, ms: 7 * DAY },
  { unit: /** @type {const} */ ('day'), count: 30, ms: 30 * DAY },
]

/** The clock of message times and expiries, which people can move forward. */
export function Clock() {
  const { state, words, viewer, server, notify } = useScene()
  const [, tick] = useReducer((/** @type {number} */ ticks) => ticks + 1, 0)
  const shown = useRef({ state, at: performance.now() })
  if (shown.current.state !== state) shown.current = { state, at: performance.now() }
  useEffect(() => {
    const timer = setInterval(() => tick(undefined), 1000)
    return () => clearInterval(timer)
  }, [])
  const now = state.now + performance.now() - shown.current.at
  const ahead = state.ahead > 0 ? words.clock.ahead(lasting(state.ahead, viewer.locale)) : words.clock.real
  const forward = (/** @type {number} */ ms) =>
    void server.forward(ms).catch((error) => notify(error.message))
  /** @param {Event & { currentTarget: HTMLFormElement }} event */
  function onSubmit(event) {
    event.preventDefault()
    forward(Math.round(Number(new FormData(event.currentTarget).get('hours')) * HOUR))
  }
  return html`<div class="clock">
    <p class="now" role="status">
      <strong>${moment(now, viewer, { dateStyle: 'full', timeStyle: 'medium' })}</strong>
      <span class="note">${viewer.tz} · ${ahead}</span>
    </p>
    <p class="note">${words.clock.note}</p>
    <div class="row">
      ${STEPS.map(
        ({ unit, count, ms }) =>
          html`<button type="button" onClick=${() => forward(ms)}>+ ${measured(count, unit, viewer.locale)}</button>`,
      )}
    </div>
    <form class="row" onSubmit=${onSubmit}>
      <${Labelled} text=${words.clock.hours}>
        <input name="hours" type="number" min="0.01" step="any" defaultValue="24" />
      </>
      <button type="submit" class="primary">${words.clock.forward}</button>
    </form>
  </div>`
}

/** @param {number} count @param {'hour' | 'day'} unit @param {string} locale */
function measured(count, unit, locale) {
  return new Intl.NumberFormat(locale, { style: 'unit', unit, unitDisplay: 'long' }).format(count)
}

/** @param {number} ms @param {string} locale */
function lasting(ms, locale) {
  const days = Math.floor(ms / DAY)
  const hours = Math.round((ms - days * DAY) / HOUR)
  return [
    days > 0 ? measured(days, 'day', locale) : '',
    hours > 0 || days === 0 ? measured(hours, 'hour', locale) : '',
  ]
    .filter(Boolean)
    .join(' ')
}
