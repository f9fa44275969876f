/** The messages between the processes of the client's benchmark. */

/** What both clients need: whom to call, as whom, and the key that verifies the answers. */
export interface Merchant {
  baseUrl: string
  mchid: string
  merchantSerial: string
  privateKey: string
  publicKeyId: string
  publicKey: string
}

/** `ours`, or the plain client: with its keys as configured text, or prepared once. */
export type Kind = 'ours' | 'plain, keys as text' | 'plain, keys prepared'

export interface Ask {
  concurrency: number
  milliseconds: number
}

export interface Measured {
  callsASecond: number
  /** Delay of the event loop in the client's process, in ms. */
  delayP99: number
}

/** The call that counts: one that issues a coupon. */
export interface Issue {
  openid: string
  json: { mchid: string; stock_id: string; appid: string; send_request_no: string }
}
