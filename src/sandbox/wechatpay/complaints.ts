import { randomBytes } from 'node:crypto'
import {
  type Answer,
  certificateTime,
  couponTime,
  paramError,
  queryFault,
  refusal,
  success,
} from './answers.ts'
import type { Order } from './orders.ts'

const HOUR = 3_600_000

export type Complaints = ReturnType<typeof createComplaints>

/**
 * The complaints of the stand-in, about its orders. Its answers have every field of the documents: a list has no openid.
 * https://pay.weixin.qq.com/doc/v3/merchant/4012691285 (list), …/4012691443 (one)
 *
 * @param deps.mchid the merchant whose orders they are about
 */
export function createComplaints(deps: { mchid: string; orders: () => readonly Order[] }) {
  /** What each is about, by its id. */
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
      for (const field of ['begin_date', 'end_date']) {
        const text = given.get(field)
        if (text === null || !/^\d{4}-\d\d-\d\d$/.test(text)) return paramError(queryFault(field, text))
      }
      const number = (name: string, otherwise: number) => Number(given.get(name) ?? otherwise)
      const limit = number('limit', 10)
      const offset = number('offset', 0)
      if (!(limit >= 1 && limit <= 50)) return paramError(queryFault('limit', given.get('limit')))
      const rows = [...all().values()]
        .map(complaintRow)
        .filter(
          ({ complaint_time, complainted_mchid }) =>
            complaint_time.slice(0, 10) >= (given.get('begin_date') ?? '') &&
            complaint_time.slice(0, 10) <= (given.get('end_date') ?? '') &&
            complainted_mchid === (given.get('complainted_mchid') ?? complainted_mchid),
        )
      return success({ data: rows.slice(offset, offset + limit), limit, offset, total_count: rows.length })
    },
  }
}

/** Of somebody who wants the money back and has not returned a power bank to where it was taken. */
function complaintRow(about: readonly Order[]) {
  const [{ complaint, ...first }] = about as [Order]
  const paidAt = Date.parse(first.paid_at)
  return {
    complaint_id: complaint?.complaint_id,
    complaint_time: couponTime(paidAt + HOUR),
    complaint_detail: complaint?.detail,
    complaint_state: complaint?.state,
    complainted_mchid: first.sub_mchid ?? first.mchid,
    // Encrypted for the merchant's certificate, as 256 bytes in base64.
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
        return_time: certificateTime(paidAt + HOUR),
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
