import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { createClock } from '../clock.ts'
import { createApi } from './api.ts'
import { createCalls, type RecordedCall } from './calls.ts'
import { createComplaints } from './complaints.ts'
import { createControl } from './control.ts'
import { type CouponChange, createCoupons, type IssuedCoupon } from './coupons.ts'
import { createFaults, type FaultSpec, type PendingFault } from './faults.ts'
import { openKeys } from './keys.ts'
import { createOrders, type Order, type OrderSpec } from './orders.ts'
import { createSandboxServer } from './server.ts'
import { createSignatures } from './signatures.ts'
import { createMembers, readStocks, type StockSpec } from './stocks.ts'

export interface WechatPaySandboxOptions {
  /** 0, the default, takes any free port of 127.0.0.1. */
  port?: number
  /** The folder of keys and certificates, made if missing. Default: a new one, which `close` removes. */
  keys?: string
  mchid?: string
  appid?: string
  /** More appids that belong to the merchant. */
  furtherAppids?: string[]
  stockId?: string
  /** More stocks; one with the id of `stockId` replaces the default stock. */
  stocks?: StockSpec[]
  /** Orders, paid or not, and complaints about them. */
  orders?: OrderSpec[]
  /**
   * The business clock in ms, for the start and end of stocks and the expiry
   * of coupons. Signatures use the real clock.
   */
  now?: () => number
}

/** The values that a client's configuration needs. */
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
  /** The merchant's private key as PEM. */
  privateKey: string
  /** The WeChat Pay public key as PEM. */
  publicKey: string
  /** The coupons that were really issued, oldest first. */
  coupons(): IssuedCoupon[]
  /**
   * Marks a coupon as used, sets its state, or removes it from lists. Returns undefined if there is no such coupon.
   */
  changeCoupon(couponId: string, change: CouponChange): IssuedCoupon | undefined
  /** Adds an order, as `POST /sandbox/orders` does. @throws SandboxInputError if it is not valid */
  order(spec: OrderSpec): Order
  /** Every order, oldest first. */
  orders(): Order[]
  /** The latest requests to the API, oldest first. */
  calls(): RecordedCall[]
  /** Plants a fault, as `POST /sandbox/faults` does. @throws SandboxInputError if it is not valid */
  fault(spec: FaultSpec): void
  /** Every fault planted since the last clear, used-up ones included. */
  faults(): PendingFault[]
  clearFaults(): void
  /** Sets the clock of signatures and answer dates this many ms ahead of this machine's. */
  moveRealClock(ms: number): void
  /** Stops at once, even if requests hang. */
  close(): Promise<void>
}

/**
 * Starts a WeChat Pay stand-in on 127.0.0.1. Except for the keys, it keeps everything in memory.
 *
 * @throws SandboxInputError if a stock or an order is not valid
 * @throws KeyFileError if a file in the keys folder is broken or doesn't match another one, or the folder can't be made
 */
export async function startWechatPaySandbox(
  options: WechatPaySandboxOptions = {},
): Promise<WechatPaySandbox> {
  const { port = 0, mchid = DEFAULTS.mchid, appid = DEFAULTS.appid, stockId = DEFAULTS.stockId } = options
  const stocks = readStocks(options.stocks ?? [], { mchid, stockId })
  const folder = options.keys ?? (await mkdtemp(join(tmpdir(), 'wechatpay-sandbox-')))
  const removeFolder = async () => {
    if (options.keys === undefined) await rm(folder, { recursive: true, force: true })
  }

  try {
    const keys = await openKeys(folder, mchid)
    const clock = createClock(options.now ?? Date.now)
    const coupons = createCoupons(clock)
    const orders = createOrders({ mchid, appid, given: options.orders ?? [], now: clock.now })
    const faults = createFaults()
    const calls = createCalls()
    const signatures = createSignatures({ keys })
    const closing = new AbortController()
    let ahead = 0
    const realNow = () => Date.now() + ahead
    const members = createMembers({ mchid, appids: [appid, ...(options.furtherAppids ?? [])], stocks })
    const wait = (ms: number) => setTimeout(ms, undefined, { signal: closing.signal })
    const merchant = { ...keys.merchant, mchid }
    const complaints = createComplaints({ mchid, orders: orders.list })
    const api = createApi({
      merchant,
      members,
      coupons,
      orders,
      complaints,
      faults,
      signatures,
      now: realNow,
      wait,
    })
    const control = createControl({ about: () => publicInfo, coupons, orders, faults, calls, clock })
    const isClosing = () => closing.signal.aborted
    const server = createSandboxServer({ api, control, calls, signatures, now: realNow, isClosing })

    server.listen(port, '127.0.0.1')
    await once(server, 'listening')
    const info: WechatPaySandboxInfo = {
      baseUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
      mchid,
      appid,
      stockId,
      merchantSerial: keys.merchant.serial,
      platformSerial: keys.platform.serial,
      publicKeyId: keys.publicKey.id,
      apiV3Key: keys.apiV3Key,
      keys: resolve(folder),
    }
    const { apiV3Key: _secret, keys: _folder, ...publicInfo } = info

    let closed: Promise<void> | undefined
    const close = async () => {
      closing.abort()
      const ended = once(server, 'close')
      server.close()
      server.closeAllConnections()
      await ended
      await removeFolder()
    }

    return {
      info,
      privateKey: keys.merchantPrivateKeyPem,
      publicKey: keys.publicKey.pem,
      coupons: coupons.list,
      changeCoupon: coupons.change,
      order: orders.plant,
      orders: orders.list,
      calls: calls.list,
      fault: (spec) => void faults.plant(spec),
      faults: faults.list,
      clearFaults: faults.clear,
      moveRealClock(ms) {
        ahead = ms
      },
      close() {
        closed ??= close()
        return closed
      },
    }
  } catch (error) {
    await removeFolder()
    throw error
  }
}

/** The values of the API document's example. */
const DEFAULTS = { mchid: '1230000109', appid: 'wxd678efh567hg6787', stockId: '1304490000000059' }
