/** What the processes of the client's benchmark say to each other. */

/** For both clients: whom to call, as whom, and by which key to believe the answers. */
export interface Merchant {
  baseUrl: string
  mchid: string
  merchantSerial: string
  privateKey: string
  publicKeyId: string
  publicKey: string
}

/** `ours`; or the plain client, with its keys as the text that they were configured as, or prepared once. */
export type Kind = 'ours' | 'plain, keys as text' | 'plain, keys prepared'

export interface Ask {
  concurrency: number
  milliseconds: number
}

export interface Measured {
  callsASecond: number
  /** Of the event loop of the client's process, in ms. */
  delayP99: number
}

/** One issue of a coupon, the call that counts. */
export interface Issue {
  openid: string
  json: { mchid: string; stock_id: string; appid: string; send_request_no: string }
}
