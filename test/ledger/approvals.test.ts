import { expect, test } from 'vitest'
import type { Grant } from '../../src/domain/grant.ts'
import type { Ledger } from '../../src/ledger/ledger.ts'
import { engines, openOn } from './engines.ts'
import { dm, record } from './grants.ts'

const worker = 'worker-1'
const LEASE = 60_000
const HOUR = 3_600_000

function pending(ledger: Ledger, change: Parameters<typeof record>[1] = {}, cards = [dm]): Promise<Grant> {
  return record(
    ledger,
    {
      state: 'pending',
      approvedByRule: null,
      approvalsNeeded: 2,
      approvalChannel: 'C0APPROVE',
      approvalReason: { code: 'above-quota', max: 500 },
      ...change,
    },
    cards,
  )
}

const approvalCard = { kind: 'approval', recipient: 'C0APPROVE', language: 'zh-CN', place: null } as const

test.each(
  engines,
)('keeps one decision of each approver, and lets who approved still reject (%s)', async (engine) => {
  const { ledger } = await openOn(engine)
  const { id } = await pending(ledger)
  const say = (approver: string, kind: 'approve' | 'reject', reason: string | null = null) =>
    ledger.write((tx) => tx.decide({ grantId: id, approver, kind, reason }))
  expect(await say('U1', 'approve')).toBe(true)
  expect(await say('U1', 'approve')).toBe(false)
  expect(await say('U2', 'approve')).toBe(true)
  expect(await say('U1', 'reject', 'changed my mind')).toBe(true)
  expect(await say('U1', 'approve')).toBe(false)
  const said = await ledger.decisionsOf(id)
  expect(said.map(({ approver, kind, reason }) => [approver, kind, reason]).sort()).toEqual([
    ['U1', 'reject', 'changed my mind'],
    ['U2', 'approve', null],
  ])
})

test.each(engines)('remembers why people decide, who ended it and why (%s)', async (engine) => {
  const { ledger } = await openOn(engine)
  const { id, approvalReason } = await pending(ledger)
  expect(approvalReason).toEqual({ code: 'above-quota', max: 500 })
  const said = 'not <!channel>'
  await ledger.write((tx) => tx.step(id, 'reject', 'U1', { ended: { by: 'U1' }, said }))
  expect(await ledger.grant(id)).toMatchObject({ state: 'rejected', ended: { by: 'U1', reason: said } })
  expect((await ledger.eventsOf(id)).at(-1)).toMatchObject({ kind: 'reject', said })
})

test.each(engines)('finds what has run out of its time, and nothing before (%s)', async (engine) => {
  const now = Date.now()
  const { ledger } = await openOn(engine)
  const soon = await pending(ledger, { expiresAt: now + HOUR })
  await pending(ledger, { expiresAt: now + 3 * HOUR })
  const approved = await record(ledger, { issueBy: now + HOUR })
  await record(ledger, { issueBy: null })
  expect(await ledger.lateGrants(now + HOUR - 1)).toEqual([])
  const late = await ledger.lateGrants(now + HOUR)
  expect(late.map(({ id }) => id).sort()).toEqual([soon.id, approved.id].sort())
})

test.each(
  engines,
)('claims no approved grant whose time has run out, but goes on with one that was begun (%s)', async (engine) => {
  let now = Date.now()
  const { ledger } = await openOn(engine, { now: () => now })
  const begun = await record(ledger, { issueBy: now + HOUR })
  await ledger.claimDue({ worker, lease: 0 })
  await record(ledger, { openid: 'somebody-else', issueBy: now + HOUR })
  now += HOUR
  await new Promise((resolve) => setTimeout(resolve, 5))
  await ledger.endLost()
  expect((await ledger.claimDue({ worker, lease: LEASE }))[0]?.grant.id).toBe(begun.id)
  expect(await ledger.claimDue({ worker, lease: LEASE })).toEqual([])
})

test.each(engines)('is reminded of by its time, and no more once it is decided (%s)', async (engine) => {
  const now = Date.now()
  const { ledger } = await openOn(engine)
  const { id } = await pending(ledger, { remindAt: now + HOUR })
  expect(await ledger.grantsToRemindOf(now)).toEqual([])
  expect(await ledger.grantsToRemindOf(now + HOUR)).toMatchObject([{ id }])
  const votes = { have: 1, needed: 1 }
  await ledger.write((tx) => tx.step(id, 'approve', 'U1', { issueBy: now + 9 * HOUR }, votes))
  expect(await ledger.grantsToRemindOf(now + HOUR)).toEqual([])
})

test.each(
  engines,
)('tells news once, in the thread of its card, and again when it was not told (%s)', async (engine) => {
  const { ledger } = await openOn(engine)
  const { id } = await pending(ledger, {}, [approvalCard])
  await ledger.write(async (tx) => {
    await tx.notice({ kind: 'reminder', grantId: id })
    await tx.notice({ kind: 'policy-broken', mistakes: 'policy.yaml:1:1 is empty' })
  })
  const claim = () => ledger.claimNotices({ worker, lease: LEASE, limit: 1 })
  const first = (await claim())[0] ?? expect.fail('nothing to tell')
  expect(first).toMatchObject({
    notice: { news: { kind: 'reminder', grantId: id }, tries: 0 },
    grant: { id },
    thread: null,
  })
  await ledger.endNotices(worker, [{ id: first.notice.id, retryIn: 0 }])
  const [second] = await claim()
  expect(second).toMatchObject({ notice: { news: { kind: 'policy-broken' } }, grant: null })
  await ledger.endNotices(worker, [{ id: second?.notice.id ?? '', retryIn: null }])
  const [card] = await ledger.cardsOf(id)
  const place = { channel: 'C0APPROVE', ts: '1.2' }
  expect(await ledger.adoptCard(card?.id ?? '', place)).toBe(true)
  // Whoever drew it may have noted its place between a click's look and this.
  expect(await ledger.adoptCard(card?.id ?? '', place)).toBe(true)
  expect(await ledger.adoptCard(card?.id ?? '', { channel: 'C0APPROVE', ts: '3.4' })).toBe(false)
  expect(await claim()).toMatchObject([
    {
      notice: { id: first.notice.id, tries: 1 },
      thread: place,
    },
  ])
  expect(await claim()).toEqual([])
})

test.each(engines)('knows the policy in force, also on a clock that was set back (%s)', async (engine) => {
  let now = Date.now()
  const { ledger } = await openOn(engine, { now: () => now })
  const put = (hash: string) => ledger.write((tx) => tx.putInForce({ hash, text: `text of ${hash}` }))
  expect(await put('one')).toBeNull()
  expect(await put('one')).toBeUndefined()
  now -= HOUR
  expect(await put('two')).toEqual({ hash: 'one', text: 'text of one' })
  expect(await put('two')).toBeUndefined()
  expect(await put('one')).toEqual({ hash: 'two', text: 'text of two' })
  expect(await ledger.policyText('two')).toBe('text of two')
})

test.each(
  engines,
)('has the cards of what is pending follow the latest policy, some at a time (%s)', async (engine) => {
  const { ledger } = await openOn(engine)
  const put = (hash: string) =>
    ledger.write(async (tx) => {
      await tx.putInForce({ hash, text: hash })
      await tx.showPolicy(hash)
    })
  const [a, b, c] = [await pending(ledger), await pending(ledger), await pending(ledger)]
  await record(ledger, { openid: 'approved' })
  const follow = async () => {
    const made = await ledger.followUp({ limit: 2 })
    const due = await ledger.claimCards({ worker, lease: LEASE, limit: 20 })
    for (const { card, grant } of due)
      await ledger.endCards(worker, [
        { id: card.id, drawn: { version: grant.version, place: { viewId: card.id } } },
      ])
    return { made, due: [...new Set(due.map(({ grant }) => grant.id))].toSorted() }
  }
  await follow()
  await put('one')
  expect(await follow()).toEqual({ made: 2, due: [b.id, c.id] })
  await put('two')
  expect(await follow()).toEqual({ made: 2, due: [b.id, c.id] })
  expect(await follow()).toEqual({ made: 1, due: [a.id] })
  expect(await follow()).toEqual({ made: 0, due: [] })
})

test.each(
  engines,
)('lists what waits, what somebody asked for and what a user was given (%s)', async (engine) => {
  const { ledger } = await openOn(engine)
  const first = await pending(ledger)
  const second = await pending(ledger, { requester: 'U0OTHER' })
  const third = await record(ledger, { openid: 'somebody-else' })
  const ids = (grants: Grant[]) => grants.map(({ id }) => id)
  expect(ids(await ledger.pendingGrants({ limit: 10 }))).toEqual([first.id, second.id])
  expect(ids(await ledger.pendingGrants({ limit: 1 }))).toEqual([first.id])
  const mine = { of: { requester: first.requester }, limit: 1 }
  expect(ids(await ledger.grantsOf({ ...mine, offset: 0 }))).toEqual([third.id])
  expect(ids(await ledger.grantsOf({ ...mine, offset: 1 }))).toEqual([first.id])
  const ofUser = { of: { openid: first.openid }, offset: 0, limit: 9 }
  expect(ids(await ledger.grantsOf(ofUser))).toEqual([second.id, first.id])
})

test.each(
  engines,
)('tells the same faults of the set-up once a day, and others at once (%s)', async (engine) => {
  const { ledger } = await openOn(engine)
  const blocked = (what: string, seconds: string) =>
    ledger.write((tx) =>
      tx.notice({ kind: 'set-up-blocked', what, findings: [{ code: 'clock-wrong', values: { seconds } }] }),
    )
  await blocked('clock', '600')
  await blocked('clock', '601')
  await blocked('clock and channel', '602')
  const claimed = await ledger.claimNotices({ worker, lease: LEASE, limit: 9 })
  expect(claimed.map(({ notice }) => notice.news)).toMatchObject([
    { what: 'clock', findings: [{ values: { seconds: '600' } }] },
    { what: 'clock and channel' },
  ])
})
