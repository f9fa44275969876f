import { expect, onTestFinished, test } from 'vitest'
import type { Person } from '../../src/domain/permissions.ts'
import { createWechatPay } from '../../src/wechatpay/index.ts'
import { clientOptions, clock, HOUR, useWechatPay } from '../grants/setting.ts'
import { engines } from './engines.ts'
import { readLeft } from './fixtures/left-ledger.ts'
import { KILLED, LIFE, miniUser, operators, people, user } from './fixtures/life.ts'
import {
  asks,
  everyMoment,
  expectedWhy,
  issueAll,
  type Opened,
  openLeft,
  pages,
  parsed,
  rowsOf,
  sends,
  why,
} from './fixtures/opened.ts'
import { LAST_POLICY, read } from './fixtures/policies.ts'

/** What an older version has begun, this one brings to its end. */

useWechatPay(LIFE)

test.each(
  engines,
)('knows forms and orders that came before, and who got a coupon lately (%s)', async (engine) => {
  const { grants, id } = await openLeft(engine)
  const input = (openid: string, stock: string, submission: string) => ({
    person: people.agent2,
    ask: asks(openid, stock),
    submission,
    another: null,
    language: 'en' as const,
    viewId: null,
  })
  const again = await grants.request(input(miniUser('Y'), 'mini-10', 'form of ready'))
  expect(again).toMatchObject({ kind: 'recorded', repeated: true, grant: { id: id('ready') } })
  const lately = await grants.request(input(miniUser('A'), 'mini-10', 'new form'))
  expect(lately).toMatchObject({ kind: 'another', previous: { id: id('issued-mini') } })
  const open = await grants.request(input(miniUser('W'), 'mini-10', 'new form'))
  expect(open).toMatchObject({ kind: 'another', previous: { id: id('blocked') } })
  // Long ago.
  const first = await grants.request(input(user('H'), 'withdraw-10', 'new form'))
  expect(first).toMatchObject({
    kind: 'recorded',
    repeated: false,
    grant: { hold: { reason: 'NOT_ENOUGH' } },
  })
  const order = { by: operators.ops1, stock: 'withdraw-50', reason: null, order: 'trigger-3' }
  expect(await grants.pause(order)).toMatchObject({ kind: 'repeated' })
})

test.each(engines)('goes on with decisions where they stood (%s)', async (engine) => {
  const { grants, id, ledger } = await openLeft(engine)
  const approve = (name: string, person: Person) =>
    grants.decide({ person, grantId: id(name), decision: 'approve', reason: null })
  const waitsFor = async (person: Person) => new Set(await pages((page) => grants.pending({ person, page })))
  const forBoth = ['pending', 'pending-mini', 'pending-not-asked']
  expect(await waitsFor(people.lead1)).toEqual(new Set(forBoth.map(id)))
  expect(await waitsFor(people.lead2)).toEqual(
    new Set([...forBoth, 'pending-one-of-two', 'pending-lapsed'].map(id)),
  )
  expect(await approve('pending-one-of-two', people.lead1)).toMatchObject({ kind: 'repeated', have: 1 })
  expect(await approve('pending', people.lead1)).toMatchObject({ kind: 'counted', have: 1 })
  for (const name of ['pending-one-of-two', 'pending-lapsed', 'pending'])
    expect(await approve(name, people.lead2)).toMatchObject({
      kind: 'approved',
      grant: { state: 'approved', hold: { reason: 'paused' } },
    })
  expect(await approve('pending-mini', people.lead1)).toMatchObject({
    kind: 'approved',
    grant: { hold: null },
  })
  expect(await approve('rejected', people.lead2)).toMatchObject({ kind: 'already' })
  expect(await approve('expired-unseen', people.lead2)).toMatchObject({
    kind: 'already',
    grant: { state: 'expired' },
  })
  const cancelled = await grants.cancel({ person: people.agent2, grantId: id('held-by-rule'), reason: null })
  expect(cancelled).toMatchObject({ kind: 'cancelled' })
  const issuing = await grants.cancel({ person: people.agent1, grantId: id('held-open'), reason: null })
  expect(issuing).toMatchObject({ kind: 'already' })
  expect((await ledger.decisionsOf(id('pending-lapsed'))).map(({ kind }) => kind)).toEqual([
    'lapsed',
    'approve',
    'approve',
  ])
})

test.each(engines)('ends and reminds of what its time has come for (%s)', async (engine) => {
  const { grants, id, ledger, news } = await openLeft(engine)
  expect(await grants.expireDue()).toBe(1)
  expect(await ledger.grant(id('expired-unseen'))).toMatchObject({ state: 'expired', ended: { by: 'app' } })
  await grants.tellNews()
  // What the killed process was about to tell is told as well.
  expect(new Set(news.splice(0).map((notice) => notice.news))).toEqual(
    new Set([
      { kind: 'policy-broken', mistakes: 'line 3: limits is not a map' },
      { kind: 'policy-broken', mistakes: 'line 4: limits is not a map' },
    ]),
  )
  clock.forward(2 * HOUR)
  expect(await grants.remindDue()).toBe(5)
  await grants.tellNews()
  // Nobody is reminded of what nobody was asked for.
  const asked = ['pending', 'pending-one-of-two', 'pending-lapsed', 'pending-mini']
  expect(news.map((notice) => notice.news)).toEqual([
    { kind: 'reminders', channel: 'C0APPROVE', grantIds: asked.map(id) },
  ])
  clock.forward(72 * HOUR)
  await grants.expireDue()
  for (const name of ['paused-approved', 'held-by-rule', 'blocked', 'ready'])
    expect(await ledger.grant(id(name))).toMatchObject({ state: 'cancelled', ended: { reason: 'too-late' } })
  expect(await ledger.grant(id('held-open'))).toMatchObject({ state: 'issuing' })
})

/** What was given under a grant's number. */
function given({ sandbox }: Opened, id: string) {
  return sandbox.coupons().filter((coupon) => coupon.send_request_no === id)
}

test.each(
  engines,
)('counts an attempt that was under way as lost, and repeats it under its number (%s)', async (engine) => {
  const opened = await openLeft(engine)
  const { id, ledger, issue, left, sandbox } = opened
  const { openid, appid, mchid, stock_id } =
    rowsOf(left, 'grants').find((row) => row.id === id('under-way')) ?? {}
  // The older app had sent it when it was killed.
  const client = createWechatPay({ ...clientOptions(), baseUrls: [sandbox.info.baseUrl] })
  onTestFinished(() => client.close())
  const json = {
    mchid: String(mchid),
    stock_id: String(stock_id),
    appid: String(appid),
    send_request_no: id('under-way'),
  }
  const sent = client.v3.marketing.withdrawFavor.users._openid_.coupons
  const { coupon_id } = await sent.post({ openid: String(openid), json })
  while ((await issue()) > 0);
  expect(await ledger.grant(id('under-way'))).toMatchObject({
    state: 'issued',
    couponId: coupon_id,
    flag: null,
    maybeExecutedAt: clock.now(),
  })
  expect(given(opened, id('under-way'))).toHaveLength(1)
  expect(await ledger.attemptsOf(id('under-way'))).toMatchObject([
    { number: 1, worker: KILLED.worker, outcome: 'lost', maybeExecuted: true },
    { number: 2, outcome: 'issued' },
  ])
})

test.each(engines)('leaves an attempt alone that another process is still on (%s)', async (engine) => {
  const { id, ledger } = await openLeft(engine, 'stock-held', { ago: 0, role: 'tool' })
  const claimed = []
  for (;;) {
    const [claim] = await ledger.claimDue({ worker: 'new', lease: HOUR })
    if (!claim) break
    claimed.push(claim.grant.id)
  }
  expect(claimed).toContain(id('ready'))
  expect(claimed).not.toContain(id('under-way'))
  const [attempt] = await ledger.attemptsOf(id('under-way'))
  expect(attempt).toMatchObject({ endedAt: null })
  const end = { outcome: 'issued', maybeExecuted: false }
  const isIts = await ledger.write((tx) => tx.closeAttempt(attempt?.id ?? '', KILLED.worker, end))
  expect(isIts).toBe(true)
})

test.each(engines)('tells what still holds when a pause has ended (%s)', async (engine) => {
  const { grants, ledger, left } = await openLeft(engine, 'paused')
  expect(await grants.resume({ by: operators.ops2, stock: null })).toMatchObject({
    kind: 'resumed',
    hold: { message: 'Until the keys are right.', begunBy: 'cli:root' },
    holds: [{ message: 'Too many complaints.' }],
  })
  expect(await why(ledger, left)).toEqual(expectedWhy(readLeft('0007', 'untrusted')))
})

test.each(engines)('stays paused until it is resumed (%s)', async (engine) => {
  const setting = await openLeft(engine, 'paused')
  const { grants, ledger, left, id } = setting
  await issueAll(setting)
  expect(sends(setting)).toEqual([])
  expect(await why(ledger, left)).toEqual(expectedWhy(left))

  await grants.resume({ by: operators.ops2, stock: null })
  await issueAll(setting)
  expect((await ledger.openHolds()).map(({ message }) => message)).toEqual(['Too many complaints.'])
  for (const name of ['paused-open', 'paused-approved']) {
    expect(given(setting, id(name)), name).toEqual([])
    expect((await ledger.grant(id(name)))?.hold, name).toMatchObject({ reason: 'paused' })
  }
})

test.each(everyMoment)('issues once what is to be issued (%s, %s)', async (engine, moment) => {
  const setting = await openLeft(engine, moment)
  const { grants, ledger, left, id } = setting
  if (moment === 'paused') await grants.resume({ by: operators.ops2, stock: null })
  expect(await grants.resume({ by: operators.root, stock: 'withdraw-50' })).toMatchObject({ kind: 'resumed' })
  await issueAll(setting)
  const due = rowsOf(left, 'grants').filter(({ due_at }) => due_at !== undefined)
  expect(due).toHaveLength(11)
  for (const row of due) {
    const coupons = given(setting, String(row.id))
    expect(coupons).toMatchObject([{ openid: row.openid, appid: row.appid, stock_id: row.stock_id }])
    expect(await ledger.grant(String(row.id))).toMatchObject({
      state: 'issued',
      couponId: coupons[0]?.coupon_id,
    })
  }
  expect(setting.sandbox.coupons()).toHaveLength(due.length)
  // What is left to people is not even asked for.
  expect(sends(setting).filter(({ path }) => path.includes(user('N')))).toEqual([])
  expect(await ledger.grant(id('given-up'))).toMatchObject({ state: 'issuing' })
})

test.each(engines)('holds a stock until it is not refused any more (%s)', async (engine) => {
  const setting = await openLeft(engine)
  const { grants, ledger, id, issue, passWaits } = setting
  const preview = await grants.preview(people.agent1, asks(user('Z'), 'withdraw-10'))
  expect(preview).toMatchObject({ kind: 'automatic', hold: 'NOT_ENOUGH' })
  const other = await grants.preview(people.agent1, asks(miniUser('Z'), 'mini-10'))
  expect(other).toMatchObject({ kind: 'automatic', hold: null })
  setting.sandbox.fault({ name: 'refuse', code: 'NOT_ENOUGH', times: 'always', match: { openid: user('Q') } })
  await passWaits()
  while ((await issue()) > 0);
  // The one that was let through; what may be a coupon already is not refused by it.
  expect((await ledger.attemptsOf(id('held-open'))).map(({ outcome }) => outcome)).toEqual([
    'unknown',
    'refused',
  ])
  expect(await ledger.grant(id('held-by-rule'))).toMatchObject({
    attempts: 0,
    hold: { reason: 'NOT_ENOUGH' },
  })
  expect(await grants.resume({ by: operators.ops1, stock: 'withdraw-10' })).toMatchObject({ kind: 'resumed' })
  while ((await issue()) > 0);
  for (const name of ['held-by-rule', 'held-approved'])
    expect(await ledger.grant(id(name))).toMatchObject({ state: 'issued', hold: null })
})

test.each(engines)('keeps a stock paused that has another name in the policy by now (%s)', async (engine) => {
  const policy = LAST_POLICY.replaceAll('withdraw-50', 'fifty')
  const setting = await openLeft(engine, 'stock-held', { policy })
  const { grants, ledger, id } = setting
  await issueAll(setting)
  for (const name of ['paused-open', 'paused-approved']) {
    expect(given(setting, id(name)), name).toEqual([])
    expect((await ledger.grant(id(name)))?.hold, name).toMatchObject({ reason: 'paused' })
  }
  const [pause] = await ledger.openHolds()
  const resumed = await grants.resume({ by: operators.ops1, stock: null, pause: pause?.id ?? '' })
  expect(resumed).toMatchObject({ kind: 'resumed', hold: { message: 'Too many complaints.' }, holds: [] })
  await issueAll(setting)
  expect(given(setting, id('paused-open'))).toHaveLength(1)
  expect(await ledger.grant(id('paused-open'))).toMatchObject({ state: 'issued' })
})

test.each(engines)('has a settlement confirmed that waited (%s)', async (engine) => {
  const { grants, ledger, left, id } = await openLeft(engine)
  for (const row of rowsOf(left, 'settlements'))
    expect(await ledger.settlement(String(row.id))).toMatchObject({
      grantId: row.grant_id,
      verdict: row.coupon_id ? { kind: 'issued', couponId: row.coupon_id } : { kind: 'not-issued' },
      evidence: row.evidence,
      proposedBy: row.proposed_by,
      proposedAt: row.proposed_at,
      ended: row.ended_by === undefined ? null : { by: row.ended_by, at: row.ended_at, outcome: row.outcome },
    })
  const grantId = id('given-up')
  const waiting = await grants.settlementOf({ by: operators.ops2, grantId })
  expect(waiting).toMatchObject({ settlement: { proposedBy: operators.ops1.person.id } })
  const settlementId = ('settlement' in waiting && waiting.settlement?.id) || ''
  const own = await grants.confirmSettlement({ by: operators.ops1, settlementId })
  expect(own).toMatchObject({ kind: 'refused', refusal: { code: 'own-settlement' } })
  const taken = await grants.proposeSettlement({
    by: operators.ops1,
    grantId: id('needs-look'),
    verdict: { kind: 'issued', couponId: 'C0MADEUP'.repeat(8) },
    evidence: 'Seen.',
  })
  expect(taken).toMatchObject({ refusal: { code: 'coupon-taken', grantId: id('settled-as-issued') } })
  const settled = await grants.confirmSettlement({ by: operators.ops2, settlementId })
  expect(settled).toMatchObject({ kind: 'settled', grant: { id: grantId, state: 'refused' } })
  const preview = await grants.preview(people.agent1, asks(user('N'), 'withdraw-10'))
  expect(preview).toMatchObject({ limits: [{ kind: 'user', used: { count: 0 } }, {}, {}] })
})

test.each(engines)('draws the cards that were due where they are, and no other (%s)', async (engine) => {
  const { grants, left, drawn, told } = await openLeft(engine, 'paused')
  await grants.drawDue()
  const due = rowsOf(left, 'cards').filter(({ due_at }) => due_at !== undefined)
  expect(due.filter(({ place }) => place !== undefined).length).toBeGreaterThan(4)
  expect(new Set(drawn.map(({ card }) => card.id))).toEqual(new Set(due.map(({ id }) => id)))
  for (const { id, place } of due)
    expect(drawn.find(({ card }) => card.id === id)?.card.place).toEqual(parsed(place))
  expect(await grants.drawDue()).toBe(0)
  await grants.tellHolds()
  // Those that were told are left alone.
  expect(told.map(({ reason, message }) => [reason, message])).toEqual([
    ['NOT_ENOUGH', '批次预算不足'],
    ['untrusted-answers', expect.stringContaining('another key')],
    ['SIGN_ERROR', '签名错误'],
    ['paused', 'Until the keys are right.'],
  ])
})

test.each(engines)('tells of the policy only if it is another (%s)', async (engine) => {
  const { grants, news, policy, log } = await openLeft(engine)
  await grants.tellNews()
  news.length = 0
  await grants.putInForce(policy)
  expect(await grants.tellNews()).toBe(0)
  expect(log.filter(({ message }) => message === 'policy in force')).toEqual([])
  await grants.putInForce(read(LAST_POLICY.replace('count: 50', 'count: 51')))
  await grants.tellNews()
  expect(news.map((notice) => notice.news)).toMatchObject([
    {
      kind: 'policy-changed',
      from: policy.hash,
      changes: [{ path: 'limits.per_user.count', before: '50', after: '51' }],
    },
  ])
})
