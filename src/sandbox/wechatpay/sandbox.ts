import type { RecordedCall } from './calls.ts'
import type { CouponChange, IssuedCoupon } from './coupons.ts'
import type { FaultSpec } from './faults.ts'
import type { StockSpec } from './stocks.ts'

export interface WechatPaySandboxOptions {
  /** 0, the default, takes any free port of 127.0.0.1. */
  port?: number
  /** The folder of keys and certificates, made when missing; a fresh one that `close` removes unless given. */
  keys?: string
  mchid?: string
  appid?: string
  stockId?: string
  /** Further stocks; one with the id of `stockId` replaces the default stock. */
  stocks?: StockSpec[]
  /** The business clock in ms: starts and ends of stocks, expiry of coupons. Signatures use the real clock. */
  now?: () => number
}

/** What a client needs to be configured with. */
export interface WechatPaySandboxInfo {
  baseUrl: string
  mchid: string
  appid: string
  stockId: string
  merchantSerial: string
  platformSerial: string
  publicKeyId: string
  apiV3Key: string
  keys: string
}

export interface WechatPaySandbox {
  info: WechatPaySandboxInfo
  /** PEM of the merchant's private key. */
  privateKey: string
  /** PEM of the WeChat Pay public key. */
  publicKey: string
  /** What was really issued, the oldest first. */
  coupons(): IssuedCoupon[]
  /** Marks a coupon as used or sets its state; undefined when there is no such coupon. */
  changeCoupon(couponId: string, change: CouponChange): IssuedCoupon | undefined
  /** The latest requests to the API, the oldest first. */
  calls(): RecordedCall[]
  /** Sets a fault, as `POST /sandbox/faults` does. */
  fault(spec: FaultSpec): void
  clearFaults(): void
  /** Ends at once, also with requests that hang. */
  close(): Promise<void>
}

/** Starts a WeChat Pay to run against on 127.0.0.1. */
export async function startWechatPaySandbox(
  _options: WechatPaySandboxOptions = {},
): Promise<WechatPaySandbox> {
  throw new Error('not yet')
}
