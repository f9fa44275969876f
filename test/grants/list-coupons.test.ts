import { inspect } from 'node:util'
import { expect, test } from 'vitest'
import type { Person } from '../../src/domain/permissions.ts'
import type { ListInput, ListOutcome } from '../../src/grants/index.ts'
import { newGrant } from '../ledger/grants.ts'
import {
  agent,
  clock,
  createSetting,
  DAY,
  HOUR,
  newOpenid,
  policyOf,
  sentTo,
  useWechatPay,
  wechatpay,
} from './setting.ts'

useWechatPay({
  stocks: [
    { stock_id: '1304490000000060', quota: 5000 },
    { stock_id: '1304490000000061', quota: 700 },
  ],
})

const person: Person = agent
const lookups = { perPerson: 3, per: HOUR }
const limits = { perUser: null, perRequester: null, perStock: null, lookups }

function input(change: Partial<ListInput> = {}): ListInput {
  return { person, openid: newOpenid(), stock: null, page: 1, ...change }
}

function listed(outcome: ListOutcome) {
  if (outcome.kind !== 'listed') throw new Error(JSON.stringify(outcome))
  return outcome
}

test('joins what a user holds with who gave it, why, and until when', async () => {
  const { give, issue, now, grants } = await createSetting()
  const openid = newOpenid()
  await give({ openid })
  const given = await give({ openid, stock: 'withdraw-50' })
  await issue()
  await issue()
  const pending = await give({ openid, stock: 'withdraw-50' })
  const outcome = listed(await grants.list(input({ openid })))
  expect(outcome).toMatchObject({ openid, stocks: 2, failed: [], open: [pending] })
  expect(outcome.coupons).toHaveLength(2)
  const grant = await now(given)
  expect(outcome.coupons.find(({ couponId }) => couponId === grant.couponId)).toEqual({
    couponId: grant.couponId,
    stock: { key: 'withdraw-50', stockId: grant.stockId, name: grant.stockName },
    state: 'VALID',
    usable: true,
    quota: 5000,
    used: 0,
    sentAt: clock.now(),
    expiresAt: grant.couponExpiresAt,
    grant,
  })
})

test('shows coupons that this app did not give, without an expiry time that it could not know', async () => {
  const { give, issue, grants } = await createSetting()
  const { openid } = await give()
  await issue()
  const another = await createSetting()
  expect(listed(await grants.list(input({ openid }))).coupons).toHaveLength(1)
  expect(listed(await another.grants.list(input({ openid }))).coupons).toMatchObject([
    { usable: true, expiresAt: null, grant: null },
  ])
})

test('never shows a request as open beside the coupon that it has got meanwhile', async () => {
  const { give, issue, ledger, grants } = await createSetting()
  const grant = await give()
  const before = await ledger.openGrantsOf({ openid: grant.openid })
  await issue()
  // What was read just before the answer was recorded.
  ledger.openGrantsOf = () => Promise.resolve(before)
  const outcome = listed(await grants.list(input({ openid: grant.openid })))
  expect(outcome.open).toEqual([])
  expect(outcome.coupons).toMatchObject([{ grant: { id: grant.id, state: 'issued' } }])
})

test('says so when a user holds nothing', async () => {
  const { grants } = await createSetting()
  expect(listed(await grants.list(input()))).toMatchObject({ coupons: [], open: [], failed: [], stocks: 2 })
})

test('shows the usable first, and of those the latest', async () => {
  const { give, issue, grants } = await createSetting()
  const openid = newOpenid()
  for (const stock of ['withdraw-10', 'withdraw-50', 'withdraw-10', 'withdraw-50']) {
    await give({ openid, stock })
    await issue()
    clock.forward(HOUR)
  }
  const [first, second, third, fourth] = sentTo({ openid }).coupons.map(({ coupon_id }) => coupon_id)
  wechatpay().changeCoupon(third ?? '', { use_quota: 1000 })
  wechatpay().changeCoupon(fourth ?? '', { state: 'SOMETHING_NEW' })
  const { coupons } = listed(await grants.list(input({ openid })))
  expect(coupons.map(({ couponId, state, usable }) => [couponId, state, usable])).toEqual([
    [second, 'VALID', true],
    [first, 'VALID', true],
    [fourth, 'SOMETHING_NEW', false],
    [third, 'USED', false],
  ])
  expect(coupons[3]).toMatchObject({ quota: 1000, used: 1000 })
})

test('does not call a coupon usable that the ledger knows to be over', async () => {
  const { give, issue, grants } = await createSetting()
  const { openid } = await give()
  await issue()
  const couponId = sentTo({ openid }).coupons[0]?.coupon_id ?? ''
  wechatpay().changeCoupon(couponId, { state: 'SENDED' })
  expect(listed(await grants.list(input({ openid }))).coupons).toMatchObject([{ usable: true }])
  clock.forward(31 * DAY)
  expect(listed(await grants.list(input({ openid }))).coupons).toMatchObject([
    { state: 'SENDED', usable: false },
  ])
})

test('lists a coupon whose expiry time WeChat Pay never told', async () => {
  const { give, issue, grants } = await createSetting()
  wechatpay().fault({ name: 'expire-time-missing' })
  const { openid } = await give()
  await issue()
  const [coupon] = listed(await grants.list(input({ openid }))).coupons
  expect(coupon).toMatchObject({ usable: true, expiresAt: null, grant: { state: 'issued' } })
})

test('asks for stocks that left the policy, too, of which the user got something', async () => {
  const setting = await createSetting()
  const { give, issue, grants, policy } = setting
  const gone = { ...policy.stocks[0], key: 'gone', stockId: '1304490000000061', quota: 700 } as const
  setting.policy = { ...policy, stocks: [...policy.stocks, gone as (typeof policy.stocks)[number]] }
  const { openid } = await give({ stock: 'gone' })
  await issue()
  setting.policy = policy
  expect(listed(await grants.list(input({ openid })))).toMatchObject({
    stocks: 3,
    coupons: [{ stock: { key: 'gone', stockId: '1304490000000061' }, quota: 700 }],
  })
  expect(listed(await grants.list(input({ openid, stock: 'withdraw-10' })))).toMatchObject({
    stocks: 1,
    coupons: [],
  })
})

test('shows the rest when one stock can not be asked, and names it with the reason', async () => {
  const setting = await createSetting()
  const { give, issue, grants, ledger, policy, log } = setting
  const { openid } = await give()
  await issue()
  const { appid, mchid } = policy.stocks[0] ?? {}
  await ledger.write((tx) =>
    tx.recordGrant(
      newGrant({ openid, appid: appid ?? '', mchid: mchid ?? '', stock: 'lost', stockId: '404' }),
      [],
    ),
  )
  const outcome = listed(await grants.list(input({ openid })))
  expect(outcome.coupons).toHaveLength(1)
  expect(outcome.failed).toMatchObject([{ stock: 'lost', code: 'RESOURCE_NOT_EXISTS' }])
  expect(inspect(log, { depth: 10 })).not.toContain(openid)
})

test.each([
  [{ name: 'no-answer-before', times: 'always' }, 'NO_ANSWER'],
  [{ name: 'reset-before', times: 'always' }, 'NO_ANSWER'],
  [{ name: 'bad-signature', times: 'always' }, 'UNTRUSTED_ANSWER'],
  [{ name: 'bad-gateway-html', times: 'always' }, 'NO_ANSWER'],
  [{ name: 'server-error', times: 'always' }, 'SYSTEM_ERROR'],
  [{ name: 'refuse', code: 'SIGN_ERROR', status: 401, times: 'always' }, 'SIGN_ERROR'],
  [{ name: 'refuse', code: 'NO_AUTH', times: 'always' }, 'NO_AUTH'],
  [{ name: 'too-many-requests', times: 'always' }, 'FREQUENCY_LIMITED'],
] as const)('tells why no stock could be asked: %j is %s', async (fault, code) => {
  const { grants } = await createSetting(
    fault.name === 'no-answer-before' ? { client: { timeouts: { total: 1000 } } } : {},
  )
  wechatpay().fault(fault)
  const { coupons, failed, stocks } = listed(await grants.list(input()))
  expect({ coupons, stocks }).toEqual({ coupons: [], stocks: 2 })
  expect(failed.map((failure) => [failure.stock, failure.code])).toEqual([
    ['withdraw-10', code],
    ['withdraw-50', code],
  ])
})

test('finds every coupon over all pages, however they lie', async () => {
  const { give, issue, grants } = await createSetting()
  const openid = newOpenid()
  for (let count = 0; count < 22; count++) {
    await give({ openid })
    await issue()
  }
  for (const start of [0, 1, 'row'] as const) {
    wechatpay().clearFaults()
    wechatpay().fault({ name: 'offset-start', start })
    wechatpay().fault({ name: 'pages-overlap' })
    const { coupons } = listed(await grants.list(input({ openid })))
    expect(new Set(coupons.map(({ couponId }) => couponId)).size).toBe(22)
  }
})

test('records who looked up whom, and refuses past the limit until the first is an hour ago', async () => {
  const { grants, ledger, sql } = await createSetting({ policy: { limits } })
  const openid = newOpenid()
  const first = clock.now()
  for (let times = 0; times < 3; times++) {
    listed(await grants.list(input({ openid, stock: 'withdraw-10' })))
    clock.forward(1000)
  }
  expect(
    await sql(
      'select kind, actor, openid, data, grant_id from events join subjects on subjects.id = subject',
    ),
  ).toEqual(
    Array(3).fill({
      kind: 'look-up',
      actor: person.id,
      openid,
      data: '{"stock":"withdraw-10"}',
      grant_id: null,
    }),
  )
  const calls = wechatpay().calls().length
  expect(await grants.list(input())).toEqual({
    kind: 'refused',
    refusal: { code: 'lookups-reached', max: 3, per: HOUR, againAt: first + HOUR },
  })
  expect(wechatpay().calls()).toHaveLength(calls)
  // Turning a page is no look-up, and others have look-ups of their own.
  listed(await grants.list(input({ openid, page: 2 })))
  listed(await grants.list(input({ person: { ...person, id: 'U0AGENT2' } })))
  clock.forward(HOUR)
  listed(await grants.list(input()))
  expect(await ledger.countLookups({ person: person.id, since: 0 })).toMatchObject({ count: 4 })
})

test('counts no turn of a page, back to the first either, and every page that no look-up stands behind', async () => {
  const { grants, ledger } = await createSetting({ policy: { limits } })
  const openid = newOpenid()
  const counted = async () => (await ledger.countLookups({ person: person.id, since: 0 })).count
  const turn = async (page: number, change: Partial<ListInput> = {}) => {
    listed(await grants.list(input({ openid, page, isTurned: true, ...change })))
    return counted()
  }
  listed(await grants.list(input({ openid })))
  expect(await counted()).toBe(1)
  expect(await turn(2)).toBe(1)
  expect(await turn(1)).toBe(1)
  // Typed anew it is another look-up; so is a page that nobody has turned to by hand.
  listed(await grants.list(input({ openid })))
  expect(await counted()).toBe(2)
  expect(await turn(102)).toBe(3)
  // Neither another user's list nor another person's is behind a page, nor one of ten minutes ago.
  for (const change of [
    { page: 2, openid: newOpenid() },
    { page: 102, openid: newOpenid() },
  ])
    expect(await grants.list(input({ isTurned: true, ...change }))).toMatchObject({
      refusal: { code: 'lookups-reached' },
    })
  const other = { ...person, id: 'U0AGENT2' }
  listed(await grants.list(input({ openid, person: other, page: 2 })))
  expect(await ledger.countLookups({ person: other.id, since: 0 })).toMatchObject({ count: 1 })
  listed(await grants.list(input({ openid, page: 2 })))
  clock.forward(600_001)
  expect(await grants.list(input({ openid, page: 2 }))).toMatchObject({ kind: 'refused' })
})

const refusals: [Partial<ListInput>, object][] = [
  [{ person: { ...person, groups: [] } }, { code: 'role-missing', role: 'viewer' }],
  [{ person: { ...person, groups: null } }, { code: 'roles-unknown' }],
  [{ person: { ...person, standing: 'guest' } }, { code: 'not-a-member', standing: 'guest' }],
  [{ openid: 'o 1' }, { code: 'openid-malformed' }],
  [{ stock: 'gone' }, { code: 'stock-unknown', stock: 'gone' }],
]

test.each(refusals)('refuses a look-up with %j, and counts none', async (change, refusal) => {
  const { grants, sql } = await createSetting()
  expect(await grants.list(input(change))).toMatchObject({ kind: 'refused', refusal })
  expect(await sql('select * from events')).toEqual([])
})

test('lets auditors and operators look up as well', async () => {
  const { grants } = await createSetting({ policy: { roles: { ...policyOf().roles, viewer: [] } } })
  const auditor = { ...person, id: 'U0AUDIT1', groups: [] }
  const operator = { ...person, groups: [], email: 'OPS@example.com' }
  for (const someone of [auditor, operator]) listed(await grants.list(input({ person: someone })))
  expect(await grants.list(input())).toMatchObject({ kind: 'refused' })
})

test('asks nothing of WeChat Pay while a look-up can not be recorded', async () => {
  const { grants, open } = await createSetting({ ledger: { writeWithin: 60 } })
  const other = await open()
  const more = Promise.withResolvers<void>()
  const had = Promise.withResolvers<void>()
  const blocking = other.write(async () => {
    had.resolve()
    await more.promise
  })
  await had.promise
  const calls = wechatpay().calls().length
  expect(await grants.list(input())).toEqual({ kind: 'busy' })
  expect(wechatpay().calls()).toHaveLength(calls)
  more.resolve()
  await blocking
})

test.each([
  { row: { use_quota: null } },
  { without: ['use_quota', 'send_quota', 'coupon_state', 'send_time'] },
  { row: { send_time: 'yesterday', coupon_state: 7, send_quota: 'much' } },
  { top: { total_count: '2', offset: null, limit: null } },
  { row: { send_time: null }, top: { total_count: null } },
])('shows every coupon though WeChat Pay leaves out or mistells %j', async (odd) => {
  const { give, issue, now, grants } = await createSetting()
  const openid = newOpenid()
  const given = [await give({ openid })]
  await issue()
  given.push(await give({ openid }))
  await issue()
  wechatpay().fault({ name: 'odd-answer', times: 4, match: { method: 'GET', openid }, ...odd })
  const outcome = listed(await grants.list(input({ openid, stock: 'withdraw-10' })))
  const ids = await Promise.all(given.map(async (grant) => (await now(grant)).couponId))
  expect(outcome.coupons.map(({ couponId }) => couponId).toSorted()).toEqual(ids.toSorted())
  expect(outcome.failed).toEqual([])
})

test('shows the other coupons beside one without an id, and says that the list is not whole', async () => {
  const { give, issue, grants } = await createSetting()
  const openid = newOpenid()
  await give({ openid })
  await issue()
  await give({ openid })
  await issue()
  wechatpay().fault({
    name: 'odd-answer',
    without: ['coupon_id'],
    times: 4,
    match: { method: 'GET', openid },
  })
  const { coupons, failed } = listed(await grants.list(input({ openid, stock: 'withdraw-10' })))
  expect(coupons).toHaveLength(1)
  expect(failed).toMatchObject([{ stock: 'withdraw-10', code: 'UNEXPECTED_ANSWER' }])
})
