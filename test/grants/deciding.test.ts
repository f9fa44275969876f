import { expect, test } from 'vitest'
import type { Person } from '../../src/domain/permissions.ts'
import type { Policy } from '../../src/domain/policy.ts'
import { stockRefOf } from '../../src/domain/wechatpay-ids.ts'
import type { DecideOutcome } from '../../src/grants/index.ts'
import { engines } from '../ledger/engines.ts'
import { policyWith } from '../slack/builders.ts'
import {
  agent,
  approvalWith,
  clock,
  createSetting,
  DAY,
  HOUR,
  inputWith,
  newOpenid,
  policyOf,
  recorded,
  requestAnother,
  type Setting,
  sentTo,
  useWechatPay,
  wechatpay,
} from './setting.ts'

useWechatPay()

const lead: Person = { id: 'U0LEAD1', email: null, groups: ['S0LEADS1'], standing: 'member' }
const other: Person = { ...lead, id: 'U0LEAD2' }
const limits: Policy['limits'] = {
  perUser: { count: 1, quota: null, days: 1 },
  perRequester: { count: null, quota: 1000, days: 1 },
  perStock: { count: 1, quota: null, days: 1 },
  lookups: null,
}

const by = (approvals: number, change: Partial<Policy> = {}): Partial<Policy> => ({
  approval: approvalWith({ approvals }),
  ...change,
})
const approve = ({ grants }: Pick<Setting, 'grants'>, person: Person, grantId: string) =>
  grants.decide({ person, grantId, decision: 'approve', reason: null })
const reject = ({ grants }: Pick<Setting, 'grants'>, person: Person, grantId: string) =>
  grants.decide({ person, grantId, decision: 'reject', reason: 'not this time' })
const kinds = (outcomes: { kind: string }[]) => outcomes.map(({ kind }) => kind).sort()
const events = async ({ ledger }: Setting, grantId: string) =>
  (await ledger.eventsOf(grantId)).map(({ kind }) => kind)

/** The first worker and one with a connection of its own. */
async function two(setting: Setting, change: Parameters<Setting['open']>[0] = {}) {
  const ledger = await setting.open({ now: clock.now, ...change })
  return [setting, setting.worker({ ledger, worker: 'worker-2' })] as const
}

test.each(
  engines,
)('gives two approvers at once one effect, and tells the other by whom (%s)', async (engine) => {
  const setting = await createSetting({ engine, policy: by(1) })
  const both = await two(setting)
  for (let round = 0; round < 4; round++) {
    const grant = await setting.give()
    const outcomes = await Promise.all([approve(both[0], lead, grant.id), approve(both[1], other, grant.id)])
    expect(kinds(outcomes)).toEqual(['already', 'approved'])
    const told = outcomes.find(({ kind }) => kind === 'already')
    const winner = outcomes[0].kind === 'approved' ? 'U0LEAD1' : 'U0LEAD2'
    expect(told).toMatchObject({ grant: { state: 'approved' }, decisions: [{ approver: winner }] })
    expect((await events(setting, grant.id)).filter((kind) => kind === 'approve')).toHaveLength(1)
  }
})

test.each(engines)('lets an approval and a rejection at once have one winner (%s)', async (engine) => {
  const setting = await createSetting({ engine, policy: by(1) })
  const both = await two(setting)
  for (let round = 0; round < 4; round++) {
    const grant = await setting.give()
    const outcomes = await Promise.all([approve(both[0], lead, grant.id), reject(both[1], other, grant.id)])
    expect(kinds(outcomes)[0]).toBe('already')
    const { state } = await setting.now(grant)
    expect(outcomes.some(({ kind }) => kind === state)).toBe(true)
  }
})

test.each(engines)('counts the same click once that arrives at two replicas (%s)', async (engine) => {
  const setting = await createSetting({ engine, policy: by(2) })
  const both = await two(setting)
  const grant = await setting.give()
  const outcomes = await Promise.all(both.map((one) => approve(one, lead, grant.id)))
  expect(kinds(outcomes)).toEqual(['counted', 'repeated'])
  expect(outcomes.map((outcome) => outcome.kind !== 'gone' && 'have' in outcome && outcome.have)).toEqual([
    1, 1,
  ])
  expect(await setting.now(grant)).toMatchObject({ state: 'pending' })
  expect(await approve(setting, other, grant.id)).toMatchObject({ kind: 'approved' })
})

test.each(
  engines,
)('lets the decision or the expiry win at its very moment, never both (%s)', async (engine) => {
  const setting = await createSetting({ engine, policy: by(1) })
  const [first, second] = await two(setting)
  const before = await Promise.all([setting.give(), setting.give(), setting.give()])
  clock.forward(DAY)
  const [, ...late] = await Promise.all([
    second.grants.expireDue(),
    ...before.map((grant) => approve(first, lead, grant.id)),
  ])
  // At its end it is over, whoever comes first.
  for (const outcome of late) expect(outcome).toMatchObject({ kind: 'already', grant: { state: 'expired' } })
  for (const grant of before) {
    expect(await setting.now(grant)).toMatchObject({ state: 'expired', ended: { by: 'app' } })
    expect((await events(setting, grant.id)).filter((kind) => kind === 'expire')).toHaveLength(1)
  }
  const inTime = await setting.give()
  clock.forward(DAY - 1)
  const [count, outcome] = await Promise.all([second.grants.expireDue(), approve(first, lead, inTime.id)])
  expect([count, outcome.kind]).toEqual([0, 'approved'])
})

test.each(engines)('cancels or sends, never both (%s)', async (engine) => {
  const setting = await createSetting({ engine, policy: by(1) })
  const [first, second] = await two(setting)
  const seen = new Set<string>()
  for (let round = 0; round < 6; round++) {
    const grant = await setting.give()
    await approve(first, lead, grant.id)
    const cancel = () => second.grants.cancel({ person: agent, grantId: grant.id, reason: null })
    const begun = [cancel, () => setting.issue()]
    const ends = await Promise.all((round % 2 ? begun.reverse() : begun).map((begin) => begin()))
    const cancelled = ends.find((end) => typeof end !== 'number') ?? expect.fail()
    const { state } = await setting.now(grant)
    seen.add(state)
    expect(cancelled.kind).toBe(state === 'cancelled' ? 'cancelled' : 'already')
    expect(sentTo(grant).coupons).toHaveLength(state === 'cancelled' ? 0 : 1)
  }
  for (const state of seen) expect(['cancelled', 'issued']).toContain(state)
})

test.each(engines)('tells that nothing was recorded while the ledger is busy (%s)', async (engine) => {
  const setting = await createSetting({ engine, policy: by(1) })
  const grant = await setting.give()
  const hurried = setting.worker({ ledger: await setting.open({ now: clock.now, writeWithin: 60 }) })
  const held = Promise.withResolvers<void>()
  const holding = Promise.withResolvers<void>()
  const writing = setting.ledger.write(async () => {
    holding.resolve()
    await held.promise
  })
  await holding.promise
  const outcomes = [
    await approve(hurried, lead, grant.id),
    await hurried.grants.cancel({ person: agent, grantId: grant.id, reason: null }),
    await hurried.grants.showOpenid({ person: lead, grantId: grant.id }),
  ]
  held.resolve()
  await writing
  expect(outcomes).toEqual([{ kind: 'busy' }, { kind: 'busy' }, { kind: 'busy' }])
  expect(await setting.now(grant)).toMatchObject({ state: 'pending' })
  expect(await events(setting, grant.id)).toEqual(['requested'])
})

test('tells that it is not sure when the answer of the commit is lost', async () => {
  const { CommitUncertainError } = await import('../../src/ledger/ledger.ts')
  const setting = await createSetting({ policy: by(1) })
  const grant = await setting.give()
  const { ledger } = setting
  const lossy = setting.worker({
    ledger: {
      ...ledger,
      async write(fn) {
        await ledger.write(fn)
        throw new CommitUncertainError('the answer was lost')
      },
    },
  })
  expect(await approve(lossy, lead, grant.id)).toEqual({ kind: 'not-sure' })
  expect(await approve(setting, lead, grant.id)).toMatchObject({
    kind: 'already',
    grant: { state: 'approved' },
  })
})

const nobody: [string, Person, object][] = [
  ['guest', { ...lead, standing: 'guest' }, { code: 'not-a-member' }],
  ['bot', { ...lead, standing: 'bot' }, { code: 'not-a-member' }],
  ['deactivated approver', { ...lead, standing: 'deactivated' }, { code: 'not-a-member' }],
  ['stranger', { ...lead, standing: 'other-workspace' }, { code: 'not-a-member' }],
  ['approver who has left the group', { ...lead, groups: [] }, { code: 'role-missing', role: 'approver' }],
  ['approver whose groups are not known', { ...lead, groups: null }, { code: 'roles-unknown' }],
  ['requester', { ...agent, groups: ['S0AGENTS', 'S0LEADS1'] }, { code: 'own-grant' }],
]
test.each(nobody)('does not let a %s decide, and records nothing', async (_who, person, refusal) => {
  const setting = await createSetting({ policy: by(1) })
  const grant = await setting.give()
  for (const decide of [approve, reject])
    expect(await decide(setting, person, grant.id)).toMatchObject({ kind: 'refused', refusal })
  expect(await events(setting, grant.id)).toEqual(['requested'])
})

test('asks everybody by the policy of now, those who approved before included', async () => {
  const setting = await createSetting({ policy: by(2) })
  const grant = await setting.give()
  await approve(setting, lead, grant.id)
  setting.policy = policyOf({
    ...by(1),
    roles: { ...policyWith().roles, approver: ['U0LEAD3', 'U0LEAD4'] },
  })
  expect(await approve(setting, lead, grant.id)).toMatchObject({ refusal: { code: 'role-missing' } })
  expect(await approve(setting, other, grant.id)).toMatchObject({ refusal: { code: 'role-missing' } })
  const third = await approve(setting, { ...lead, id: 'U0LEAD3', groups: [] }, grant.id)
  expect(third).toMatchObject({ kind: 'counted', have: 1, lapsed: ['U0LEAD1'] })
  const fourth = await approve(setting, { ...lead, id: 'U0LEAD4', groups: [] }, grant.id)
  expect(fourth).toMatchObject({ kind: 'approved', grant: { approvalsNeeded: 2 } })
})

test('does not end a quorum early by one who approves twice, and lets that one still reject', async () => {
  const setting = await createSetting({ policy: by(3) })
  const grant = await setting.give()
  await approve(setting, lead, grant.id)
  expect(await approve(setting, lead, grant.id)).toMatchObject({ kind: 'repeated', have: 1 })
  expect(await approve(setting, other, grant.id)).toMatchObject({ kind: 'counted', have: 2 })
  expect(await reject(setting, lead, grant.id)).toMatchObject({ kind: 'rejected' })
  expect(await approve(setting, { ...lead, id: 'U0LEAD3' }, grant.id)).toMatchObject({
    kind: 'already',
    grant: { state: 'rejected', ended: { by: 'U0LEAD1', reason: 'not this time' } },
  })
  expect(await setting.ledger.decisionsOf(grant.id)).toMatchObject([
    { approver: 'U0LEAD1', kind: 'reject' },
    { approver: 'U0LEAD2', kind: 'approve' },
  ])
})

test('marks an approval of one’s own in the trail, where the policy allows it', async () => {
  const setting = await createSetting({ policy: { approval: approvalWith({ selfApproval: true }) } })
  const grant = await setting.give()
  const own = { ...agent, groups: ['S0AGENTS', 'S0LEADS1'] }
  expect(await approve(setting, own, grant.id)).toMatchObject({ kind: 'approved' })
  const trail = await setting.ledger.eventsOf(grant.id)
  expect(trail.at(-1)).toMatchObject({ kind: 'approve', data: { have: 1, needed: 1, own: true } })
})

test('does not approve what the policy no longer offers, but lets it be rejected', async () => {
  const setting = await createSetting({ policy: by(1) })
  const grant = await setting.give({ stock: 'withdraw-50' })
  const left = policyOf(by(1))
  setting.policy = { ...left, stocks: left.stocks.filter(({ key }) => key !== 'withdraw-50') }
  expect(await approve(setting, lead, grant.id)).toEqual({
    kind: 'refused',
    refusal: { code: 'stock-left', stock: 'withdraw-50' },
  })
  setting.policy = { ...left, stocks: left.stocks.map((stock) => ({ ...stock, stockId: '999' })) }
  expect(await approve(setting, lead, grant.id)).toMatchObject({ refusal: { code: 'stock-left' } })
  expect(await reject(setting, lead, grant.id)).toMatchObject({ kind: 'rejected' })
})

test('tells that an approved coupon waits, where it does', async () => {
  const setting = await createSetting({ policy: by(1) })
  const openid = newOpenid()
  const first = await setting.give({ openid })
  const second = await setting.give({ openid })
  await approve(setting, lead, first.id)
  wechatpay().fault({ name: 'reset-after' })
  await setting.issue()
  expect(await setting.now(first)).toMatchObject({ state: 'issuing', flag: { kind: 'checking' } })
  expect(await approve(setting, lead, second.id)).toMatchObject({
    kind: 'approved',
    grant: { hold: { reason: 'same-user' } },
  })
})

const blanks = [null, '', '  \n\t']
test.each(
  blanks,
)('wants a reason of who rejects or cancels what another asked for, not %j', async (reason) => {
  const setting = await createSetting({ policy: by(1) })
  const grant = await setting.give()
  const input = { person: lead, grantId: grant.id, reason }
  const refused = { kind: 'refused', refusal: { code: 'why-missing' } }
  expect(await setting.grants.decide({ ...input, decision: 'reject' })).toEqual(refused)
  expect(await setting.grants.cancel(input)).toEqual(refused)
  expect(await setting.grants.cancel({ ...input, person: agent })).toMatchObject({ kind: 'cancelled' })
})

test('tells who cancels too late how it has ended', async () => {
  const setting = await createSetting({ policy: by(1) })
  const cancel = (grantId: string, person = agent) =>
    setting.grants.cancel({ person, grantId, reason: 'changed my mind' })
  const [late, issued, own] = [await setting.give(), await setting.give(), await setting.give()]
  await approve(setting, lead, issued.id)
  await setting.issue()
  expect(await cancel(own.id)).toMatchObject({ kind: 'cancelled' })
  expect(await cancel(own.id)).toMatchObject({ kind: 'already', grant: { state: 'cancelled' } })
  expect(await cancel(issued.id)).toMatchObject({
    kind: 'already',
    grant: { state: 'issued' },
    decisions: [{ approver: 'U0LEAD1' }],
  })
  expect(await cancel(issued.id, { ...agent, id: 'U0AGENT2' })).toMatchObject({
    refusal: { code: 'role-missing' },
  })
  clock.forward(DAY)
  expect(await cancel(late.id)).toMatchObject({ kind: 'already', grant: { state: 'expired' } })
  expect(await cancel('no such grant')).toEqual({ kind: 'gone' })
})

test('tells before a reason is written that nothing can come of it', async () => {
  const setting = await createSetting({ policy: by(1) })
  const grant = await setting.give()
  const waits = (purpose: 'reject' | 'cancel', person = lead) =>
    setting.grants.waits({ person, grantId: grant.id, for: purpose })
  expect(await waits('reject')).toMatchObject({ kind: 'waits' })
  expect(await waits('reject', agent)).toMatchObject({ refusal: { code: 'role-missing' } })
  await approve(setting, other, grant.id)
  expect(await waits('cancel')).toMatchObject({ kind: 'waits' })
  const already = { kind: 'already', grant: { state: 'approved' }, decisions: [{ approver: 'U0LEAD2' }] }
  expect(await waits('reject')).toMatchObject(already)
  // Who asked may cancel, but not reject.
  expect(await waits('cancel', agent)).toMatchObject({ kind: 'waits' })
  expect(await waits('cancel', { ...agent, standing: 'guest' })).toMatchObject({ kind: 'refused' })
  expect(await setting.grants.waits({ person: lead, grantId: 'none', for: 'cancel' })).toEqual({
    kind: 'gone',
  })
})

const endings: [string, (setting: Setting, id: string) => Promise<unknown>][] = [
  ['rejected', (setting, id) => reject(setting, lead, id)],
  ['cancelled', ({ grants }, grantId) => grants.cancel({ person: agent, grantId, reason: null })],
  [
    'expired',
    ({ grants }) => {
      clock.forward(HOUR)
      return grants.expireDue()
    },
  ],
  [
    'refused',
    async (setting, id) => {
      await approve(setting, lead, id)
      wechatpay().fault({ name: 'refuse', code: 'RULE_LIMIT' })
      return setting.issue()
    },
  ],
]
test.each(endings)('gives back the place in every limit of what was %s', async (state, end) => {
  const approval = approvalWith({ expiresAfter: HOUR })
  const setting = await createSetting({ policy: { approval, limits } })
  const openid = newOpenid()
  const ask = async () => requestAnother(setting.grants, inputWith({ ask: { ...inputWith().ask, openid } }))
  const { grant } = recorded(await ask())
  const full = await ask()
  expect(full.kind === 'refused' && full.problems.length).toBe(3)
  await end(setting, grant.id)
  expect(await setting.now(grant)).toMatchObject({ state })
  expect((await ask()).kind).toBe('recorded')
})

test.each(engines)('passes no limit by asks, decisions and ends all at once (%s)', async (engine) => {
  const setting = await createSetting({
    engine,
    policy: by(1, {
      limits: { ...limits, perStock: { count: 3, quota: null, days: 1 }, perRequester: null },
    }),
  })
  const both = await two(setting)
  const outcomes: DecideOutcome[] = []
  await Promise.all(
    Array.from({ length: 12 }, async (_, index) => {
      const worker = both[index % 2] ?? setting
      const asked = await requestAnother(worker.grants, inputWith())
      if (asked.kind !== 'recorded') return
      outcomes.push(await (index % 3 ? reject : approve)(worker, lead, asked.grant.id))
    }),
  )
  expect(new Set(kinds(outcomes)).size).toBeGreaterThan(0)
  const counted = await setting.sql(
    `select count(*) as held from grants where state in ('pending', 'approved', 'issuing', 'issued')`,
  )
  const held = Number(counted[0]?.held)
  const [stock = { mchid: '', stockId: '' }] = setting.policy.stocks
  expect(held).toBeLessThanOrEqual(3)
  expect(await setting.ledger.usage({ by: { stockRef: stockRefOf(stock) }, from: 0 })).toMatchObject({
    count: held,
  })
})

test.each(
  engines,
)('does not fill the quorum with the approval of somebody who is no approver any more (%s)', async (engine) => {
  let asked: readonly string[] = []
  const left: Person = { ...lead, groups: [] }
  const notifier = {
    who: async (ids: readonly string[]) => {
      asked = ids
      return ids.map((id) => (id === lead.id ? left : { ...other, id }))
    },
  }
  const setting = await createSetting({ engine, policy: by(2), notifier })
  const grant = await setting.give()
  expect(await approve(setting, lead, grant.id)).toMatchObject({ kind: 'counted', have: 1, lapsed: [] })
  expect(await approve(setting, other, grant.id)).toMatchObject({
    kind: 'counted',
    have: 1,
    lapsed: ['U0LEAD1'],
  })
  expect(asked).toEqual(['U0LEAD1'])
  expect(await setting.now(grant)).toMatchObject({ state: 'pending' })
  expect(await setting.ledger.decisionsOf(grant.id)).toMatchObject([
    { approver: 'U0LEAD1', kind: 'lapsed' },
    { approver: 'U0LEAD2', kind: 'approve' },
  ])
  expect(await events(setting, grant.id)).toContain('approval-lapsed')
  const third = { ...lead, id: 'U0LEAD3' }
  expect(await approve(setting, third, grant.id)).toMatchObject({ kind: 'approved' })
})

test.each(
  engines,
)('counts an approval anew that somebody gives after being no approver for a while (%s)', async (engine) => {
  let groups: string[] = []
  const notifier = {
    who: async (ids: readonly string[]) => ids.map((id): Person => ({ ...lead, id, groups })),
  }
  const setting = await createSetting({ engine, policy: by(3), notifier })
  const grant = await setting.give()
  await approve(setting, lead, grant.id)
  await approve(setting, other, grant.id)
  const third = { ...lead, id: 'U0LEAD3' }
  expect(await approve(setting, third, grant.id)).toMatchObject({
    kind: 'counted',
    have: 1,
    lapsed: ['U0LEAD1', 'U0LEAD2'],
  })
  groups = ['S0LEADS1']
  expect(await approve(setting, lead, grant.id)).toMatchObject({ kind: 'counted', have: 2, lapsed: [] })
  expect(await approve(setting, lead, grant.id)).toMatchObject({ kind: 'repeated', have: 2 })
  expect(await approve(setting, other, grant.id)).toMatchObject({ kind: 'approved' })
})

test.each(
  engines,
)('asks again when an earlier approver came while Slack was asked, so that both count once (%s)', async (engine) => {
  const setting = await createSetting({ engine, policy: by(3) })
  const both = await two(setting)
  for (let round = 0; round < 4; round++) {
    const grant = await setting.give()
    await approve(setting, lead, grant.id)
    const third = { ...lead, id: 'U0LEAD3' }
    const outcomes = await Promise.all([approve(both[0], other, grant.id), approve(both[1], third, grant.id)])
    expect(kinds(outcomes)).toEqual(['approved', 'counted'])
  }
})

test.each([
  {},
  { isCutOff: true as const },
])('takes nobody’s approval away because Slack does not tell, and says so (%o)', async (cut) => {
  const notifier = {
    who: async (ids: readonly string[]) => ids.map((id): Person => ({ ...lead, id, groups: null, ...cut })),
  }
  const setting = await createSetting({ policy: by(2), notifier })
  const grant = await setting.give()
  await approve(setting, lead, grant.id)
  expect(await approve(setting, other, grant.id)).toEqual({
    kind: 'refused',
    refusal: { code: 'earlier-approvers-unknown' },
  })
  expect(await setting.ledger.decisionsOf(grant.id)).toMatchObject([{ kind: 'approve' }])
})
