import { randomInt } from 'node:crypto'
import { z } from 'zod'
import { readInput } from '../input.ts'
import {
  type Answer,
  certificateTime,
  fieldFault,
  paramError,
  queryFault,
  refusal,
  success,
} from './answers.ts'

/** The words that the documents have for what becomes of an order. */
const STATES = {
  SUCCESS: '支付成功',
  REFUND: '转入退款',
  NOTPAY: '订单未支付',
  CLOSED: '已关闭',
  REVOKED: '已撤销',
  USERPAYING: '用户支付中',
  PAYERROR: '支付失败',
} as const

const id = (most: number) =>
  z.string().regex(new RegExp(`^[0-9A-Za-z]{1,${most}}$`), `expected 1 to ${most} letters and digits`)
/** How an order is asked for, and which numbers there are. */
const NUMBERS = {
  id: { field: 'transaction_id', form: /^[0-9A-Za-z]{1,32}$/ },
  'out-trade-no': { field: 'out_trade_no', form: /^[0-9A-Za-z_\-|*]{6,32}$/ },
} as const
const openid = z.string().min(1).max(128)
const MOMENT = 'expected a time such as "2026-01-31T00:00:00+08:00"'

const orderSchema = z
  .strictObject({
    openid,
    /** Fen; what complaints about it tell too. */
    total: z.int('expected a whole number of fen').min(1).default(100),
    /** Fen of it that a coupon of the merchant's paid. */
    discount: z.int('expected a whole number of fen').min(1).optional(),
    /** 28 digits that begin with 42; made unless given. */
    transaction_id: id(32).optional(),
    out_trade_no: z
      .string()
      .regex(NUMBERS['out-trade-no'].form, 'expected 6 to 32 letters, digits and _ - | *')
      .optional(),
    /** The sandbox's own unless given. */
    appid: z.string().min(1).max(32).optional(),
    mchid: id(32).optional(),
    /** With it the order is one of a service provider, whose merchant this is. */
    sub_mchid: id(32).optional(),
    sub_appid: z.string().min(1).max(32).optional(),
    sub_openid: openid.optional(),
    state: z
      .enum(['SUCCESS', 'REFUND', 'NOTPAY', 'CLOSED', 'REVOKED', 'USERPAYING', 'PAYERROR'])
      .default('SUCCESS'),
    /** Now unless given. */
    paid_at: z.iso.datetime({ offset: true, error: MOMENT }).optional(),
    description: z.string().max(127).optional(),
    /** A complaint about this order; several orders may share one by its id. */
    complaint: z
      .strictObject({
        complaint_id: id(64).optional(),
        detail: z.string().max(500).default('商品与描述不符'),
        state: z.enum(['PENDING', 'PROCESSING', 'PROCESSED']).default('PENDING'),
        times: z.int().min(1).default(1),
      })
      .optional(),
  })
  .refine(({ total, discount = 0 }) => discount < total, {
    path: ['discount'],
    error: 'expected less than the total',
  })
export const ordersSchema = z.array(orderSchema)

/** One order as a person describes it. */
export type OrderSpec = z.input<typeof orderSchema>

/** One order as the sandbox keeps it, with the ids that were made. */
export type Order = z.output<typeof orderSchema> & {
  transaction_id: string
  out_trade_no: string
  appid: string
  mchid: string
  paid_at: string
  complaint?: { complaint_id: string; detail: string; state: string; times: number } | undefined
}

/** How an order is asked for. */
export interface OrderQuestion {
  by: keyof typeof NUMBERS
  value: string
  isPartner: boolean
  query: string
}

export type Orders = ReturnType<typeof createOrders>

/**
 * The orders of the stand-in, by which a user is found. Its answers have every field of the documents.
 *
 * @param deps.now the business clock, epoch ms
 * @throws SandboxInputError when one of the given orders is not valid
 */
export function createOrders(deps: {
  mchid: string
  appid: string
  given: readonly OrderSpec[]
  now: () => number
}) {
  const orders: Order[] = []
  for (const spec of deps.given) plant(spec)

  function plant(spec: unknown): Order {
    const order = readInput(orderSchema, spec, 'order')
    const made: Order = {
      ...order,
      transaction_id: order.transaction_id ?? `4200${digits(24)}`,
      out_trade_no: order.out_trade_no ?? `SHOP${digits(14)}`,
      appid: order.appid ?? deps.appid,
      mchid: order.mchid ?? deps.mchid,
      paid_at: order.paid_at ?? certificateTime(deps.now()),
      complaint: order.complaint && {
        ...order.complaint,
        complaint_id: order.complaint.complaint_id ?? `2002018${digits(20)}`,
      },
    }
    orders.push(made)
    return made
  }

  function transaction({ by, value, isPartner, query }: OrderQuestion): Answer {
    const { field: number, form } = NUMBERS[by]
    const wrong = fieldFault(number, value, form, 'path')
    if (wrong) return paramError(wrong)
    const given = new URLSearchParams(query)
    for (const field of isPartner ? ['sp_mchid', 'sub_mchid'] : ['mchid']) {
      const text = given.get(field)
      if (text === null || !/^[0-9A-Za-z]{1,32}$/.test(text)) return paramError(queryFault(field, text))
    }
    const asked = given.get(isPartner ? 'sp_mchid' : 'mchid')
    // Whoever asks under another merchant's id than the signature's is no owner of it.
    if (asked !== deps.mchid) return refusal({ status: 403, code: 'NO_AUTH', message: '商户无权限' })
    const found = orders.findLast(
      (order) =>
        (by === 'id' ? order.transaction_id : order.out_trade_no) === value &&
        order.mchid === asked &&
        order.sub_mchid === (isPartner ? (given.get('sub_mchid') ?? '') : undefined),
    )
    if (!found) return refusal({ status: 404, code: 'ORDER_NOT_EXIST', message: '订单不存在' })
    return success(isPartner ? partnerOrder(found) : directOrder(found))
  }

  return {
    plant,
    /** Every order, the oldest first. */
    list: (): Order[] => [...orders],
    transaction,
  }
}

const wasPaid = ({ state }: Order) => state === 'SUCCESS' || state === 'REFUND' || state === 'REVOKED'

function common(order: Order) {
  const { total, discount = 0 } = order
  const paid = wasPaid(order)
  return {
    out_trade_no: order.out_trade_no,
    trade_state: order.state,
    trade_state_desc: STATES[order.state],
    attach: '',
    amount: {
      total,
      ...(paid ? { payer_total: total - discount, payer_currency: 'CNY' } : {}),
      currency: 'CNY',
    },
    scene_info: { device_id: '013467007045764' },
    promotion_detail: paid && discount > 0 ? [promotion(total, discount)] : [],
    // How it was paid is known once it was.
    ...(paid
      ? {
          transaction_id: order.transaction_id,
          trade_type: 'JSAPI',
          bank_type: 'OTHERS',
          success_time: certificateTime(Date.parse(order.paid_at)),
        }
      : {}),
  }
}

function promotion(total: number, discount: number) {
  return {
    coupon_id: '109519',
    name: '单品惠',
    scope: 'SINGLE',
    type: 'CASH',
    amount: discount,
    stock_id: '931386',
    wechatpay_contribute: 0,
    merchant_contribute: discount,
    other_contribute: 0,
    currency: 'CNY',
    goods_detail: [
      {
        goods_id: 'M1006',
        quantity: 1,
        unit_price: total,
        discount_amount: discount,
        goods_remark: '商品备注',
      },
    ],
  }
}

function directOrder(order: Order) {
  const payer = wasPaid(order) ? { payer: { openid: order.openid } } : {}
  return { appid: order.appid, mchid: order.mchid, ...common(order), ...payer }
}

function partnerOrder(order: Order) {
  const { appid: sp_appid, mchid: sp_mchid, sub_mchid, sub_appid, openid: sp_openid, sub_openid } = order
  const ids = { sp_appid, sp_mchid, sub_appid, sub_mchid }
  return { ...ids, ...common(order), ...(wasPaid(order) ? { payer: { sp_openid, sub_openid } } : {}) }
}

function digits(count: number): string {
  return Array.from({ length: count }, () => randomInt(10)).join('')
}
