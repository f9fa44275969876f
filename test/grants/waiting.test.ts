import { expect, test } from 'vitest'
import type { Person } from '../../src/domain/permissions.ts'
import type { Policy } from '../../src/domain/policy.ts'
import type { CardFacts } from '../../src/grants/index.ts'
import { policyWith } from '../slack/builders.ts'
import {
  agent,
  approvalWith,
  clock,
  createSetting,
  DAY,
  HOUR,
  newOpenid,
  policyOf,
  type Setting,
  useWechatPay,
  wechatpay,
} from './setting.ts'

useWechatPay()

const lead: Person = { id: 'U0LEAD1', email: null, groups: ['S0LEADS1'], standing: 'member' }
const auditor: Person = { ...lead, id: 'U0AUDIT1', groups: [] }
const operator: Person = { ...lead, id: 'U0OPS001', groups: [], email: 'OPS@example.com' }
const nobody: Person = { ...lead, id: 'U0NOBODY', groups: [] }
const remind = { after: HOUR, every: 2 * HOUR }
const approval = approvalWith({ remind, expiresAfter: 8 * HOUR })

const approve = ({ grants }: Setting, { id }: { id: string }, person = lead) =>
  grants.decide({ person, grantId: id, decision: 'approve', reason: null })
/** All that the clock starts. */
async function tick({ grants }: Setting): Promise<void> {
  await grants.expireDue()
  await grants.remindDue()
  await grants.tellNews()
}
const kinds = async ({ ledger }: Setting, { id }: { id: string }) =>
  (await ledger.eventsOf(id)).map(({ kind }) => kind)

test('ends by its time what nobody decided, and what could not be issued', async () => {
  const setting = await createSetting({ policy: { approval: approvalWith({ issueWithin: 2 * DAY }) } })
  const [undecided, held, fine] = [await setting.give(), await setting.give(), await setting.give()]
  await approve(setting, held)
  expect(await setting.grants.expireDue()).toBe(0)
  clock.forward(DAY - 1)
  await approve(setting, fine)
  expect(await setting.grants.expireDue()).toBe(0)
  clock.forward(1)
  expect(await setting.grants.expireDue()).toBe(1)
  expect(await setting.now(undecided)).toMatchObject({ state: 'expired', ended: { by: 'app' } })
  clock.forward(DAY)
  expect(await setting.grants.expireDue()).toBe(1)
  expect(await setting.now(held)).toMatchObject({
    state: 'cancelled',
    ended: { by: 'policy', reason: 'too-late' },
  })
  expect((await setting.ledger.eventsOf(held.id)).at(-1)).toMatchObject({ data: { reason: 'too-late' } })
  expect(await setting.now(fine)).toMatchObject({ state: 'approved' })
})

test('sends nothing that should have been issued before, even if nobody has ended it yet', async () => {
  const setting = await createSetting({ policy: { approval: approvalWith({ issueWithin: HOUR }) } })
  const grant = await setting.give()
  await approve(setting, grant)
  clock.forward(HOUR)
  expect(await setting.issue()).toBe(0)
  expect(await setting.now(grant)).toMatchObject({ state: 'approved', attempts: 0 })
})

test('expires nothing anew, and brings nothing back, when the clock jumps back', async () => {
  const setting = await createSetting({ policy: { approval } })
  const grant = await setting.give()
  clock.forward(8 * HOUR)
  await tick(setting)
  clock.forward(-DAY)
  await tick(setting)
  expect(await approve(setting, grant)).toMatchObject({ kind: 'already', grant: { state: 'expired' } })
  const young = await setting.give()
  clock.forward(-DAY)
  await tick(setting)
  expect(await approve(setting, young)).toMatchObject({ kind: 'approved' })
  expect(await setting.issue()).toBe(1)
  expect(await setting.now(young)).toMatchObject({ state: 'issued' })
})

test('reminds as often as the policy says, and says so in the trail once it was told', async () => {
  const setting = await createSetting({ policy: { approval } })
  const grant = await setting.give()
  await tick(setting)
  expect(setting.news).toEqual([])
  clock.forward(HOUR)
  await tick(setting)
  await tick(setting)
  expect(setting.news).toMatchObject([{ news: { kind: 'reminder', grantId: grant.id } }])
  expect(await kinds(setting, grant)).toEqual(['requested', 'reminded'])
  clock.forward(2 * HOUR - 1)
  await tick(setting)
  expect(setting.news).toHaveLength(1)
  clock.forward(1)
  await tick(setting)
  expect(setting.news).toHaveLength(2)
  await approve(setting, grant)
  clock.forward(DAY)
  await tick(setting)
  expect(setting.news).toHaveLength(2)
})

test('tells one reminder when Slack is back, however long it was away, and none of what is over', async () => {
  let away = true
  const told: number[] = []
  const setting = await createSetting({
    policy: { approval: { ...approval, remind: { after: HOUR, every: HOUR } } },
    notifier: {
      async tell() {
        if (away) throw new Error('Slack is away')
        told.push(clock.now())
        return true
      },
      async remind() {
        if (away) throw new Error('Slack is away')
        told.push(clock.now())
      },
    },
  })
  const [waiting, decided] = [await setting.give(), await setting.give()]
  const pass = async (hours: number) => {
    for (let hour = 0; hour < hours; hour++) {
      clock.forward(HOUR)
      await setting.sql('update notices set due_at = 0 where due_at is not null')
      await tick(setting)
    }
  }
  await pass(5)
  expect(await kinds(setting, waiting)).toEqual(['requested'])
  await approve(setting, decided)
  away = false
  await pass(1)
  expect(told).toHaveLength(1)
  expect(await kinds(setting, waiting)).toEqual(['requested', 'reminded'])
  clock.forward(HOUR - 1)
  await tick(setting)
  expect(told).toHaveLength(1)
  clock.forward(1)
  await tick(setting)
  expect(told).toHaveLength(2)
})

test('reminds of nothing that has expired while the app was down, or that the policy no longer wants', async () => {
  const setting = await createSetting({ policy: { approval } })
  const grant = await setting.give()
  clock.forward(8 * HOUR)
  // The clock's tasks run beside each other: this one may be the first.
  expect(await setting.grants.remindDue()).toBe(0)
  await tick(setting)
  expect(setting.news).toEqual([])
  expect(await kinds(setting, grant)).toEqual(['requested', 'expire'])

  const other = await setting.give()
  setting.policy = policyOf({ approval: approvalWith({ remind: null }) })
  clock.forward(HOUR)
  await tick(setting)
  expect(setting.news).toEqual([])
  expect(await kinds(setting, other)).toEqual(['requested'])
})

test('lists what waits for a person, page by page, and not what that person may not decide', async () => {
  const setting = await createSetting({ policy: { approval: approvalWith({ approvals: 2 }) } })
  const waiting = []
  for (let count = 0; count < 11; count++) {
    waiting.push(await setting.give())
    clock.forward(1)
  }
  const page = async (number: number, person = lead) => {
    const found = await setting.grants.pending({ person, page: number })
    if (found.kind !== 'found') throw new Error(JSON.stringify(found))
    return { ids: found.grants.map(({ grant }) => grant.id), page: found.page, hasMore: found.hasMore }
  }
  const ids = waiting.map(({ id }) => id)
  expect(await page(1)).toEqual({ ids: ids.slice(0, 5), page: 1, hasMore: true })
  expect(await page(3)).toEqual({ ids: ids.slice(10), page: 3, hasMore: false })
  expect(await page(1, agent)).toMatchObject({ ids: [] })
  expect(await page(1, { ...agent, groups: ['S0LEADS1'] })).toMatchObject({ ids: [] })

  await approve(setting, { id: ids[10] ?? '' })
  // What was on the page that is drawn anew is decided: the last that there is takes its place.
  expect(await page(3)).toEqual({ ids: ids.slice(5, 10), page: 2, hasMore: false })
  expect(await page(900_000)).toMatchObject({ page: 2 })
  expect((await page(3, { ...lead, id: 'U0LEAD2' })).ids).toEqual(ids.slice(10))
  clock.forward(DAY - 11)
  expect((await page(1)).ids).toEqual(ids.slice(1, 6))
  expect(await setting.grants.pending({ person: { ...lead, groups: null }, page: 1 })).toMatchObject({
    refusal: { code: 'roles-unknown' },
  })
})

test('lists what a person asked for, the newest first, also once that person has no role any more', async () => {
  const setting = await createSetting({ policy: { approval } })
  const mine = []
  for (let count = 0; count < 9; count++) {
    mine.unshift((await setting.give()).id)
    clock.forward(1)
  }
  const found = (page: number, person = agent) => setting.grants.mine({ person, page })
  expect(await found(1)).toMatchObject({
    hasMore: true,
    from: 0,
    total: 9,
    grants: mine.slice(0, 8).map((id) => ({ grant: { id } })),
  })
  expect(await found(2, { ...agent, groups: [] })).toMatchObject({
    hasMore: false,
    from: 8,
    grants: [{ grant: { id: mine[8] } }],
  })
  expect(await found(1, { ...agent, id: 'U0AGENT2' })).toMatchObject({ grants: [] })
  expect(await found(1, { ...agent, standing: 'deactivated' })).toMatchObject({ kind: 'refused' })
})

test('tells what a user was given to who may read it, and counts it as a look-up', async () => {
  const lookups = { perPerson: 1, per: HOUR }
  const limits = { perUser: null, perRequester: null, perStock: null, lookups }
  const setting = await createSetting({ policy: { approval, limits } })
  const { id, openid } = await setting.give()
  await approve(setting, { id })
  const history = (person: Person, page = 1) => setting.grants.history({ person, key: openid, page })
  for (const person of [auditor, operator, lead, agent])
    expect(await history(person)).toMatchObject({
      grants: [{ grant: { id }, decisions: [{ approver: 'U0LEAD1' }] }],
    })
  expect(await history(nobody)).toMatchObject({ refusal: { code: 'role-missing' } })
  expect(await history(auditor)).toMatchObject({ refusal: { code: 'lookups-reached' } })
  expect(await history(auditor, 2)).toMatchObject({ kind: 'found', page: 1, grants: [{ grant: { id } }] })
  const again = { person: auditor, key: openid, page: 1, isTurned: true }
  expect(await setting.grants.history(again)).toMatchObject({ kind: 'found', grants: [{ grant: { id } }] })
  expect(await history(auditor, 102)).toMatchObject({ refusal: { code: 'lookups-reached' } })
  const foreign = { person: auditor, key: newOpenid(), page: 2 }
  expect(await setting.grants.history(foreign)).toMatchObject({ refusal: { code: 'lookups-reached' } })
  expect(await setting.grants.history({ person: auditor, key: 'not one!', page: 1 })).toMatchObject({
    kind: 'refused',
  })
})

test('finds by ticket, coupon and number what was given, and counts each user that is read of as a look-up', async () => {
  const lookups = { perPerson: 4, per: HOUR }
  const limits = { perUser: null, perRequester: null, perStock: null, lookups }
  const setting = await createSetting({ policy: { limits } })
  const first = await setting.give({ ticket: 'sup-7' })
  clock.forward(1)
  const second = await setting.give({ ticket: 'SUP-7', note: 'for her partner' })
  await setting.issue()
  const { couponId } = await setting.now(second)
  const { sendRequestNo } = first
  const history = (key: string, person: Person = lead, isTurned = false) =>
    setting.grants.history({ person, key, page: 1, isTurned })
  const looked = async ({ id }: Person) => {
    const rows = await setting.sql(
      `select subject, data from events where kind = 'look-up' and actor = '${id}' order by id`,
    )
    return rows.map(({ subject, data }) => [subject, JSON.parse(String(data)).by])
  }
  expect(await history('SUP-7')).toMatchObject({
    of: 'ticket',
    total: 2,
    grants: [{ grant: { id: second.id, note: 'for her partner' } }, { grant: { id: first.id } }],
  })
  const both = [second.subject, first.subject].map((subject) => [subject, 'ticket'])
  expect(await looked(lead)).toEqual(both)
  // Turned, drawn anew, it is none of its own.
  expect(await history('sup-7', lead, true)).toMatchObject({ total: 2 })
  expect(await history(sendRequestNo.toLowerCase())).toMatchObject({
    of: 'number',
    grants: [{ grant: { id: first.id } }],
  })
  expect(await history(couponId ?? '')).toMatchObject({
    of: 'coupon',
    grants: [{ grant: { id: second.id } }],
  })
  expect(await looked(lead)).toEqual([...both, [first.subject, 'number'], [second.subject, 'coupon']])
  expect(await history('SUP-7')).toMatchObject({ refusal: { code: 'lookups-reached' } })
  // That there is nothing is told as seldom as what there is.
  for (let time = 0; time < 4; time++)
    expect(await history('SUP-8', auditor)).toEqual({
      kind: 'unknown-key',
      problem: { kind: 'length', length: 5 },
    })
  expect(await history('SUP-8', auditor)).toMatchObject({ refusal: { code: 'lookups-reached' } })
  expect(await history('SUP-7', nobody)).toMatchObject({ refusal: { code: 'role-missing' } })
  expect(await looked(nobody)).toEqual([])
})

test('shows in the list of what waits what the card shows, and where that is', async () => {
  const { drawn, ...setting } = await createSetting({ policy: { approval: approvalWith({ approvals: 2 }) } })
  const grant = await setting.give({ note: 'sorry', ticket: 'SUP-1' })
  await setting.grants.drawDue()
  const found = await setting.grants.pending({ person: lead, page: 1 })
  if (found.kind !== 'found') throw new Error(JSON.stringify(found))
  const place = drawn.find(({ card }) => card.kind === 'approval')
  expect(place?.grant.id).toBe(grant.id)
  const forDeciding = { approvers: ['S0LEADS1'], given: { count: 0 }, cost: 1 }
  expect(found).toMatchObject({
    total: 1,
    grants: [{ grant: { note: 'sorry', ticket: 'SUP-1' }, forDeciding }],
  })
  expect(found.grants[0]?.card).toMatchObject({ channel: expect.stringContaining('C0APPROVE') })
})

test('tells the trail and the openid to the requester, who decides, auditors and operators, and to nobody else', async () => {
  const setting = await createSetting({ policy: { approval } })
  const grant = await setting.give()
  const of = { grantId: grant.id }
  for (const person of [agent, lead, auditor, operator]) {
    expect(await setting.grants.trail({ person, ...of })).toMatchObject({ kind: 'trail' })
    expect(await setting.grants.showOpenid({ person, ...of })).toEqual({
      kind: 'shown',
      openid: grant.openid,
    })
  }
  const others: Person[] = [nobody, { ...agent, id: 'U0AGENT2' }, { ...lead, standing: 'guest' }]
  for (const person of others) {
    expect(await setting.grants.trail({ person, ...of })).toMatchObject({ kind: 'refused' })
    expect(await setting.grants.showOpenid({ person, ...of })).toMatchObject({ kind: 'refused' })
  }
  const shown = (await setting.ledger.eventsOf(grant.id)).filter(({ kind }) => kind === 'openid-shown')
  expect(shown.map(({ actor, subject }) => [actor, subject])).toEqual(
    [agent, lead, auditor, operator].map(({ id }) => [id, grant.subject]),
  )
  expect(await setting.grants.showOpenid({ person: lead, grantId: 'none' })).toEqual({ kind: 'gone' })
  expect(await setting.grants.trail({ person: lead, grantId: 'none' })).toEqual({ kind: 'gone' })
})

test('shows beside a card what the user really got, however much it is, and what is left of the limits', async () => {
  const beside: CardFacts[] = []
  const setting = await createSetting({
    notifier: {
      async draw(card, _grant, beyond) {
        if (card.kind === 'approval') beside.push(beyond)
        return { place: { channel: 'C0APPROVE', ts: card.id } }
      },
    },
  })
  const openid = newOpenid()
  for (let count = 0; count < 22; count++) {
    await setting.give({ openid, stock: count % 2 ? 'withdraw-10' : 'withdraw-50' })
    await setting.issue()
    clock.forward(1)
  }
  const refused = await setting.give({ openid })
  wechatpay().fault({ name: 'refuse', code: 'RULE_LIMIT' })
  await setting.issue()
  expect(await setting.now(refused)).toMatchObject({ state: 'refused' })
  const perUser = { count: 30, quota: null, days: 7 }
  const limits: Policy['limits'] = { ...policyWith().limits, perUser }
  setting.policy = policyOf({ approval, limits })
  const [first] = [await setting.give({ openid }), await setting.give({ openid })]
  await setting.grants.drawDue()
  const { decisions, forDeciding } = beside[0] ?? expect.fail('no card')
  expect(decisions).toEqual([])
  expect(forDeciding).toMatchObject({
    approvers: ['S0LEADS1'],
    given: { days: 7, count: 22 },
    underWay: [{ state: 'pending' }],
    limits: [{ kind: 'user', limit: perUser, used: { count: 24 } }],
    cost: 1,
  })
  expect(forDeciding?.given.latest).toHaveLength(3)
  expect(forDeciding?.ticketUsers).toBe(0)
  // A ticket that serves for several users; who was refused got nothing for it.
  const ticket = 'SUP-77'
  for (let n = 0; n < 3; n++) await setting.give({ ticket })
  await setting.give({ openid, ticket })
  await setting.grants.drawDue()
  expect(beside.at(-1)?.forDeciding).toMatchObject({ ticketUsers: 3 })
  await approve(setting, first)
  await setting.grants.drawDue()
  expect(beside.at(-1)).toMatchObject({ forDeciding: null, decisions: [{ approver: 'U0LEAD1' }] })
})

test('draws the cards of what is pending again for another policy, also where it was in force already', async () => {
  const beside: CardFacts[] = []
  const setting = await createSetting({
    policy: { hash: 'one', approval: approvalWith() },
    notifier: {
      draw: async (card, _grant, facts) => {
        beside.push(facts)
        return { place: { channel: 'C', ts: card.id } }
      },
    },
  })
  const { grants } = setting
  const { policy: one } = setting
  const two = { ...one, hash: 'two', roles: { ...one.roles, approver: ['U0LEAD2'] } }
  const approversDrawn = async () => {
    const before = beside.length
    await grants.drawDue()
    return beside.slice(before).flatMap(({ forDeciding }) => (forDeciding ? [forDeciding.approvers] : []))
  }
  await grants.putInForce(one)
  await setting.give()
  await setting.give({ openid: 'oUpF8uMuAJO_M2pxb1Q9zNjWeS6p' })
  expect(await approversDrawn()).toHaveLength(2)
  // Another replica is the first, and this one draws meanwhile.
  await setting.worker().grants.putInForce(two)
  expect(await approversDrawn()).toEqual([one.roles.approver, one.roles.approver])
  await grants.putInForce(two)
  setting.policy = two
  expect(await approversDrawn()).toEqual([['U0LEAD2'], ['U0LEAD2']])
  // As at the next start.
  await grants.putInForce(two)
  expect(await approversDrawn()).toEqual([])
})

test('takes a policy up once, with what has changed told to the operators', async () => {
  const setting = await createSetting()
  const { grants, ledger } = setting
  const version = (hash: string, text: string) => policyOf({ hash, text })
  await grants.putInForce(version('one', 'a: 1\nb: [x]'))
  await grants.putInForce(version('one', 'a: 1\nb: [x]'))
  await grants.tellNews()
  expect(setting.news).toEqual([])
  await Promise.all([
    grants.putInForce(version('two', 'a: 2\nb: [x]')),
    setting.worker().grants.putInForce(version('two', 'a: 2\nb: [x]')),
  ])
  await grants.putInForce(version('one', 'a: 1\nb: [x]'))
  await grants.reportBrokenPolicy({ en: 'policy.yaml:1:1 is empty', 'zh-CN': 'policy.yaml:1:1 为空' })
  await grants.tellNews()
  expect(setting.news.map(({ news }) => news)).toEqual([
    { kind: 'policy-changed', from: 'one', to: 'two', changes: [{ path: 'a', before: '1', after: '2' }] },
    { kind: 'policy-changed', from: 'two', to: 'one', changes: [{ path: 'a', before: '2', after: '1' }] },
    { kind: 'policy-broken', mistakes: 'policy.yaml:1:1 为空' },
  ])
  expect(await ledger.policyText('two')).toBe('a: 2\nb: [x]')
  const errors = setting.log.filter(({ level }) => level === 'error')
  expect(errors).toEqual([expect.objectContaining({ fields: { mistakes: 'policy.yaml:1:1 is empty' } })])
})

test('makes a found message the card where there is none, and no other one then', async () => {
  const setting = await createSetting({ policy: { approval } })
  const grant = await setting.give()
  const found = { channel: 'C0APPROVE', ts: '1.1' }
  const recognise = (grantId: string, ts: string) =>
    setting.grants.recogniseCard({ grantId, cardId: null }, { ...found, ts })
  expect(await recognise(grant.id, '1.1')).toBe('this')
  expect(await recognise(grant.id, '1.1')).toBe('this')
  expect(await recognise(grant.id, '2.2')).toBe('stray')
  expect(await recognise('no such grant', '1.1')).toBe('unknown')
  await setting.grants.drawDue()
  expect(setting.drawn.find(({ card }) => card.kind === 'approval')?.card.place).toEqual(found)
})

test('asks who can be reached anew, where the policy changed while Slack was asked', async () => {
  const asked: (readonly string[])[] = []
  const setting = await createSetting({
    policy: { approval },
    notifier: {
      async reach({ members }) {
        asked.push(members)
        const roles = { ...policyWith().roles, approver: ['U0NOBODY'] }
        setting.policy = policyOf({ approval, roles })
        return { people: members.includes('U0NOBODY') ? 0 : 1, channel: null }
      },
    },
  })
  await expect(setting.give()).rejects.toThrow('no-approvers')
  expect(asked).toEqual([['S0LEADS1'], ['U0NOBODY']])
})
