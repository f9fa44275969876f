/** @import { FaultSpec, Scene } from './shapes.ts' */
import { h, redraw } from './dom.js'
import { labelled } from './wechat-faults.js'

/** @typedef {{ name: keyof import('./words-en.js').FaultWords, spec: FaultSpec, takesMethod?: boolean }} Switch */
/** @type {Switch[]} */
const SWITCHES = [
  { name: 'click_twice', spec: { name: 'click_twice' } },
  { name: 'submit_twice', spec: { name: 'submit_twice' } },
  { name: 'ack_lost', spec: { name: 'ack_lost' } },
  { name: 'late_ack', spec: { name: 'late_ack' } },
  { name: 'socket_cut', spec: { name: 'socket_cut' } },
  { name: 'web_api_429', spec: { name: 'web_api_429', retryAfter: 3 }, takesMethod: true },
  { name: 'web_api_500', spec: { name: 'web_api_500' }, takesMethod: true },
  { name: 'web_api_500_acted', spec: { name: 'web_api_500', acted: true }, takesMethod: true },
  { name: 'web_api_hang', spec: { name: 'web_api_hang' }, takesMethod: true },
  { name: 'trigger_expired', spec: { name: 'trigger_expired' } },
  { name: 'command_twice', spec: { name: 'command_twice' } },
  { name: 'unsigned', spec: { name: 'unsigned' } },
]

const METHODS = [
  '',
  'views.open',
  'views.update',
  'chat.postMessage',
  'chat.update',
  'chat.postEphemeral',
  'users.info',
]

/** Switches for the faults of Slack, for the next calls or deliveries. */
export function createFaults() {
  const form = h('div')
  const pending = h('div')
  const element = h('div.faults', {}, pending, form)
  let times = '1'
  let method = ''

  /** @param {Scene} scene */
  function draw(scene) {
    const { words, server, notify, viewer } = scene
    const fail = (/** @type {Error} */ error) => notify(error.message)
    const plant = (/** @type {Switch} */ { spec, takesMethod }) =>
      server
        .fault({ ...spec, times: Number(times), ...(takesMethod && method !== '' ? { method } : {}) })
        .then(() => showPending(scene), fail)
    redraw(form, [viewer.id, words.language], () => [
      h('h3', {}, words.faults.title),
      h('p.note', {}, words.faults.note),
      h(
        'div.row',
        {},
        labelled(words.faults.times, (id) =>
          h('input', {
            id,
            type: 'number',
            min: '1',
            value: times,
            oninput: (/** @type {Event & { currentTarget: HTMLInputElement }} */ { currentTarget }) => {
              times = currentTarget.value
            },
          }),
        ),
        labelled(words.faults.method, (id) =>
          h(
            'select',
            {
              id,
              onchange: (/** @type {Event & { currentTarget: HTMLSelectElement }} */ { currentTarget }) => {
                method = currentTarget.value
              },
            },
            METHODS.map((name) => h('option', { value: name }, name || words.faults.anyMethod)),
          ),
        ),
      ),
      h(
        'ul.switches',
        {},
        SWITCHES.map((one) =>
          h(
            'li',
            {},
            h(
              'button',
              { type: 'button', 'data-focus': `fault ${one.name}`, onclick: () => plant(one) },
              words.faults.names[one.name][0],
            ),
            h('span.note', {}, words.faults.names[one.name][1]),
          ),
        ),
      ),
      h('h3', {}, words.faults.now),
      h(
        'div.row',
        {},
        h('button', { type: 'button', onclick: () => server.cutSockets().catch(fail) }, words.faults.cut),
        h(
          'button',
          { type: 'button', onclick: () => server.refreshSockets().catch(fail) },
          words.faults.refresh,
        ),
      ),
    ])
    void showPending(scene)
  }

  /** @param {Scene} scene */
  async function showPending({ words, server, viewer }) {
    const all = await server.faults().catch(() => undefined)
    if (all === undefined) return
    redraw(pending, [all, viewer.id], () => [
      h('h3', {}, words.faults.pending),
      all.length === 0
        ? h('p.note', { role: 'status' }, words.faults.none)
        : h(
            'ul.rows',
            { role: 'status' },
            all.map(({ name, times: left, ...rest }) =>
              h(
                'li',
                {},
                h('code', {}, name),
                ` × ${left} `,
                Object.keys(rest).length > 0 ? h('code', {}, JSON.stringify(rest)) : null,
              ),
            ),
          ),
      all.length === 0
        ? null
        : h('button.small', { type: 'button', onclick: () => server.clearFaults() }, words.faults.clear),
    ])
  }

  return { element, draw }
}
