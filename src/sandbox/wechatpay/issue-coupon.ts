import {
  type Answer,
  type FieldFault,
  fieldFault,
  paramError,
  refusal,
  statusOf,
  success,
} from './answers.ts'
import type { Coupons, IssuedCoupon, LimitCode, SendOrder } from './coupons.ts'
import type { Members } from './stocks.ts'

const LIMIT_MESSAGES: Record<LimitCode, string> = {
  REQUEST_BLOCKED: '批次未开始或已结束',
  RULE_LIMIT: '用户已达到领取上限',
  NOT_ENOUGH: '批次预算不足',
}

export interface SendRequest {
  header: (name: string) => string | undefined
  body: Buffer
}

export interface SendConditions {
  /** How long the work takes, in ms. */
  takes: number
  limitsFirst: boolean
  withoutExpireTime: boolean
}

/**
 * Issues coupons as the POST route does: once for each `send_request_no`, and one at a time for each user.
 *
 * @param deps.wait resolves after this many ms
 */
export function createSend(deps: {
  coupons: Coupons
  members: Members
  wait: (ms: number) => Promise<void>
}) {
  const { coupons, members, wait } = deps
  const usersInWork = new Set<string>()

  return async (openid: string, request: SendRequest, conditions: SendConditions): Promise<Answer> => {
    const order = readOrder(openid, request)
    if ('issue' in order) return paramError(order)
    const stock = members.stockFor(order)
    if ('status' in stock) return stock

    const repeated = (): Answer | undefined => {
      const known = coupons.find(order.send_request_no)
      if (!known) return undefined
      return isSameOrder(known, order) ? issued(known, conditions) : numberTaken(order)
    }
    const limited = (): Answer | undefined => {
      const isRepeat = coupons.find(order.send_request_no) !== undefined
      const code =
        coupons.limit(stock, order) ?? (conditions.limitsFirst && isRepeat ? 'RULE_LIMIT' : undefined)
      return code && limitReached(code)
    }

    if (!conditions.limitsFirst && repeated()) {
      await wait(conditions.takes)
      return repeated() ?? numberTaken(order)
    }
    const user = JSON.stringify([order.appid, openid])
    // Merchants report that concurrent sends to one user are refused, with a limit that has not been reached.
    if (usersInWork.has(user)) return limitReached('RULE_LIMIT')
    usersInWork.add(user)
    try {
      await wait(conditions.takes)
      // Check again: meanwhile, the same number may have been used for another user.
      const refused = conditions.limitsFirst ? limited() : (repeated() ?? limited())
      return refused ?? issued(coupons.issue(stock, order), conditions)
    } finally {
      usersInWork.delete(user)
    }
  }
}

const FORMS = {
  mchid: /^[0-9A-Za-z]{1,32}$/,
  stock_id: /^[0-9A-Za-z_-]{1,20}$/,
  appid: /^[0-9A-Za-z_-]{1,128}$/,
  send_request_no: /^[0-9A-Za-z_-]{1,128}$/,
}

/** Ignores fields that the document does not name. */
function readOrder(openid: string, { header, body }: SendRequest): SendOrder | FieldFault {
  const type = header('content-type') ?? ''
  if (!/^application\/json *(;|$)/i.test(type))
    return { field: 'Content-Type', value: type, issue: '须为application/json', location: 'header' }
  let json: unknown
  try {
    json = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body))
  } catch {
    json = undefined
  }
  if (typeof json !== 'object' || json === null || Array.isArray(json))
    return { field: '', value: '', issue: '请求体不是合法的JSON对象', location: 'body' }
  const given = new Map(Object.entries(json))
  for (const [name, form] of Object.entries(FORMS)) {
    const fault = fieldFault(name, given.get(name), form, 'body')
    if (fault) return fault
  }
  const text = (name: keyof typeof FORMS) => String(given.get(name))
  return {
    openid,
    appid: text('appid'),
    mchid: text('mchid'),
    stock_id: text('stock_id'),
    send_request_no: text('send_request_no'),
  }
}

function isSameOrder(coupon: IssuedCoupon, order: SendOrder): boolean {
  return (
    coupon.openid === order.openid &&
    coupon.appid === order.appid &&
    coupon.mchid === order.mchid &&
    coupon.stock_id === order.stock_id
  )
}

function issued(coupon: IssuedCoupon, { withoutExpireTime }: SendConditions): Answer {
  const { coupon_id, expire_time } = coupon
  return success(withoutExpireTime ? { coupon_id } : { coupon_id, expire_time })
}

function limitReached(code: LimitCode): Answer {
  return refusal({ status: statusOf(code), code, message: LIMIT_MESSAGES[code] })
}

function numberTaken({ send_request_no }: SendOrder): Answer {
  const code = 'RESOURCE_ALREADY_EXISTS'
  const message = `商户单据号${send_request_no}已存在，且请求参数不一致`
  return refusal({ status: statusOf(code), code, message })
}
