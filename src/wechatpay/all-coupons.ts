import type { WechatPay } from './chained-calls.ts'
import { UnexpectedAnswerError } from './errors.ts'
import type { Coupon, ListQuery } from './routes.ts'

/** A user and a stock; `limit` is the page size, 20 if left out. */
export interface AllCouponsInput {
  openid: string
  mchid: string
  stock_id: string
  appid: string
  limit?: number | undefined
  signal?: AbortSignal | undefined
}

const PATH = 'v3/marketing/withdraw-favor/users/{openid}/coupons'

/** Far more coupons than one user can hold; a list that goes on after this isn't a real list. */
const MOST_PAGES = 500

/**
 * Goes through all coupons of a stock that a user holds, each once, page by page.
 *
 * It doesn't guess where page numbers start: the first call leaves `offset` out, the answer says where it is, and each
 * further call adds one. An answer that doesn't say counts as page 0; then one page may come twice. It ends at
 * `total_count` (ignored if it is below the number already received), at an empty page, or after two pages in a row
 * without anything new.
 *
 * @throws WechatPayError anything that one call can throw; UnexpectedAnswerError after 500 pages, or at the end if rows
 * had no id, because an incomplete list would pass for a complete one
 */
export async function* allCoupons(
  client: WechatPay,
  input: AllCouponsInput,
): AsyncGenerator<Coupon, void, void> {
  const { openid, signal, mchid, stock_id, appid, limit = 20 } = input
  const seen = new Set<string>()
  const query: ListQuery = { mchid, stock_id, appid, limit }
  let pagesWithNothingNew = 0
  let unreadable = 0
  for (let pages = 0; pages < MOST_PAGES; pages++) {
    const page = await client.chain(PATH).get({ openid, query, signal })
    const { unreadable: withoutId = 0 } = page
    unreadable += withoutId
    if (page.data.length + withoutId === 0) return end()
    const before = seen.size
    for (const coupon of page.data) {
      if (seen.has(coupon.coupon_id)) continue
      seen.add(coupon.coupon_id)
      yield coupon
    }
    if (seen.size === page.total_count) return end()
    pagesWithNothingNew = seen.size === before ? pagesWithNothingNew + 1 : 0
    if (pagesWithNothingNew === 2) return end()
    query.offset = (query.offset ?? page.offset ?? 0) + 1
  }
  throw new UnexpectedAnswerError({
    message: `the list of coupons has not ended after ${MOST_PAGES} pages`,
    mayHaveBeenExecuted: false,
  })

  function end(): void {
    if (unreadable === 0) return
    throw new UnexpectedAnswerError({
      message: 'the list of coupons has rows without a coupon_id',
      mayHaveBeenExecuted: false,
    })
  }
}
