import { expect, test } from 'vitest'
import { CommitUncertainError, LedgerBusyError, type LedgerTx } from '../../src/ledger/ledger.ts'
import { engines, openOn, placeOn } from './engines.ts'
import { dm, newGrant, record, stock } from './grants.ts'

const LEASE = 60_000
const worker = 'worker-1'
const openid = newGrant().openid

test.each(engines)('keeps a grant as it was asked for, with trail and card (%s)', async (engine) => {
  const { ledger } = await openOn(engine, { now: () => 1_800_000_000_000 })
  const asked = newGrant({ note: 'sorry', ticket: 'SUP-1' })
  const grant = await ledger.write((tx) => tx.recordGrant(asked, [dm]))
  const { submission, remindAt: _, escalateAt: ___, day: __, ...kept } = asked
  expect(grant).toMatchObject({ ...kept, createdAt: 1_800_000_000_000, attempts: 0, version: 2 })
  expect(grant.sendRequestNo).toMatch(/^[0-9A-Z]{1,32}$/)
  expect(await ledger.grant(grant.id)).toEqual(grant)
  expect(await ledger.grantOfSubmission(submission)).toEqual(grant)
  expect((await ledger.eventsOf(grant.id)).map(({ kind }) => kind)).toEqual(['requested', 'approved-by-rule'])
  expect(await ledger.cardsOf(grant.id)).toMatchObject([{ ...dm, grantId: grant.id, tries: 0 }])
  expect(await ledger.openGrantsOf({ openid })).toEqual([grant])
  expect(await ledger.openGrantsOf({ openid, appid: 'another' })).toEqual([])
})

test.each(engines)('refuses a second grant of the same form (%s)', async (engine) => {
  const { ledger } = await openOn(engine)
  await record(ledger, { submission: 'view-1' })
  await expect(record(ledger, { submission: 'view-1' })).rejects.toThrow(/unique/i)
})

test.each(engines)('lets only one of two connections have the last of a limit (%s)', async (engine) => {
  const place = await openOn(engine)
  const other = await place.open()
  const ask = async (tx: LedgerTx) => {
    const { count } = await tx.usage({ by: { openid }, from: 0 })
    await new Promise((resolve) => setImmediate(resolve))
    return count >= 3 ? null : tx.recordGrant(newGrant(), [])
  }
  const asks = Array.from({ length: 10 }, (_, index) => (index % 2 ? place.ledger : other).write(ask))
  const recorded = (await Promise.all(asks)).filter((grant) => grant !== null)
  expect(recorded).toHaveLength(3)
  expect(await other.usage({ by: { openid }, from: 0 })).toEqual({ count: 3, quota: 3000 })
})

test.each(
  engines,
)('counts what holds a place in a limit, and what was given of it lately (%s)', async (engine) => {
  const { ledger } = await openOn(engine)
  await record(ledger, { quota: 100, day: 20261124 })
  const cancelled = await record(ledger)
  await ledger.write((tx) => tx.step(cancelled.id, 'cancel', 'U0'))
  const pending = await record(ledger, { state: 'pending', approvedByRule: null, quota: 300, day: 20261125 })
  const usage = (from: number) => ledger.usage({ by: { stockRef: '1900000001/1304490000000059' }, from })
  expect(await usage(0)).toEqual({ count: 2, quota: 400 })
  expect(await usage(20261125)).toEqual({ count: 1, quota: 300 })
  expect(await ledger.usage({ by: { requester: 'U0REQUESTER' }, rule: 'small', from: 0 })).toEqual({
    count: 1,
    quota: 100,
  })
  expect(await ledger.usage({ by: { openid: 'nobody' }, from: 0 })).toEqual({ count: 0, quota: 0 })
  const { appid, stockId } = pending
  expect(await ledger.latestGrant({ openid, appid, stockRef: stock.ref, since: 0 })).toEqual(pending)
  expect(await ledger.stocksOf(openid)).toMatchObject([{ stockId, stock: 'withdraw-10' }])
})

test.each(engines)('takes a step only from the states that allow it (%s)', async (engine) => {
  const { ledger } = await openOn(engine)
  const grant = await record(ledger, { state: 'pending', approvedByRule: null })
  const both = await Promise.all(
    (['approve', 'reject'] as const).map((step) => ledger.write((tx) => tx.step(grant.id, step, 'U0'))),
  )
  expect(both.filter((taken) => taken !== null)).toHaveLength(1)
  await expect(ledger.write((tx) => tx.step(grant.id, 'fly' as 'reject', 'U0'))).rejects.toThrow(
    'there is no step fly',
  )
})

test.each(engines)('issues a grant once, by one attempt of one worker (%s)', async (engine) => {
  const place = await openOn(engine)
  const other = await place.open()
  const grant = await record(place.ledger)
  const claims = await Promise.all([
    place.ledger.claimDue({ worker, lease: LEASE }),
    other.claimDue({ worker: 'worker-2', lease: LEASE }),
  ])
  expect(claims.map(({ length }) => length).sort()).toEqual([0, 1])
  const [claim] = claims.flat()
  expect(claim?.grant).toMatchObject({ id: grant.id, state: 'issuing', attempts: 1, maybeExecutedAt: null })
  const attempt = claim?.attempt ?? expect.fail('not claimed')
  const issued = await place.ledger.write(async (tx) => {
    expect(
      await tx.closeAttempt(attempt.id, attempt.worker, { outcome: 'issued', maybeExecuted: false }),
    ).toBe(true)
    return tx.step(grant.id, 'issue', 'wechatpay', { couponId: 'c1', couponExpiresAt: 5, dueIn: null })
  })
  expect(issued).toMatchObject({ state: 'issued', couponId: 'c1', couponExpiresAt: 5 })
  expect(await other.grantsByCouponIds(['c1', 'c2'])).toEqual([issued])
  expect(await other.claimDue({ worker, lease: LEASE })).toEqual([])
  expect(await other.attemptsOf(grant.id)).toMatchObject([{ number: 1, outcome: 'issued' }])
  expect(issued?.version).toBe((await other.eventsOf(grant.id)).length)
  const again = record(place.ledger).then(async ({ id }) => {
    await other.claimDue({ worker, lease: LEASE })
    return other.write((tx) => tx.step(id, 'issue', 'wechatpay', { couponId: 'c1' }))
  })
  await expect(again).rejects.toThrow(/unique/i)
})

test.each(
  engines,
)('takes over when a lease has run out, and counts the lost attempt as maybe executed (%s)', async (engine) => {
  const { ledger } = await openOn(engine)
  const grant = await record(ledger)
  const first = (await ledger.claimDue({ worker, lease: 0 }))[0] ?? expect.fail('not claimed')
  await new Promise((resolve) => setTimeout(resolve, 5))
  expect(await ledger.claimDue({ worker: 'worker-2', lease: LEASE })).toEqual([])
  expect(await ledger.endLost()).toBe(1)
  const [second] = await ledger.claimDue({ worker: 'worker-2', lease: LEASE })
  expect(second?.grant).toMatchObject({ attempts: 2, flag: { kind: 'checking', reason: 'lost' } })
  expect(second?.grant.maybeExecutedAt).not.toBeNull()
  const end = { outcome: 'refused', maybeExecuted: false }
  expect(await ledger.write((tx) => tx.closeAttempt(first.attempt.id, worker, end))).toBe(false)
  expect(await ledger.attemptsOf(grant.id)).toMatchObject([
    { outcome: 'lost', maybeExecuted: true },
    { outcome: null },
  ])
  // The first worker had the coupon all the same; nobody else of this user waits for the second.
  await ledger.write((tx) => tx.step(grant.id, 'issue', 'wechatpay', { couponId: 'c1' }))
  expect((await ledger.attemptsOf(grant.id))[1]).toMatchObject({ outcome: 'overtaken' })
})

test.each(
  engines,
)('makes grants of the same user wait for an attempt, and of the same stock for its outcome (%s)', async (engine) => {
  const { ledger } = await openOn(engine)
  const first = await record(ledger)
  const sameStock = await record(ledger)
  const otherStock = await record(ledger, { stock: 'withdraw-20', stockId: '2' })
  const otherUser = await record(ledger, { openid: 'somebody-else' })
  const [claim] = await ledger.claimDue({ worker, lease: LEASE })
  expect(claim?.grant.id).toBe(first.id)
  expect((await ledger.claimDue({ worker, lease: LEASE }))[0]?.grant.id).toBe(otherUser.id)
  expect(await ledger.claimDue({ worker, lease: LEASE })).toEqual([])
  await ledger.write(async (tx) => {
    await tx.closeAttempt(claim?.attempt.id ?? '', worker, { outcome: 'unknown', maybeExecuted: true })
    await tx.change(first.id, ['issuing'], 'outcome-unknown', 'app', { dueIn: LEASE })
  })
  expect((await ledger.claimDue({ worker, lease: LEASE }))[0]?.grant.id).toBe(otherStock.id)
  expect(await ledger.claimDue({ worker, lease: LEASE })).toEqual([])
  expect((await ledger.grant(sameStock.id))?.state).toBe('approved')
})

test.each(
  engines,
)('ends an attempt that was cut off though its grant is paused, so that it stands in no other grant’s way (%s)', async (engine) => {
  const { ledger } = await openOn(engine)
  const paused = await record(ledger)
  const other = await record(ledger, { stock: 'withdraw-50', stockId: '1304490000000060' })
  await ledger.claimDue({ worker: 'dead', lease: 1 })
  await ledger.write((tx) =>
    tx.beginHold({ kind: 'paused', stock, reason: 'paused', message: '', by: 'U0OPERATOR' }),
  )
  await new Promise((resolve) => setTimeout(resolve, 5))
  await ledger.endLost()
  expect((await ledger.claimDue({ worker, lease: LEASE }))[0]?.grant.id).toBe(other.id)
  expect(await ledger.attemptsOf(paused.id)).toMatchObject([{ outcome: 'lost', maybeExecuted: true }])
  const left = await ledger.grant(paused.id)
  expect(left).toMatchObject({ state: 'issuing', flag: { kind: 'checking', reason: 'lost' } })
  expect(left?.maybeExecutedAt).not.toBeNull()
  expect((await ledger.eventsOf(paused.id)).map(({ kind }) => kind)).toContain('attempt-lost')
})

test.each(engines)('releases a grant to be due later (%s)', async (engine) => {
  const { ledger, sql } = await openOn(engine)
  const grant = await record(ledger, {}, [])
  const [claim] = await ledger.claimDue({ worker, lease: LEASE })
  await ledger.write(async (tx) => {
    await tx.closeAttempt(claim?.attempt.id ?? '', worker, { outcome: 'not-executed', maybeExecuted: false })
    await tx.step(grant.id, 'release', 'app', { dueIn: 30_000 })
  })
  expect(await ledger.claimDue({ worker, lease: LEASE })).toEqual([])
  const [row] = await sql('select due_at from grants')
  const dueIn = Number(row?.due_at) - Date.now()
  expect(dueIn).toBeGreaterThan(20_000)
  expect(dueIn).toBeLessThanOrEqual(30_000)
})

test.each(
  engines,
)('holds what it must, lets one probe through, and goes on at its end (%s)', async (engine) => {
  const { ledger, sql } = await openOn(engine)
  const first = await record(ledger)
  const hold = { kind: 'all', reason: 'SIGN_ERROR', message: 'wrong key' } as const
  expect(await ledger.write((tx) => tx.beginHold(hold))).toBe(true)
  expect(await ledger.write((tx) => tx.beginHold(hold))).toBe(false)
  const later = await record(ledger, { openid: 'somebody-else' })
  expect(later.hold?.reason).toBe('SIGN_ERROR')
  expect((await ledger.grant(first.id))?.hold?.reason).toBe('SIGN_ERROR')
  expect(await ledger.claimDue({ worker, lease: LEASE })).toEqual([])

  await sql('update holds set probe_at = 0')
  const [probe] = await ledger.claimDue({ worker, lease: LEASE })
  expect(probe?.grant.id).toBe(first.id)
  expect(await ledger.claimDue({ worker, lease: LEASE })).toEqual([])

  const claimUntold = async () => (await ledger.claimUntoldHolds({ worker, lease: LEASE, limit: 1 }))[0]
  const untold = await claimUntold()
  expect(untold).toMatchObject({ hold: { kind: 'all', waiting: 2, endedAt: null }, place: null })
  const place = { channel: 'C1', ts: '1.0' }
  await ledger.endUntoldHolds(worker, [{ id: untold?.hold.id ?? '', told: { ended: false, place } }])
  expect(await claimUntold()).toBeUndefined()

  await ledger.write((tx) => tx.endHolds({ scopes: [{ kind: 'all' }, { kind: 'stock', stockRef: 'none' }] }))
  expect(await claimUntold()).toMatchObject({ hold: { kind: 'all' }, place })
  expect((await ledger.grant(later.id))?.hold).toBeNull()
  expect((await ledger.claimDue({ worker, lease: LEASE }))[0]?.grant.id).toBe(later.id)
  expect((await ledger.eventsOf(later.id)).map(({ kind }) => kind)).toEqual([
    'requested',
    'approved-by-rule',
    'held',
    'resumed',
    'attempt',
  ])
})

test.each(engines)('goes on holding what another hold stops as well (%s)', async (engine) => {
  const { ledger, sql } = await openOn(engine)
  const held = await record(ledger)
  const begin = (kind: 'first-attempts' | 'stock') =>
    ledger.write((tx) =>
      tx.beginHold({ kind, ...(kind === 'stock' && { stock }), reason: kind, message: '' }),
    )
  await begin('stock')
  await begin('first-attempts')
  await sql('update holds set probe_at = 0')
  expect(await ledger.claimDue({ worker, lease: LEASE })).toEqual([])
  await ledger.write((tx) => tx.endHolds({ scopes: [{ kind: 'first-attempts' }] }))
  expect((await ledger.grant(held.id))?.hold?.reason).toBe('stock')
  expect(await ledger.countedHolds()).toMatchObject([{ kind: 'stock', stock: 'withdraw-10', waiting: 1 }])
  const [probe] = await ledger.claimDue({ worker, lease: LEASE })
  await begin('first-attempts')
  // What was begun goes on, and meets the stricter hold when it is taken back.
  const released = await ledger.write(async (tx) => {
    await tx.closeAttempt(probe?.attempt.id ?? '', worker, { outcome: 'setup', maybeExecuted: false })
    return tx.step(held.id, 'release', 'app', { dueIn: 0 })
  })
  expect(released?.hold?.reason).toBe('first-attempts')
})

test.each(engines)('draws a card until it shows the latest of its grant (%s)', async (engine) => {
  const { ledger, sql } = await openOn(engine)
  const grant = await record(ledger)
  const claim = () => ledger.claimCards({ worker, lease: LEASE, limit: 10 })
  const [due] = await claim()
  expect(due).toMatchObject({ card: { tries: 0, place: null }, grant: { id: grant.id } })
  expect(await claim()).toEqual([])
  const id = due?.card.id ?? ''
  await ledger.endCards(worker, [{ id, retryIn: 0 }])
  const [again] = await claim()
  expect(again?.card.tries).toBe(1)
  await ledger.write((tx) => tx.event({ grantId: grant.id, kind: 'reminded', actor: 'U0' }))
  const place = { channel: 'D1', ts: '1.0' }
  await ledger.endCards(worker, [{ id, drawn: { version: again?.grant.version ?? 0, place } }])
  const [stale] = await claim()
  expect(stale).toMatchObject({ card: { place, tries: 0 }, grant: { version: 3 } })
  // Whose lease was lost has no say.
  await ledger.endCards('worker-2', [{ id, drawn: { version: 3, place: { ...place, ts: '2.0' } } }])
  expect(await ledger.cardsOf(grant.id)).toMatchObject([{ place }])
  expect(await sql('select lease_owner from cards')).toEqual([{ lease_owner: worker }])
  await ledger.endCards(worker, [{ id, drawn: { version: 3, gone: true } }])
  await ledger.write((tx) => tx.event({ grantId: grant.id, kind: 'reminded', actor: 'U0' }))
  expect(await claim()).toEqual([])
})

test.each(engines)('counts look-ups of a person (%s)', async (engine) => {
  let now = 0
  const { ledger } = await openOn(engine, { now: () => now })
  for (now of [10, 20, 30])
    await ledger.write(async (tx) => {
      const subject = await tx.subject({ openid, appid: 'wx' })
      await tx.event({ kind: 'look-up', actor: 'U1', subject, data: { stock: null } })
    })
  const count = (person: string) => ledger.countLookups({ person, since: 15 })
  expect(await count('U1')).toEqual({ count: 2, oldestAt: 20 })
  expect(await count('U2')).toEqual({ count: 0, oldestAt: null })
  const has = (of: string) => ledger.hasLookedUp({ person: 'U1', openid: of, since: 15 })
  expect([await has(openid), await has('somebody-else')]).toEqual([true, false])
})

test.each(engines)('never changes or deletes a line of the trail (%s)', async (engine) => {
  const { ledger, sql } = await openOn(engine)
  await record(ledger)
  for (const text of [`update events set kind = 'x'`, 'delete from events'])
    await expect(sql(text)).rejects.toThrow('append-only')
})

test.each(engines)('keeps the text of a policy by its hash (%s)', async (engine) => {
  const { ledger } = await openOn(engine)
  await ledger.write((tx) => tx.keepPolicy('h', 'text'))
  await ledger.write((tx) => tx.keepPolicy('h', 'another text'))
  expect(await ledger.policyText('h')).toBe('text')
  expect(await ledger.policyText('i')).toBeNull()
  await ledger.check()
})

test.each(engines)('writes nothing when a write throws (%s)', async (engine) => {
  const { ledger } = await openOn(engine)
  const failing = ledger.write(async (tx) => {
    await tx.recordGrant(newGrant(), [])
    throw new Error('changed my mind')
  })
  await expect(failing).rejects.toThrow('changed my mind')
  expect(await ledger.openGrantsOf({ openid })).toEqual([])
})

test.each(
  engines,
)('rolls back a write that takes too long, and tells those behind it (%s)', async (engine) => {
  const place = await openOn(engine)
  // On a busy machine the time may be over before anything was written.
  for (let writeWithin = 200; ; writeWithin *= 2) {
    const ledger = await place.open({ writeWithin })
    const more = Promise.withResolvers<void>()
    let late: unknown
    let hasWritten = false
    const slow = ledger.write(async (tx) => {
      await tx.recordGrant(newGrant(), [])
      hasWritten = true
      await more.promise
      late = await tx.recordGrant(newGrant(), []).catch((error: unknown) => error)
    })
    const behind = ledger.write(async (tx) => tx.recordGrant(newGrant(), []))
    // Reads go on meanwhile, and see nothing half done.
    expect(await ledger.openGrantsOf({ openid })).toEqual([])
    expect(await Promise.allSettled([slow, behind])).toMatchObject([
      { reason: expect.any(LedgerBusyError) },
      { reason: expect.any(LedgerBusyError) },
    ])
    more.resolve()
    if (!hasWritten) continue
    await record(place.ledger)
    await expect.poll(() => late).toBeInstanceOf(Error)
    expect(await ledger.openGrantsOf({ openid })).toHaveLength(1)
    return
  }
})

test.each(engines)('tells a writer in time that another process has the lock (%s)', async (engine) => {
  const place = await openOn(engine, { writeWithin: 60_000 })
  const other = await place.open({ writeWithin: 150 })
  const had = Promise.withResolvers<void>()
  const more = Promise.withResolvers<void>()
  const slow = place.ledger.write(async (tx) => {
    await tx.recordGrant(newGrant(), [])
    had.resolve()
    await more.promise
  })
  await had.promise
  let turns = 0
  const timer = setInterval(() => (turns += 1), 5)
  await expect(record(other)).rejects.toBeInstanceOf(LedgerBusyError)
  clearInterval(timer)
  expect(turns).toBeGreaterThan(2)
  more.resolve()
  await slow
  await record(place.ledger)
  expect(await other.openGrantsOf({ openid })).toHaveLength(2)
})

test('writes nothing when PostgreSQL drops the connection before the commit', async () => {
  const { ledger, sql } = await openOn('postgres')
  const dropped = ledger.write(async (tx) => {
    await tx.recordGrant(newGrant(), [])
    await sql(
      'select pg_terminate_backend(pid) from pg_stat_activity where pid <> pg_backend_pid() and datname = current_database()',
    )
    return tx.recordGrant(newGrant(), [])
  })
  await expect(dropped).rejects.toBeInstanceOf(LedgerBusyError)
  // A connection for reads may have been dropped without knowing it yet.
  await expect.poll(() => ledger.openGrantsOf({ openid }).catch(() => null)).toEqual([])
})

test('does not know what is written when PostgreSQL drops the connection at the commit', async () => {
  const { ledger, sql } = await openOn('postgres')
  const dropped = ledger.write(async (tx) => {
    await tx.recordGrant(newGrant(), [])
    await sql(
      'select pg_terminate_backend(pid) from pg_stat_activity where pid <> pg_backend_pid() and datname = current_database()',
    )
  })
  await expect(dropped).rejects.toBeInstanceOf(CommitUncertainError)
  await record(ledger)
})

test.each(engines)('names the table, row and column that it can not read (%s)', async (engine) => {
  const { ledger, sql } = await openOn(engine)
  const { id } = await record(ledger)
  await sql(`update grants set stock_name = '{}'`)
  await expect(ledger.grant(id)).rejects.toThrow(
    `the ledger's row ${id} of grants is not as expected in stock_name`,
  )
})

test.each(
  engines,
)('believes no line of the trail that does not hold what its kind does (%s)', async (engine) => {
  const { ledger, sql } = await openOn(engine)
  const { id } = await record(ledger)
  const line = (kind: string, data: object) =>
    sql(`insert into events (grant_id, kind, actor, at, data)
      values ('${id}', '${kind}', 'app', 0, '${JSON.stringify(data)}') returning id`)
  await line('attempt', { number: 1 })
  expect((await ledger.eventsOf(id)).at(-1)).toMatchObject({ kind: 'attempt', data: { number: 1 } })
  const [odd] = await line('attempt', { number: 'one' })
  await expect(ledger.eventsOf(id)).rejects.toThrow(
    `the ledger's row ${odd?.id} of events is not as expected in data`,
  )
})

test.each(engines)('migrates once when two apps start at once (%s)', async (engine) => {
  const place = await placeOn(engine)
  const [one, two] = await Promise.all([place.open(), place.open()])
  await record(one)
  expect(await two.openGrantsOf({ openid })).toHaveLength(1)
})

test.each(engines)('leaves a ledger of a newer version alone (%s)', async (engine) => {
  const place = await openOn(engine)
  await place.sql(`insert into migrations values (99, 'later', 0)`)
  await expect(place.open()).rejects.toMatchObject({ name: 'LedgerTooNewError' })
})
