import { expect, test } from 'vitest'
import type { Person } from '../../src/domain/permissions.ts'
import { policyWith } from '../slack/builders.ts'
import { agent, clock, createSetting, DAY, type Setting, sentTo, useWechatPay, wechatpay } from './setting.ts'

useWechatPay({ stocks: [{ stock_id: '1304490000000059', quota: 1000, per_user: 1 }] })

const member = (id: string): Person => ({ id, email: null, groups: [], standing: 'member' })
const roles = { ...policyWith().roles, operator: ['U0OPS001', agent.id], approver: ['U0LEAD1'] }
const [ops, lead] = [member('U0OPS001'), member('U0LEAD1')]
const by = { person: ops }
const evidence = 'Seen in the merchant platform.'
const notIssued = { kind: 'not-issued' } as const

/** A coupon was given, its answer lost, and its repeat refused for the coupon that it gave itself. */
async function createStuck(change: Parameters<typeof createSetting>[0] = {}) {
  const setting = await createSetting({ ...change, policy: { roles, ...change.policy } })
  wechatpay().fault({ name: 'reset-after' })
  wechatpay().fault({ name: 'limits-before-idempotency', times: 'always' })
  const given = await setting.give()
  await setting.issue()
  await setting.passWaits()
  await setting.issue()
  const grant = await setting.now(given)
  expect(grant).toMatchObject({ state: 'issuing', flag: { kind: 'needs-look' } })
  return { ...setting, grant, couponId: sentTo(grant).coupons[0]?.coupon_id ?? '' }
}

async function propose(
  { grants }: Pick<Setting, 'grants'>,
  grantId: string,
  verdict: Parameters<Setting['grants']['proposeSettlement']>[0]['verdict'],
) {
  const outcome = await grants.proposeSettlement({ by, grantId, verdict, evidence })
  if (outcome.kind !== 'proposed') throw new Error(JSON.stringify(outcome))
  return outcome.settlement
}

test('tells the operators once that a grant needs people', async () => {
  const { grants, grant, issue, news, passWaits } = await createStuck()
  await passWaits()
  await issue()
  await grants.tellNews()
  expect(news.map((notice) => notice.news)).toEqual([{ kind: 'needs-look', grantId: grant.id }])
})

test('shows what is stuck, and which coupons may have come from it', async () => {
  const { grants, grant, couponId, sql } = await createStuck()
  expect(await grants.stuck({ by })).toMatchObject({
    kind: 'stuck',
    holds: [],
    grants: [{ grant: { id: grant.id }, settlement: null }],
    hasMore: false,
  })
  expect(await grants.candidates({ by, grantId: grant.id })).toMatchObject({
    kind: 'candidates',
    coupons: [{ couponId }],
    attempts: [{ outcome: 'unknown' }, { outcome: 'refused', code: 'RULE_LIMIT' }],
    failure: null,
  })
  expect(await sql(`select actor, subject from events where kind = 'look-up'`)).toEqual([
    { actor: ops.id, subject: grant.subject },
  ])
})

test('issues by two people what WeChat Pay had given, and gives no second coupon', async () => {
  const { grants, grant, couponId, issue, now, passWaits } = await createStuck()
  const settlement = await propose({ grants }, grant.id, { kind: 'issued', couponId })
  expect(await now(grant)).toMatchObject({ state: 'issuing' })
  expect(await grants.confirmSettlement({ by: { person: lead }, settlementId: settlement.id })).toMatchObject(
    {
      kind: 'settled',
      grant: { state: 'issued', couponId, couponExpiresAt: null, flag: null },
    },
  )
  await passWaits()
  expect(await issue()).toBe(0)
  expect(sentTo(grant).coupons).toHaveLength(1)
  expect(await grants.confirmSettlement({ by: { person: lead }, settlementId: settlement.id })).toMatchObject(
    {
      kind: 'already',
    },
  )
})

test('refuses by two people what was not given, and frees its place in the limits', async () => {
  const { grants, grant, give, now } = await createStuck({
    policy: { limits: { ...policyWith().limits, perUser: { count: 1, quota: null, days: 30 } } },
  })
  await expect(give({ openid: grant.openid })).rejects.toThrow('limit-reached')
  const settlement = await propose({ grants }, grant.id, notIssued)
  await grants.confirmSettlement({ by: { commandLine: 'root' }, settlementId: settlement.id })
  expect(await now(grant)).toMatchObject({
    state: 'refused',
    refusal: { code: 'SETTLED_NOT_ISSUED', message: evidence },
  })
  expect(await give({ openid: grant.openid })).toMatchObject({ state: 'approved' })
})

test.each([
  ['who proposed it', ops, 'own-settlement'],
  ['who had asked for the coupon', agent, 'own-grant'],
  ['who has no such role', member('U0AUDIT1'), 'role-missing'],
  ['whose roles are not known', { ...lead, groups: null }, 'roles-unknown'],
  ['who was deactivated', { ...lead, standing: 'deactivated' as const }, 'not-a-member'],
] as const)('is not confirmed by somebody %s', async (_, person, code) => {
  const { grants, grant, now } = await createStuck()
  const settlement = await propose({ grants }, grant.id, notIssued)
  expect(await grants.confirmSettlement({ by: { person }, settlementId: settlement.id })).toMatchObject({
    kind: 'refused',
    refusal: { code },
  })
  expect(await now(grant)).toMatchObject({ state: 'issuing' })
})

test('is not proposed by who had asked for the coupon', async () => {
  const { grants, grant, couponId } = await createStuck()
  const own = { by: { person: agent }, grantId: grant.id, evidence }
  for (const verdict of [notIssued, { kind: 'issued', couponId }] as const)
    expect(await grants.proposeSettlement({ ...own, verdict })).toEqual({
      kind: 'refused',
      refusal: { code: 'own-grant' },
    })
  expect(await grants.stuck({ by })).toMatchObject({
    grants: [{ grant: { id: grant.id }, settlement: null }],
  })
})

test('has one proposal wait at a time, and takes it back', async () => {
  const { grants, grant } = await createStuck()
  const first = await propose({ grants }, grant.id, notIssued)
  const again = { by: { commandLine: 'root' }, grantId: grant.id, verdict: notIssued, evidence }
  expect(await grants.proposeSettlement(again)).toMatchObject({ kind: 'waits', settlement: { id: first.id } })
  expect(await grants.withdrawSettlement({ by, settlementId: first.id })).toMatchObject({ kind: 'withdrawn' })
  expect(await grants.withdrawSettlement({ by, settlementId: first.id })).toMatchObject({ kind: 'already' })
  expect(await grants.confirmSettlement({ by: { person: lead }, settlementId: first.id })).toMatchObject({
    kind: 'already',
  })
  expect(await grants.proposeSettlement(again)).toMatchObject({ kind: 'proposed' })
})

test('is withdrawn by the app when the grant settles itself meanwhile', async () => {
  const { grants, grant, issue, passWaits } = await createStuck()
  const settlement = await propose({ grants }, grant.id, notIssued)
  wechatpay().clearFaults()
  await passWaits()
  await issue()
  expect(await grants.confirmSettlement({ by: { person: lead }, settlementId: settlement.id })).toMatchObject(
    {
      kind: 'already',
      grant: { state: 'issued' },
      settlement: { ended: { by: 'app', outcome: 'withdrawn' } },
    },
  )
})

test('settles nothing while a call is under way', async () => {
  const { grants, grant, passWaits, now } = await createStuck()
  const settlement = await propose({ grants }, grant.id, notIssued)
  wechatpay().clearFaults()
  wechatpay().fault({ name: 'slow', ms: 150 })
  await passWaits()
  await grants.issueDue()
  expect(await grants.confirmSettlement({ by: { person: lead }, settlementId: settlement.id })).toMatchObject(
    {
      kind: 'under-way',
    },
  )
  await grants.drain(5000)
  expect(await now(grant)).toMatchObject({ state: 'issued' })
})

test('leaves to the app what it still settles by itself', async () => {
  const { grants, give, issue } = await createSetting({ policy: { roles } })
  wechatpay().fault({ name: 'reset-before' })
  const grant = await give()
  await issue()
  expect(
    await grants.proposeSettlement({ by, grantId: grant.id, verdict: notIssued, evidence }),
  ).toMatchObject({
    kind: 'not-stuck',
  })
})

test('says of what has ended that it has, though nobody but the app ended it', async () => {
  const { grants, give, issue, now } = await createSetting({ policy: { roles } })
  const propose = (grantId: string) => grants.proposeSettlement({ by, grantId, verdict: notIssued, evidence })
  const grant = await give()
  expect(await propose(grant.id)).toMatchObject({ kind: 'not-stuck', grant: { state: 'approved' } })
  await issue()
  expect(await now(grant)).toMatchObject({ maybeExecutedAt: null })
  expect(await propose(grant.id)).toMatchObject({ kind: 'already', grant: { state: 'issued' } })
  wechatpay().fault({ name: 'refuse', code: 'RULE_LIMIT' })
  const refused = await give()
  await issue()
  expect(await propose(refused.id)).toMatchObject({ kind: 'already', grant: { state: 'refused' } })
})

test('takes no coupon of another grant, no id that is none, and no verdict without evidence', async () => {
  const { grants, grant, give, issue, now } = await createStuck()
  wechatpay().clearFaults()
  const other = await give()
  await issue()
  const couponId = (await now(other)).couponId ?? ''
  const refused = async (change: object) => {
    const outcome = await grants.proposeSettlement({
      by,
      grantId: grant.id,
      verdict: notIssued,
      evidence,
      ...change,
    })
    return outcome.kind === 'refused' ? outcome.refusal.code : outcome.kind
  }
  expect(await refused({ verdict: { kind: 'issued', couponId } })).toBe('coupon-taken')
  expect(await refused({ verdict: { kind: 'issued', couponId: 'a b' } })).toBe('coupon-id-malformed')
  expect(await refused({ evidence: '  ' })).toBe('evidence-missing')
  expect(await refused({ evidence: 'x'.repeat(501) })).toBe('evidence-too-long')
})

test('is left to people a day after its first attempt, and settled then', async () => {
  const { grants, give, issue, now, passWaits, news } = await createSetting({ policy: { roles } })
  wechatpay().fault({ name: 'reset-before', times: 'always' })
  const grant = await give()
  await issue()
  clock.forward(DAY)
  await passWaits()
  await issue()
  await passWaits()
  expect(await issue()).toBe(0)
  expect(await now(grant)).toMatchObject({ state: 'issuing', flag: { kind: 'needs-look' } })
  await grants.tellNews()
  expect(news).toHaveLength(1)
  const settlement = await propose({ grants }, grant.id, notIssued)
  await grants.confirmSettlement({ by: { person: lead }, settlementId: settlement.id })
  expect(await now(grant)).toMatchObject({ state: 'refused' })
})

test('records what was said in one form once, though it was withdrawn before the form came again', async () => {
  const { grants, grant, ledger } = await createStuck()
  const said = { by, grantId: grant.id, verdict: notIssued, evidence, order: 'V1' }
  const first = await grants.proposeSettlement(said)
  expect(first).toMatchObject({ kind: 'proposed' })
  expect(await grants.proposeSettlement(said)).toMatchObject({ kind: 'repeated', settlement: { evidence } })
  const settlementId = 'settlement' in first ? (first.settlement?.id ?? '') : ''
  await grants.withdrawSettlement({ by, settlementId })
  expect(await grants.proposeSettlement(said)).toMatchObject({ kind: 'repeated', settlement: null })
  expect(await ledger.openSettlements([grant.id])).toEqual([])
})

test('does not take what was seen before another attempt for what is so after it', async () => {
  const { grants, grant, issue, ledger, now, sql } = await createStuck()
  const shown = grant.attempts
  const settlement = await propose({ grants }, grant.id, notIssued)
  clock.forward(1000)
  await sql(`update grants set due_at = 0 where id = '${grant.id}'`)
  await issue()
  expect(await now(grant)).toMatchObject({ state: 'issuing', attempts: shown + 1 })
  expect(await grants.confirmSettlement({ by: { person: lead }, settlementId: settlement.id })).toMatchObject(
    {
      kind: 'sent-since',
    },
  )
  expect(await ledger.openSettlements([grant.id])).toEqual([])
  expect(await now(grant)).toMatchObject({ state: 'issuing' })
  const late = { by, grantId: grant.id, verdict: notIssued, evidence, attempts: shown }
  expect(await grants.proposeSettlement(late)).toMatchObject({ kind: 'sent-since' })
  expect(await grants.proposeSettlement({ ...late, attempts: shown + 1 })).toMatchObject({ kind: 'proposed' })
})

test('knows that what a button was drawn for to be confirmed waits no more, and what waits instead', async () => {
  const { grants, grant, couponId } = await createStuck()
  const first = await propose({ grants }, grant.id, notIssued)
  const read = () => grants.settlementOf({ by, grantId: grant.id, settlementId: first.id })
  expect(await read()).toMatchObject({ settlement: { id: first.id }, over: null })
  await grants.withdrawSettlement({ by, settlementId: first.id })
  expect(await read()).toMatchObject({ settlement: null, over: { id: first.id, ended: { by: ops.id } } })
  const second = await propose({ grants }, grant.id, { kind: 'issued', couponId })
  expect(await read()).toMatchObject({ settlement: { id: second.id }, over: { id: first.id } })
})

test('does not count the word of somebody who is no operator any more, and takes it back', async () => {
  let operator: Person | null = null
  const notifier = {
    who: async (ids: readonly string[]) =>
      ids.map((id): Person => operator ?? { ...member(id), groups: null }),
  }
  const { grants, grant, ledger, now } = await createStuck({ notifier })
  const settlement = await propose({ grants }, grant.id, notIssued)
  const confirm = () => grants.confirmSettlement({ by: { person: lead }, settlementId: settlement.id })
  expect(await confirm()).toMatchObject({ refusal: { code: 'proposer-unknown' } })
  operator = { ...member(ops.id), groups: null, isCutOff: true }
  expect(await confirm()).toMatchObject({ refusal: { code: 'proposer-unknown' } })
  operator = { ...ops, standing: 'deactivated' }
  expect(await confirm()).toMatchObject({ kind: 'lapsed', settlement: { proposedBy: ops.id } })
  expect(await now(grant)).toMatchObject({ state: 'issuing' })
  expect(await ledger.openSettlements([grant.id])).toEqual([])
  operator = ops
  const again = await propose({ grants }, grant.id, notIssued)
  expect(await grants.confirmSettlement({ by: { person: lead }, settlementId: again.id })).toMatchObject({
    kind: 'settled',
  })
})
