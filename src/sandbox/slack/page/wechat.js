/** @import { WechatState } from './shapes.ts' */
import { html } from 'htm/preact'
import { useEffect, useRef, useState } from 'preact/hooks'
import { moment } from '../markup/read.js'
import { Labelled } from './faults.js'
import { useScene } from './scene.js'
import { CopyButton } from './traffic.js'

/** Changes that nothing in this Slack announces show within this many ms. */
const LOOK_EVERY = 1000

/** The WeChat Pay side: the coupons that were really issued, and every call with the result of its signature check. */
export function Wechat() {
  const { server, state, words, viewer, notify } = useScene()
  const place = useRef(/** @type {HTMLDivElement | null} */ (null))
  const [wechat, setWechat] = useState(/** @type {WechatState | null | undefined} */ (undefined))
  const look = () => server.wechat().then(setWechat, () => {})
  useEffect(() => void look(), [state])
  useEffect(() => {
    const timer = setInterval(() => place.current?.checkVisibility() && look(), LOOK_EVERY)
    return () => clearInterval(timer)
  }, [])
  const time = (/** @type {string | number} */ at) =>
    moment(Date.parse(String(at)), viewer, { dateStyle: 'medium', timeStyle: 'short' })
  const use = (/** @type {WechatState['coupons'][number]} */ { coupon_id, send_quota }) =>
    server
      .changeCoupon(String(coupon_id), { use_quota: send_quota })
      .then(look, (error) => notify(error.message))
  if (wechat === undefined) return html`<div ref=${place} class="wechat"></div>`
  if (wechat === null)
    return html`<div ref=${place} class="wechat"><p class="note">${words.wechat.none}</p></div>`
  return html`<div ref=${place} class="wechat">
    <${WechatFaults} wechat=${wechat} changed=${look} />
    <section>
      <h3>${words.wechat.coupons(wechat.coupons.length)}</h3>
      <p class="note">${words.wechat.couponsNote}</p>
      <ul class="rows">
        ${wechat.coupons.toReversed().map(
          (coupon) =>
            html`<li key=${coupon.coupon_id}>
              <div>
                <span class=${`badge state-${coupon.state}`}>${coupon.state}</span>${' '}
                <strong>${words.wechat.used(yuan(coupon.use_quota), yuan(coupon.send_quota))}</strong>
              </div>
              <div>${words.wechat.expires(time(coupon.expire_time))}</div>
              ${['openid', 'coupon_id', 'stock_id', 'send_request_no'].map(
                (name) =>
                  html`<div class="pair">
                    <span class="note">${name}</span>
                    <code>${coupon[name]}</code>
                    ${name !== 'stock_id' && html`<${CopyButton} value=${String(coupon[name])} />`}
                  </div>`,
              )}
              ${
                coupon.state === 'VALID' &&
                html`<button type="button" class="small" onClick=${() => use(coupon)}>${words.wechat.use}</button>`
              }
            </li>`,
        )}
      </ul>
    </section>
    <section>
      <h3>${words.wechat.calls(wechat.calls.length)}</h3>
      <ul class="rows">
        ${wechat.calls.toReversed().map(
          (call) =>
            html`<li key=${call.requestId} class=${call.verified && (call.status ?? 500) < 400 ? undefined : 'bad'}>
              <div>
                <strong>${call.method}</strong>${' '}
                <span class="status">${call.status ?? words.wechat.silent}</span>${' '}
                <span class=${call.verified ? 'badge good' : 'badge fault'}>
                  ${call.verified ? words.wechat.verified : words.wechat.notVerified}
                </span>
                ${[...(call.nonceSeenBefore ? [words.wechat.nonceAgain] : []), ...call.faults].map(
                  (fault) => html`<span class="badge fault">${fault}</span>`,
                )}
              </div>
              <code>${call.path}${call.query && `?${call.query}`}</code>
              <span class="note">${moment(call.at, viewer, { timeStyle: 'medium' })}</span>
            </li>`,
        )}
      </ul>
    </section>
  </div>`
}

/**
 * Parameters that a fault needs or accepts.
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

/** Switches for WeChat Pay's faults in its next calls. @param {{ wechat: WechatState, changed: () => void }} props */
function WechatFaults({ wechat, changed }) {
  const { words, server, notify } = useScene()
  const [chosen, setChosen] = useState('no-answer-after')
  const parameters = PARAMETERS[chosen] ?? []
  const waiting = wechat.faults.filter(({ left }) => left !== 0)

  /** @param {Event & { currentTarget: HTMLFormElement }} event */
  function plant(event) {
    event.preventDefault()
    const given = new FormData(event.currentTarget)
    const fields = [...parameters, { name: 'times', kind: 'number' }].flatMap(({ name, kind }) => {
      const value = given.get(name) ?? ''
      if (value === '') return []
      return [[name, kind === 'number' ? Number(value) : kind === 'flag' ? true : value]]
    })
    server
      .wechatFault({ name: chosen, ...Object.fromEntries(fields) })
      .then(changed, (error) => notify(error.message))
  }

  return html`<section class="faults">
    <form onSubmit=${plant}>
      <h3>${words.wechat.faults}</h3>
      <p class="note">${words.wechat.faultsNote}</p>
      <${Labelled} text=${words.faults.what}>
        <select
          value=${chosen}
          onChange=${(/** @type {{ currentTarget: HTMLSelectElement }} */ { currentTarget }) => setChosen(currentTarget.value)}
        >
          ${Object.keys(wechat.faultMeanings).map((name) => html`<option value=${name}>${name}</option>`)}
        </select>
      </>
      <p class="note" lang="en">${wechat.faultMeanings[chosen]}</p>
      <div class="row">
        ${parameters.map(
          ({ name, example, kind }) =>
            html`<${Labelled} key=${`${chosen} ${name}`} text=${name}>
              ${
                kind === 'flag'
                  ? html`<input name=${name} type="checkbox" />`
                  : html`<input name=${name} defaultValue=${example} size="10" />`
              }
            </>`,
        )}
        <${Labelled} text=${words.faults.times}>
          <input name="times" type="number" min="1" defaultValue="1" />
        </>
        <button type="submit" class="primary">${words.faults.plant}</button>
      </div>
    </form>
    ${
      waiting.length > 0 &&
      html`<ul class="rows">
          ${waiting.map(
            ({ id, spec, left, hits }) =>
              html`<li key=${id}>
                <code>${JSON.stringify(spec)}</code>
                <span class="note">${words.wechat.left(String(left), hits)}</span>
              </li>`,
          )}
        </ul>
        <button type="button" class="small" onClick=${() => server.clearWechatFaults().then(changed)}>
          ${words.faults.clear}
        </button>`
    }
  </section>`
}

/** @param {string | number} fen */
function yuan(fen) {
  return `¥${(Number(fen) / 100).toFixed(2)}`
}
