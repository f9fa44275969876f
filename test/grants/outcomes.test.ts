import { expect, test } from 'vitest'
import { ChannelClosedError } from '../../src/grants/index.ts'
import {
  agent,
  approvalWith,
  createSetting,
  inputWith,
  recorded,
  type Setting,
  useWechatPay,
} from './setting.ts'

useWechatPay()

const lead = { id: 'U0LEAD01', email: null, groups: ['S0LEADS1'], standing: 'member' as const }
const byPeople = { policy: { approval: approvalWith() } }

async function asked({ grants }: Setting, viewId: string | null = null) {
  const { grant } = recorded(await grants.request(inputWith({ viewId })))
  await grants.drawDue()
  return grant
}

/** Lets the moment pass in which other ends may follow. */
const passMoment = ({ sql }: Setting) => sql('update notices set due_at = 0 where due_at is not null')

const said = ({ ends }: Setting) =>
  ends.map(({ outcomes }) => outcomes.map(({ state, grant }) => [grant.id, state]))

test('tells a requester of an end once the lasting message shows it, once', async () => {
  const setting = await createSetting(byPeople)
  const { grants } = setting
  const grant = await asked(setting)
  await grants.decide({ person: lead, grantId: grant.id, decision: 'reject', reason: 'no' })
  await grants.tellNews()
  expect(setting.ends).toEqual([])
  await grants.drawDue()
  await passMoment(setting)
  expect(await grants.tellNews()).toBe(1)
  await grants.drawDue()
  expect(await grants.tellNews()).toBe(0)
  expect(said(setting)).toEqual([[[grant.id, 'rejected']]])
})

test('does not tell requesters of what they did themselves, nor what a new message has just told', async () => {
  const setting = await createSetting(byPeople)
  const { grants } = setting
  const own = await asked(setting)
  await grants.cancel({ person: agent, grantId: own.id, reason: null })
  await grants.drawDue()
  const isNew = await createSetting({
    notifier: {
      draw: async (card) => ({ place: { channel: 'D', ts: card.id }, posted: true, isNews: true }),
    },
  })
  await isNew.give()
  await isNew.issue()
  await isNew.grants.drawDue()
  for (const one of [setting, isNew]) {
    expect(await one.grants.tellNews()).toBe(0)
    expect(one.ends).toEqual([])
  }
})

test('waits until it is known whether an open view shows the end, and tells nobody who has seen it', async () => {
  let isClosed = false
  const draw: Setting['drawn'] = []
  const setting = await createSetting({
    ...byPeople,
    notifier: {
      draw: async (card, grant) => {
        draw.push({ card, grant })
        if (card.kind !== 'view') return { place: card.place ?? { channel: 'D', ts: card.id } }
        if (grant.state === 'pending') return { place: card.place ?? { viewId: '' } }
        if (isClosed) return { gone: true }
        return { gone: true, isShown: true }
      },
    },
  })
  const { grants, sql } = setting
  const seen = await asked(setting, 'V-seen')
  await grants.decide({ person: lead, grantId: seen.id, decision: 'reject', reason: 'no' })
  await grants.drawDue()
  isClosed = true
  const closed = await asked(setting, 'V-closed')
  await grants.decide({ person: lead, grantId: closed.id, decision: 'reject', reason: 'no' })
  await grants.drawDue()
  await passMoment(setting)
  await grants.tellNews()
  expect(said(setting)).toEqual([[[closed.id, 'rejected']]])
  // As long as a view is drawn, a message would tell again what it is about to show.
  const open = await asked(setting, 'V-open')
  await grants.decide({ person: lead, grantId: open.id, decision: 'reject', reason: 'no' })
  await sql(
    `update cards set lease_until = 9000000000000, lease_owner = 'another' where kind = 'view' and gone = 0`,
  )
  await grants.drawDue()
  await passMoment(setting)
  expect(await grants.tellNews()).toBe(0)
  expect(setting.ends).toHaveLength(1)
  await sql(`update cards set lease_until = 0 where kind = 'view' and gone = 0`)
  await grants.drawDue()
  await passMoment(setting)
  await grants.tellNews()
  expect(said(setting)).toEqual([[[closed.id, 'rejected']], [[open.id, 'rejected']]])
})

test('tells only the last of two ends where the first was not told yet', async () => {
  const setting = await createSetting()
  const { grants, ledger } = setting
  const grant = await setting.give()
  await grants.drawDue()
  await ledger.claimDue({ worker: 'w', lease: 1 })
  const refusal = { code: 'SETTLED_NOT_ISSUED', message: '', requestId: null }
  await ledger.write((tx) => tx.step(grant.id, 'refuse', 'U0OPS', { refusal }, { code: refusal.code }))
  await grants.drawDue()
  await ledger.write((tx) => tx.step(grant.id, 'correct', 'wechatpay', { couponId: `C-${grant.id}` }))
  await grants.drawDue()
  await passMoment(setting)
  await grants.tellNews()
  expect(said(setting)).toEqual([[[grant.id, 'issued']]])
  expect(setting.ends[0]?.outcomes[0]?.isAfterAll).toBe(true)
})

test('tells of all that ended while Slack was away for an hour in one message, found again after a lost answer', async () => {
  let isAway = false
  const posts: { id: string; tries: number; grants: string[] }[] = []
  const setting = await createSetting({
    ...byPeople,
    notifier: {
      draw: async (card) => {
        if (isAway) throw new Error('Slack is away')
        return { place: card.place ?? { channel: 'D', ts: card.id } }
      },
      tellOutcomes: async ({ id, tries }, outcomes) => {
        posts.push({ id, tries, grants: outcomes.map(({ grant }) => grant.id) })
        if (tries === 0) throw new Error('the answer was lost')
        return true
      },
    },
  })
  const { grants, sql } = setting
  const other = { ...agent, id: 'U0AGENT2' }
  const asks = []
  for (let count = 0; count < 12; count++) asks.push(await asked(setting))
  const { grant: others } = recorded(await grants.request(inputWith({ person: other })))
  await grants.drawDue()
  isAway = true
  for (const { id } of [...asks, others])
    await grants.decide({ person: lead, grantId: id, decision: 'reject', reason: 'no' })
  for (let tries = 0; tries < 3; tries++) {
    await sql('update cards set due_at = 0 where due_at is not null')
    await grants.drawDue()
  }
  isAway = false
  // The first that Slack takes has the others of the same person drawn at once, whenever their next tries would be.
  await sql('update cards set due_at = 9000000000000 where due_at is not null')
  for (const recipient of [agent.id, other.id])
    await sql(`update cards set due_at = 0 where id =
      (select min(id) from cards where recipient = '${recipient}' and due_at is not null)`)
  await grants.drawDue()
  await grants.tellNews()
  expect(posts).toEqual([])
  // One is due: what is about to be goes with it.
  await sql(`update notices set due_at = 0 where id in
    (select min(n.id) from notices n join grants g on g.id = n.grant_id group by g.requester)`)
  await grants.tellNews()
  await passMoment(setting)
  await grants.tellNews()
  await passMoment(setting)
  expect(await grants.tellNews()).toBe(0)
  const ids = asks.map(({ id }) => id)
  expect(posts.map(({ id, ...post }) => post).toSorted((one, two) => one.tries - two.tries)).toEqual(
    [0, 1].flatMap((tries) => [
      { tries, grants: ids },
      { tries, grants: [others.id] },
    ]),
  )
  expect(new Set(posts.map(({ id }) => id)).size).toBe(2)
})

test('tells again what could not be told, and takes direct messages as open once it is', async () => {
  let isAway = true
  const tried: number[] = []
  const setting = await createSetting({
    ...byPeople,
    notifier: {
      tellOutcomes: async ({ tries }) => {
        tried.push(tries)
        if (isAway)
          throw new ChannelClosedError({
            channel: 'direct-messages',
            code: 'messages_tab_disabled',
            foundBy: 'post',
          })
        return true
      },
    },
  })
  const { grants, ledger, sql } = setting
  const grant = await asked(setting)
  await grants.decide({ person: lead, grantId: grant.id, decision: 'reject', reason: 'no' })
  await grants.drawDue()
  await passMoment(setting)
  await grants.tellNews()
  expect(tried).toEqual([0])
  expect(await ledger.closedChannels()).toMatchObject([{ channel: 'direct-messages' }])
  isAway = false
  await sql(`update notices set due_at = 0 where kind = 'outcome'`)
  await grants.tellNews()
  expect(tried).toEqual([0, 1])
  expect(await ledger.closedChannels()).toEqual([])
})

test('tells of an end after a crash at any step, once a lease has run out', async () => {
  const setting = await createSetting(byPeople)
  const { grants, ledger, sql } = setting
  const grant = await asked(setting)
  await grants.decide({ person: lead, grantId: grant.id, decision: 'reject', reason: 'no' })
  // Killed while it was drawn, and while it was told.
  await ledger.claimCards({ worker: 'killed', lease: 1, limit: 10 })
  await setting.passLeases()
  await grants.drawDue()
  await passMoment(setting)
  await ledger.claimNotices({ worker: 'killed', lease: 1, limit: 10 })
  await sql('update notices set lease_until = 0')
  await grants.tellNews()
  expect(said(setting)).toEqual([[[grant.id, 'rejected']]])
  expect(setting.ends[0]?.notice.tries).toBe(1)
})
