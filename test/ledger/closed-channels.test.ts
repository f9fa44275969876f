import { expect, test } from 'vitest'
import type { LedgerOptions } from '../../src/ledger/ledger.ts'
import { engines, openOn } from './engines.ts'
import { record } from './grants.ts'

const worker = 'w'
const lease = 60_000
const approval = { kind: 'approval', recipient: 'C1', language: 'en', place: null } as const
const dm = { kind: 'dm', recipient: 'U1', language: 'en', place: null } as const
const found = { channel: 'C1', code: 'restricted_action', foundBy: 'post', alerts: 'C2' } as const

let users = 0
async function open(engine: (typeof engines)[number], options: Partial<LedgerOptions> = {}) {
  const opened = await openOn(engine, { now: () => 5000, ...options })
  const { ledger, sql } = opened
  const ask = () => {
    users += 1
    const openid = `oTESTuser${String(users).padStart(19, '0')}`
    return record(ledger, { openid, state: 'pending', approvalChannel: 'C1', approvedByRule: null }, [
      approval,
      dm,
    ])
  }
  const claim = async () => {
    await sql('update cards set due_at = 0 where due_at is not null returning id')
    return (await ledger.claimCards({ worker, lease, limit: 50 })).toSorted((a, b) =>
      a.card.id.localeCompare(b.card.id),
    )
  }
  const drawn = async (id: string, version: number, posted: boolean) =>
    ledger.endCards(worker, [{ id, drawn: { version, place: { channel: 'C1', ts: id }, posted } }])
  const notices = async () =>
    (await sql('select kind from notices order by id')).map(({ kind }) => kind as string)
  return { ...opened, ask, claim, drawn, notices }
}

test.each(
  engines,
)('shows what could not be posted as not asked, tells it once, and recovers (%s)', async (engine) => {
  const { ledger, ask, claim, drawn, notices } = await open(engine)
  const [first, second] = [await ask(), await ask()]
  const claimed = await claim()
  for (const { card } of claimed.filter(({ card }) => card.kind === 'approval'))
    expect(await ledger.endCards(worker, [{ id: card.id, retryIn: 60_000, closed: found }])).toEqual([
      card.grantId === first.id ? 'newly-closed' : null,
    ])
  expect(await notices()).toEqual(['channel-closed'])
  expect(await ledger.closedChannels()).toEqual([
    { channel: 'C1', code: 'restricted_action', since: 5000, operatorsTold: false, waiting: 2, asks: 2 },
  ])
  expect((await ledger.grant(second.id))?.notAsked).toEqual({ operatorsTold: false })
  // The requester's message, which was being drawn meanwhile, is due again.
  for (const { card, grant } of claimed.filter(({ card }) => card.kind === 'dm'))
    await ledger.endCards(worker, [
      { id: card.id, drawn: { version: grant.version, place: { channel: 'D', ts: '1' } } },
    ])
  expect((await claim()).filter(({ card }) => card.kind === 'dm')).toMatchObject([
    { grant: { notAsked: { operatorsTold: false } } },
    { grant: { notAsked: { operatorsTold: false } } },
  ])
  await ledger.closedChannelTold('C1')
  const later = await ask()
  for (const { id } of [first, second, later])
    expect((await ledger.grant(id))?.notAsked).toEqual({ operatorsTold: true })

  await ledger.write((tx) => tx.decide({ grantId: second.id, approver: 'U2', kind: 'approve', reason: null }))
  expect((await ledger.grant(second.id))?.notAsked).toBeUndefined()
  const [card] = (await claim()).filter(({ card }) => card.grantId === later.id)
  await drawn(card?.card.id ?? '', card?.grant.version ?? 0, true)
  expect(await ledger.closedChannels()).toEqual([])
  expect((await ledger.grant(first.id))?.notAsked).toBeUndefined()
  expect(await notices()).toEqual(['channel-closed', 'channel-open'])
  const kinds = (await ledger.eventsOf(first.id)).map(({ kind }) => kind)
  expect(kinds).toEqual(['requested', 'channel-closed', 'operators-told', 'channel-open'])
})

test.each(
  engines,
)('takes a channel in which messages are changed, but none are posted, as closed (%s)', async (engine) => {
  const { ledger, ask, claim, drawn } = await open(engine)
  const shown = await ask()
  const approvals = async () => (await claim()).filter(({ card }) => card.kind === 'approval')
  const [posted] = await approvals()
  await drawn(posted?.card.id ?? '', 1, true)
  await ledger.channelClosed({ ...found, code: 'is_archived', foundBy: 'update' })
  expect((await ledger.grant(shown.id))?.notAsked).toBeUndefined()
  expect(await ledger.closedChannels()).toMatchObject([{ code: 'is_archived', asks: 0 }])
  await ledger.write((tx) => tx.event({ grantId: shown.id, kind: 'reminded', actor: 'app' }))
  const [again] = await approvals()
  await drawn(again?.card.id ?? '', 2, false)
  expect(await ledger.closedChannels()).toEqual([])
  await ledger.channelClosed({ ...found, foundBy: 'update' })
  await ledger.channelClosed(found)
  await ledger.write((tx) => tx.event({ grantId: shown.id, kind: 'reminded', actor: 'app' }))
  const [last] = await approvals()
  await drawn(last?.card.id ?? '', 3, false)
  expect(await ledger.closedChannels()).toMatchObject([{ code: 'restricted_action' }])
})

test.each(
  engines,
)('tells operators of no channel where they could only be told in it (%s)', async (engine) => {
  const { ledger, notices } = await open(engine)
  await ledger.channelClosed({ ...found, channel: 'C2' })
  expect(await notices()).toEqual([])
  expect(await ledger.closedChannels()).toMatchObject([{ channel: 'C2', operatorsTold: false, waiting: 0 }])
  await ledger.channelOpen('C2', 'post')
  expect(await ledger.closedChannels()).toEqual([])
  expect(await notices()).toEqual([])
})

test.each(engines)('measures lag from when it began, however often a try has failed (%s)', async (engine) => {
  const { ledger, sql, ask, claim } = await open(engine)
  await ask()
  await ledger.write((tx) => tx.notice({ kind: 'policy-broken', mistakes: 'x' }))
  await sql('update cards set lags_since = lags_since - 400000, due_at = due_at - 400000 returning id')
  await sql('update notices set lags_since = lags_since - 300000, due_at = due_at - 300000 returning id')
  const lags = async () => {
    const { cards, notices } = await ledger.figures()
    return [cards.lag, notices.lag].map((ms) => Math.floor(ms / 100_000))
  }
  expect(await lags()).toEqual([4, 3])
  for (let time = 0; time < 3; time++) {
    for (const { card } of await claim()) await ledger.endCards(worker, [{ id: card.id, retryIn: 300_000 }])
    await sql('update notices set due_at = 0 where due_at is not null returning id')
    const [notice] = await ledger.claimNotices({ worker, lease, limit: 1 })
    await ledger.endNotices(worker, [{ id: notice?.notice.id ?? '', retryIn: 300_000 }])
    expect(await lags()).toEqual([4, 3])
  }

  for (const { card, grant } of await claim())
    await ledger.endCards(worker, [
      { id: card.id, drawn: { version: grant.version, place: { channel: 'C1', ts: '1' } } },
    ])
  expect(await ledger.figures()).toMatchObject({ cards: { due: 0, lag: 0 } })
  await ledger.write(async (tx) => {
    const [grant] = await tx.pendingGrants({ limit: 1 })
    await tx.event({ grantId: grant?.id ?? '', kind: 'reminded', actor: 'app' })
  })
  const { cards } = await ledger.figures()
  expect(cards).toMatchObject({ due: 2 })
  expect(cards.lag).toBeLessThan(30_000)
})

test.each(engines)('measures lag also of what an earlier version has left untold (%s)', async (engine) => {
  const { ledger, sql } = await open(engine)
  await ledger.write((tx) => tx.notice({ kind: 'policy-broken', mistakes: 'x' }))
  await sql('update notices set lags_since = null, due_at = due_at - 300000 returning id')
  const [notice] = await ledger.claimNotices({ worker, lease, limit: 1 })
  await ledger.endNotices(worker, [{ id: notice?.notice.id ?? '', retryIn: 300_000 }])
  expect((await ledger.figures()).notices.lag).toBeGreaterThan(299_000)
})

test.each(
  engines,
)('knows that a channel is open where a card stands that was asked for in another one (%s)', async (engine) => {
  const { ledger, ask, claim } = await open(engine)
  await ask()
  const drawn = async () => {
    const [due] = (await claim()).filter(({ card }) => card.kind === 'approval')
    if (!due) throw new Error('no card is due')
    return due
  }
  const place = { channel: 'C9', ts: '1' }
  const first = await drawn()
  await ledger.endCards(worker, [{ id: first.card.id, drawn: { version: 0, place, posted: true } }])
  const second = await drawn()
  const moved = { ...found, channel: 'C9', code: 'is_archived', foundBy: 'update' as const }
  await ledger.endCards(worker, [{ id: second.card.id, retryIn: 0, closed: moved }])
  expect(await ledger.closedChannels()).toMatchObject([{ channel: 'C9' }])
  const third = await drawn()
  await ledger.endCards(worker, [{ id: third.card.id, drawn: { version: third.grant.version, place } }])
  expect(await ledger.closedChannels()).toEqual([])
})

test.each(
  engines,
)('tells of a channel that closes again and again once a quarter of an hour, while it is closed (%s)', async (engine) => {
  let time = 5000
  const { ledger, sql, notices } = await open(engine, { now: () => time })
  const due = async () =>
    (await sql('select id from notices where due_at is not null order by id')).map(({ id }) => id)
  const tell = async () => {
    await sql('update notices set due_at = null returning id')
    await ledger.closedChannelTold('C1')
  }
  await ledger.channelClosed(found)
  await tell()
  for (let again = 0; again < 5; again++) {
    await ledger.channelOpen('C1', 'post')
    await ledger.channelClosed(found)
  }
  expect(await notices()).toEqual(
    expect.arrayContaining(['channel-closed', 'channel-open', 'channel-closed']),
  )
  expect(await notices()).toHaveLength(3)
  expect(await due()).toHaveLength(2)
  const [{ wait } = { wait: 0 }] = await sql(
    "select due_at as wait from notices where kind = 'channel-closed' and due_at is not null",
  )
  expect(Number(wait) - Date.now()).toBeGreaterThan(14 * 60_000)
  expect((await ledger.figures()).notices.lag).toBeLessThan(60_000)
  await tell()
  time += 15 * 60_000
  await ledger.channelOpen('C1', 'post')
  await ledger.channelClosed(found)
  expect(await notices()).toHaveLength(5)
})
