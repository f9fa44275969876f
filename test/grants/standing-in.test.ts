import { setTimeout as sleep } from 'node:timers/promises'
import { expect, onTestFinished, test } from 'vitest'
import type { Person } from '../../src/domain/permissions.ts'
import type { Policy } from '../../src/domain/policy.ts'
import { engines } from '../ledger/engines.ts'
import {
  agent,
  approvalWith,
  askWith,
  clock,
  createSetting,
  HOUR,
  inputWith,
  policyOf,
  recorded,
  type Setting,
  useWechatPay,
} from './setting.ts'

useWechatPay()

const lead: Person = { id: 'U0LEAD1', email: null, groups: ['S0LEADS1'], standing: 'member' }
const other: Person = { ...lead, id: 'U0LEAD2' }
/** Decide other coupons, and so may stand in for those who decide these. */
const boss: Person = { ...lead, id: 'U0BOSS1', groups: ['S0HEADS1'] }
const head: Person = { ...boss, id: 'U0BOSS2' }
const everybody = [lead, other, boss, head, agent]

/** Leads decide, two of them unless told; heads decide coupons of ¥50. */
const policy = (change: Partial<Policy['approval']> = {}): Partial<Policy> => ({
  approval: approvalWith({
    approvals: 2,
    levels: [{ stocks: ['withdraw-50'], aboveQuota: null, approvals: 1, approvers: ['S0HEADS1'] }],
    ...change,
  }),
})
const notifier = {
  who: async (ids: readonly string[]) =>
    ids.map((id) => everybody.find((one) => one.id === id) ?? { ...agent, id, groups: [] }),
}
const approve = ({ grants }: Pick<Setting, 'grants'>, person: Person, grantId: string) =>
  grants.decide({ person, grantId, decision: 'approve', reason: null })

let orders = 0
async function away({ grants }: Setting, person: Person, standIn: Person | null): Promise<void> {
  orders += 1
  const absence = { until: clock.now() + 48 * HOUR, standIn }
  const outcome = await grants.setAway({ by: person, person, absence, order: `O${orders}` })
  expect(outcome).toMatchObject({
    kind: 'away',
    absence: { person: person.id, standIn: standIn?.id ?? null },
  })
}

test('counts an approver and who stands in for them as one voice of two, whichever comes first', async () => {
  const setting = await createSetting({ policy: policy(), notifier })
  await away(setting, lead, boss)
  for (const [first, second] of [
    [boss, lead],
    [lead, boss],
  ] as const) {
    const { id } = await setting.give()
    expect(await approve(setting, first, id)).toMatchObject({ kind: 'counted', have: 1 })
    expect(await approve(setting, second, id)).toMatchObject({ kind: 'repeated', have: 1, by: first.id })
    expect(await approve(setting, first, id)).toMatchObject({ kind: 'repeated', have: 1 })
    expect((await setting.ledger.grant(id))?.state).toBe('pending')
    expect(await approve(setting, other, id)).toMatchObject({ kind: 'approved' })
  }
})

test('counts two who stand in for one person, one after the other, as one voice', async () => {
  const setting = await createSetting({ policy: policy(), notifier })
  const { id } = await setting.give()
  await away(setting, lead, boss)
  expect(await approve(setting, boss, id)).toMatchObject({ kind: 'counted', have: 1 })
  // The last one that was named counts.
  await away(setting, lead, head)
  expect(await approve(setting, head, id)).toMatchObject({ kind: 'repeated', have: 1, by: boss.id })
  const { id: next } = await setting.give()
  expect(await approve(setting, boss, next)).toMatchObject({
    kind: 'refused',
    refusal: { code: 'role-missing' },
  })
  // What was said while it was so counts.
  expect(await approve(setting, other, id)).toMatchObject({ kind: 'approved' })
  const decisions = await setting.ledger.decisionsOf(id)
  expect(decisions.map(({ approver, standsFor }) => [approver, standsFor])).toEqual([
    [boss.id, lead.id],
    [other.id, undefined],
  ])
})

test('gives who stands in for two people one voice, and leaves the other’s to them', async () => {
  const setting = await createSetting({ policy: policy(), notifier })
  await away(setting, lead, boss)
  await away(setting, other, boss)
  const { id } = await setting.give()
  expect(await approve(setting, boss, id)).toMatchObject({ kind: 'counted', have: 1 })
  expect(await approve(setting, boss, id)).toMatchObject({ kind: 'repeated', have: 1 })
  const [{ standsFor } = {}] = await setting.ledger.decisionsOf(id)
  const [same, free] = standsFor === lead.id ? [lead, other] : [other, lead]
  expect(await approve(setting, same, id)).toMatchObject({ kind: 'repeated', have: 1, by: boss.id })
  expect(await approve(setting, free, id)).toMatchObject({ kind: 'approved' })
})

test('lets nobody stand in for who asked, and nobody who asked stand in', async () => {
  const asking = {
    ...policy({ approvals: 1 }),
    roles: { ...policyOf().roles, requester: ['S0LEADS1', 'S0HEADS1'] },
  }
  const setting = await createSetting({ policy: asking, notifier })
  await away(setting, lead, boss)
  const ask = async (person: Person) =>
    recorded(await setting.grants.request(inputWith({ person, ask: askWith() }))).grant.id
  const ofLead = await ask(lead)
  expect(await approve(setting, boss, ofLead)).toMatchObject({ refusal: { code: 'role-missing' } })
  const ofBoss = await ask(boss)
  expect(await approve(setting, boss, ofBoss)).toMatchObject({ refusal: { code: 'own-grant' } })
  expect(await approve(setting, other, ofLead)).toMatchObject({ kind: 'approved' })
})

test('counts an approval no more whose absent approver is none any longer', async () => {
  const leads = [lead, other]
  const setting = await createSetting({
    policy: policy(),
    notifier: {
      who: async (ids) =>
        ids.map((id) => ({
          ...(everybody.find((one) => one.id === id) ?? agent),
          ...(leads.some((one) => one.id === id) ? {} : { groups: id === boss.id ? ['S0HEADS1'] : [] }),
        })),
    },
  })
  const { id } = await setting.give()
  await away(setting, lead, boss)
  expect(await approve(setting, boss, id)).toMatchObject({ kind: 'counted', have: 1 })
  leads.shift()
  expect(await approve(setting, other, id)).toMatchObject({ kind: 'counted', have: 1, lapsed: [boss.id] })
})

test('tells operators once, by whichever replica, that too few can decide, and again only after it was over', async () => {
  let people = 2
  const setting = await createSetting({
    policy: policy(),
    notifier: { ...notifier, reach: async () => ({ people, channel: null }) },
  })
  const ledger = await setting.open({ now: clock.now })
  const replicas = [setting.grants, setting.worker({ ledger, worker: 'worker-2' }).grants]
  const look = () => Promise.all(replicas.map((grants) => grants.lookForStranded()))
  const grant = await setting.give()
  const kinds = async () =>
    (await ledger.eventsOf(grant.id))
      .map(({ kind }) => kind)
      .filter((kind) => kind === 'stranded' || kind === 'reachable')
  await look()
  expect(await kinds()).toEqual([])
  people = 1
  await look()
  await look()
  expect(await kinds()).toEqual(['stranded'])
  expect(await setting.now(grant)).toMatchObject({ state: 'pending', strandedAt: clock.now() })
  await setting.grants.tellNews()
  const stranded = () => setting.news.flatMap(({ news }) => (news.kind === 'stranded' ? [news] : []))
  expect(stranded()).toMatchObject([{ grantId: grant.id, needed: 2, reachable: 1 }])
  people = 2
  await look()
  expect(await kinds()).toEqual(['stranded', 'reachable'])
  expect(await setting.now(grant)).toMatchObject({ strandedAt: null })
  // What could not be decided for a while is decided as before.
  expect(await approve(setting, lead, grant.id)).toMatchObject({ kind: 'counted' })
  people = 0
  await look()
  await setting.grants.tellNews()
  expect(stranded()).toHaveLength(2)
})

test('lets a request lapse at its time though it was escalated, and escalates none that has lapsed', async () => {
  const escalate = [
    { after: 4 * HOUR, add: ['S0HEADS1'] },
    { after: 30 * HOUR, add: ['U0OPS001'] },
  ]
  const setting = await createSetting({ policy: policy({ approvals: 1, levels: [], escalate }), notifier })
  const { grants, ledger } = setting
  const told = await setting.give()
  clock.forward(4 * HOUR)
  const missed = await setting.give()
  expect(await grants.escalateDue()).toBe(1)
  await grants.tellNews()
  expect(setting.news.map(({ news }) => news)).toMatchObject([
    { kind: 'escalated', grantId: told.id, added: ['S0HEADS1'] },
  ])
  // Nothing ran for more than a day.
  clock.forward(26 * HOUR)
  expect(await grants.escalateDue()).toBe(0)
  expect(await grants.lookForStranded()).toBe(0)
  for (const { id } of [told, missed]) {
    // The click of who was added ends what has lapsed, whether or not the clock did.
    expect(await approve(setting, boss, id)).toMatchObject({ kind: 'already', grant: { state: 'expired' } })
    const kinds = (await ledger.eventsOf(id)).map(({ kind }) => kind)
    expect(kinds.at(-1)).toBe('expire')
    expect(kinds.filter((kind) => kind === 'escalated')).toHaveLength(id === told.id ? 1 : 0)
  }
  expect(await grants.escalateDue()).toBe(0)
  await grants.tellNews()
  expect(setting.news.filter(({ news }) => news.kind === 'escalated')).toHaveLength(1)
  expect(await ledger.attemptsOf(told.id)).toEqual([])
})

/** The clock is real here: what a busy machine makes late is tried again. */
test.each(
  engines,
)('answers whoever stands in by the time that is told, however slow Slack and the ledger are (%s)', {
  retry: 4,
}, async (engine) => {
  let isSlow = false
  const setting = await createSetting({
    engine,
    policy: policy(),
    ledger: { writeWithin: undefined },
    notifier: {
      async who(ids, within = 700) {
        if (isSlow) await sleep(within)
        return notifier.who(ids)
      },
    },
  })
  const { id } = await setting.give()
  expect(await approve(setting, other, id)).toMatchObject({ kind: 'counted' })
  await away(setting, lead, boss)
  isSlow = true
  const held = Promise.withResolvers<void>()
  const holding = (await setting.open({ writeWithin: 60_000 })).write(() => held.promise)
  // Also when the test fails before: a ledger closes once its write has ended.
  onTestFinished(() => held.resolve())
  const until = performance.now() + 1600
  const decided = { person: boss, grantId: id, decision: 'approve', reason: null, until } as const
  expect(await setting.grants.decide(decided)).toEqual({ kind: 'busy' })
  expect(performance.now()).toBeLessThan(until)
  const late = { person: boss, grantId: id, reason: 'late', until: performance.now() + 1600 }
  expect(await setting.grants.cancel(late)).toEqual({ kind: 'busy' })
  expect(performance.now()).toBeLessThan(late.until)
  held.resolve()
  await holding
  isSlow = false
  expect(await setting.grants.decide({ ...decided, until: performance.now() + 60_000 })).toMatchObject({
    kind: 'approved',
  })
})

test('lets who stands in read the whole story of what they decide, and the openid, as long as they do', async () => {
  const setting = await createSetting({ policy: policy(), notifier })
  const { id } = await setting.give()
  const reads = { person: boss, grantId: id }
  expect(await setting.grants.trail(reads)).toMatchObject({ kind: 'refused' })
  await away(setting, lead, boss)
  expect(await setting.grants.trail(reads)).toMatchObject({ kind: 'trail' })
  expect(await setting.grants.ids(reads)).toMatchObject({ kind: 'ids' })
  expect(await setting.grants.showOpenid(reads)).toMatchObject({ kind: 'shown' })
})
