/** @import { AsideState, Scene } from './shapes.ts' */
import { h, newId, redraw } from './dom.js'

/**
 * What else a fault must or may be told.
 * @type {Record<string, { name: string, example: string, kind: 'text' | 'number' | 'flag' }[]>}
 */
const PARAMETERS = {
  refuse: [
    { name: 'code', example: 'USER_LIMIT', kind: 'text' },
    { name: 'after', example: '', kind: 'flag' },
  ],
  slow: [{ name: 'ms', example: '5000', kind: 'number' }],
  'server-error': [{ name: 'after', example: '', kind: 'flag' }],
  'bad-gateway-html': [{ name: 'after', example: '', kind: 'flag' }],
  'stale-timestamp': [{ name: 'seconds', example: '301', kind: 'number' }],
  'extra-fields': [{ name: 'bytes', example: '100', kind: 'number' }],
  'total-count-shrinks': [{ name: 'by', example: '1', kind: 'number' }],
  'pages-overlap': [{ name: 'rows', example: '1', kind: 'number' }],
  'offset-start': [{ name: 'start', example: '0', kind: 'number' }],
}

/** Switches for the faults of WeChat Pay, for its next calls. @param {() => void} changed */
export function createWechatFaults(changed) {
  const form = h('form')
  const pending = h('div')
  const element = h('section.faults', {}, form, pending)
  let chosen = 'no-answer-after'

  /** @param {Scene} scene @param {AsideState} aside */
  function draw(scene, aside) {
    const { words, server, notify, viewer } = scene
    const names = Object.keys(aside.faultMeanings)
    redraw(form, [names, viewer.id, chosen], () => [
      h('h3', {}, words.wechat.faults),
      h('p.note', {}, words.wechat.faultsNote),
      labelled(words.faults.what, (id) =>
        h(
          'select',
          {
            id,
            'data-focus': 'wechat-fault',
            onchange: (/** @type {Event & { currentTarget: HTMLSelectElement }} */ { currentTarget }) => {
              chosen = currentTarget.value
              draw(scene, aside)
            },
          },
          names.map((name) => h('option', { value: name, selected: name === chosen }, name)),
        ),
      ),
      h('p.note', { lang: 'en' }, aside.faultMeanings[chosen]),
      h(
        'div.row',
        {},
        (PARAMETERS[chosen] ?? []).map(({ name, example, kind }) =>
          labelled(name, (id) =>
            h('input', { id, name, type: kind === 'flag' ? 'checkbox' : 'text', value: example, size: '10' }),
          ),
        ),
        labelled(words.faults.times, (id) =>
          h('input', { id, name: 'times', type: 'number', min: '1', value: '1' }),
        ),
        h('button.primary', { type: 'submit' }, words.faults.plant),
      ),
    ])
    form.onsubmit = (event) => {
      event.preventDefault()
      server.asideFault(specOf(chosen, form)).then(changed, (error) => notify(error.message))
    }
    const waiting = aside.faults.filter(({ left }) => left !== 0)
    redraw(pending, [waiting, viewer.id], () =>
      waiting.length === 0
        ? null
        : [
            h(
              'ul.rows',
              {},
              waiting.map(({ spec, left, hits }) =>
                h(
                  'li',
                  {},
                  h('code', {}, JSON.stringify(spec)),
                  h('span.note', {}, words.wechat.left(String(left), hits)),
                ),
              ),
            ),
            h(
              'button.small',
              { type: 'button', onclick: () => server.clearAsideFaults().then(changed) },
              words.faults.clear,
            ),
          ],
    )
  }

  return { element, draw }
}

/** @param {string} name @param {HTMLElement} form */
function specOf(name, form) {
  /** @type {Record<string, unknown>} */
  const spec = { name }
  for (const input of form.querySelectorAll('input')) {
    const parameter = PARAMETERS[name]?.find((one) => one.name === input.name)
    if (input.type === 'checkbox') {
      if (input.checked) spec[input.name] = true
    } else if (input.value !== '')
      spec[input.name] =
        input.type === 'number' || parameter?.kind === 'number' ? Number(input.value) : input.value
  }
  return spec
}

/** @param {string} text @param {(id: string) => HTMLElement} field */
export function labelled(text, field) {
  const id = newId()
  return h('div.labelled', {}, h('label', { for: id }, text), field(id))
}
