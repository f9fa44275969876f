import { type Answer, type FieldFault, fieldFault, paramError, readNumber, success } from './answers.ts'
import type { Coupons } from './coupons.ts'
import type { Members } from './stocks.ts'

const DEFAULT_LIMIT = 20
/** An assumption by analogy: the document names no maximum page size. */
const HIGHEST_LIMIT = 100

export interface ListConditions {
  /** The number of the first page; 'row': `offset` counts rows. */
  start: 0 | 1 | 'row'
  /** How many coupons of the previous page are repeated. */
  overlap: number
  /** By how much the total is too low. */
  missing: number
}

/** Lists a user's coupons of a stock as the GET route does: newest first, with `offset` as the page number. */
export function createList({ coupons, members }: { coupons: Coupons; members: Members }) {
  return (openid: string, query: string, conditions: ListConditions): Answer => {
    const wanted = readQuery(query, conditions.start)
    if ('issue' in wanted) return paramError(wanted)
    const stock = members.stockFor(wanted)
    if ('status' in stock) return stock
    const all = coupons.ofUser({ openid, appid: wanted.appid, stock_id: wanted.stock_id })
    const { offset, limit } = wanted
    const first = conditions.start === 'row' ? offset : (offset - conditions.start) * limit
    const from = first === 0 ? 0 : Math.max(0, first - conditions.overlap)
    return success({
      data: all.slice(from, from + limit).map((coupon) => ({
        send_time: coupon.send_time,
        send_quota: coupon.send_quota,
        coupon_id: coupon.coupon_id,
        use_quota: coupon.use_quota,
        coupon_state: coupon.state,
      })),
      offset,
      limit,
      total_count: Math.max(0, all.length - conditions.missing),
    })
  }
}

interface ListQuery {
  mchid: string
  stock_id: string
  appid: string
  offset: number
  limit: number
}

function readQuery(query: string, start: ListConditions['start']): ListQuery | FieldFault {
  const given = new URLSearchParams(query)
  const firstPage = start === 1 ? 1 : 0
  const texts = { mchid: /^[0-9A-Za-z]{1,32}$/, stock_id: /^.{1,20}$/, appid: /^.{1,128}$/ }
  for (const [name, form] of Object.entries(texts)) {
    const fault = fieldFault(name, given.get(name), form, 'query')
    if (fault) return fault
  }
  const offset = readNumber(given, 'offset', { least: firstPage, most: 1_000_000_000, otherwise: firstPage })
  if (typeof offset !== 'number') return offset
  const limit = readNumber(given, 'limit', { least: 1, most: HIGHEST_LIMIT, otherwise: DEFAULT_LIMIT })
  if (typeof limit !== 'number') return limit
  const text = (name: keyof typeof texts) => given.get(name) ?? ''
  return { mchid: text('mchid'), stock_id: text('stock_id'), appid: text('appid'), offset, limit }
}
