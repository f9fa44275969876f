/** @import { WechatState, FaultSpec, SandboxState, TrafficEntry } from './shapes.ts' */

/** The sandbox refused; the message says why. */
export class RefusedError extends Error {
  /** @override */
  name = 'RefusedError'
}

/** Talks to the sandbox only through the interface that `GET /sandbox` describes. */
export function createServer() {
  /** @param {string} path @returns {Promise<any>} */
  const get = (path) => ask(path, {})
  /** @param {string} path @param {object} [body] @returns {Promise<any>} */
  const post = (path, body = {}) =>
    ask(path, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    })

  return {
    /** @param {string} person @returns {Promise<SandboxState>} */
    state: (person) => get(person === '' ? 'state' : `state?person=${encodeURIComponent(person)}`),
    /** @param {string} person @param {string} what @param {object} [fields] */
    act: (person, what, fields = {}) => post('act', { person, do: what, ...fields }),
    /** @param {number} after @returns {Promise<TrafficEntry[]>} */
    traffic: (after) => get(`traffic?after=${after}`),
    /** @returns {Promise<Record<string, string>>} */
    tokens: () => get('tokens'),
    /** @returns {Promise<FaultSpec[]>} */
    faults: () => get('faults'),
    /** @param {FaultSpec} spec */
    fault: (spec) => post('faults', spec),
    clearFaults: () => post('faults/clear'),
    refreshSockets: () => post('sockets/refresh'),
    cutSockets: () => post('sockets/cut'),
    /** @param {number} forwardMs */
    forward: (forwardMs) => post('clock', { forwardMs }),
    /** @returns {Promise<WechatState | null>} */
    wechat: () => get('wechatpay'),
    /** @param {object} spec */
    wechatFault: (spec) => post('wechatpay/faults', spec),
    clearWechatFaults: () => post('wechatpay/faults/clear'),
    /** @param {string} id @param {object} change */
    changeCoupon: (id, change) => post('wechatpay/coupon', { id, change }),
  }
}

/** @param {string} path @param {RequestInit} init */
async function ask(path, init) {
  const response = await fetch(`/sandbox/${path}`, init)
  const answer = await response.json()
  if (!answer.ok) throw new RefusedError(String(answer.error))
  return answer.result
}

/** ms until the page reopens a broken stream that the browser has given up. */
const AGAIN = 1000

/**
 * Listens for changes as long as the page is open. After a broken connection, everything missed comes as one change.
 *
 * @param {(isOnline: boolean) => void} told of every change, and of the connection's end
 */
export function listenForChanges(told) {
  const source = new EventSource('/sandbox/events')
  source.onmessage = () => told(true)
  source.onerror = () => {
    told(false)
    if (source.readyState !== EventSource.CLOSED) return
    setTimeout(() => listenForChanges(told), AGAIN)
  }
}
