import { randomBytes } from 'node:crypto'
import { z } from 'zod'
import { readInput, SandboxInputError } from '../input.ts'
import { couponTime } from './answers.ts'
import type { Stock } from './stocks.ts'

/** A coupon that was really issued, whatever answer the caller got. */
export interface IssuedCoupon {
  coupon_id: string
  openid: string
  appid: string
  mchid: string
  stock_id: string
  send_request_no: string
  /** Fen. */
  send_quota: number
  /** Fen. */
  use_quota: number
  /** RFC 3339 with milliseconds at +08:00; so is `expire_time`. */
  send_time: string
  expire_time: string
  /** VALID, USED or EXPIRED, or a state set by hand. */
  state: string
}

export interface SendOrder {
  openid: string
  appid: string
  mchid: string
  stock_id: string
  send_request_no: string
}

/** A user of an app, and a stock. */
export type Holder = Pick<SendOrder, 'openid' | 'appid' | 'stock_id'>

export type LimitCode = 'REQUEST_BLOCKED' | 'RULE_LIMIT' | 'NOT_ENOUGH'

const changeSchema = z
  .strictObject({
    /** Fen already used. */
    use_quota: z.int().min(0).optional(),
    /** Any text, since WeChat Pay publishes no list of states. */
    state: z.string().min(1).optional(),
    /** False: removed, so that the user's lists no longer show it. */
    listed: z.boolean().optional(),
  })
  .refine((change) => Object.values(change).some((value) => value !== undefined), {
    error: 'expected use_quota, state or listed',
  })

export type CouponChange = z.input<typeof changeSchema>

interface Entry {
  id: string
  order: SendOrder
  quota: number
  used: number
  sentAt: number
  expiresAt: number
  state: string | undefined
  isListed: boolean
}

export type Coupons = ReturnType<typeof createCoupons>

/**
 * Remembers the issued coupons. Nothing here waits, so what was checked still holds when the coupon is written.
 *
 * @param now the business clock, epoch ms
 */
export function createCoupons({ now }: { now: () => number }) {
  const entries: Entry[] = []
  const byNumber = new Map<string, Entry>()
  const byHolder = new Map<string, Entry[]>()
  const spentByStock = new Map<string, number>()

  const heldBy = (holder: Holder): Entry[] => byHolder.get(holderKey(holder)) ?? []

  const shown = (entry: Entry): IssuedCoupon => ({
    coupon_id: entry.id,
    ...entry.order,
    send_quota: entry.quota,
    use_quota: entry.used,
    send_time: couponTime(entry.sentAt),
    expire_time: couponTime(entry.expiresAt),
    state: entry.state ?? stateOf(entry, now()),
  })

  return {
    /** The coupon issued under a number, if any. */
    find(sendRequestNo: string): IssuedCoupon | undefined {
      const entry = byNumber.get(sendRequestNo)
      return entry && shown(entry)
    },

    /** Why the stock's rules forbid another coupon for this user now; undefined if they don't. */
    limit(stock: Stock, order: SendOrder): LimitCode | undefined {
      const at = now()
      if (at < stock.startsAt || at >= stock.endsAt) return 'REQUEST_BLOCKED'
      if (heldBy(order).length >= stock.perUser) return 'RULE_LIMIT'
      const spent = spentByStock.get(stock.stockId) ?? 0
      return spent + stock.quota > stock.budget ? 'NOT_ENOUGH' : undefined
    },

    issue(stock: Stock, order: SendOrder): IssuedCoupon {
      const sentAt = now()
      const entry: Entry = {
        id: newCouponId(entries.length + 1),
        order: { ...order },
        quota: stock.quota,
        used: 0,
        sentAt,
        expiresAt: sentAt + stock.validMs,
        state: undefined,
        isListed: true,
      }
      entries.push(entry)
      byNumber.set(order.send_request_no, entry)
      byHolder.set(holderKey(order), [...heldBy(order), entry])
      spentByStock.set(stock.stockId, (spentByStock.get(stock.stockId) ?? 0) + stock.quota)
      return shown(entry)
    },

    /** The coupons of one user and stock that lists show, newest first. */
    ofUser: (holder: Holder): IssuedCoupon[] =>
      heldBy(holder)
        .filter(({ isListed }) => isListed)
        .map(shown)
        .reverse(),

    /** Every coupon, oldest first. */
    list: (): IssuedCoupon[] => entries.map(shown),

    /**
     * Marks a coupon as used in part or in whole, sets its state by hand, or removes it from the user's lists.
     * Returns undefined if there is no such coupon.
     *
     * @throws SandboxInputError if the change is not valid
     */
    change(couponId: string, change: unknown): IssuedCoupon | undefined {
      const valid = readInput(changeSchema, change, 'change')
      const entry = entries.find(({ id }) => id === couponId)
      if (!entry) return undefined
      const used = valid.use_quota ?? entry.used
      if (used > entry.quota)
        throw new SandboxInputError('change', [
          {
            field: 'use_quota',
            problem: `expected at most the coupon's ${entry.quota} fen`,
            value: String(used),
          },
        ])
      entry.used = used
      entry.state = valid.state ?? entry.state
      entry.isListed = valid.listed ?? entry.isListed
      return shown(entry)
    },
  }
}

function holderKey({ openid, appid, stock_id }: Holder): string {
  return JSON.stringify([openid, appid, stock_id])
}

function stateOf({ used, quota, expiresAt }: Entry, at: number): string {
  if (used >= quota) return 'USED'
  return at >= expiresAt ? 'EXPIRED' : 'VALID'
}

/** Like the document's example: 64 hex digits, a 17, ten digits. */
function newCouponId(serial: number): string {
  return `${randomBytes(32).toString('hex').toUpperCase()}-17-${String(1_500_000_000 + serial)}`
}
