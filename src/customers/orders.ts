import { maskedNumber, type PayKind } from '../domain/customer.ts'
import type { Policy } from '../domain/policy.ts'
import {
  NoAnswerError,
  type PartnerTransaction,
  parseTime,
  RefusedError,
  SetupError,
  type Transaction,
  UntrustedAnswerError,
  type WechatPay,
  WechatPayError,
} from '../wechatpay/index.ts'
import type { CustomerMatch, NotFound } from './find-customer.ts'

/** ms for each request, because a person waits. */
const TIMEOUT = 4000
/** Most orders of one complaint to look at. */
const MOST_ORDERS = 5

interface Asking {
  wechatpay: WechatPay
  mchid: string
  policy: Policy
  /** Empty: orders belong to the app's own merchant. */
  subMchids: readonly string[]
}

interface Result {
  matches: CustomerMatch[]
  problems: NotFound[]
}

/**
 * Finds who paid an order.
 * @throws WechatPayError if it is unknown whether the order exists
 */
export async function askOrder(asking: Asking, kind: PayKind, number: string): Promise<Result> {
  const order = await orderOf(asking, kind === 'merchant-order', number)
  const problem = order === null ? nothing(asking, kind) : problemOf(asking, order)
  if (order === null || problem) return { matches: [], problems: problem ? [problem] : [] }
  return payerOf(asking, order, { kind, number: maskedNumber(number) })
}

/**
 * Finds who paid the orders of a complaint. The complaint's own openid doesn't say which appid it belongs to, so this
 * asks about the orders.
 * @throws WechatPayError
 */
export async function askComplaint(asking: Asking, number: string): Promise<Result> {
  const complaint = await orNull(
    asking.wechatpay
      .chain('v3/merchant-service/complaints-v2/{complaint_id}')
      .get({ complaint_id: number, timeout: TIMEOUT }),
  )
  if (complaint === null) return { matches: [], problems: [nothing(asking, 'complaint')] }
  const ids = (complaint.complaint_order_info ?? []).flatMap(({ transaction_id }) => transaction_id ?? [])
  if (ids.length === 0) return { matches: [], problems: [{ code: 'no-order' }] }
  const foundBy = { kind: 'complaint', number: maskedNumber(number) } as const
  const orders = await Promise.all(
    [...new Set(ids)].slice(0, MOST_ORDERS).map((id) => orderOf(asking, false, id)),
  )
  const results = orders.map((order) => {
    const problem = order === null ? nothing(asking, 'order') : problemOf(asking, order)
    if (order === null || problem) return { matches: [], problems: problem ? [problem] : [] }
    return payerOf(asking, order, foundBy)
  })
  return {
    matches: results.flatMap(({ matches }) => matches),
    problems: results.flatMap(({ problems }) => problems),
  }
}

/** Asks WeChat Pay for an order, directly or for one of a service provider's merchants; null: there is none. */
async function orderOf(
  { wechatpay, mchid, subMchids }: Asking,
  isOwnNumber: boolean,
  number: string,
): Promise<Transaction | PartnerTransaction | null> {
  const timeout = TIMEOUT
  if (subMchids.length === 0) {
    const query = { mchid }
    return orNull(
      isOwnNumber
        ? wechatpay
            .chain('v3/pay/transactions/out-trade-no/{out_trade_no}')
            .get({ out_trade_no: number, query, timeout })
        : wechatpay
            .chain('v3/pay/transactions/id/{transaction_id}')
            .get({ transaction_id: number, query, timeout }),
    )
  }
  for (const sub_mchid of subMchids) {
    const query = { sp_mchid: mchid, sub_mchid }
    const order = await orNull(
      isOwnNumber
        ? wechatpay
            .chain('v3/pay/partner/transactions/out-trade-no/{out_trade_no}')
            .get({ out_trade_no: number, query, timeout })
        : wechatpay
            .chain('v3/pay/partner/transactions/id/{transaction_id}')
            .get({ transaction_id: number, query, timeout }),
    )
    if (order) return order
  }
  return null
}

const NONE = ['ORDER_NOT_EXIST', 'ORDERNOTEXIST', 'RESOURCE_NOT_EXISTS']

async function orNull<T>(work: Promise<T>): Promise<T | null> {
  try {
    return await work
  } catch (error) {
    if (error instanceof RefusedError && NONE.includes(error.code)) return null
    throw error
  }
}

/** WeChat Pay gives the same answer for another merchant's orders, so this names the merchant who was asked for. */
function nothing({ mchid, subMchids }: Asking, kind: PayKind): NotFound {
  return {
    code: 'nothing',
    of: { key: kind, name: null },
    mchid: subMchids.length === 0 ? mchid : subMchids.join(', '),
  }
}

/** Why an order leads to nobody, or null. */
function problemOf({ mchid, subMchids }: Asking, order: Transaction | PartnerTransaction): NotFound | null {
  const of = 'mchid' in order ? order.mchid : order.sub_mchid
  if (!(subMchids.length === 0 ? [mchid] : subMchids).includes(of))
    return { code: 'other-merchant', mchid: of }
  const { trade_state: state } = order
  return state === 'SUCCESS' || state === 'REFUND' ? null : { code: 'unpaid', state }
}

function payerOf(
  { policy }: Asking,
  order: Transaction | PartnerTransaction,
  by: { kind: PayKind; number: string },
): Result {
  const appids = policy.stocks.map(({ appid }) => appid)
  const payers =
    'mchid' in order
      ? [{ appid: order.appid, openid: order.payer?.openid }]
      : [
          { appid: order.sub_appid, openid: order.payer?.sub_openid },
          { appid: order.sp_appid, openid: order.payer?.sp_openid },
        ]
  const told = payers.flatMap(({ appid, openid }) => (appid && openid ? [{ appid, openid }] : []))
  const payer = told.find(({ appid }) => appids.includes(appid))
  const problem: NotFound = told[0] ? { code: 'other-appid', appid: told[0].appid } : { code: 'no-payer' }
  if (!payer) return { matches: [], problems: [problem] }
  const at = order.success_time === undefined ? null : parseTime(order.success_time)
  const foundBy = { ...by, name: null, amount: order.amount?.total ?? null, at }
  const state = order.trade_state === 'REFUND' ? 'refunded' : 'paid'
  return { matches: [{ ...payer, foundBy, state, label: null, hint: null }], problems: [] }
}

/** The code under which to show that WeChat Pay gave no answer. */
export function lookUpFault(error: unknown): string {
  if (!(error instanceof WechatPayError)) throw error
  if (error.code && !(error instanceof NoAnswerError)) return error.code
  if (error instanceof SetupError) return 'SETUP'
  if (error instanceof NoAnswerError) return error.reason === 'busy' ? 'BUSY' : 'NO_ANSWER'
  return error instanceof UntrustedAnswerError ? 'UNTRUSTED_ANSWER' : 'UNEXPECTED_ANSWER'
}
