import { expect, test } from 'vitest'
import type { GrantState } from '../../src/domain/grant.ts'
import type { CardEnd, Ledger, NewCard } from '../../src/ledger/ledger.ts'
import { engines, openOn } from './engines.ts'
import { dm, record } from './grants.ts'

const worker = 'worker-1'
const LEASE = 30_000
const view: NewCard = { ...dm, kind: 'view', place: { viewId: 'V1' } }

const notices = (ledger: Ledger) => ledger.claimNotices({ worker, lease: LEASE, limit: 10 })

/** The same once the moment has passed in which other ends may follow. */
async function later({ ledger, sql }: { ledger: Ledger; sql: (text: string) => Promise<unknown> }) {
  await sql('update notices set due_at = 0 where due_at is not null and lease_owner is null')
  return notices(ledger)
}

/** A pending grant with these cards, which ends as `end` says. */
async function ended(ledger: Ledger, cards: NewCard[], end: 'expire' | 'reject' = 'reject') {
  const grant = await record(ledger, { state: 'pending' }, cards)
  await ledger.write((tx) => tx.step(grant.id, end, 'U0LEAD', { ended: { by: 'U0LEAD' } }))
  return grant
}

/** Draws what is due of these kinds, as the app does it: the requester's message tells of the end. */
async function draw(
  ledger: Ledger,
  state: GrantState,
  how: Partial<Record<'view' | 'dm', 'shown' | 'closed'>>,
) {
  const ends: CardEnd[] = []
  for (const { card, grant } of await ledger.claimCards({ worker, lease: LEASE, limit: 10 })) {
    const as = card.kind === 'approval' ? undefined : how[card.kind]
    const { version } = grant
    if (as === undefined) ends.push({ id: card.id, retryIn: 0 })
    else if (card.kind === 'view')
      ends.push({ id: card.id, drawn: { version, gone: true, ...(as === 'shown' && { shows: state }) } })
    else
      ends.push({
        id: card.id,
        drawn: { version, place: { channel: 'D1', ts: card.id }, shows: state },
        outcome: { grantId: grant.id, state, isQuiet: false, isLate: false },
      })
  }
  await ledger.endCards(worker, ends)
}

test.each(engines)('keeps an end to be told once, however often its card is drawn (%s)', async (engine) => {
  const place = await openOn(engine)
  const { ledger } = place
  const grant = await ended(ledger, [dm])
  await draw(ledger, 'rejected', { dm: 'shown' })
  await ledger.write((tx) => tx.event({ grantId: grant.id, kind: 'reminded', actor: 'app' }))
  await draw(ledger, 'rejected', { dm: 'shown' })
  expect(await notices(ledger)).toEqual([])
  const [due, ...others] = await later(place)
  expect(others).toEqual([])
  expect(due).toMatchObject({
    notice: { news: { kind: 'outcome', grantId: grant.id, state: 'rejected', also: [] }, tries: 0 },
    outcomes: [
      {
        state: 'rejected',
        grant: { id: grant.id, state: 'rejected' },
        card: { kind: 'dm', place: { channel: 'D1' }, shown: 'rejected' },
        view: null,
        isAfterAll: false,
      },
    ],
  })
  await ledger.endNotices(worker, [{ id: due?.notice.id ?? '', retryIn: null }])
  await ledger.write((tx) => tx.event({ grantId: grant.id, kind: 'reminded', actor: 'app' }))
  await draw(ledger, 'rejected', { dm: 'shown' })
  expect(await later(place)).toEqual([])
})

test.each(engines)('keeps no end that the view after the submission has shown (%s)', async (engine) => {
  const { ledger, sql } = await openOn(engine)
  await ended(ledger, [view, dm])
  await draw(ledger, 'rejected', { view: 'shown' })
  await draw(ledger, 'rejected', { dm: 'shown' })
  await ended(ledger, [view, dm], 'expire')
  // Given back together.
  await draw(ledger, 'expired', { view: 'shown', dm: 'shown' })
  expect(await sql('select id from notices')).toEqual([])
})

test.each(
  engines,
)('tells with others where the view was closed, and alone what an open one may show (%s)', async (engine) => {
  const place = await openOn(engine)
  const { ledger, sql } = place
  const closed = await ended(ledger, [view, dm])
  await draw(ledger, 'rejected', { view: 'closed' })
  await draw(ledger, 'rejected', { dm: 'shown' })
  const open = await ended(ledger, [view, dm], 'expire')
  await draw(ledger, 'expired', { dm: 'shown' })
  const due = await later(place)
  expect(due.map(({ outcomes }) => outcomes.map(({ grant, view }) => [grant.id, view?.isOpen]))).toEqual([
    [[closed.id, false]],
    [[open.id, true]],
  ])
  await draw(ledger, 'expired', { view: 'shown' })
  await sql('update notices set lease_until = 0')
  const views = (await notices(ledger)).flatMap(({ outcomes }) => outcomes.map((one) => one.view?.shown))
  expect(views).toContain('expired')
})

test.each(engines)('has one notice tell what ends within a moment, by requester (%s)', async (engine) => {
  const place = await openOn(engine)
  const { ledger, sql } = place
  const end = async (recipient: string) => {
    const grant = await record(ledger, { state: 'pending', requester: recipient }, [{ ...dm, recipient }])
    await ledger.write((tx) => tx.step(grant.id, 'reject', 'U0LEAD', { ended: { by: 'U0LEAD' } }))
    return grant.id
  }
  const ids = [await end('U1'), await end('U2'), await end('U1'), await end('U1')]
  await draw(ledger, 'rejected', { dm: 'shown' })
  await sql(`update notices set due_at = 0 where grant_id = '${ids[0]}'`)
  const told = (due: Awaited<ReturnType<typeof notices>>) =>
    due.map(({ notice, outcomes }) => [notice.tries, ...outcomes.map(({ grant }) => grant.id)])
  const [first] = [await notices(ledger)]
  expect(told(first)).toEqual([[0, ids[0], ids[2], ids[3]]])
  // What may have been posted takes no other along.
  const next = await end('U1')
  await draw(ledger, 'rejected', { dm: 'shown' })
  await ledger.endNotices(
    worker,
    first.map(({ notice: { id } }) => ({ id, retryIn: 0 })),
  )
  expect(told(await later(place)).toSorted()).toEqual(
    [
      [0, ids[1]],
      [0, next],
      [1, ids[0], ids[2], ids[3]],
    ].toSorted(),
  )
})

test.each(engines)('keeps an end that comes after another one as one of its own (%s)', async (engine) => {
  const place = await openOn(engine)
  const { ledger } = place
  const grant = await record(ledger)
  const [claimed] = await ledger.claimDue({ worker, lease: LEASE })
  const refusal = { code: 'SETTLED_NOT_ISSUED', message: '', requestId: null }
  await ledger.write((tx) => tx.step(grant.id, 'refuse', 'U0OPS', { refusal }, { code: refusal.code }))
  expect(claimed?.grant.id).toBe(grant.id)
  await draw(ledger, 'refused', { dm: 'shown' })
  await ledger.write((tx) => tx.step(grant.id, 'correct', 'wechatpay', { couponId: 'C1' }))
  await draw(ledger, 'issued', { dm: 'shown' })
  const due = await later(place)
  expect(due.flatMap(({ outcomes }) => outcomes)).toMatchObject([
    { state: 'issued', grant: { state: 'issued' }, isAfterAll: true },
    { state: 'refused', grant: { state: 'issued' }, isAfterAll: true },
  ])
})

test.each(
  engines,
)('tells what waited for the end of the quiet hours together, by requester (%s)', async (engine) => {
  const { ledger, sql } = await openOn(engine)
  const quiet = async (requester: string) => {
    const { id, version } = await record(ledger, { state: 'pending', requester }, [
      { ...dm, recipient: requester },
    ])
    await ledger.write((tx) => tx.step(id, 'reject', 'U0LEAD', { ended: { by: 'U0LEAD' } }))
    const [due] = await ledger.claimCards({ worker, lease: LEASE, limit: 1 })
    await ledger.endCards(worker, [
      {
        id: due?.card.id ?? '',
        drawn: { version: version + 1, place: { channel: 'D1', ts: id }, shows: 'rejected' },
        outcome: { grantId: id, state: 'rejected', isQuiet: true, isLate: false },
      },
    ])
    return id
  }
  const [one, two, other] = [await quiet('U1'), await quiet('U1'), await quiet('U2')]
  expect(await notices(ledger)).toEqual([])
  expect(await ledger.endQuiet()).toBe(3)
  expect(await ledger.endQuiet()).toBe(0)
  const due = await notices(ledger)
  expect(due.map(({ outcomes }) => outcomes.map(({ grant }) => grant.id)).toSorted()).toEqual([
    [one, two],
    [other],
  ])
  // What was begun to be told when they began may have been posted: it stays by itself.
  await ledger.endNotices(
    worker,
    due.map(({ notice: { id } }) => ({ id, isQuiet: true as const })),
  )
  await quiet('U1')
  await ledger.endQuiet()
  expect(await notices(ledger)).toHaveLength(3)
  expect(await sql('select id from notices where is_quiet = 1')).toEqual([])
})
