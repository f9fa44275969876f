import { type KeyObject, randomUUID, sign } from 'node:crypto'

/** What is signed of one request; `target` and `body` are exactly what is sent. */
export interface Signed {
  method: string
  target: string
  /** Unix seconds. */
  timestamp: string
  nonce: string
  /** Empty for a GET. */
  body: string
}

/** The text that is signed: five lines, each ended, the last too. */
export function requestMessage({ method, target, timestamp, nonce, body }: Signed): string {
  return `${method}\n${target}\n${timestamp}\n${nonce}\n${body}\n`
}

/** Makes the `Authorization` header of a request. */
export type Signer = (method: string, target: string, body: string) => Promise<string>

/** Whose signature, with which key, at what time. */
export interface SignerDeps {
  mchid: string
  serial: string
  key: KeyObject
  now: () => number
  nonce: () => string
}

/**
 * Makes a signer. It signs on the threads of Node's pool, as one signature takes a part of a millisecond and a burst would
 * keep Slack waiting.
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

/** 32 hexadecimal digits that nobody can guess; Node draws UUIDs from a cache, at a tenth of `randomBytes`' cost. */
export function randomNonce(): string {
  return randomUUID().replaceAll('-', '').toUpperCase()
}
