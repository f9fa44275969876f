import { createHmac } from 'node:crypto'
import { request } from 'node:http'
import type { FaultSpec } from '../plantable-faults.ts'
import type { Delivery, Sent, Transport } from './deliver.ts'

const FORM = 'application/x-www-form-urlencoded'

/** Sends signed HTTP POSTs to the app: https://docs.slack.dev/authentication/verifying-requests-from-slack */
export function createHttpTransport({
  signingSecret,
  url,
}: {
  signingSecret: string
  url: () => string | undefined
}): Transport {
  return {
    name: 'http',
    async send(delivery, signal, fault) {
      const address = url()
      if (address === undefined) return { ok: false, why: 'no address of the app is known' }
      const { type, body } = encode(delivery)
      const headers = {
        'content-type': type,
        'content-length': Buffer.byteLength(body),
        'user-agent': 'Slackbot 1.0 (+https://api.slack.com/robots)',
        ...(delivery.retry
          ? { 'x-slack-retry-num': String(delivery.retry.num), 'x-slack-retry-reason': delivery.retry.reason }
          : {}),
        ...signature(signingSecret, body, fault),
      }
      return post(address, headers, body, signal)
    },
  }
}

function encode({ kind, payload }: Delivery): { type: string; body: string } {
  if (kind === 'event') return { type: 'application/json', body: JSON.stringify(payload) }
  const fields =
    kind === 'command' ? (payload as Record<string, string>) : { payload: JSON.stringify(payload) }
  return { type: FORM, body: new URLSearchParams(fields).toString() }
}

function signature(secret: string, body: string, fault: FaultSpec | undefined): Record<string, string> {
  if (fault?.name === 'unsigned') return {}
  const age = fault?.name === 'stale_signature' ? 600 : 0
  const timestamp = String(Math.floor(Date.now() / 1000) - age)
  const key = fault?.name === 'bad_signature' ? `${secret}0` : secret
  const digest = createHmac('sha256', key).update(`v0:${timestamp}:${body}`).digest('hex')
  return { 'x-slack-request-timestamp': timestamp, 'x-slack-signature': `v0=${digest}` }
}

/** Opens a new connection each time: the app may be closing a kept one, and nothing may be sent twice. */
function post(
  address: string,
  headers: Record<string, string | number>,
  body: string,
  signal: AbortSignal,
): Promise<Sent> {
  return new Promise((resolve) => {
    const outgoing = request(address, { method: 'POST', headers, signal, agent: false }, (incoming) => {
      const chunks: Buffer[] = []
      incoming.on('data', (chunk: Buffer) => chunks.push(chunk))
      incoming.on('error', (error) => resolve({ ok: false, why: error.message }))
      incoming.on('end', () => {
        const text = Buffer.concat(chunks).toString()
        const status = incoming.statusCode ?? 0
        if (status !== 200) return resolve({ ok: false, why: `http_error ${status}`, status })
        resolve(readAck(text, incoming.headers['content-type'] ?? '', status))
      })
    })
    outgoing.on('error', (error) => resolve({ ok: false, why: error.message }))
    outgoing.end(body)
  })
}

function readAck(text: string, type: string, status: number): Sent {
  if (text === '') return { ok: true, payload: {}, status }
  if (!type.startsWith('application/json')) return { ok: true, payload: { text }, status }
  try {
    return { ok: true, payload: JSON.parse(text), status }
  } catch {
    return { ok: false, why: 'the acknowledgement is no JSON', status }
  }
}
