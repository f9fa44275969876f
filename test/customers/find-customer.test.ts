import { inspect } from 'node:util'
import { afterAll, afterEach, beforeAll, expect, inject, onTestFinished, test } from 'vitest'
import { createCustomers, type FindInput, type FindOutcome, openEndpoint } from '../../src/customers/index.ts'
import type { CustomerRules, Policy } from '../../src/domain/policy.ts'
import { type CustomerLookup, startCustomerLookup } from '../../src/sandbox/customer-lookup.ts'
import { startWechatPaySandbox, type WechatPaySandbox } from '../../src/sandbox/wechatpay/index.ts'
import { createWechatPay } from '../../src/wechatpay/index.ts'
import { agent } from '../grants/setting.ts'
import { openOn } from '../ledger/engines.ts'
import { NOON, policyWith } from '../slack/builders.ts'

const OPENID = 'oUpF8uMuAJO_M2pxb1Q9zNjWeS6o'
const OTHER = 'oUpF8uT4vKe_R7mLs2WdYb0JnCxQ'
const PHONE = '13800005678'
const PAID = '4200001234202611030000008812'

let wechatpay: WechatPaySandbox
let lookup: CustomerLookup

beforeAll(async () => {
  wechatpay = await startWechatPaySandbox({ keys: inject('wechatpayKeys') })
  const { appid } = wechatpay.info
  lookup = await startCustomerLookup({
    customers: [
      { numbers: { phone: PHONE }, openid: OPENID, appid, label: 'L*** Xiaoyu', hint: 'since 2024' },
      { numbers: { phone: '13800000000' }, openid: OPENID, appid },
      { numbers: { phone: '13800000000' }, openid: OTHER, appid, label: 'A***' },
    ],
  })
  wechatpay.order({
    openid: OPENID,
    total: 3500,
    transaction_id: PAID,
    out_trade_no: 'SHOP20261103000001',
    paid_at: '2026-11-03T14:02:00+08:00',
  })
})
afterEach(() => {
  wechatpay.clearFaults()
  lookup.clearFaults()
})
afterAll(() => Promise.all([wechatpay.close(), lookup.close()]))

const rules: CustomerRules = {
  orders: true,
  complaints: true,
  merchantOrders: '^SHOP\\d{14}$',
  subMchids: [],
  endpoint: 'https://example.com/find',
  kinds: [
    { key: 'phone', name: { en: 'Phone number', 'zh-CN': '手机号' }, pattern: '^1\\d{10}$' },
    { key: 'user', name: { en: 'User id', 'zh-CN': '用户编号' }, pattern: null },
  ],
  openidHelp: null,
}

/** A ledger, a client and what finds users, all ended with the test. */
async function setting(change: { customers?: Partial<CustomerRules>; policy?: Partial<Policy> } = {}) {
  const { info, privateKey, publicKey } = wechatpay
  const log: unknown[] = []
  const logger = { warn: (fields: object, message: string) => void log.push(fields, message) }
  const policy = policyWith({
    stocks: policyWith().stocks.map((stock) => ({ ...stock, appid: info.appid })),
    customers: { ...rules, ...change.customers },
    ...change.policy,
  })
  const { ledger, sql } = await openOn('sqlite', { now: () => NOON })
  const client = createWechatPay({
    mchid: info.mchid,
    merchantSerial: info.merchantSerial,
    privateKey,
    publicKey: { id: info.publicKeyId, pem: publicKey },
    baseUrls: [info.baseUrl],
  })
  const endpoint = openEndpoint({ secret: lookup.secret, address: lookup.url })
  onTestFinished(() => Promise.all([client.close(), endpoint.close()]).then(() => {}))
  const customers = createCustomers({
    ledger,
    wechatpay: client,
    endpoint,
    mchid: info.mchid,
    policy: () => policy,
    now: () => NOON,
    logger,
  })
  const find = (value: string, kind: string | null = null, input: Partial<FindInput> = {}) =>
    customers.find({ person: agent, kind, value, ...input })
  const lookups = async () => (await ledger.countLookups({ person: agent.id, since: 0 })).count
  return { customers, find, log, lookups, sql }
}

function found(outcome: FindOutcome) {
  if (outcome.kind !== 'found') throw new Error(JSON.stringify(outcome))
  return outcome
}
/** Why there is nobody; and there is nobody. */
function problem(outcome: FindOutcome) {
  const { matches, problems } = found(outcome)
  expect(matches).toEqual([])
  return problems
}

test('finds who paid an order by either number, and keeps nothing but that there was a look-up', async () => {
  const { find, lookups, sql } = await setting()
  const match = {
    openid: OPENID,
    appid: wechatpay.info.appid,
    state: 'paid',
    foundBy: {
      kind: 'order',
      name: null,
      number: '4200…8812',
      amount: 3500,
      at: Date.parse('2026-11-03T06:02:00Z'),
    },
  }
  expect(found(await find(` ${PAID.slice(0, 14)} ${PAID.slice(14)}。`))).toMatchObject({
    matches: [match],
    problems: [],
  })
  expect(found(await find('SHOP20261103000001'))).toMatchObject({
    matches: [{ openid: OPENID, foundBy: { kind: 'merchant-order', number: 'SHOP…0001' } }],
  })
  expect(await lookups()).toBe(2)
  const kept = JSON.stringify([await sql('select * from events'), await sql('select * from subjects')])
  expect(kept).toContain('look-up')
  for (const looked of [PAID, 'SHOP2026', OPENID]) expect(kept).not.toContain(looked)
})

test('finds who complained by the order of the complaint, once for each user', async () => {
  const { find } = await setting()
  const complaint = { complaint_id: '200201820261103000000000001' }
  wechatpay.order({ openid: OPENID, total: 100, complaint })
  wechatpay.order({ openid: OPENID, total: 200, complaint })
  wechatpay.order({ openid: OTHER, total: 300, state: 'REFUND', complaint })
  wechatpay.order({ openid: OTHER, appid: 'wxother00000000000', complaint })
  const { matches, problems } = found(await find('200201820261103000000000001'))
  expect(matches.map(({ openid, state, foundBy }) => [openid, state, foundBy.kind])).toEqual([
    [OPENID, 'paid', 'complaint'],
    [OTHER, 'refunded', 'complaint'],
  ])
  expect(problems).toEqual([{ code: 'other-appid', appid: 'wxother00000000000' }])
})

test('says by name why an order leads to nobody', async () => {
  const { find } = await setting()
  const { mchid } = wechatpay.info
  const numberOf = (spec: Parameters<WechatPaySandbox['order']>[0]) => wechatpay.order(spec).transaction_id
  expect(problem(await find('4200009999999999999999999999'))).toEqual([
    { code: 'nothing', of: { key: 'order', name: null }, mchid },
  ])
  // WeChat Pay tells nobody of another merchant's order.
  expect(problem(await find(numberOf({ openid: OPENID, mchid: '1900000001' })))).toEqual([
    { code: 'nothing', of: { key: 'order', name: null }, mchid },
  ])
  expect(problem(await find(numberOf({ openid: OPENID, state: 'NOTPAY' })))).toEqual([
    { code: 'unpaid', state: 'NOTPAY' },
  ])
  expect(problem(await find(numberOf({ openid: OPENID, appid: 'wxother00000000000' })))).toEqual([
    { code: 'other-appid', appid: 'wxother00000000000' },
  ])
  wechatpay.fault({ name: 'odd-answer', top: { mchid: '1900000001' } })
  expect(problem(await find(PAID))).toEqual([{ code: 'other-merchant', mchid: '1900000001' }])
  wechatpay.fault({ name: 'odd-answer', top: { payer: null } })
  expect(problem(await find(PAID))).toEqual([{ code: 'no-payer' }])
})

test("finds who paid an order of a service provider's merchant, under the appid of the stock", async () => {
  const { find } = await setting({ customers: { subMchids: ['1900000002', '1900000003'] } })
  const order = { openid: OTHER, appid: 'wxprovider00000000', sub_mchid: '1900000003', total: 700 }
  const { transaction_id } = wechatpay.order({
    ...order,
    sub_appid: wechatpay.info.appid,
    sub_openid: OPENID,
  })
  expect(found(await find(transaction_id)).matches).toMatchObject([
    { openid: OPENID, foundBy: { amount: 700 } },
  ])
  const other = wechatpay.order({ ...order, sub_mchid: '1900000009' })
  expect(problem(await find(other.transaction_id))).toMatchObject([
    { code: 'nothing', mchid: '1900000002, 1900000003' },
  ])
})

test('says whether WeChat Pay was slow, down, or refused the question, and logs no number', async () => {
  const { find, log } = await setting()
  wechatpay.fault({ name: 'server-error', times: 3 })
  expect(problem(await find(PAID))).toEqual([{ code: 'wechatpay', failure: 'NO_ANSWER' }])
  wechatpay.fault({ name: 'too-many-requests' })
  expect(problem(await find(PAID))).toEqual([{ code: 'wechatpay', failure: 'BUSY' }])
  wechatpay.fault({ name: 'refuse', code: 'NO_AUTH', message: `商户无权限 ${PAID}` })
  expect(problem(await find(PAID))).toEqual([{ code: 'wechatpay', failure: 'NO_AUTH' }])
  wechatpay.fault({ name: 'bad-signature', times: 3 })
  expect(problem(await find(PAID))).toEqual([{ code: 'wechatpay', failure: 'UNTRUSTED_ANSWER' }])
  expect(log).toHaveLength(8)
  expect(inspect(log, { depth: 9 })).not.toContain(PAID)
})

test("finds a user by the merchant's own look-up, and several of one phone", async () => {
  const { find } = await setting()
  const foundBy = { kind: 'phone', name: rules.kinds[0]?.name, number: '…678', amount: null, at: null }
  expect(found(await find('138-0000-5678'))).toMatchObject({
    matches: [{ openid: OPENID, state: null, label: 'L*** Xiaoyu', hint: 'since 2024', foundBy }],
    problems: [],
  })
  expect(lookup.asked().at(-1)).toMatchObject({ v: 1, kind: 'phone', value: PHONE, asked_by: agent.id })
  expect(found(await find('13800000000')).matches.map(({ openid }) => openid)).toEqual([OPENID, OTHER])
  expect(problem(await find('13900000000'))).toEqual([
    { code: 'nothing', of: { key: 'phone', name: rules.kinds[0]?.name }, mchid: null },
  ])
})

test.each([
  ['is slow', 'slow', { code: 'endpoint', fault: 'slow' }],
  ['is down', 'down', { code: 'endpoint', fault: 'down' }],
  ['answers unsigned', 'unsigned', { code: 'endpoint', fault: 'unsigned' }],
  ['signs with another secret', 'other-secret', { code: 'endpoint', fault: 'unsigned' }],
  ['answers another question', 'other-question', { code: 'endpoint', fault: 'unsigned' }],
  ['answers with a stale stamp', 'stale', { code: 'endpoint', fault: 'stale' }],
  ['knows another appid only', 'other-appid', { code: 'other-appid', appid: 'wx0000000000000000' }],
  ['answers six users', 'six', { code: 'endpoint', fault: 'odd' }],
  ['answers 1 MB', 'large', { code: 'endpoint', fault: 'too-large' }],
  ['leads elsewhere', 'redirect', { code: 'endpoint', fault: 'redirect' }],
  ['answers something else', 'odd', { code: 'endpoint', fault: 'odd' }],
] as const)('finds nobody by a look-up that %s, and says so', async (_, name, expected) => {
  const { find, log } = await setting()
  lookup.fault({ name })
  expect(problem(await find(PHONE))).toEqual([expected])
  expect(inspect(log, { depth: 9 })).not.toContain(PHONE)
})

test('asks which kind a number is of that fits two, or none by its form, and asks nobody else meanwhile', async () => {
  const digits = { key: 'card', name: { en: 'Card', 'zh-CN': '卡号' }, pattern: '^\\d{11,28}$' }
  const { find, lookups, customers } = await setting({
    customers: { merchantOrders: null, kinds: [...rules.kinds, digits] },
  })
  const before = [wechatpay.calls().length, lookup.asked().length]
  const which = async (value: string, kind: string | null = null) => {
    const outcome = await find(value, kind)
    return outcome.kind === 'which' ? outcome.fit.map(({ key }) => key) : outcome
  }
  expect(await which(PAID)).toEqual(['order', 'card'])
  expect(await which(PHONE)).toEqual(['phone', 'card'])
  expect(await which('user-77')).toEqual(['merchant-order', 'user'])
  expect(await which('')).toEqual([])
  expect(await which(PAID, 'no-such-kind')).toEqual([])
  expect(await find('订单', 'order')).toMatchObject({ kind: 'malformed', of: { key: 'order' } })
  for (const [value, kind] of [
    ['+86 138 0000 5678', 'phone'],
    ['abc', 'complaint'],
    ['420000', 'order'],
  ] as const)
    expect(await find(value, kind)).toMatchObject({ kind: 'malformed', of: { key: kind } })
  expect([wechatpay.calls().length, lookup.asked().length]).toEqual(before)
  expect(await lookups()).toBe(0)
  expect(customers.recognise(OPENID)).toEqual([])
  expect(customers.recognise(PAID).map(({ key }) => key)).toEqual(['order', 'card'])
})

test('lets only find who may go on, so often as the policy allows', async () => {
  const limits = { ...policyWith().limits, lookups: { perPerson: 2, per: 3_600_000 } }
  const { find, lookups } = await setting({ policy: { limits } })
  const refused = await find(PAID, null, { person: { ...agent, groups: [] } })
  expect(refused).toMatchObject({ kind: 'refused', refusal: { code: 'role-missing' } })
  await find(PAID)
  await find(PHONE)
  const third = await find(PAID)
  expect(third).toMatchObject({ kind: 'refused', refusal: { code: 'lookups-reached', max: 2 } })
  expect(await lookups()).toBe(2)
})

test('finds by nothing where the policy names nothing, and not by a look-up without its secret', async () => {
  const { customers } = await setting({ policy: { customers: null } })
  expect(customers.kinds()).toEqual([])
  expect(customers.recognise(PAID)).toEqual([])
  const all = await setting()
  expect(all.customers.kinds().map(({ key }) => key)).toEqual([
    'order',
    'merchant-order',
    'complaint',
    'phone',
    'user',
  ])
})
