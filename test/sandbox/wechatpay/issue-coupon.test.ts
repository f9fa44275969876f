import { expect, test } from 'vitest'
import { isSigned, OPENID, openSandbox } from './caller.ts'

const DAY = 24 * 60 * 60 * 1000

test('issues a coupon with its expiry and signs the answer', async () => {
  const now = () => Date.parse('2026-01-02T03:04:05.678Z')
  const { sandbox, issue, ids } = await openSandbox({ now })
  const reply = await issue('A1')
  expect(reply.status).toBe(200)
  expect(reply.json).toEqual({
    coupon_id: expect.stringMatching(/^[0-9A-F]{64}-17-\d{10}$/),
    expire_time: '2026-02-01T11:04:05.678+08:00',
  })
  expect(isSigned(sandbox, reply)).toBe(true)
  expect(sandbox.coupons()).toEqual([
    {
      coupon_id: reply.json.coupon_id,
      openid: OPENID,
      ...ids,
      send_request_no: 'A1',
      send_quota: 1000,
      use_quota: 0,
      send_time: '2026-01-02T11:04:05.678+08:00',
      expire_time: '2026-02-01T11:04:05.678+08:00',
      state: 'VALID',
    },
  ])
})

test('answers a repeat with the same coupon and issues no second one', async () => {
  const { sandbox, issue } = await openSandbox()
  const first = await issue('A1')
  const again = await issue('A1')
  expect(again.status).toBe(200)
  expect(again.text).toBe(first.text)
  expect(sandbox.coupons()).toHaveLength(1)
})

test('takes fields in any order and unknown fields of a repeat for the same body', async () => {
  const { sandbox, call, couponsPath, ids, issue } = await openSandbox()
  const first = await issue('A1')
  const json = {
    note: 'x',
    send_request_no: 'A1',
    stock_id: ids.stock_id,
    appid: ids.appid,
    mchid: ids.mchid,
  }
  const again = await call('POST', couponsPath(OPENID), { json })
  expect(again.text).toBe(first.text)
  expect(sandbox.coupons()).toHaveLength(1)
})

test('refuses a known number for another user or another stock', async () => {
  const { sandbox, issue } = await openSandbox({ stocks: [{ stock_id: 'S2', quota: 1 }] })
  await issue('A1')
  for (const changes of [{ openid: 'someone-else' }, { stock_id: 'S2' }]) {
    const reply = await issue('A1', changes)
    expect(reply.status).toBe(400)
    expect(reply.json.code).toBe('RESOURCE_ALREADY_EXISTS')
    expect(isSigned(sandbox, reply)).toBe(true)
  }
  expect(sandbox.coupons()).toHaveLength(1)
})

test('refuses concurrent sends to one user with RULE_LIMIT and serves other users meanwhile', async () => {
  const { sandbox, issue } = await openSandbox()
  sandbox.fault({ name: 'slow', ms: 400, match: { openid: OPENID } })
  const replies = await Promise.all([
    issue('A1'),
    issue('A2'),
    issue('A3'),
    issue('B1', { openid: 'someone-else' }),
  ])
  const outcomes = replies.map(({ status, json }) => [status, json.code])
  expect(outcomes.slice(0, 3).sort()).toEqual([
    [200, undefined],
    [403, 'RULE_LIMIT'],
    [403, 'RULE_LIMIT'],
  ])
  expect(outcomes[3]).toEqual([200, undefined])
  expect(sandbox.coupons()).toHaveLength(2)
})

test('issues one coupon when one number is sent for two users at once', async () => {
  const { sandbox, issue } = await openSandbox()
  const replies = await Promise.all([issue('A1'), issue('A1', { openid: 'someone-else' })])
  expect(replies.map(({ status }) => status).sort()).toEqual([200, 400])
  expect(sandbox.coupons()).toHaveLength(1)
})

test('refuses what goes past the limit of a user', async () => {
  const { sandbox, issue } = await openSandbox({ stocks: [{ stock_id: 'S2', quota: 500, per_user: 2 }] })
  const send = (number: string, openid: string) => issue(number, { openid, stock_id: 'S2' })
  expect((await send('A1', 'u1')).status).toBe(200)
  expect((await send('A2', 'u1')).status).toBe(200)
  const third = await send('A3', 'u1')
  expect([third.status, third.json.code, isSigned(sandbox, third)]).toEqual([403, 'RULE_LIMIT', true])
  expect((await send('A4', 'u2')).status).toBe(200)
  expect((await send('A1', 'u1')).status).toBe(200)
  expect(sandbox.coupons()).toHaveLength(3)
})

test('keeps the budget of a stock when many users are sent to at once', async () => {
  const { sandbox, issue } = await openSandbox({ stocks: [{ stock_id: 'S2', quota: 500, budget: 1400 }] })
  const users = Array.from({ length: 12 }, (_, index) => `u${index}`)
  const replies = await Promise.all(users.map((openid) => issue(`N${openid}`, { openid, stock_id: 'S2' })))
  expect(replies.filter(({ status }) => status === 200)).toHaveLength(2)
  expect(replies.filter(({ status, json }) => status === 403 && json.code === 'NOT_ENOUGH')).toHaveLength(10)
  expect(sandbox.coupons()).toHaveLength(2)
})

test('refuses a stock that has not started or is over', async () => {
  let now = Date.parse('2026-01-01T00:00:00Z')
  const stocks = [
    {
      stock_id: 'S2',
      quota: 1,
      starts_at: '2026-01-02T08:00:00+08:00',
      ends_at: now + 2 * DAY,
      valid_days: 0.5,
    },
  ]
  const { issue } = await openSandbox({ now: () => now, stocks })
  const early = await issue('A1', { stock_id: 'S2' })
  expect([early.status, early.json.code]).toEqual([403, 'REQUEST_BLOCKED'])
  now += DAY
  const inTime = await issue('A1', { stock_id: 'S2' })
  expect(inTime.json.expire_time).toBe('2026-01-02T20:00:00.000+08:00')
  now += DAY
  const late = await issue('A2', { stock_id: 'S2' })
  expect([late.status, late.json.code]).toEqual([403, 'REQUEST_BLOCKED'])
  expect((await issue('A1', { stock_id: 'S2' })).text).toBe(inTime.text)
})

test('refuses ids that do not exist or do not belong together', async () => {
  const { sandbox, issue } = await openSandbox({
    stocks: [{ stock_id: 'S2', quota: 1, mchid: '1900000001' }],
  })
  const outcomes: unknown[] = []
  const changes = [
    { mchid: '1900000002' },
    { appid: 'wx0000000000000000' },
    { stock_id: 'S3' },
    { stock_id: 'S2' },
    { stock_id: 'S2', mchid: '1900000001' },
  ]
  for (const [index, change] of changes.entries()) {
    const reply = await issue(`A${index}`, change)
    outcomes.push([reply.status, reply.json.code, isSigned(sandbox, reply)])
  }
  expect(outcomes).toEqual([
    [400, 'MCH_NOT_EXISTS', true],
    [400, 'APPID_MCHID_NOT_MATCH', true],
    [404, 'RESOURCE_NOT_EXISTS', true],
    [404, 'RESOURCE_NOT_EXISTS', true],
    [200, undefined, true],
  ])
})

test('names the field that breaks its rules', async () => {
  const { sandbox, issue, call, couponsPath, ids } = await openSandbox()
  const path = couponsPath(OPENID)
  const valid = { ...ids, send_request_no: 'A1' }
  const details = async (sent: Promise<{ status: number; json: { code: string; detail: unknown } }>) => {
    const { status, json } = await sent
    expect([status, json.code]).toEqual([400, 'PARAM_ERROR'])
    return json.detail
  }
  const missing = await details(call('POST', path, { json: { ...valid, stock_id: undefined } }))
  expect(missing).toEqual({ field: 'stock_id', value: '', issue: expect.any(String), location: 'body' })
  const wrong = { field: 'send_request_no', location: 'body', issue: expect.any(String) }
  expect(await details(call('POST', path, { json: { ...valid, send_request_no: 7 } }))).toEqual({
    ...wrong,
    value: 7,
  })
  expect(await details(issue('号码😀'))).toEqual({ ...wrong, value: '号码😀' })
  expect(await details(issue('x'.repeat(129)))).toMatchObject(wrong)
  for (const body of ['{', '[]', 'null', '"text"', '{"mchid":'])
    expect(await details(call('POST', path, { body }))).toMatchObject({ location: 'body' })
  expect(await details(issue('A1', { openid: 'two words' }))).toMatchObject({
    field: 'openid',
    location: 'path',
  })
  expect(await details(issue('A1', { openid: 'o'.repeat(129) }))).toMatchObject({
    field: 'openid',
    location: 'path',
  })
  const asText = { json: valid, headers: { 'content-type': 'text/plain' } }
  expect(await details(call('POST', path, asText))).toMatchObject({
    field: 'Content-Type',
    location: 'header',
  })
  expect(sandbox.coupons()).toEqual([])
})
