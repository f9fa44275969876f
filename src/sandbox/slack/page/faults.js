/** @import { VNode } from 'preact' */
/** @import { FaultSpec, Words } from './shapes.ts' */
import { html } from 'htm/preact'
import { cloneElement } from 'preact'
import { useEffect, useState } from 'preact/hooks'
import { useOwnId, useScene } from './scene.js'

/** @type {{ name: keyof Words['faults']['names'], spec: FaultSpec, takesMethod?: boolean }[]} */
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

/** Switches for Slack's faults in its next calls or deliveries. */
export function Faults() {
  const { words, server, notify, state } = useScene()
  const [planted, setPlanted] = useState(/** @type {FaultSpec[]} */ ([]))
  const [times, setTimes] = useState('1')
  const [method, setMethod] = useState('')
  const fail = (/** @type {Error} */ error) => notify(error.message)
  const look = () => server.faults().then(setPlanted, () => {})
  useEffect(() => void look(), [state])
  /** @param {typeof SWITCHES[number]} one */
  const plant = ({ spec, takesMethod }) =>
    server
      .fault({ ...spec, times: Number(times), ...(takesMethod && method !== '' ? { method } : {}) })
      .then(look, fail)
  return html`<div class="faults">
    <h3>${words.faults.pending}</h3>
    ${
      planted.length === 0
        ? html`<p class="note" role="status">${words.faults.none}</p>`
        : html`<ul class="rows" role="status">
              ${planted.map(
                ({ name, times: left, ...rest }) =>
                  html`<li>
                    <code>${name}</code> × ${left} ${Object.keys(rest).length > 0 && html`<code>${JSON.stringify(rest)}</code>`}
                  </li>`,
              )}
            </ul>
            <button type="button" class="small" onClick=${() => server.clearFaults()}>${words.faults.clear}</button>`
    }
    <h3>${words.faults.title}</h3>
    <p class="note">${words.faults.note}</p>
    <div class="row">
      <${Labelled} text=${words.faults.times}>
        <input
          type="number"
          min="1"
          value=${times}
          onInput=${(/** @type {{ currentTarget: HTMLInputElement }} */ { currentTarget }) => setTimes(currentTarget.value)}
        />
      </>
      <${Labelled} text=${words.faults.method}>
        <select
          onChange=${(/** @type {{ currentTarget: HTMLSelectElement }} */ { currentTarget }) => setMethod(currentTarget.value)}
        >
          ${METHODS.map((name) => html`<option value=${name}>${name || words.faults.anyMethod}</option>`)}
        </select>
      </>
    </div>
    <ul class="switches">
      ${SWITCHES.map(
        (one) =>
          html`<li>
            <button type="button" onClick=${() => plant(one)}>${words.faults.names[one.name][0]}</button>
            <span class="note">${words.faults.names[one.name][1]}</span>
          </li>`,
      )}
    </ul>
    <h3>${words.faults.now}</h3>
    <div class="row">
      <button type="button" onClick=${() => server.cutSockets().catch(fail)}>${words.faults.cut}</button>
      <button type="button" onClick=${() => server.refreshSockets().catch(fail)}>${words.faults.refresh}</button>
    </div>
  </div>`
}

/** A field with its label above it. @param {{ text: string, children: VNode<any> }} props */
export function Labelled({ text, children }) {
  const id = useOwnId()
  return html`<div class="labelled"><label for=${id}>${text}</label>${cloneElement(children, { id })}</div>`
}
