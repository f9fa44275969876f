import { createPublicKey } from 'node:crypto'
import { setTimeout } from 'node:timers/promises'
import { expect, test } from 'vitest'
import type { FaultSpec, WechatPaySandbox } from '../../../src/sandbox/wechatpay/index.ts'
import { isSigned, isSignedBy, OPENID, openSandbox } from './caller.ts'

const numbersOf = (sandbox: WechatPaySandbox) => sandbox.coupons().map((coupon) => coupon.send_request_no)

/** Waits until the sandbox is done with what a fault hides from the caller. */
async function until(isTrue: () => boolean): Promise<void> {
  const end = Date.now() + 60_000
  while (!isTrue()) {
    if (Date.now() > end) throw new Error('it did not come true within a minute')
    await setTimeout(5)
  }
}

/** Sends and gives up once the sandbox has come to what is waited for. */
async function giveUpWhen(
  isTime: () => boolean,
  send: (signal: AbortSignal) => Promise<unknown>,
): Promise<void> {
  const caller = new AbortController()
  const sent = expect(send(caller.signal)).rejects.toThrow('aborted')
  await until(isTime)
  caller.abort()
  await sent
}

test('gives no answer before anything happens', async () => {
  const { sandbox, issue } = await openSandbox()
  sandbox.fault({ name: 'no-answer-before' })
  await giveUpWhen(
    () => sandbox.calls()[0]?.faults.length === 1,
    (signal) => issue('A1', {}, { signal }),
  )
  expect(sandbox.calls()).toMatchObject([{ verified: true, status: undefined, faults: ['no-answer-before'] }])
  expect((await issue('B1')).status).toBe(200)
  expect(numbersOf(sandbox)).toEqual(['B1'])
})

test('gives no answer after the coupon is issued, and the same coupon to a repeat', async () => {
  const { sandbox, issue } = await openSandbox()
  sandbox.fault({ name: 'no-answer-after' })
  await giveUpWhen(
    () => sandbox.coupons().length === 1,
    (signal) => issue('A1', {}, { signal }),
  )
  expect(sandbox.calls()).toMatchObject([{ status: undefined }])
  expect((await issue('A1')).json.coupon_id).toBe(sandbox.coupons()[0]?.coupon_id)
  expect(numbersOf(sandbox)).toEqual(['A1'])
})

test('resets the connection before or after the coupon is issued', async () => {
  const { sandbox, issue } = await openSandbox()
  const reset = { code: 'ECONNRESET', syscall: 'read' }
  sandbox.fault({ name: 'reset-before' })
  await expect(issue('A1')).rejects.toMatchObject(reset)
  expect(sandbox.coupons()).toEqual([])
  sandbox.fault({ name: 'reset-after' })
  await expect(issue('A1')).rejects.toMatchObject(reset)
  expect(numbersOf(sandbox)).toEqual(['A1'])
})

test('works slowly and issues the coupon though the caller has gone', async () => {
  const { sandbox, issue } = await openSandbox()
  sandbox.fault({ name: 'slow', ms: 2500 })
  await giveUpWhen(
    () => sandbox.calls()[0]?.faults.length === 1,
    (signal) => issue('A1', {}, { signal }),
  )
  expect(sandbox.coupons()).toEqual([])
  const meanwhile = await issue('A2')
  expect([meanwhile.status, meanwhile.json.code]).toEqual([403, 'RULE_LIMIT'])
  await until(() => sandbox.coupons().length > 0)
  expect((await issue('A1')).status).toBe(200)
  expect(numbersOf(sandbox)).toEqual(['A1'])
  expect(sandbox.calls().map(({ status }) => status)).toEqual([undefined, 403, 200])
})

test('answers a look-up slowly', async () => {
  const { sandbox, list } = await openSandbox()
  sandbox.fault({ name: 'slow', ms: 120 })
  const before = performance.now()
  expect((await list()).status).toBe(200)
  expect(performance.now() - before).toBeGreaterThan(115)
})

test('refuses with 429, fails with 500 or with a page of HTML, and issues nothing', async () => {
  const { sandbox, issue } = await openSandbox()
  sandbox.fault({ name: 'too-many-requests' })
  sandbox.fault({ name: 'server-error' })
  sandbox.fault({ name: 'bad-gateway-html' })
  const limited = await issue('A1')
  expect([limited.status, limited.json.code]).toEqual([429, 'FREQUENCY_LIMITED'])
  const failed = await issue('A1')
  expect([failed.status, failed.json.code]).toEqual([500, 'SYSTEM_ERROR'])
  const proxied = await issue('A1')
  expect([proxied.status, proxied.headers['content-type']]).toEqual([502, 'text/html'])
  expect(proxied.text).toContain('<h1>502 Bad Gateway</h1>')
  for (const reply of [limited, failed, proxied]) expect(reply.headers['wechatpay-signature']).toBeUndefined()
  expect(sandbox.coupons()).toEqual([])
  expect((await issue('A1')).status).toBe(200)
})

test('fails after the coupon is issued when it is told to', async () => {
  const { sandbox, issue } = await openSandbox()
  sandbox.fault({ name: 'server-error', after: true })
  sandbox.fault({ name: 'bad-gateway-html', after: true })
  sandbox.fault({ name: 'refuse', code: 'RULE_LIMIT', after: true })
  expect([(await issue('A1')).status, (await issue('A2')).status, (await issue('A3')).status]).toEqual([
    500, 502, 403,
  ])
  expect(numbersOf(sandbox)).toEqual(['A1', 'A2', 'A3'])
})

test('refuses with any code, signed or not, with its documented status or another', async () => {
  const { sandbox, issue } = await openSandbox()
  const statuses: Record<string, number> = {
    PARAM_ERROR: 400,
    INVALID_REQUEST: 400,
    ALREADY_EXISTS: 400,
    RESOURCE_ALREADY_EXISTS: 400,
    APPID_MCHID_NOT_MATCH: 400,
    MCH_NOT_EXISTS: 400,
    SIGN_ERROR: 401,
    NO_AUTH: 403,
    RULE_LIMIT: 403,
    USER_ACCOUNT_ABNORMAL: 403,
    NOT_ENOUGH: 403,
    REQUEST_BLOCKED: 403,
    USER_AL_GET_COUPON: 403,
    RESOURCE_NOT_EXISTS: 404,
    USER_NOT_EXISTS: 404,
    RATELIMIT_EXCEEDED: 429,
    SYSTEM_ERROR: 500,
    SERVICE_UNAVAILABLE: 503,
    NEVER_HEARD_OF: 403,
  }
  for (const [code, status] of Object.entries(statuses)) {
    sandbox.fault({ name: 'refuse', code })
    const reply = await issue('A1')
    expect([code, reply.status, reply.json.code, isSigned(sandbox, reply)]).toEqual([
      code,
      status,
      code,
      true,
    ])
  }
  sandbox.fault({ name: 'refuse', code: 'NOAUTH', status: 418, message: 'words of mine', signed: false })
  const reply = await issue('A1')
  expect([reply.status, reply.json]).toEqual([418, { code: 'NOAUTH', message: 'words of mine' }])
  expect(reply.headers['wechatpay-signature']).toBeUndefined()
  expect(sandbox.coupons()).toEqual([])
})

test.each<[FaultSpec, Record<string, unknown>]>([
  [{ name: 'bad-signature' }, { 'wechatpay-signature': expect.stringMatching(/^[0-9A-Za-z+/]{342}==$/) }],
  [
    { name: 'missing-signature' },
    { 'wechatpay-signature': undefined, 'wechatpay-nonce': expect.any(String) },
  ],
  [
    { name: 'missing-signature', headers: 'all' },
    { 'wechatpay-signature': undefined, 'wechatpay-nonce': undefined },
  ],
  [
    { name: 'signtest-signature' },
    { 'wechatpay-signature': expect.stringMatching(/^WECHATPAY\/SIGNTEST\/./) },
  ],
])('issues the coupon but answers with the fault %o', async (fault, headers) => {
  const { sandbox, issue } = await openSandbox()
  sandbox.fault(fault)
  const reply = await issue('A1')
  expect(reply.status).toBe(200)
  for (const [name, value] of Object.entries(headers)) expect(reply.headers[name]).toEqual(value)
  expect(isSigned(sandbox, reply)).toBe(false)
  expect(numbersOf(sandbox)).toEqual(['A1'])
  expect(isSigned(sandbox, await issue('A1'))).toBe(true)
})

test('signs well, but long ago or in the future', async () => {
  const { sandbox, issue } = await openSandbox()
  sandbox.fault({ name: 'stale-timestamp' })
  sandbox.fault({ name: 'stale-timestamp', seconds: -400 })
  const age = ({ headers }: { headers: Record<string, unknown> }) =>
    Date.now() / 1000 - Number(headers['wechatpay-timestamp'])
  const old = await issue('A1')
  expect(age(old)).toBeGreaterThan(300)
  expect(age(old)).toBeLessThan(306)
  expect(isSigned(sandbox, old)).toBe(true)
  expect(age(await issue('A1'))).toBeLessThan(-390)
})

test('names a serial that nobody knows', async () => {
  const { sandbox, issue } = await openSandbox()
  sandbox.fault({ name: 'unknown-serial' })
  const reply = await issue('A1')
  expect(reply.headers['wechatpay-serial']).toMatch(/^[0-9A-F]{40}$/)
  expect(reply.headers['wechatpay-serial']).not.toBe(sandbox.info.platformSerial)
  expect(isSignedBy(createPublicKey(sandbox.publicKey), reply)).toBe(true)
})

test('leaves the expiry out of the answer, not out of the coupon', async () => {
  const { sandbox, issue } = await openSandbox()
  sandbox.fault({ name: 'expire-time-missing' })
  const reply = await issue('A1')
  expect(Object.keys(reply.json)).toEqual(['coupon_id'])
  expect(isSigned(sandbox, reply)).toBe(true)
  expect(sandbox.coupons()[0]?.expire_time).toMatch(/\+08:00$/)
})

test('adds fields that nobody knows', async () => {
  const { sandbox, issue, list } = await openSandbox()
  sandbox.fault({ name: 'extra-fields', bytes: 200_000, times: 2 })
  const issued = await issue('A1')
  expect(issued.text.length).toBeGreaterThan(200_000)
  expect(isSigned(sandbox, issued)).toBe(true)
  expect(issued.json).toMatchObject({ coupon_id: expect.any(String), expire_time: expect.any(String) })
  const listed = await list()
  expect(listed.json).toMatchObject({ total_count: 1, unknown_object: {}, data: [{ unknown_flag: true }] })
  expect(isSigned(sandbox, listed)).toBe(true)
})

test('tells a list with other values, well signed', async () => {
  const { sandbox, issue, list } = await openSandbox()
  await issue('A1')
  const odd = { top: { total_count: '1' }, row: { use_quota: null }, without: ['send_time'] }
  sandbox.fault({ name: 'odd-answer', ...odd })
  const listed = await list()
  expect(listed.json).toMatchObject({ total_count: '1', data: [{ use_quota: null }] })
  expect(listed.text).not.toContain('send_time')
  expect(isSigned(sandbox, listed)).toBe(true)
})

test('refuses a repeat after a lost answer when limits come before idempotency', async () => {
  const stocks = [{ stock_id: 'S2', quota: 500, budget: 500 }]
  const { sandbox, issue } = await openSandbox({ stocks })
  sandbox.fault({ name: 'limits-before-idempotency' })
  sandbox.fault({ name: 'reset-after', times: 2 })
  await expect(issue('A1')).rejects.toMatchObject({ code: 'ECONNRESET' })
  await expect(issue('A2', { stock_id: 'S2' })).rejects.toMatchObject({ code: 'ECONNRESET' })
  const outcomes: unknown[] = []
  for (let attempt = 0; attempt < 2; attempt += 1) {
    const [first, second] = [await issue('A1'), await issue('A2', { stock_id: 'S2' })]
    outcomes.push([first.status, first.json.code, second.status, second.json.code])
  }
  expect(outcomes).toEqual(Array(2).fill([403, 'RULE_LIMIT', 403, 'NOT_ENOUGH']))
  expect(numbersOf(sandbox)).toEqual(['A1', 'A2'])
  sandbox.clearFaults()
  expect((await issue('A1')).status).toBe(200)
  expect(sandbox.coupons()).toHaveLength(2)
})

test('meets only requests that match, as often as it was told', async () => {
  const { sandbox, issue, list, call } = await openSandbox()
  sandbox.fault({
    name: 'server-error',
    times: 2,
    match: { method: 'POST', path: '/v3/marketing/', openid: OPENID },
  })
  const statuses: number[] = []
  statuses.push((await list()).status)
  statuses.push((await call('GET', '/v3/certificates')).status)
  statuses.push((await issue('B1', { openid: 'someone-else' })).status)
  statuses.push((await issue('A1', {}, { signedBody: 'not what is sent' })).status)
  statuses.push((await issue('A1')).status, (await issue('A1')).status, (await issue('A1')).status)
  expect(statuses).toEqual([200, 200, 200, 401, 500, 500, 200])
})

test('meets every request until it is cleared when it was told "always"', async () => {
  const { sandbox, list } = await openSandbox()
  sandbox.fault({ name: 'too-many-requests', times: 'always' })
  expect([(await list()).status, (await list()).status, (await list()).status]).toEqual([429, 429, 429])
  sandbox.clearFaults()
  expect((await list()).status).toBe(200)
})

test('joins faults of different kinds in one request', async () => {
  const { sandbox, issue } = await openSandbox()
  sandbox.fault({ name: 'slow', ms: 60 })
  sandbox.fault({ name: 'expire-time-missing' })
  sandbox.fault({ name: 'bad-signature' })
  const reply = await issue('A1')
  expect(reply.json.expire_time).toBeUndefined()
  expect(isSigned(sandbox, reply)).toBe(false)
  expect(sandbox.calls()[0]?.faults).toEqual(['slow', 'expire-time-missing', 'bad-signature'])
})

test('refuses a fault that it does not know, naming what is allowed', async () => {
  const { sandbox } = await openSandbox()
  const refuse = (spec: unknown) => () => sandbox.fault(spec as FaultSpec)
  expect(refuse({ name: 'no-answr' })).toThrow(/name: expected one of no-answer-before, .*, got "no-answr"/)
  expect(refuse({ name: 'slow' })).toThrow(/ms: /)
  expect(refuse({ name: 'slow', ms: -1 })).toThrow(/ms: .*, got -1/)
  expect(refuse({ name: 'server-error', times: 0 })).toThrow(/times: .*1, got 0/)
  expect(refuse({ name: 'server-error', times: 'ever' })).toThrow(/times: expected .* "always", got "ever"/)
  expect(refuse({ name: 'server-error', match: { user: 'x' } })).toThrow('match.user: no such field here')
})

test('closes at once though requests hang', async () => {
  const { sandbox, issue } = await openSandbox()
  sandbox.fault({ name: 'no-answer-before' })
  sandbox.fault({ name: 'slow', ms: 60_000 })
  const hanging = Promise.allSettled([issue('A1'), issue('B1', { openid: 'someone-else' })])
  await until(() => sandbox.calls().filter(({ faults }) => faults.length > 0).length === 2)
  const before = performance.now()
  await sandbox.close()
  // They would hang for a minute.
  expect(performance.now() - before).toBeLessThan(50_000)
  expect((await hanging).map(({ status }) => status)).toEqual(['rejected', 'rejected'])
  expect(sandbox.coupons()).toEqual([])
})
