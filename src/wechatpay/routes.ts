import { z } from 'zod'
import { time } from './times.ts'

/**
 * The one table of endpoints, in the API's own words. To add an endpoint, add a row.
 *
 * Requests are strict (an unknown field is the caller's mistake); answers are not, because WeChat Pay adds fields
 * without notice.
 * https://pay.weixin.qq.com/doc/v3/merchant/4012791939 and, where it says nothing, the favor API beside it.
 */

/** Visible characters only: a space, a line break or a control character in an id is always a mistake. */
const id = (max: number) =>
  z
    .string()
    .min(1)
    .max(max)
    .regex(/^[^\s\p{C}]+$/u, 'has a space or an invisible character')

const mchid = z.string().regex(/^[0-9A-Za-z]{1,32}$/, 'is not 1 to 32 letters and digits')

const openidPath = z.strictObject({
  openid: id(128).refine(
    (text) => text !== '.' && text !== '..',
    'is a step in a path, which servers take out',
  ),
})

const sendCouponBody = z.strictObject({
  /** The merchant who created the stock, not always the caller. */
  mchid,
  stock_id: id(20),
  appid: id(32),
  /** The merchant's own number for this issue: one number never yields a second coupon. */
  send_request_no: z.string().regex(/^[0-9A-Za-z]{1,32}$/, 'is not 1 to 32 letters and digits'),
})

const issuedCoupon = z.object({
  coupon_id: z.string().min(1),
  /**
   * Left out if it is missing or not a time. A signed coupon id is an issued coupon, and losing it over a date would be
   * the worse of the two failures.
   */
  expire_time: time.optional().catch(undefined),
})

const listQuery = z.strictObject({
  mchid,
  stock_id: id(20),
  appid: id(32),
  /** The page's number. WeChat Pay doesn't document where it starts; `allCoupons` finds out. */
  offset: z.int().min(0).optional(),
  /** The page's size; 20 by default. */
  limit: z.int().min(1).optional(),
})

/** No field of a list is marked as required: one that is missing, null or of an odd form is unknown, not an error. */
const known = <S extends z.ZodType>(schema: S) => schema.optional().catch(undefined)

const fen = z.int().min(0)
const count = z.union([
  z.int().min(0),
  z
    .string()
    .regex(/^ *\d{1,15} *$/)
    .transform(Number),
])

const coupon = z.object({
  coupon_id: z.string().min(1),
  /** `VALID` is the only documented value; any other is passed on as it is. */
  coupon_state: known(z.string().min(1)),
  send_time: known(time),
  send_quota: known(fen),
  use_quota: known(fen),
})

const couponPage = z
  .object({
    data: z
      .array(coupon.nullable().catch(null))
      .nullish()
      .transform((rows) => rows ?? []),
    offset: known(count),
    limit: known(count),
    total_count: known(count),
  })
  .transform(({ data, ...rest }) => {
    const coupons = data.filter((row) => row !== null)
    const unreadable = data.length - coupons.length
    /** How many rows had no id to identify a coupon by; absent: none. */
    const without: { unreadable?: number } = unreadable === 0 ? {} : { unreadable }
    return { ...rest, data: coupons, ...without }
  })

/**
 * Orders and complaints, by which to find a user from what the user knows. Only the fields needed for that are read:
 * everything else about a person (phone numbers, purchases, the shop's texts) goes no further than the signature check.
 * https://pay.weixin.qq.com/doc/v3/merchant/4012791838 (orders), …/4012791897 (those of service providers)
 */
const transactionPath = z.strictObject({
  transaction_id: z.string().regex(/^[0-9A-Za-z]{1,32}$/, 'is not 1 to 32 letters and digits'),
})
const outTradeNoPath = z.strictObject({
  out_trade_no: z.string().regex(/^[0-9A-Za-z_\-|*]{6,32}$/, 'is not 6 to 32 letters, digits and _ - | *'),
})
const merchantQuery = z.strictObject({ mchid })
const partnerQuery = z.strictObject({ sp_mchid: mchid, sub_mchid: mchid })

const amount = z.object({ total: known(fen), currency: known(z.string()) })

const paidOrder = {
  out_trade_no: known(z.string().min(1)),
  /** Only after a payment, like `success_time` and `payer`. */
  transaction_id: known(z.string().min(1)),
  /** `SUCCESS`, `REFUND`, `NOTPAY`, `CLOSED`, `REVOKED`, `USERPAYING`, `PAYERROR`; any other is passed on as it is. */
  trade_state: z.string().min(1),
  success_time: known(time),
  amount: known(amount),
}

const transaction = z.object({
  /** Required, because an openid belongs to this appid and no other. */
  appid: z.string().min(1),
  mchid: z.string().min(1),
  ...paidOrder,
  payer: known(z.object({ openid: known(z.string().min(1)) })),
})

const partnerTransaction = z.object({
  sp_appid: z.string().min(1),
  sp_mchid: z.string().min(1),
  sub_appid: known(z.string().min(1)),
  sub_mchid: z.string().min(1),
  ...paidOrder,
  payer: known(z.object({ sp_openid: known(z.string().min(1)), sub_openid: known(z.string().min(1)) })),
})

/** https://pay.weixin.qq.com/doc/v3/merchant/4012691285 (list), …/4012691443 (one) */
const complaint = z.object({
  complaint_id: z.string().min(1),
  complaint_time: known(time),
  /** `PENDING`, `PROCESSING` or `PROCESSED`. */
  complaint_state: known(z.string().min(1)),
  complainted_mchid: known(z.string().min(1)),
  /** Of an unknown appid: the order gives it. */
  payer_openid: known(z.string().min(1)),
  complaint_order_info: known(
    z.array(
      z.object({
        transaction_id: known(z.string().min(1)),
        out_trade_no: known(z.string().min(1)),
        amount: known(fen),
      }),
    ),
  ),
  /** How often the user complained. */
  user_complaint_times: known(count),
})

const day = z.iso.date('is not a day such as 2026-01-31')
const complaintsQuery = z.strictObject({
  /** 10 by default. */
  limit: z.int().min(1).max(50).optional(),
  /** The first row's number, from 0. */
  offset: z.int().min(0).optional(),
  begin_date: day,
  /** At most 30 days after `begin_date`. */
  end_date: day,
  complainted_mchid: mchid.optional(),
})

const complaintPage = z.object({
  data: z
    .array(complaint)
    .nullish()
    .transform((rows) => rows ?? []),
  limit: known(count),
  offset: known(count),
  total_count: known(count),
})

/** One method of an endpoint: what goes into the path, the body or the query, and what comes back. */
export interface Call {
  path: z.ZodObject
  json?: z.ZodObject
  query?: z.ZodObject
  answer: z.ZodType
}

/** The methods that a row of the table may have. */
export type Method = 'post' | 'get'

export const routes = {
  'v3/marketing/withdraw-favor/users/{openid}/coupons': {
    post: { path: openidPath, json: sendCouponBody, answer: issuedCoupon },
    get: { path: openidPath, query: listQuery, answer: couponPage },
  },
  'v3/pay/transactions/id/{transaction_id}': {
    get: { path: transactionPath, query: merchantQuery, answer: transaction },
  },
  'v3/pay/transactions/out-trade-no/{out_trade_no}': {
    get: { path: outTradeNoPath, query: merchantQuery, answer: transaction },
  },
  'v3/pay/partner/transactions/id/{transaction_id}': {
    get: { path: transactionPath, query: partnerQuery, answer: partnerTransaction },
  },
  'v3/pay/partner/transactions/out-trade-no/{out_trade_no}': {
    get: { path: outTradeNoPath, query: partnerQuery, answer: partnerTransaction },
  },
  'v3/merchant-service/complaints-v2': {
    get: { path: z.strictObject({}), query: complaintsQuery, answer: complaintPage },
  },
  'v3/merchant-service/complaints-v2/{complaint_id}': {
    get: {
      path: z.strictObject({
        complaint_id: z.string().regex(/^[0-9A-Za-z]{1,64}$/, 'is not 1 to 64 letters and digits'),
      }),
      answer: complaint,
    },
  },
} as const satisfies Record<string, Partial<Record<Method, Call>>>

export type Routes = typeof routes
export type SendCouponBody = z.input<typeof sendCouponBody>
export type IssuedCoupon = z.output<typeof issuedCoupon>
export type ListQuery = z.input<typeof listQuery>
export type Coupon = z.output<typeof coupon>
export type CouponPage = z.output<typeof couponPage>
export type Transaction = z.output<typeof transaction>
export type PartnerTransaction = z.output<typeof partnerTransaction>
export type Complaint = z.output<typeof complaint>

/**
 * Fills in a path template and adds the query, as sent and as signed.
 *
 * Everything except the unreserved characters of RFC 3986 is percent-encoded, so that no URL parser on the way changes
 * anything: `encodeURIComponent` and `new URL()` disagree on some.
 * Undefined fields are left out.
 */
export function requestTarget(
  template: string,
  values: Readonly<Record<string, unknown>>,
  query: Readonly<Record<string, unknown>> = {},
): string {
  const path = template.replace(/\{(\w+)\}/g, (_, name: string) => encode(String(values[name])))
  let target = `/${path}`
  let mark = '?'
  for (const [name, value] of Object.entries(query)) {
    if (value === undefined) continue
    target += `${mark}${encode(name)}=${encode(String(value))}`
    mark = '&'
  }
  return target
}

function encode(text: string): string {
  return encodeURIComponent(text).replace(
    /[!'()*]/g,
    (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`,
  )
}
