import type { Dispatcher } from 'undici'

/** Where the client writes what happened; pino fits. No line holds a secret or an openid. */
export interface WechatPayLogger {
  debug(fields: object, message: string): void
  info(fields: object, message: string): void
  warn(fields: object, message: string): void
  error(fields: object, message: string): void
}

/** Milliseconds. */
export interface Timeouts {
  /** Until the connection stands, TLS included; default 3,000. Ignored with a `dispatcher` of one's own. */
  connect: number
  /** From the request to the answer's headers; default 8,000. */
  headers: number
  /** Between two pieces of the answer; default 8,000. */
  body: number
  /** The whole call, with the second host and whatever a GET repeats; default 10,000. */
  total: number
}

export interface WechatPayOptions {
  /** The merchant who calls and signs. */
  mchid: string
  /** The serial number of the merchant's API certificate, hexadecimal. */
  merchantSerial: string
  /** The merchant's private key (`apiclient_key.pem`), in any form that people have it in. */
  privateKey: string
  /** The merchant's API certificate (`apiclient_cert.pem`): when given, checked to fit the key and the serial. */
  merchantCertificate?: string | undefined
  /** The WeChat Pay public key with its id, or a platform certificate with its serial. */
  publicKey?: { id: string; pem: string } | undefined
  /** 32 bytes; with it platform certificates are downloaded. */
  apiv3Key?: string | undefined
  /** Tried in this order; the next only when no connection to the one before can be made. https, or loopback. */
  baseUrls?: readonly string[] | undefined
  timeouts?: Partial<Timeouts> | undefined
  /** WeChat Pay refuses calls without one. */
  userAgent?: string | undefined
  /** Used instead of a connection pool of the client's own, and not closed by it. */
  dispatcher?: Dispatcher | undefined
  /** Epoch milliseconds; signatures carry it, so it must be the real time. */
  now?: (() => number) | undefined
  /** At least 16 letters and digits that nobody can guess. */
  nonce?: (() => string) | undefined
  logger?: WechatPayLogger | undefined
}
