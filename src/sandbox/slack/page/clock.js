/** @import { Scene } from './shapes.ts' */
import { when } from './dates.js'
import { h, redraw } from './dom.js'
import { labelled } from './wechat-faults.js'

const HOUR = 3_600_000
const DAY = 24 * HOUR
const STEPS = [
  { unit: /** @type {const} */ ('hour'), count: 1, ms: HOUR },
  { unit: /** @type {const} */ ('day'), count: 1, ms: DAY },
  { unit: /** @type {const} */ ('day'), count: 7, ms: 7 * DAY },
  { unit: /** @type {const} */ ('day'), count: 30, ms: 30 * DAY },
]

/** The clock of message times and expiries, to be moved forward. */
export function createClock() {
  const time = h('p.now', { role: 'status' })
  const controls = h('div')
  const element = h('div.clock', {}, time, controls)
  /** @type {Scene} */
  let scene
  let shownAt = 0

  function tick() {
    if (!scene || !element.isConnected) return
    const { state, words } = scene
    const now = state.now + (performance.now() - shownAt)
    const { viewer } = scene
    const shown = when(now, scene, { dateStyle: 'full', timeStyle: 'medium' })
    const ahead = state.ahead > 0 ? words.clock.ahead(lasting(state.ahead, viewer.locale)) : words.clock.real
    redraw(time, [shown, ahead], () => [
      h('strong', {}, shown),
      h('span.note', {}, `${viewer.tz} · ${ahead}`),
    ])
  }

  /** @param {Scene} now */
  function draw(now) {
    if (scene?.state !== now.state) shownAt = performance.now()
    scene = now
    const { words, viewer, server, notify } = now
    const forward = (/** @type {number} */ ms) => server.forward(ms).catch((error) => notify(error.message))
    redraw(controls, [viewer.id, words.language], () => [
      h('p.note', {}, words.clock.note),
      h(
        'div.row',
        {},
        STEPS.map(({ unit, count, ms }) =>
          h(
            'button',
            { type: 'button', 'data-focus': `forward ${ms}`, onclick: () => forward(ms) },
            `+ ${measured(count, unit, viewer.locale)}`,
          ),
        ),
      ),
      h(
        'form.row',
        {
          onsubmit: (/** @type {Event & { currentTarget: HTMLFormElement }} */ event) => {
            event.preventDefault()
            const hours = Number(new FormData(event.currentTarget).get('hours'))
            void forward(Math.round(hours * HOUR))
          },
        },
        labelled(words.clock.hours, (id) =>
          h('input', { id, name: 'hours', type: 'number', min: '0.01', step: 'any', value: '24' }),
        ),
        h('button.primary', { type: 'submit' }, words.clock.forward),
      ),
    ])
    tick()
  }

  setInterval(tick, 1000)
  return { element, draw }
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
