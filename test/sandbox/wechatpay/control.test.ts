import { expect, test } from 'vitest'
import { OPENID, openSandbox } from './caller.ts'

test('sets, lists and clears faults', async () => {
  const { control, list } = await openSandbox()
  const set = await control('POST', '/sandbox/faults', { name: 'server-error', times: 2 })
  expect([set.status, set.json]).toEqual([
    201,
    { id: 1, spec: { name: 'server-error', times: 2 }, left: 2, hits: 0 },
  ])
  expect((await list()).status).toBe(500)
  const { json } = await control('GET', '/sandbox/faults')
  expect(json.faults).toEqual([{ id: 1, spec: { name: 'server-error', times: 2 }, left: 1, hits: 1 }])
  expect((await control('DELETE', '/sandbox/faults')).json).toEqual({ faults: [] })
  expect((await list()).status).toBe(200)
})

test('tells what is wrong with a fault, field by field', async () => {
  const { control } = await openSandbox()
  const reply = await control('POST', '/sandbox/faults', { name: 'slow', ms: 'long', times: -1 })
  expect(reply.status).toBe(400)
  expect(
    reply.json.problems.map((problem: { field: string; value: string }) => [problem.field, problem.value]),
  ).toEqual(
    expect.arrayContaining([
      ['times', '-1'],
      ['ms', '"long"'],
    ]),
  )
  const unknown = await control('POST', '/sandbox/faults', { name: 'nonsense' })
  expect(unknown.json.message).toContain('expected one of no-answer-before')
  expect((await control('POST', '/sandbox/faults', '{')).status).toBe(400)
  expect((await control('POST', '/sandbox/faults', 'null')).status).toBe(400)
})

test('tells what was really issued and lets a coupon be used', async () => {
  const { control, issue, list, sandbox } = await openSandbox()
  sandbox.fault({ name: 'server-error', after: true })
  await issue('A1')
  const { json } = await control('GET', '/sandbox/coupons')
  expect(json.coupons).toMatchObject([
    { openid: OPENID, send_request_no: 'A1', state: 'VALID', use_quota: 0 },
  ])
  const [{ coupon_id: id }] = json.coupons
  const used = await control('POST', `/sandbox/coupons/${id}`, { use_quota: 400 })
  expect([used.status, used.json.use_quota, used.json.state]).toEqual([200, 400, 'VALID'])
  await control('POST', `/sandbox/coupons/${id}`, { use_quota: 1000 })
  expect((await list()).json.data).toMatchObject([{ use_quota: 1000, coupon_state: 'USED' }])
  const tooMuch = await control('POST', `/sandbox/coupons/${id}`, { use_quota: 1001 })
  expect([tooMuch.status, tooMuch.json.problems[0].field]).toEqual([400, 'use_quota'])
  expect((await control('POST', `/sandbox/coupons/${id}`, {})).status).toBe(400)
  // Taken away: it was issued, and the user's list shows it no more.
  await control('POST', `/sandbox/coupons/${id}`, { listed: false })
  expect((await list()).json).toMatchObject({ total_count: 0, data: [] })
  expect((await control('GET', '/sandbox/coupons')).json.coupons).toHaveLength(1)
  expect((await control('POST', '/sandbox/coupons/unknown', { use_quota: 1 })).status).toBe(404)
})

test('lets coupons expire by its clock, not the signatures', async () => {
  const { control, issue, list } = await openSandbox({ now: () => Date.parse('2026-01-01T00:00:00Z') })
  await issue('A1')
  const day = 24 * 60 * 60 * 1000
  const moved = await control('POST', '/sandbox/clock', { shift_ms: 29 * day })
  expect(moved.json).toEqual({ now: '2026-01-30T00:00:00.000Z' })
  expect((await list()).json.data[0].coupon_state).toBe('VALID')
  await control('POST', '/sandbox/clock', { shift_ms: day })
  const reply = await list()
  expect(reply.json.data[0].coupon_state).toBe('EXPIRED')
  expect(Math.abs(Number(reply.headers['wechatpay-timestamp']) - Date.now() / 1000)).toBeLessThan(5)
  expect((await control('POST', '/sandbox/clock', { shift_ms: 'a day' })).status).toBe(400)
})

test('does not let its clock be moved to a time that can not be written', async () => {
  const { control, issue } = await openSandbox({ now: () => Date.parse('2026-01-01T00:00:00Z') })
  for (const shift_ms of [Date.UTC(8999, 0), -Date.UTC(2026, 0) - 1, Number.MAX_SAFE_INTEGER]) {
    const moved = await control('POST', '/sandbox/clock', { shift_ms })
    expect([moved.status, moved.json.problems]).toEqual([
      400,
      [{ field: 'shift_ms', problem: 'expected a time from 1970 to 9000', value: String(shift_ms) }],
    ])
  }
  expect((await control('GET', '/sandbox/clock')).json).toEqual({ now: '2026-01-01T00:00:00.000Z' })
  expect((await issue('A1')).json.expire_time).toBe('2026-01-31T08:00:00.000+08:00')
})

test('tells which requests there were, its own addresses not among them', async () => {
  const { control, list } = await openSandbox()
  await list()
  await control('GET', '/sandbox/coupons')
  const { json } = await control('GET', '/sandbox/calls')
  expect(json.calls).toMatchObject([{ method: 'GET', status: 200, verified: true }])
})

test('describes itself without a secret', async () => {
  const { control, sandbox } = await openSandbox()
  const { status, text, json } = await control('GET', '/sandbox')
  expect(status).toBe(200)
  expect(json).toMatchObject({ baseUrl: sandbox.info.baseUrl, mchid: sandbox.info.mchid })
  expect(json.addresses).toContain('/sandbox/faults')
  expect(json.faults['no-answer-after']).toMatch(/coupon is issued/)
  expect(text).not.toContain(sandbox.info.apiV3Key)
})

test('can not be driven by a page of some web site', async () => {
  const { control, sandbox } = await openSandbox()
  const fault = { name: 'server-error' }
  const attempts: Record<string, string | undefined>[] = [
    { origin: 'https://example.com' },
    { origin: 'null' },
    { host: 'rebound.example.com' },
    { 'content-type': 'text/plain' },
    { 'content-type': undefined },
  ]
  const statuses: number[] = []
  for (const headers of attempts)
    statuses.push((await control('POST', '/sandbox/faults', fault, headers)).status)
  expect(statuses).toEqual([403, 403, 403, 415, 415])
  expect(
    (await control('DELETE', '/sandbox/faults', undefined, { origin: 'https://example.com' })).status,
  ).toBe(403)
  expect((await control('GET', '/sandbox/faults')).json).toEqual({ faults: [] })
  const own = { origin: sandbox.info.baseUrl }
  expect((await control('POST', '/sandbox/faults', fault, own)).status).toBe(201)
})

test('tells which addresses and methods there are', async () => {
  const { control } = await openSandbox()
  const unknown = await control('GET', '/sandbox/fault')
  expect([unknown.status, unknown.json.message]).toEqual([404, expect.stringContaining('/sandbox/faults')])
  const wrong = await control('PUT', '/sandbox/faults', {})
  expect([wrong.status, wrong.json.message]).toEqual([405, '/sandbox/faults takes GET, POST, DELETE'])
})
