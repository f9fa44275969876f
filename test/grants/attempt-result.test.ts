import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { trustText } from '../../src/domain/hold.ts'
import type { FaultSpec } from '../../src/sandbox/wechatpay/index.ts'
import { createWechatPay, type WechatPayOptions } from '../../src/wechatpay/index.ts'
import { platform } from '../wechatpay/answering-server.ts'
import {
  clientOptions,
  clock,
  createSetting,
  newOpenid,
  sentTo,
  startOwnWechatPay,
  useWechatPay,
  wechatpay,
} from './setting.ts'

useWechatPay()

const MINUTE = 60_000
const certificate = () => readFileSync(`${wechatpay().info.keys}/wechatpay_cert.pem`, 'utf8')
const otherKey = () => platform().publicKey

interface Case {
  client?: () => Partial<WechatPayOptions>
  fault?: FaultSpec
  /** Serials, as the tests can know them. */
  came: () => string
  expected: () => string
  remedy: RegExp
}

const publicKeyId = () => wechatpay().info.publicKeyId
const platformSerial = () => wechatpay().info.platformSerial

const cases: [string, Case][] = [
  [
    'switch-not-begun',
    {
      fault: { name: 'signed-by', key: 'platform-certificate', times: 'always' },
      came: platformSerial,
      expected: publicKeyId,
      remedy: /开始更换.*WECHATPAY_APIV3_KEY/,
    },
  ],
  [
    'public-key-missing',
    {
      client: () => ({ publicKey: undefined, apiv3Key: wechatpay().info.apiV3Key }),
      fault: { name: 'signed-by', key: 'public-key', times: 'always', match: { path: '/v3/marketing' } },
      came: publicKeyId,
      expected: platformSerial,
      remedy: /WECHATPAY_PUBLIC_KEY_ID and WECHATPAY_PUBLIC_KEY_FILE/,
    },
  ],
  [
    'public-key-missing',
    {
      client: () => ({ publicKey: { id: platformSerial(), pem: certificate() } }),
      fault: { name: 'signed-by', key: 'public-key', times: 'always' },
      came: publicKeyId,
      expected: platformSerial,
      remedy: /WECHATPAY_PUBLIC_KEY_ID and WECHATPAY_PUBLIC_KEY_FILE/,
    },
  ],
  [
    'other-key',
    {
      client: () => ({ publicKey: { id: publicKeyId(), pem: otherKey() } }),
      came: publicKeyId,
      expected: publicKeyId,
      remedy: /another merchant's pub_key\.pem/,
    },
  ],
  [
    'other-public-key',
    {
      client: () => ({ publicKey: { id: 'PUB_KEY_ID_0199', pem: otherKey() } }),
      fault: { name: 'signed-by', key: 'public-key', times: 'always' },
      came: publicKeyId,
      expected: () => 'PUB_KEY_ID_0199',
      remedy: /copy its id and pub_key\.pem/,
    },
  ],
  [
    'headers-stripped',
    {
      fault: { name: 'missing-signature', headers: 'all', times: 'always' },
      came: () => 'none',
      expected: publicKeyId,
      remedy: /proxy/,
    },
  ],
  [
    'headers-incomplete',
    {
      fault: { name: 'missing-signature', times: 'always' },
      came: publicKeyId,
      expected: publicKeyId,
      remedy: /proxy/,
    },
  ],
  [
    'clock',
    {
      fault: { name: 'stale-timestamp', times: 'always' },
      came: publicKeyId,
      expected: publicKeyId,
      remedy: /clock/,
    },
  ],
  [
    'unknown-certificate',
    {
      client: () => ({ publicKey: undefined, apiv3Key: wechatpay().info.apiV3Key }),
      fault: { name: 'unknown-serial', times: 'always', match: { path: '/v3/marketing' } },
      came: () => expect.any(String),
      expected: platformSerial,
      remedy: /WECHATPAY_APIV3_KEY/,
    },
  ],
  [
    'unsigned',
    {
      fault: { name: 'refuse', code: 'NO_AUTH', signed: false, times: 'always' },
      came: () => 'none',
      expected: () => 'any',
      remedy: /403 NO_AUTH/,
    },
  ],
]

test.each(
  cases,
)('gives no coupon while no answer can be verified, and says what to mend: %s', async (fault, of) => {
  const { give, issue, now, ledger, grants, told, log } = await createSetting({
    proven: false,
    client: of.client?.() ?? {},
  })
  if (of.fault) wechatpay().fault(of.fault)
  const waiting = await Promise.all(Array.from({ length: 16 }, () => give()))
  expect(await issue()).toBe(0)
  clock.forward(MINUTE)
  expect(await issue()).toBe(0)
  for (const grant of waiting) {
    expect(sentTo(grant)).toMatchObject({ coupons: [] })
    expect(sentTo(grant).calls).toEqual([])
    expect(await now(grant)).toMatchObject({ state: 'approved', hold: { reason: 'untrusted-answers' } })
  }
  await grants.tellHolds()
  await grants.tellHolds()
  expect(told).toMatchObject([{ kind: 'first-attempts', reason: 'untrusted-answers', waiting: 16 }])
  const trust = told[0]?.trust
  expect(trust).toEqual({ fault, came: of.came(), expected: of.expected() })
  expect(told[0]?.message.slice(trust && trustText(trust).length)).toMatch(of.remedy)
  await expect(grants.proveTrust()).rejects.toThrow()
  const line = log.find(({ message }) => message.startsWith('no answer of WeChat Pay could be verified'))
  if (fault !== 'unsigned') expect(line?.fields.why).toBe(told[0]?.message)
  expect(await ledger.openHolds()).toHaveLength(1)
})

test('goes on by itself once an answer is verified, and tells the end', async () => {
  const { give, issue, now, ledger, grants, told } = await createSetting({ proven: false })
  wechatpay().fault({ name: 'signed-by', key: 'platform-certificate', times: 'always' })
  const waiting = [await give(), await give()]
  await issue()
  await grants.tellHolds()
  wechatpay().clearFaults()
  // Not before its time.
  expect(await issue()).toBe(0)
  clock.forward(MINUTE)
  expect(await issue()).toBe(2)
  for (const grant of waiting) expect(await now(grant)).toMatchObject({ state: 'issued' })
  expect(await ledger.openHolds()).toEqual([])
  await grants.tellHolds()
  expect(told).toMatchObject([{ endedAt: null }, { kind: 'first-attempts', endedAt: clock.now() }])
  await grants.proveTrust()
})

test('looks with longer and longer pauses, one look at a time', async () => {
  const { grants, issue } = await createSetting({ proven: false, client: { timeouts: { total: 2000 } } })
  const looks = () => wechatpay().calls().length
  wechatpay().fault({ name: 'unknown-serial', times: 'always' })
  const before = looks()
  await Promise.all([grants.issueDue(), grants.issueDue(), grants.proveTrust().catch(() => {})])
  expect(looks() - before).toBe(1)
  for (const [wait, count] of [
    [999, 1],
    [1, 2],
    [2999, 2],
    [1, 3],
    [10_000, 4],
    [30_000, 5],
    [59_999, 5],
    [1, 6],
    [60_000, 7],
  ] as const) {
    clock.forward(wait)
    await issue()
    await issue()
    expect(looks() - before).toBe(count)
  }
})

test('asks WeChat Pay once at the start, for nobody where nobody was given anything, and never again', async () => {
  const { grants, give, issue } = await createSetting({ proven: false })
  const before = wechatpay().calls().length
  await issue()
  await issue()
  const first = wechatpay().calls().slice(before)
  expect(first).toMatchObject([{ method: 'GET', verified: true, status: 200 }])
  await give()
  await issue()
  await grants.proveTrust()
  expect(
    wechatpay()
      .calls()
      .slice(before)
      .map(({ method }) => method),
  ).toEqual(['GET', 'POST'])
})

test('asks what the user of a waiting grant holds, whom WeChat Pay knows', async () => {
  const { give, issue } = await createSetting({ proven: false })
  const openid = newOpenid()
  await give({ openid })
  const before = wechatpay().calls().length
  await issue()
  const calls = wechatpay().calls().slice(before)
  expect(calls.map(({ method, path }) => [method, path.includes(openid)])).toEqual([
    ['GET', true],
    ['POST', true],
  ])
})

test.each<FaultSpec>([
  { name: 'refuse', code: 'USER_NOT_EXISTS' },
  { name: 'refuse', code: 'NO_AUTH' },
  { name: 'refuse', code: 'PARAM_ERROR' },
  { name: 'refuse', code: 'FREQUENCY_LIMITED', status: 429 },
  { name: 'refuse', code: 'SOMETHING_NEW', status: 400 },
  { name: 'refuse', code: 'SYSTEM_ERROR', status: 500, times: 3 },
  { name: 'odd-answer', top: { data: 'none' } },
])('takes a signed refusal for proof as well: %j', async (fault) => {
  const { give, issue, now } = await createSetting({ proven: false })
  wechatpay().fault({ ...fault, match: { method: 'GET' } })
  const grant = await give()
  await issue()
  expect(await now(grant)).toMatchObject({ state: 'issued' })
})

test.each<FaultSpec>([
  { name: 'refuse', code: 'USER_NOT_EXISTS', signed: false },
  { name: 'refuse', code: 'NO_AUTH', signed: false },
  { name: 'refuse', code: 'SOMETHING_NEW', status: 404, signed: false },
  { name: 'too-many-requests' },
  { name: 'server-error', times: 3 },
])('asks for the certificates where the first answer has no signature: %j', async (fault) => {
  const { give, issue, now } = await createSetting({ proven: false })
  const path = '/v3/certificates'
  wechatpay().fault({ ...fault, match: { path: '/v3/marketing' } })
  // As a merchant who has only the public key is answered.
  wechatpay().fault({ name: 'refuse', code: 'RESOURCE_NOT_EXISTS', match: { path } })
  const grant = await give()
  await issue()
  expect(await now(grant)).toMatchObject({ state: 'issued' })
})

test('holds everything by a 401 at the first look, and sends nothing', async () => {
  const { give, issue, now, grants, told } = await createSetting({ proven: false })
  wechatpay().fault({ name: 'refuse', code: 'SIGN_ERROR', status: 401, signed: false, times: 'always' })
  const grant = await give()
  await issue()
  expect(await now(grant)).toMatchObject({ state: 'approved', hold: { reason: 'SIGN_ERROR' } })
  expect(sentTo(grant).calls).toEqual([])
  await grants.tellHolds()
  expect(told).toMatchObject([{ kind: 'all', reason: 'SIGN_ERROR' }])
})

test('repeats nothing in a new process before an answer was verified', async () => {
  const setting = await createSetting()
  const { give, issue, now, passWaits } = setting
  wechatpay().fault({ name: 'reset-before' })
  const grant = await give()
  await issue()
  const wrong = createWechatPay({ ...clientOptions(), publicKey: { id: publicKeyId(), pem: otherKey() } })
  const restarted = setting.worker({ wechatpay: wrong })
  await passWaits()
  expect(await restarted.issue()).toBe(0)
  expect(sentTo(grant).calls).toHaveLength(1)
  expect(await now(grant)).toMatchObject({ state: 'issuing', flag: { kind: 'checking' } })
  await wrong.close()
})

test('leaves grants waiting while WeChat Pay is away at the start, and tells nobody of a moment', async () => {
  const own = await startOwnWechatPay()
  await own.leave()
  const { give, issue, now, grants, told, ledger } = await createSetting({
    proven: false,
    client: own.client,
  })
  const grant = await give()
  await issue()
  expect(await now(grant)).toMatchObject({
    state: 'approved',
    hold: { reason: 'no-connection' },
    attempts: 0,
  })
  await grants.tellHolds()
  clock.forward(4 * MINUTE)
  await own.comeBack()
  await issue()
  expect(await now(grant)).toMatchObject({ state: 'issued' })
  expect(await ledger.openHolds()).toEqual([])
  await grants.tellHolds()
  expect(told).toEqual([])
})

test('tells the operators once that WeChat Pay was away for five minutes since the start, and the end', async () => {
  const own = await startOwnWechatPay()
  await own.leave()
  const { give, issue, now, grants, told, sql } = await createSetting({ proven: false, client: own.client })
  const grant = await give()
  await issue()
  expect(await grants.tellHolds()).toBe(0)
  const [hold] = await sql('select due_at from holds')
  expect(Number(hold?.due_at) - Date.now()).toBeGreaterThan(4.5 * MINUTE)
  expect(Number(hold?.due_at) - Date.now()).toBeLessThanOrEqual(5 * MINUTE)
  clock.forward(5 * MINUTE)
  await sql('update holds set due_at = 0 where due_at is not null')
  await issue()
  await grants.tellHolds()
  await grants.tellHolds()
  expect(told).toMatchObject([{ kind: 'all', reason: 'no-connection', endedAt: null }])
  expect(told[0]?.message).toMatch(/refused \(ECONNREFUSED\)/)
  await own.comeBack()
  clock.forward(MINUTE)
  await issue()
  expect(await now(grant)).toMatchObject({ state: 'issued' })
  await grants.tellHolds()
  await grants.tellHolds()
  expect(told).toMatchObject([{ endedAt: null }, { reason: 'no-connection', endedAt: clock.now() }])
})

test('tells the operators once of five minutes without a connection, and its end', async () => {
  const own = await startOwnWechatPay()
  const { give, issue, now, grants, told, passWaits, sql } = await createSetting({ client: own.client })
  await issue()
  await own.leave()
  const first = await give()
  await issue()
  clock.forward(5 * MINUTE - 1)
  await issue()
  await grants.tellHolds()
  expect(told).toEqual([])
  clock.forward(1)
  await sql('update grants set due_at = 9000000000000000')
  // Nothing is due: it is told all the same.
  await issue()
  await grants.tellHolds()
  expect(told).toMatchObject([{ kind: 'all', reason: 'no-connection', waiting: 1, endedAt: null }])
  const second = await give()
  for (let minutes = 0; minutes < 3; minutes++) {
    clock.forward(MINUTE)
    await passWaits()
    await issue()
    await grants.tellHolds()
  }
  expect(told).toHaveLength(1)
  for (const grant of [first, second])
    expect(await now(grant)).toMatchObject({ state: 'approved', hold: { reason: 'no-connection' } })

  await own.comeBack()
  clock.forward(MINUTE)
  await issue()
  await issue()
  for (const grant of [first, second]) expect(await now(grant)).toMatchObject({ state: 'issued', hold: null })
  await grants.tellHolds()
  expect(told).toMatchObject([{ endedAt: null }, { reason: 'no-connection', endedAt: clock.now() }])
})

test('says nothing of a connection that was back within five minutes, or that nobody has tried since', async () => {
  const own = await startOwnWechatPay()
  const { give, issue, now, grants, told, passWaits } = await createSetting({ client: own.client })
  await issue()
  await own.leave()
  const grant = await give()
  await issue()
  await own.comeBack()
  clock.forward(6 * MINUTE)
  await passWaits()
  await issue()
  expect(await now(grant)).toMatchObject({ state: 'issued' })
  await grants.tellHolds()
  expect(told).toEqual([])
})

test('waits for a slow answer as long as any call may take', { timeout: 15_000 }, async () => {
  const { give, issue, now } = await createSetting({ proven: false })
  wechatpay().fault({ name: 'slow', ms: 3500, match: { method: 'GET' } })
  const grant = await give()
  await issue()
  expect(await now(grant)).toMatchObject({ state: 'issued' })
})

test('tells of a ledger that fails while it looks, and not of answers', async () => {
  const setting = await createSetting({ proven: false })
  const grant = await setting.give()
  for (const method of ['grantToLookUp', 'openHolds'] as const) {
    let failures = 1
    const failing = new Proxy(setting.ledger, {
      get(ledger, name, receiver) {
        if (name === method && failures > 0) {
          failures -= 1
          return () => Promise.reject(new Error('the ledger is busy'))
        }
        return Reflect.get(ledger, name, receiver)
      },
    })
    const { grants } = setting.worker({ ledger: failing })
    await expect(grants.issueDue()).rejects.toThrow('the ledger is busy')
    expect(await setting.ledger.openHolds()).toEqual([])
    expect(setting.log.filter(({ message }) => message.startsWith('no answer of WeChat Pay'))).toEqual([])
  }
  await setting.issue()
  expect(await setting.now(grant)).toMatchObject({ state: 'issued' })
})

test('tells the cause anew when it is another, as after a mend that was not all or not right', async () => {
  const setting = await createSetting({ proven: false })
  const { give, issue, now, grants, told, ledger } = setting
  const faultOf = () => told.at(-1)?.trust?.fault
  const tell = async () => {
    while ((await grants.tellHolds()) > 0);
  }
  const grant = await give()
  wechatpay().fault({ name: 'stale-timestamp', times: 'always' })
  await issue()
  await tell()
  expect(faultOf()).toBe('clock')

  wechatpay().clearFaults()
  wechatpay().fault({ name: 'signed-by', key: 'platform-certificate', times: 'always' })
  clock.forward(MINUTE)
  await issue()
  await tell()
  expect(faultOf()).toBe('switch-not-begun')
  expect(told.map(({ endedAt }) => endedAt === null)).toEqual([true, false, true])

  // Each once, however they take turns.
  for (const name of ['stale-timestamp', 'unknown-serial'] as const) {
    wechatpay().clearFaults()
    wechatpay().fault({ name, times: 'always' })
    clock.forward(MINUTE)
    await issue()
  }
  await tell()
  expect(faultOf()).toBe('switch-not-begun')
  expect(told).toHaveLength(3)

  wechatpay().clearFaults()
  const wrong = createWechatPay({ ...clientOptions(), publicKey: { id: publicKeyId(), pem: otherKey() } })
  const restarted = setting.worker({ wechatpay: wrong })
  await restarted.issue()
  await tell()
  expect(faultOf()).toBe('other-key')
  expect(await ledger.openHolds()).toHaveLength(1)
  expect(await now(grant)).toMatchObject({ state: 'approved', hold: { reason: 'untrusted-answers' } })
  expect(sentTo(grant).calls).toEqual([])
  await wrong.close()
})

test('asks for another stock next, where one is refused without a signature', async () => {
  const { give, issue, now } = await createSetting({ proven: false })
  const unsigned = { name: 'refuse', signed: false, times: 'always' } as const
  wechatpay().fault({ ...unsigned, code: 'RESOURCE_NOT_EXISTS', match: { path: '/v3/certificates' } })
  const grant = await give()
  wechatpay().fault({
    ...unsigned,
    code: 'NO_AUTH',
    match: { path: `/v3/marketing/withdraw-favor/users/${grant.openid}`, method: 'GET' },
  })
  await issue()
  expect(sentTo(grant).calls).toEqual([])
  expect(await now(grant)).toMatchObject({ hold: { reason: 'untrusted-answers' } })
  clock.forward(MINUTE)
  await issue()
  expect(await now(grant)).toMatchObject({ state: 'issued' })
})
