import { type KeyObject, randomUUID, sign, verify } from 'node:crypto'
import type { UntrustedReason } from './errors.ts'

/** What is signed in one request; `target` and `body` are exactly what is sent. */
interface Signed {
  method: string
  target: string
  /** Unix seconds. */
  timestamp: string
  nonce: string
  /** Empty for a GET. */
  body: string
}

/** The text to sign: five lines, each with a line feed at its end. */
export function requestMessage({ method, target, timestamp, nonce, body }: Signed): string {
  return `${method}\n${target}\n${timestamp}\n${nonce}\n${body}\n`
}

/** Makes the `Authorization` header of a request. */
type Signer = (method: string, target: string, body: string) => Promise<string>

/** Who signs, with which key, at what time. */
interface SignerDeps {
  mchid: string
  serial: string
  key: KeyObject
  now: () => number
  nonce: () => string
}

/**
 * Makes a signer. It signs on the threads of Node's pool, because one signature takes part of a millisecond and a burst
 * of them would keep Slack waiting.
 */
export function createSigner({ mchid, serial, key, now, nonce }: SignerDeps): Signer {
  return (method, target, body) =>
    new Promise((resolve, reject) => {
      const timestamp = String(Math.floor(now() / 1000))
      const nonce_str = nonce()
      const message = requestMessage({ method, target, timestamp, nonce: nonce_str, body })
      sign('sha256', Buffer.from(message), key, (error, signature) => {
        if (error) return reject(error)
        resolve(
          `WECHATPAY2-SHA256-RSA2048 mchid="${mchid}",nonce_str="${nonce_str}",timestamp="${timestamp}",` +
            `serial_no="${serial}",signature="${signature.toString('base64')}"`,
        )
      })
    })
}

/** 32 unguessable hexadecimal digits. Node draws UUIDs from a cache, at a tenth of the cost of `randomBytes`. */
export function randomNonce(): string {
  return randomUUID().replaceAll('-', '').toUpperCase()
}

/** The headers of an answer by their lower-case names, as in undici. */
export type AnswerHeaders = Readonly<Record<string, string | string[] | undefined>>

/** WeChat Pay's signature of an answer, as in its headers. */
export interface AnswerSignature {
  timestamp: string
  nonce: string
  serial: string
  signature: string
}

const LONGEST_AGE = 300_000
const KIND = 'WECHATPAY2-SHA256-RSA2048'

/**
 * The value of a header without the blanks that proxies put around it. A header that came twice with the same value
 * counts as one. Undefined if it is missing, empty, or came with different values.
 */
export function headerOf(headers: AnswerHeaders, name: string): string | undefined {
  const found = headers[name]
  const values = new Set((Array.isArray(found) ? found : [found ?? '']).map((value) => value.trim()))
  const [value] = values
  return values.size === 1 && value !== '' ? value : undefined
}

/** Whether an answer claims to be signed: then its signature must be good, whatever its status. */
export function claimsSignature(headers: AnswerHeaders): boolean {
  const found = headers['wechatpay-signature']
  return (Array.isArray(found) ? found.join('') : (found ?? '')).trim() !== ''
}

/** The signature in the headers; undefined if a part of it is missing, contradictory or of another kind. */
export function signatureOf(headers: AnswerHeaders): AnswerSignature | undefined {
  const timestamp = headerOf(headers, 'wechatpay-timestamp')
  const nonce = headerOf(headers, 'wechatpay-nonce')
  const serial = headerOf(headers, 'wechatpay-serial')
  const signature = headerOf(headers, 'wechatpay-signature')
  const kind = headerOf(headers, 'wechatpay-signature-type') ?? KIND
  if (timestamp === undefined || !/^\d{1,12}$/.test(timestamp)) return undefined
  if (nonce === undefined || serial === undefined || signature === undefined || kind !== KIND)
    return undefined
  return { timestamp, nonce, serial, signature }
}

/** The bytes that WeChat Pay signs in an answer: time, nonce and the body as received, each followed by a line feed. */
function answerMessage({ timestamp, nonce }: AnswerSignature, body: Buffer): Buffer {
  const head = `${timestamp}\n${nonce}\n`
  const message = Buffer.allocUnsafe(Buffer.byteLength(head) + body.length + 1)
  const at = message.write(head)
  body.copy(message, at)
  message[message.length - 1] = 10
  return message
}

/**
 * What is wrong with a signature; undefined if it proves that WeChat Pay sent these bytes just now.
 *
 * Synchronous on purpose: a check takes about 30 µs, less than the way to a thread and back.
 */
export function faultOf(
  signature: AnswerSignature,
  body: Buffer,
  key: KeyObject,
  now: number,
): UntrustedReason | undefined {
  if (Math.abs(now - Number(signature.timestamp) * 1000) >= LONGEST_AGE) return 'time'
  const bytes = Buffer.from(signature.signature, 'base64')
  return verify('sha256', answerMessage(signature, body), key, bytes) ? undefined : 'signature'
}
