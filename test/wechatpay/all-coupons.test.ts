import fc from 'fast-check'
import { expect, test } from 'vitest'
import { allCoupons } from '../../src/wechatpay/all-coupons.ts'
import { UnexpectedAnswerError } from '../../src/wechatpay/errors.ts'
import type { Coupon, CouponPage, ListQuery, WechatPay } from '../../src/wechatpay/index.ts'

const ASK = { openid: 'o1', mchid: '9800064', stock_id: '9865888', appid: 'wxd678efh567hg6787' }

function coupon(number: number): Coupon {
  return {
    coupon_id: `C${number}`,
    coupon_state: 'VALID',
    send_time: '2021-05-20T13:29:35.120+08:00',
    send_quota: 1000,
    use_quota: 0,
  }
}

/** A client whose pages the test writes; it notes the queries. */
function clientOf(pageOf: (query: ListQuery, call: number) => Partial<CouponPage>) {
  const queries: ListQuery[] = []
  const get = async ({ query }: { query: ListQuery }) => {
    queries.push({ ...query })
    return {
      data: [],
      offset: query.offset ?? 0,
      limit: 20,
      total_count: 0,
      ...pageOf(query, queries.length - 1),
    }
  }
  return { client: { chain: () => ({ get }) } as unknown as WechatPay, queries }
}

async function idsOf(client: WechatPay, limit?: number): Promise<string[]> {
  const ids: string[] = []
  for await (const { coupon_id } of allCoupons(client, { ...ASK, limit })) ids.push(coupon_id)
  return ids
}

const range = (from: number, to: number) =>
  Array.from({ length: Math.max(0, to - from) }, (_, at) => coupon(from + at))

test.each([
  ['0', 0],
  ['1', 1],
])('leaves the first offset out and goes on from the page %s that the answer names', async (_, first) => {
  const { client, queries } = clientOf((query) => {
    const page = (query.offset ?? first) - first
    return { data: range(page * 2, Math.min(5, page * 2 + 2)), offset: page + first, total_count: 5 }
  })
  expect(await idsOf(client, 2)).toEqual(['C0', 'C1', 'C2', 'C3', 'C4'])
  expect(queries.map(({ offset }) => offset)).toEqual([undefined, first + 1, first + 2])
})

test('finds each coupon once when offset counts rows', async () => {
  const { client } = clientOf(({ offset = 0 }) => ({
    data: range(offset, Math.min(7, offset + 3)),
    total_count: 7,
  }))
  expect(await idsOf(client, 3)).toEqual(['C0', 'C1', 'C2', 'C3', 'C4', 'C5', 'C6'])
})

test('asks for 20 coupons a page unless told otherwise', async () => {
  const { client, queries } = clientOf(() => ({}))
  await idsOf(client)
  expect(queries).toEqual([{ mchid: ASK.mchid, stock_id: ASK.stock_id, appid: ASK.appid, limit: 20 }])
})

test('ends at an empty page though the total promises more', async () => {
  const { client, queries } = clientOf((_, call) => ({
    data: call === 0 ? range(0, 3) : [],
    total_count: 99,
  }))
  expect(await idsOf(client)).toHaveLength(3)
  expect(queries).toHaveLength(2)
})

test('ends after two pages in a row with nothing new', async () => {
  const { client, queries } = clientOf(() => ({ data: range(0, 3), total_count: 99 }))
  expect(await idsOf(client)).toHaveLength(3)
  expect(queries).toHaveLength(3)
})

test('goes on after one page with nothing new', async () => {
  const pages = [range(0, 2), range(0, 2), range(2, 4)]
  const { client } = clientOf((_, call) => ({ data: pages[call] ?? [], total_count: 4 }))
  expect(await idsOf(client)).toHaveLength(4)
})

test('ends when the total shrinks below what was found', async () => {
  const { client, queries } = clientOf((_, call) => ({
    data: range(call * 2, call * 2 + 2),
    total_count: 6 - call * 2,
  }))
  expect(await idsOf(client)).toHaveLength(4)
  expect(queries).toHaveLength(2)
})

test.each([0, 1])('does not believe a total of %i beside more coupons', async (total_count) => {
  const { client } = clientOf(({ offset = 0 }) => ({
    data: range(offset * 2, Math.min(5, offset * 2 + 2)),
    total_count,
  }))
  expect(await idsOf(client, 2)).toHaveLength(5)
})

test('fails on pages without end, since a list that was cut off would be told as whole', async () => {
  const { client, queries } = clientOf((_, call) => ({ data: [coupon(call)], total_count: call + 2 }))
  await expect(idsOf(client)).rejects.toThrow(UnexpectedAnswerError)
  expect(queries).toHaveLength(500)
})

test('ends whatever the pages say, and gives no coupon twice', async () => {
  const page = fc.record({
    data: fc.array(fc.nat(30).map(coupon), { maxLength: 5 }),
    offset: fc.nat(100),
    total_count: fc.nat(1000),
  })
  await fc.assert(
    fc.asyncProperty(fc.array(page, { minLength: 1, maxLength: 8 }), async (pages) => {
      const { client, queries } = clientOf((_, call) => pages[call % pages.length] ?? {})
      const ids = await idsOf(client)
      expect(new Set(ids).size).toBe(ids.length)
      expect(queries.length).toBeLessThanOrEqual(3 * 31)
    }),
  )
})

test.each([0, 1])('finds all where no answer tells page or total, pages counted from %i', async (first) => {
  const { client } = clientOf((query) => {
    const page = (query.offset ?? first) - first
    const data = range(Math.max(0, page) * 2, Math.min(5, Math.max(0, page) * 2 + 2))
    return { data, offset: undefined, limit: undefined, total_count: undefined }
  })
  expect(await idsOf(client, 2)).toEqual(['C0', 'C1', 'C2', 'C3', 'C4'])
})

test('shows all coupons before it says that rows had no id', async () => {
  const pages: Partial<CouponPage>[] = [
    { data: range(0, 2), unreadable: 1, total_count: 4 },
    { data: [], unreadable: 1, total_count: 4 },
    { data: range(2, 3), total_count: 4 },
  ]
  const { client } = clientOf((_, call) => pages[call] ?? {})
  const ids: string[] = []
  const all = async () => {
    for await (const { coupon_id } of allCoupons(client, { ...ASK, limit: 2 })) ids.push(coupon_id)
  }
  await expect(all()).rejects.toThrow('rows without a coupon_id')
  expect(ids).toEqual(['C0', 'C1', 'C2'])
})
