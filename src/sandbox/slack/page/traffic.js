/** @import { Scene, TrafficEntry } from './shapes.ts' */
import { h, redrawList } from './dom.js'
import { copyButton, json, statusOf, timed } from './traffic-entry.js'

/** How many entries are drawn at once; the filter looks through all. */
const DRAWN = 200
const KINDS = ['command', 'interaction', 'options', 'event', 'web_api', 'response_url']
const NEAR = 60

/** The raw traffic between this Slack and the app, both ways, the newest last. */
export function createTraffic() {
  /** @type {Map<number, TrafficEntry>} */
  const entries = new Map()
  /** @type {Map<number, string>} what the filter looks through */
  const haystacks = new Map()
  /** @type {Set<number>} */
  const opened = new Set()
  let isAsking = false
  let isAskedAgain = false
  let run = ''
  /** @type {Scene} */
  let scene

  const filter = /** @type {HTMLInputElement} */ (h('input', { type: 'search', oninput: () => show() }))
  const kind = /** @type {HTMLSelectElement} */ (h('select', { onchange: () => show() }))
  const failed = /** @type {HTMLInputElement} */ (h('input', { type: 'checkbox', onchange: () => show() }))
  const failedText = h('span')
  const count = h('span.note', { role: 'status' })
  const list = h('div.entries', { tabindex: '0' })
  const element = h(
    'div.traffic',
    {},
    h('div.filters', {}, filter, kind, h('label', {}, failed, ' ', failedText), count),
    list,
  )

  /** Asks for what is new, and again for what had no answer yet. */
  async function update() {
    if (isAsking) {
      isAskedAgain = true
      return
    }
    isAsking = true
    const unended = [...entries.values()].find(({ ms }) => ms === undefined)
    const after = unended ? unended.id - 1 : Math.max(0, ...entries.keys())
    try {
      for (const entry of await scene.server.traffic(after)) {
        entries.set(entry.id, entry)
        haystacks.set(
          entry.id,
          `${entry.name} ${json(entry.request)} ${json(entry.answer)} ${entry.error ?? ''}`.toLowerCase(),
        )
      }
      show()
    } catch {
      // The page tells that the connection is lost; it asks again once there is one.
    }
    isAsking = false
    if (!isAskedAgain) return
    isAskedAgain = false
    await update()
  }

  function show() {
    const { words, viewer } = scene
    const query = filter.value.trim().toLowerCase()
    const fitting = [...entries.values()].filter(
      (entry) =>
        (kind.value === '' || entry.kind === kind.value) &&
        (!failed.checked || statusOf(entry).isBad) &&
        (query === '' || haystacks.get(entry.id)?.includes(query)),
    )
    const isAtEnd = list.scrollHeight - list.scrollTop - list.clientHeight < NEAR
    const drawn = fitting.slice(-DRAWN)
    count.textContent = words.ofEntries(drawn.length, entries.size)
    redrawList(
      list,
      drawn,
      ({ id }) => String(id),
      (entry) => [entry.id, entry.ms, entry.status, entry.error, viewer.id],
      draw,
    )
    list.classList.toggle('nothing', drawn.length === 0)
    list.dataset.nothing = words.noTraffic
    if (isAtEnd) list.scrollTop = list.scrollHeight
  }

  /** @param {TrafficEntry} entry */
  function draw(entry) {
    const { words } = scene
    const { text, isBad } = statusOf(entry)
    const details = /** @type {HTMLDetailsElement} */ (
      h(
        isBad ? 'details.entry.bad' : 'details.entry',
        {
          ontoggle: () => {
            if (details.open) opened.add(entry.id)
            else opened.delete(entry.id)
            if (details.open && details.children.length === 1) details.append(payloads(entry))
          },
        },
        h(
          'summary',
          { 'data-focus': `entry ${entry.id}` },
          h(
            `span.way.${entry.direction}`,
            { title: words.ways[entry.direction] },
            words.waysShort[entry.direction],
          ),
          h('span.name', {}, entry.name),
          h('span.kind', {}, words.kinds[entry.kind]),
          entry.retry ? h('span.badge', {}, words.retry(entry.retry)) : null,
          entry.fault ? h('span.badge.fault', {}, entry.fault) : null,
          text === ''
            ? h('span.status.under-way', {}, words.underWay)
            : h('span.status', { title: text }, text),
          h('span.ms', {}, entry.ms === undefined ? '' : words.ms(entry.ms)),
        ),
      )
    )
    details.open = opened.has(entry.id)
    return details
  }

  /** @param {TrafficEntry} entry */
  function payloads(entry) {
    const { words } = scene
    const part = (/** @type {string} */ title, /** @type {unknown} */ value) => [
      h('div.part', {}, h('strong', {}, title), copyButton(value, words)),
      h('pre', { tabindex: '0' }, json(value)),
    ]
    return h(
      'div.payloads',
      {},
      h('p.note', {}, `${timed(entry, scene)} · ${entry.transport === 'socket' ? 'Socket Mode' : 'HTTP'}`),
      part(words.request, entry.request),
      entry.answer === undefined ? null : part(words.answers[entry.direction], entry.answer),
      entry.error ? h('p.error', {}, entry.error) : null,
    )
  }

  /** @param {Scene} now */
  function drawAll(now) {
    scene = now
    const { words } = now
    if (now.state.run !== run) {
      run = now.state.run
      entries.clear()
      haystacks.clear()
      opened.clear()
    }
    filter.placeholder = words.filter
    filter.setAttribute('aria-label', words.filter)
    kind.setAttribute('aria-label', words.kind)
    if (kind.dataset.language !== words.language) {
      const { value } = kind
      kind.replaceChildren(
        h('option', { value: '' }, words.allKinds),
        ...KINDS.map((name) =>
          h('option', { value: name }, words.kinds[/** @type {TrafficEntry['kind']} */ (name)]),
        ),
      )
      kind.value = value
      kind.dataset.language = words.language
    }
    failedText.textContent = words.failedOnly
    void update()
  }

  return { element, draw: drawAll }
}
