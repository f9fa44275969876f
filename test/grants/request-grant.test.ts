import { expect, test } from 'vitest'
import type { Ask } from '../../src/domain/ask.ts'
import type { Person } from '../../src/domain/permissions.ts'
import { engines } from '../ledger/engines.ts'
import {
  agent,
  approvalWith,
  askWith,
  clock,
  codes,
  createSetting,
  DAY,
  inputWith,
  policyOf,
  recorded,
  useWechatPay,
} from './setting.ts'

useWechatPay()

const colleague: Person = { ...agent, id: 'U0AGENT2' }

test('records what the policy approves by itself, due at once, with the cards that follow it', async () => {
  const { grants, ledger, policy, wakes, now } = await createSetting()
  const ask = askWith({ note: 'sorry', ticket: 'SUP-1' })
  const { grant, repeated } = recorded(
    await grants.request(inputWith({ ask, language: 'zh-CN', viewId: 'V0OPEN' })),
  )
  expect(repeated).toBe(false)
  const stock = policy.stocks[0]
  expect(grant).toMatchObject({
    ...ask,
    state: 'approved',
    approvedByRule: 'all',
    approvalChannel: null,
    expiresAt: null,
    stockId: stock?.stockId,
    mchid: stock?.mchid,
    quota: 1000,
    requester: agent.id,
    reasonName: { en: 'Outage', 'zh-CN': '服务中断' },
  })
  expect(await now(grant)).toEqual(grant)
  expect(wakes()).toBe(1)
  const card = { recipient: agent.id, language: 'zh-CN', grantId: grant.id }
  expect(await ledger.cardsOf(grant.id)).toMatchObject([
    { ...card, kind: 'dm', place: null },
    { ...card, kind: 'view', place: { viewId: 'V0OPEN' } },
  ])
})

test('records what people decide as pending, and does not begin it', async () => {
  const approval = approvalWith({ approvals: 2 })
  const { grants, issue, now } = await createSetting({ policy: { approval } })
  const { grant } = recorded(await grants.request(inputWith()))
  expect(grant).toMatchObject({
    state: 'pending',
    approvalsNeeded: 2,
    approvalChannel: 'C0APPROVE',
    expiresAt: clock.now() + DAY,
    approvedByRule: null,
  })
  expect(await issue()).toBe(0)
  expect(await now(grant)).toEqual(grant)
})

test('keeps the text of the policy that an ask was judged by', async () => {
  const { grants, ledger } = await createSetting({ policy: { hash: 'h1', text: 'timezone: UTC' } })
  const { grant } = recorded(await grants.request(inputWith()))
  expect(await ledger.policyText(grant.policyHash)).toBe('timezone: UTC')
})

test('shows what was recorded when a form is submitted again, with whatever values', async () => {
  const perUser = { count: 1, quota: null, days: 1 }
  const limits = { perUser, perRequester: null, perStock: null, lookups: null }
  const { grants, ledger } = await createSetting({ policy: { limits } })
  const input = inputWith()
  const { grant } = recorded(await grants.request(input))
  const again = [
    input,
    { ...input, ask: { ...input.ask, stock: 'withdraw-50', note: 'another' } },
    { ...input, ask: askWith({ openid: 'not an openid', stock: 'gone' }) },
  ]
  for (const repeat of again)
    expect(await grants.request(repeat)).toEqual({ kind: 'recorded', grant, repeated: true })
  // A form of the same id is another one when another person submits it.
  const others = recorded(await grants.request({ ...input, person: colleague, ask: askWith() }))
  expect(others).toMatchObject({ repeated: false, grant: { requester: colleague.id } })
  expect(await ledger.openGrantsOf({ openid: grant.openid })).toHaveLength(1)
})

test('submitted twice at once, a form is recorded once', async () => {
  const { grants, ledger } = await createSetting()
  const input = inputWith()
  const both = await Promise.all([grants.request(input), grants.request(input)])
  expect(both.map((outcome) => recorded(outcome).repeated)).toEqual([false, true])
  expect(await ledger.openGrantsOf({ openid: input.ask.openid })).toHaveLength(1)
})

test('asks "another one?" while one is in flight, whoever asked for it', async () => {
  const approval = approvalWith()
  const { grants, ledger } = await createSetting({ policy: { approval } })
  const ask = askWith()
  const { grant: previous } = recorded(await grants.request(inputWith({ ask })))
  const second = inputWith({ ask, person: colleague })
  expect(await grants.request(second)).toEqual({ kind: 'another', previous })
  expect(await ledger.openGrantsOf({ openid: ask.openid })).toHaveLength(1)
  // Another stock, or another user, is another matter.
  recorded(await grants.request(inputWith({ ask: { ...ask, stock: 'withdraw-50' } })))
  recorded(await grants.request(inputWith()))
  recorded(await grants.request({ ...second, another: previous.id }))
})

test('asks "another one?" for a day after one was issued, and no longer', async () => {
  const { grants, give, issue, now } = await createSetting()
  const given = await give()
  await issue()
  const ask = askWith({ openid: given.openid })
  expect(await grants.request(inputWith({ ask, person: colleague }))).toEqual({
    kind: 'another',
    previous: await now(given),
  })
  clock.forward(DAY)
  expect(await grants.request(inputWith({ ask }))).toMatchObject({ kind: 'another' })
  clock.forward(1)
  recorded(await grants.request(inputWith({ ask })))
})

test('does not ask "another one?" for what ended without a coupon', async () => {
  const approval = approvalWith()
  const { grants, ledger } = await createSetting({ policy: { approval } })
  const ask = askWith()
  for (const step of ['reject', 'cancel', 'expire'] as const) {
    const { grant } = recorded(await grants.request(inputWith({ ask })))
    await ledger.write((tx) => tx.step(grant.id, step, 'U0'))
  }
  const { grant } = recorded(await grants.request(inputWith({ ask })))
  await ledger.write((tx) => tx.step(grant.id, 'approve', 'U0', {}, { have: 1, needed: 1 }))
  await ledger.claimDue({ worker: 'w', lease: 1000 })
  const refusal = { code: 'RULE_LIMIT', message: '', requestId: null }
  await ledger.write((tx) => tx.step(grant.id, 'refuse', 'wechatpay', { refusal }))
  recorded(await grants.request(inputWith({ ask })))
})

const badAsks: [string, Partial<Ask>, string, string][] = [
  ['an openid that is none', { openid: 'o 1' }, 'openid', 'openid-malformed'],
  ['an unknown stock', { stock: 'withdraw-99' }, 'stock', 'stock-unknown'],
  ['an unknown reason', { reason: 'weather' }, 'reason', 'reason-unknown'],
  ['a reason without its note', { reason: 'apology', note: '  ' }, 'note', 'note-missing'],
  ['a note that is too long', { note: 'x'.repeat(501) }, 'note', 'note-too-long'],
  ['a ticket of another form', { ticket: 'BUG-1' }, 'ticket', 'ticket-malformed'],
]

test.each(badAsks)('refuses %s at its field, and records nothing', async (_, change, field, code) => {
  const { grants, sql, wakes } = await createSetting()
  expect(codes(await grants.request(inputWith({ ask: askWith(change) })))).toEqual([[field, code]])
  expect(await sql('select * from grants')).toEqual([])
  expect(wakes()).toBe(0)
})

test('refuses everything that is wrong with an ask at once', async () => {
  const { grants } = await createSetting({
    policy: { ticket: { required: true, pattern: null, url: null, example: 'SUP-123' } },
  })
  const ask = askWith({ openid: '', stock: 'gone', reason: 'weather', note: 'x'.repeat(501) })
  expect(codes(await grants.request(inputWith({ ask }))).map(([field]) => field)).toEqual([
    'openid',
    'stock',
    'reason',
    'note',
    'ticket',
  ])
})

const strangers: [Partial<Person>, string][] = [
  [{ groups: [] }, 'role-missing'],
  [{ groups: null }, 'roles-unknown'],
  [{ standing: 'guest' }, 'not-a-member'],
  [{ standing: 'bot' }, 'not-a-member'],
  [{ standing: 'deactivated' }, 'not-a-member'],
  [{ standing: 'other-workspace' }, 'not-a-member'],
]

test.each(strangers)('refuses a person with %j before it looks at the ask', async (change, code) => {
  const { grants, sql } = await createSetting()
  const input = inputWith({ person: { ...agent, ...change }, ask: askWith({ openid: '' }) })
  expect(codes(await grants.request(input))).toEqual([[null, code]])
  expect(await sql('select * from grants')).toEqual([])
})

test('refuses a stock that left the policy while the form was open', async () => {
  const setting = await createSetting()
  setting.policy = policyOf({ stocks: setting.policy.stocks.slice(1) })
  expect(codes(await setting.grants.request(inputWith()))).toEqual([['stock', 'stock-unknown']])
})

test.each(
  engines,
)('asks "another one?" again when one came after the one that was shown (%s)', async (engine) => {
  const setting = await createSetting({ engine, policy: { approval: approvalWith() } })
  const { grants } = setting
  const ask = askWith()
  const { grant: shown } = recorded(await grants.request(inputWith({ ask })))
  const consent = inputWith({ ask, another: shown.id })
  const { grant: meanwhile } = recorded(await grants.request(inputWith({ ask, another: shown.id })))
  expect(await grants.request(consent)).toMatchObject({ kind: 'another', previous: { id: meanwhile.id } })
  recorded(await grants.request({ ...consent, another: meanwhile.id }))
})

test.each(engines)('lets of two who said yes to another one only the first have it (%s)', async (engine) => {
  const setting = await createSetting({ engine, policy: { approval: approvalWith() } })
  const second = setting.worker({ ledger: await setting.open({ now: clock.now }), worker: 'worker-2' })
  const ask = askWith()
  const { grant: shown } = recorded(await setting.grants.request(inputWith({ ask })))
  const outcomes = await Promise.all(
    [setting, second].map(({ grants }) => grants.request(inputWith({ ask, another: shown.id }))),
  )
  expect(outcomes.map(({ kind }) => kind).toSorted()).toEqual(['another', 'recorded'])
})
