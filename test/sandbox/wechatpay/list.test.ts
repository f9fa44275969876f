import { expect, test } from 'vitest'
import { isSigned, OPENID, openSandbox } from './caller.ts'

const idsOf = (reply: { json: { data: { coupon_id: string }[] } }) =>
  reply.json.data.map((row) => row.coupon_id)

async function withCoupons(count: number) {
  const opened = await openSandbox()
  const issued: string[] = []
  for (let index = 0; index < count; index += 1)
    issued.unshift((await opened.issue(`N${index}`)).json.coupon_id)
  return { ...opened, newestFirst: issued }
}

test('lists what a user holds of a stock, without the expiry', async () => {
  let now = Date.parse('2026-01-02T03:04:05.006Z')
  const { sandbox, issue, list } = await openSandbox({ now: () => now })
  const first = await issue('A1')
  now += 1000
  const second = await issue('A2')
  await issue('B1', { openid: 'someone-else' })
  const reply = await list()
  expect(reply.status).toBe(200)
  expect(isSigned(sandbox, reply)).toBe(true)
  const row = { send_quota: 1000, use_quota: 0, coupon_state: 'VALID' }
  expect(reply.json).toEqual({
    data: [
      { ...row, coupon_id: second.json.coupon_id, send_time: '2026-01-02T11:04:06.006+08:00' },
      { ...row, coupon_id: first.json.coupon_id, send_time: '2026-01-02T11:04:05.006+08:00' },
    ],
    offset: 0,
    limit: 20,
    total_count: 2,
  })
})

test('takes offset for the number of the page', async () => {
  const { list, newestFirst } = await withCoupons(5)
  const pages = [
    await list({ limit: 2 }),
    await list({ limit: 2, offset: 1 }),
    await list({ limit: 2, offset: 2 }),
  ]
  expect(pages.flatMap(idsOf)).toEqual(newestFirst)
  expect(pages.map(({ json }) => [json.offset, json.limit, json.total_count])).toEqual([
    [0, 2, 5],
    [1, 2, 5],
    [2, 2, 5],
  ])
  expect((await list({ limit: 2, offset: 3 })).json).toEqual({
    data: [],
    offset: 3,
    limit: 2,
    total_count: 5,
  })
})

test('answers a user who holds nothing with an empty list', async () => {
  const { list } = await openSandbox()
  expect((await list()).json).toEqual({ data: [], offset: 0, limit: 20, total_count: 0 })
})

test('names the part of a query that breaks its rules', async () => {
  const { call, couponsPath, ids, list } = await openSandbox()
  for (const [field, value] of [
    ['limit', '0'],
    ['limit', '101'],
    ['limit', 'ten'],
    ['offset', '-1'],
    ['offset', '1.5'],
  ] as const) {
    const reply = await list({ [field]: value })
    expect([reply.status, reply.json.code]).toEqual([400, 'PARAM_ERROR'])
    expect(reply.json.detail).toMatchObject({ field, value, location: 'query' })
  }
  const reply = await call('GET', `${couponsPath(OPENID)}?mchid=${ids.mchid}&appid=${ids.appid}`)
  expect(reply.json.detail).toMatchObject({ field: 'stock_id', value: '', location: 'query' })
})

test('refuses a stock that does not exist', async () => {
  const { sandbox, list } = await openSandbox()
  const reply = await list({ stock_id: 'S9' })
  expect([reply.status, reply.json.code, isSigned(sandbox, reply)]).toEqual([
    404,
    'RESOURCE_NOT_EXISTS',
    true,
  ])
})

test('shows a coupon as used, as expired, or in a state set by hand', async () => {
  let now = 1_800_000_000_000
  const { sandbox, issue, list } = await openSandbox({ now: () => now })
  const [oldest, middle, newest] = [await issue('A1'), await issue('A2'), await issue('A3')].map(
    (reply): string => reply.json.coupon_id,
  )
  sandbox.changeCoupon(oldest ?? '', { use_quota: 1000 })
  sandbox.changeCoupon(middle ?? '', { use_quota: 1 })
  sandbox.changeCoupon(newest ?? '', { state: 'FROZEN' })
  const rows = async () =>
    (await list()).json.data.map((row: { use_quota: number; coupon_state: string }) => [
      row.use_quota,
      row.coupon_state,
    ])
  expect(await rows()).toEqual([
    [0, 'FROZEN'],
    [1, 'VALID'],
    [1000, 'USED'],
  ])
  now += 30 * 24 * 60 * 60 * 1000
  expect(await rows()).toEqual([
    [0, 'FROZEN'],
    [1, 'EXPIRED'],
    [1000, 'USED'],
  ])
  expect(sandbox.coupons().map(({ state }) => state)).toEqual(['USED', 'EXPIRED', 'FROZEN'])
})

test('begins with page 1, or counts rows, when it is told to', async () => {
  const { sandbox, list, newestFirst } = await withCoupons(4)
  sandbox.fault({ name: 'offset-start', start: 1 })
  const first = await list({ limit: 3 })
  expect(first.json.offset).toBe(1)
  expect([...idsOf(first), ...idsOf(await list({ limit: 3, offset: 2 }))]).toEqual(newestFirst)
  expect((await list({ limit: 3, offset: 0 })).json.detail).toMatchObject({ field: 'offset', value: '0' })
  sandbox.clearFaults()
  sandbox.fault({ name: 'offset-start', start: 'row' })
  expect(idsOf(await list({ limit: 3 }))).toEqual(newestFirst.slice(0, 3))
  expect(idsOf(await list({ limit: 3, offset: 1 }))).toEqual(newestFirst.slice(1))
  expect(idsOf(await list({ limit: 3, offset: 3 }))).toEqual(newestFirst.slice(3))
})

test('tells a smaller total each time when it is told to', async () => {
  const { sandbox, list } = await withCoupons(3)
  sandbox.fault({ name: 'total-count-shrinks', by: 2 })
  const totals = [await list(), await list(), await list()].map(({ json }) => json.total_count)
  expect(totals).toEqual([3, 1, 0])
})

test('repeats the end of a page at the beginning of the next when it is told to', async () => {
  const { sandbox, list, newestFirst } = await withCoupons(5)
  sandbox.fault({ name: 'pages-overlap', rows: 1 })
  expect(idsOf(await list({ limit: 2 }))).toEqual(newestFirst.slice(0, 2))
  expect(idsOf(await list({ limit: 2, offset: 1 }))).toEqual(newestFirst.slice(1, 3))
  expect(idsOf(await list({ limit: 2, offset: 2 }))).toEqual(newestFirst.slice(3, 5))
  sandbox.clearFaults()
  sandbox.fault({ name: 'pages-overlap', rows: 3 })
  expect(idsOf(await list({ limit: 2, offset: 1 }))).toEqual(newestFirst.slice(0, 2))
})
