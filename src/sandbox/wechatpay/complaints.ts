import { randomBytes } from 'node:crypto'
import { z } from 'zod'
import {
  type Answer,
  certificateTime,
  couponTime,
  type FieldFault,
  paramError,
  queryFault,
  readNumber,
  refusal,
  success,
} from './answers.ts'
import type { Order } from './orders.ts'

const DAY = 24 * 60 * 60 * 1000
/** Days between a list's first and last. */
const MOST_DAYS = 30

export type Complaints = ReturnType<typeof createComplaints>

/**
 * The stand-in's complaints about its orders. Its answers have every documented field: a list has no openid.
 * https://pay.weixin.qq.com/doc/v3/merchant/4012691285 (list), …/4012691443 (one)
 *
 * @param deps.mchid the merchant whose orders the complaints are about
 */
export function createComplaints(deps: { mchid: string; orders: () => readonly Order[] }) {
  /** The orders that each complaint is about, by its id. */
  const all = () => {
    const about = new Map<string, Order[]>()
    for (const order of deps.orders()) {
      const { complaint_id } = order.complaint ?? {}
      if (complaint_id !== undefined && order.mchid === deps.mchid)
        about.set(complaint_id, [...(about.get(complaint_id) ?? []), order])
    }
    return about
  }

  return {
    one(id: string): Answer {
      const about = all().get(id)
      const [first] = about ?? []
      return about && first
        ? success({ ...complaintRow(about), payer_openid: first.openid })
        : refusal({ status: 404, code: 'RESOURCE_NOT_EXISTS', message: '投诉单不存在' })
    },

    list(query: string): Answer {
      const given = new URLSearchParams(query)
      const days = readDays(given)
      if ('issue' in days) return paramError(days)
      const limit = readNumber(given, 'limit', { least: 1, most: 50, otherwise: 10 })
      if (typeof limit !== 'number') return paramError(limit)
      const offset = readNumber(given, 'offset', { least: 0, most: 1_000_000_000, otherwise: 0 })
      if (typeof offset !== 'number') return paramError(offset)
      const rows = [...all().values()]
        .map(complaintRow)
        .filter(
          ({ complaint_time, complainted_mchid }) =>
            complaint_time.slice(0, 10) >= days.begin_date &&
            complaint_time.slice(0, 10) <= days.end_date &&
            complainted_mchid === (given.get('complainted_mchid') ?? complainted_mchid),
        )
      return success({ data: rows.slice(offset, offset + limit), limit, offset, total_count: rows.length })
    },
  }
}

function readDays(given: URLSearchParams): { begin_date: string; end_date: string } | FieldFault {
  const [begin_date, end_date] = [given.get('begin_date'), given.get('end_date')]
  if (!isDay(begin_date)) return queryFault('begin_date', begin_date)
  if (!isDay(end_date)) return queryFault('end_date', end_date)
  const span = (Date.parse(end_date) - Date.parse(begin_date)) / DAY
  return span >= 0 && span <= MOST_DAYS ? { begin_date, end_date } : queryFault('end_date', end_date)
}

const day = z.iso.date()
const isDay = (text: string | null): text is string => day.safeParse(text).success

/** A complaint by a user who wants the money back and hasn't returned a power bank to where they took it. */
function complaintRow(about: readonly Order[]) {
  const [{ complaint, ...first }] = about as [Order]
  const paidAt = Date.parse(first.paid_at)
  return {
    complaint_id: complaint?.complaint_id,
    // The payment time: anything later would be in the future for an order that was just paid.
    complaint_time: couponTime(paidAt),
    complaint_detail: complaint?.detail,
    complaint_state: complaint?.state,
    complainted_mchid: first.sub_mchid ?? first.mchid,
    // Encrypted for the merchant's certificate: 256 bytes in base64.
    payer_phone: randomBytes(256).toString('base64'),
    complaint_order_info: about.map(({ transaction_id, out_trade_no, total }) => ({
      transaction_id,
      out_trade_no,
      amount: total,
    })),
    service_order_info: [
      { order_id: '15646546545165651651', out_order_no: '1234323JKHDFE1243252', state: 'DOING' },
    ],
    complaint_media_list: [
      {
        media_type: 'USER_COMPLAINT_IMAGE',
        media_url: ['https://api.mch.weixin.qq.com/v3/merchant-service/images/xxxxx'],
      },
    ],
    complaint_full_refunded: about.every(({ state }) => state === 'REFUND'),
    incoming_user_response: true,
    problem_description: '不满意商家服务',
    user_complaint_times: complaint?.times,
    problem_type: 'REFUND',
    apply_refund_amount: first.total,
    user_tag_list: ['TRUSTED'],
    additional_info: {
      type: 'SHARE_POWER_TYPE',
      share_power_info: {
        return_time: certificateTime(paidAt),
        return_address_info: {
          return_address: '广东省深圳市南山区海天二路',
          longitude: '113.93041',
          latitude: '22.53332',
        },
        is_returned_to_same_machine: false,
      },
    },
    in_platform_service: false,
    need_immediate_service: false,
  }
}
