import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Grant } from '../../src/domain/grant.ts'
import { type HoldScope, isSameScope } from '../../src/domain/hold.ts'
import type { Claimed, Ledger, NewHold } from '../../src/ledger/ledger.ts'
import { engines, openOn, placeOn } from './engines.ts'
import { leaveLedger, readLeft } from './fixtures/left-ledger.ts'
import { dm, newGrant, record, stock } from './grants.ts'

const worker = 'worker-1'
const LEASE = 30_000

const paused = { kind: 'paused', reason: 'paused', message: '' } as const
const other = { stock: 'withdraw-50', stockId: '1304490000000060' }
const claimed = async (ledger: Ledger, limit = 10) =>
  (await ledger.claimDue({ worker, lease: LEASE, limit })).map(({ grant }) => grant.id)

test.each(engines)('claims many at once, the longest due first, of one user one (%s)', async (engine) => {
  const { ledger } = await openOn(engine)
  const ids: string[] = []
  for (const openid of ['a', 'b', 'b', 'c', 'd']) ids.push((await record(ledger, { openid })).id)
  const [a, b, , c, d] = ids
  const first = await ledger.claimDue({ worker, lease: LEASE, limit: 4 })
  expect(first.map(({ grant }) => grant.id)).toEqual([a, b, c])
  for (const { grant, attempt } of first) {
    expect(grant).toMatchObject({ state: 'issuing', attempts: 1 })
    expect(attempt).toMatchObject({ grantId: grant.id, number: 1, worker, endedAt: null })
  }
  expect(await claimed(ledger)).toEqual([d])
  expect(await claimed(ledger)).toEqual([])
})

test.each(engines)('takes as many slots of the pace at once as there are (%s)', async (engine) => {
  const { ledger, sql } = await openOn(engine)
  for (let number = 0; number < 30; number++) await record(ledger, { openid: `user-${number}` }, [])
  const claim = (rate: number) => ledger.claimDue({ worker, lease: LEASE, rate, limit: 30 })
  // After an idle time a tenth of a second may be made up for.
  expect(await claim(100)).toHaveLength(11)
  await sql('update pace set next_us = 0')
  expect(await claim(1)).toHaveLength(1)
  expect(await claim(1)).toEqual([])
  expect(await ledger.slotIn()).toBeLessThanOrEqual(1000)
})

test.each(
  engines,
)('moves the pace by one slot for each attempt, to 2 %, up to 500 a second (%s)', async (engine) => {
  const { ledger, sql } = await openOn(engine)
  for (let number = 0; number < 60; number++) await record(ledger, { openid: `user-${number}` }, [])
  for (const rate of [1, 7, 30, 499, 500]) {
    const moved = async () => {
      const set = (Date.now() - 10) * 1000
      await sql(`update pace set next_us = ${set}`)
      const { length } = await ledger.claimDue({ worker, lease: LEASE, rate, limit: 3 })
      const [row] = await sql('select next_us from pace')
      return ((Number(row?.next_us) - set) * rate) / 1_000_000 / length
    }
    // Where the machine takes a tenth of a second for it, the pace begins anew.
    await expect.poll(async () => Math.abs((await moved()) - 1)).toBeLessThan(0.02)
  }
})

test.each(engines)('pauses and resumes without writing a grant (%s)', async (engine) => {
  const { ledger, sql } = await openOn(engine)
  const { id } = await record(ledger)
  const before = await sql('select * from grants')
  await ledger.write((tx) => tx.beginHold(paused))
  expect((await ledger.grant(id))?.hold).toMatchObject({ reason: 'paused' })
  expect(await claimed(ledger)).toEqual([])
  await ledger.write((tx) => tx.endHolds({ scopes: [paused] }))
  expect((await ledger.grant(id))?.hold).toBeNull()
  expect(await sql('select * from grants')).toEqual(before)
  expect(await claimed(ledger)).toEqual([id])
})

test.each(engines)('pauses a stock by what it is, whatever its key is called now (%s)', async (engine) => {
  const { ledger } = await openOn(engine)
  const held = await record(ledger, { openid: 'a', stock: 'renamed' })
  const free = await record(ledger, { openid: 'b', ...other, stock: stock.key })
  await ledger.write((tx) => tx.beginHold({ ...paused, stock }))
  expect((await ledger.grant(held.id))?.hold?.reason).toBe('paused')
  expect(await claimed(ledger)).toEqual([free.id])
  expect(await ledger.countedHolds()).toMatchObject([{ stock: stock.key, stockRef: stock.ref, waiting: 1 }])
})

test.each(engines)('lets the first attempts wait, and what was begun go on (%s)', async (engine) => {
  const { ledger } = await openOn(engine)
  const begun = await record(ledger, { openid: 'a' })
  await ledger.claimDue({ worker: 'dead', lease: 0 })
  const fresh = await record(ledger, { openid: 'b' })
  await ledger.write((tx) =>
    tx.beginHold({ kind: 'first-attempts', reason: 'untrusted-answers', message: '' }),
  )
  await new Promise((resolve) => setTimeout(resolve, 5))
  await ledger.endLost()
  expect(await claimed(ledger)).toEqual([begun.id])
  expect((await ledger.grant(fresh.id))?.hold?.reason).toBe('untrusted-answers')
  expect((await ledger.grant(begun.id))?.hold).toBeNull()
  expect(await ledger.countedHolds()).toMatchObject([{ waiting: 1 }])
})

test.each(engines)('sends at the end of a hold at once what was put off meanwhile (%s)', async (engine) => {
  const { ledger } = await openOn(engine)
  const { id } = await record(ledger)
  const [claim] = await ledger.claimDue({ worker, lease: LEASE })
  await ledger.write(async (tx) => {
    await tx.closeAttempt(claim?.attempt.id ?? '', worker, { outcome: 'setup', maybeExecuted: false })
    await tx.step(id, 'release', 'app', { dueIn: 60_000 })
    await tx.beginHold({ kind: 'stock', stock, reason: 'NO_AUTH', message: '' })
  })
  await ledger.write((tx) => tx.endHolds({ scopes: [{ kind: 'stock', stockRef: stock.ref }] }))
  expect(await claimed(ledger)).toEqual([id])
})

test.each(engines)('shows in the trail when it waited, and for what (%s)', async (engine) => {
  const { ledger } = await openOn(engine)
  const lines = async (id: string) =>
    (await ledger.eventsOf(id)).map(({ kind, data }) => {
      const isPlain = kind === 'requested' || kind === 'issue'
      return isPlain ? kind : [kind, ...Object.values(data)].join(' ')
    })
  const fault = { kind: 'stock', stock, reason: 'NO_AUTH', message: '' } as const
  const aside = { kind: 'look-up', actor: 'U0AGENT1', data: { stock: null } } as const
  const begin = (hold: NewHold) =>
    ledger.write(async (tx) => {
      await tx.beginHold(hold)
      await tx.event(aside)
    })
  const end = (scope: HoldScope, by = 'app') =>
    ledger.write(async (tx) => {
      await tx.endHolds({ scopes: [scope], by })
      await tx.event(aside)
    })

  const early = await record(ledger, { openid: 'a' })
  await begin(fault)
  await begin({ ...paused, by: 'U0OPS' })
  const late = await record(ledger, { openid: 'b' })
  const elsewhere = await record(ledger, { openid: 'c', ...other })
  await end(paused, 'U0OPS')
  await end({ kind: 'stock', stockRef: stock.ref })
  const after = await record(ledger, { openid: 'd' })
  const [claim] = await ledger.claimDue({ worker, lease: LEASE })
  expect(claim?.grant.id).toBe(early.id)
  await ledger.write(async (tx) => {
    await tx.closeAttempt(claim?.attempt.id ?? '', worker, { outcome: 'issued', maybeExecuted: false })
    await tx.step(early.id, 'issue', 'wechatpay', { couponId: 'c1' })
  })
  await begin(paused)

  expect(await lines(early.id)).toEqual([
    'requested',
    'approved-by-rule small',
    'held NO_AUTH',
    'held paused U0OPS',
    'held NO_AUTH',
    'resumed',
    'attempt 1',
    'issue',
  ])
  expect(await lines(late.id)).toEqual([
    'requested',
    'approved-by-rule small',
    'held paused',
    'held NO_AUTH',
    'resumed',
    'held paused',
  ])
  expect(await lines(elsewhere.id)).toEqual([
    'requested',
    'approved-by-rule small',
    'held paused',
    'resumed U0OPS',
    'held paused',
  ])
  expect(await lines(after.id)).toEqual(['requested', 'approved-by-rule small', 'held paused'])
})

test.each(
  engines,
)('says in the trail that a grant waits for another one, when a hold of it ends before (%s)', async (engine) => {
  const { ledger } = await openOn(engine)
  const flag = { kind: 'checking', reason: 'no-answer', at: 1 } as const
  const lines = async (id: string) =>
    (await ledger.eventsOf(id)).slice(2).map(({ kind, data }) => [kind, ...Object.values(data)].join(' '))
  const pause = () => ledger.write((tx) => tx.beginHold(paused))
  const resume = () =>
    ledger.write(async (tx) => {
      await tx.endHolds({ scopes: [paused] })
      await tx.event({ kind: 'resumed', actor: 'U0OPS', data: { stock: null } })
    })
  const doubt = async (openid: string) => {
    const [claim] = await ledger.claimDue({ worker, lease: LEASE })
    expect(claim?.grant.openid).toBe(openid)
    return (of: { id: string }) =>
      ledger.write(async (tx) => {
        await tx.closeAttempt(claim?.attempt.id ?? '', worker, { outcome: 'unknown', maybeExecuted: true })
        await tx.change(of.id, ['issuing'], 'outcome-unknown', 'app', { flag, dueIn: null })
      })
  }

  // Another's outcome is not known before the pause begins, and after it.
  const first = await record(ledger, { openid: 'a' })
  const waiting = await record(ledger, { openid: 'a' })
  await (await doubt('a'))(first)
  const late = await record(ledger, { openid: 'a' })
  expect(late.hold?.reason).toBe('same-user')
  await pause()
  await resume()
  expect((await ledger.grant(waiting.id))?.hold?.reason).toBe('same-user')
  await ledger.write((tx) => tx.step(first.id, 'issue', 'wechatpay', { couponId: 'c1' }))
  expect(await lines(waiting.id)).toEqual([
    `held same-user ${first.id}`,
    'held paused',
    `held same-user ${first.id}`,
    `resumed same-user ${first.id}`,
  ])
  expect(await lines(late.id)).toEqual(await lines(waiting.id))
  expect((await ledger.grant(late.id))?.version).toBe(late.version + 1)

  // It begins and ends while all is paused.
  const second = await record(ledger, { openid: 'b' })
  const later = await record(ledger, { openid: 'b' })
  expect(await claimed(ledger, 1)).toEqual([waiting.id])
  const known = await doubt('b')
  await pause()
  await known(second)
  expect(await lines(later.id)).toEqual(['held paused'])
  await resume()
  expect(await lines(later.id)).toEqual(['held paused', `held same-user ${second.id}`])
  await pause()
  await ledger.write((tx) => tx.step(second.id, 'issue', 'wechatpay', { couponId: 'c2' }))
  await resume()
  expect(await lines(later.id)).toEqual([
    'held paused',
    `held same-user ${second.id}`,
    'held paused',
    'resumed',
  ])
})

test.each(
  engines,
)('has the cards of what waits follow, the newest first and some at a time (%s)', async (engine) => {
  const { ledger } = await openOn(engine)
  const ids: string[] = []
  for (const openid of ['a', 'b', 'c', 'd', 'e']) ids.push((await record(ledger, { openid })).id)
  const aside = await record(ledger, { openid: 'f', ...other })
  const draw = async () => {
    const claims = await ledger.claimCards({ worker, lease: LEASE, limit: 20 })
    for (const { card, grant } of claims)
      await ledger.endCards(worker, [
        { id: card.id, drawn: { version: grant.version, place: { viewId: card.id } } },
      ])
    return claims.map(({ grant }) => [grant.id, grant.hold?.reason ?? null])
  }
  await draw()
  expect(await ledger.followUp({ limit: 2 })).toBe(0)
  await ledger.write((tx) => tx.beginHold({ ...paused, stock }))
  expect(await draw()).toEqual([])

  const [a, b, c, d, e] = ids
  expect(await ledger.followUp({ limit: 2 })).toBe(2)
  expect((await draw()).toSorted()).toEqual([
    [d, 'paused'],
    [e, 'paused'],
  ])
  // It ends meanwhile: those that show it and those that do not yet all show the end.
  await ledger.write((tx) => tx.endHolds({ scopes: [{ kind: 'paused', stockRef: stock.ref }] }))
  const shown = []
  while ((await ledger.followUp({ limit: 2 })) > 0) shown.push(...(await draw()))
  expect(shown.toSorted()).toEqual([a, b, c, d, e].map((id) => [id, null]))
  expect(shown.slice(0, 2).toSorted()).toEqual([
    [d, null],
    [e, null],
  ])
  expect((await ledger.grant(aside.id))?.version).toBe((await ledger.eventsOf(aside.id)).length)
})

test.each(
  engines,
)('finds out what a key stands for that no grant has had, and shows what it is called (%s)', async (engine) => {
  const { ledger } = await openOn(engine)
  const unknown = { ref: '/withdraw-10', key: 'withdraw-10' }
  await ledger.write((tx) => tx.beginHold({ ...paused, stock: unknown }))
  const { id } = await record(ledger, { stock: 'older-name' })
  expect((await ledger.grant(id))?.hold).toBeNull()
  await ledger.write((tx) => tx.nameStocks([stock]))
  expect((await ledger.grant(id))?.hold?.reason).toBe('paused')
  expect(await ledger.openHolds()).toMatchObject([{ stockRef: stock.ref, stock: 'withdraw-10' }])
  await ledger.write((tx) => tx.nameStocks([{ ...stock, key: 'renamed' }]))
  expect(await ledger.openHolds()).toMatchObject([{ stockRef: stock.ref, stock: 'renamed' }])
  await ledger.write((tx) => tx.nameStocks([]))
  expect(await ledger.openHolds()).toMatchObject([{ stockRef: stock.ref, stock: '1304490000000059' }])
  expect((await ledger.grant(id))?.hold?.reason).toBe('paused')
})

test.each(
  engines,
)('takes a key that an older version held for every stock that it stands for (%s)', async (engine) => {
  const left = readLeft('0007', 'stock-held')
  const place = await placeOn(engine)
  await leaveLedger(place, left)
  const row = (name: string) => `id = '${left.grants[name]}'`
  // The key was given to another stock at WeChat Pay meanwhile.
  await place.sql(`update grants set stock_id = '999' where ${row('held-approved')}`)
  await place.sql(`insert into holds (id, scope, reason, message, since, probe_at, begun_by)
    values ('H1', 'paused:nobodys', 'paused', 'early', 1, 0, 'U0OPS')`)
  const before = await place.sql(
    `select kind from events where grant_id is not null and ${row('held-by-rule').replace('id', 'grant_id')}`,
  )
  const ledger = await place.open()
  for (const name of ['held-by-rule', 'held-approved'])
    expect((await ledger.grant(left.grants[name] ?? ''))?.hold?.reason).toBe('NOT_ENOUGH')
  const open = await ledger.openHolds()
  const faults = open.filter(({ kind }) => kind === 'stock')
  expect(faults.map(({ stock }) => stock)).toEqual(['withdraw-10', 'withdraw-10'])
  expect(new Set(faults.map(({ stockRef }) => stockRef)).size).toBe(2)
  expect(open).toContainEqual(expect.objectContaining({ kind: 'paused', stock: 'nobodys', message: 'early' }))

  // Its trail has the line that the older version wrote, and no second one.
  const lines = async () => (await ledger.eventsOf(left.grants['held-by-rule'] ?? '')).map(({ kind }) => kind)
  expect(await lines()).toEqual(before.map(({ kind }) => kind))
  await ledger.write((tx) => tx.endHolds({ scopes: faults }))
  expect(await lines()).toEqual([...before.map(({ kind }) => kind), 'resumed'])
})

/** What is done to a ledger of a few users and two stocks, at random. */
const scopes: HoldScope[] = [
  { kind: 'paused' },
  { kind: 'paused', stockRef: stock.ref },
  { kind: 'first-attempts' },
  { kind: 'all' },
  { kind: 'stock', stockRef: stock.ref },
]
const act = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.record({
      ask: fc.constantFrom('a', 'b', 'c'),
      of: fc.constantFrom('withdraw-10', 'withdraw-50'),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      claim: fc.integer({ min: 1, max: 4 }),
      ends: fc.constantFrom('issue', 'release', 'doubt', 'open'),
    }),
  },
  { weight: 2, arbitrary: fc.record({ begin: fc.constantFrom(...scopes) }) },
  { weight: 2, arbitrary: fc.record({ end: fc.constantFrom(...scopes) }) },
)

test.each(
  engines,
)('never claims what waits by what people are shown, and counts what does (%s)', async (engine) => {
  const { ledger, sql } = await openOn(engine)
  await fc.assert(
    fc.asyncProperty(fc.array(act, { minLength: 5, maxLength: 25 }), async (acts) => {
      await ledger.write(async (tx) => {
        await tx.endHolds({ scopes })
        for (const { id } of await sql(`select id from grants where state = 'approved'`))
          await tx.step(String(id), 'cancel', 'app', {})
      })
      const mine: string[] = []
      for (const one of acts) {
        if ('ask' in one) {
          const of = one.of === 'withdraw-50' ? other : {}
          mine.push((await record(ledger, { openid: `${one.ask}${mine.length % 2}`, ...of }, [])).id)
        } else if ('begin' in one) {
          const key = one.begin.stockRef ? { stock } : {}
          await ledger.write((tx) => tx.beginHold({ kind: one.begin.kind, ...key, reason: 'r', message: '' }))
        } else if ('end' in one) {
          await ledger.write((tx) => tx.endHolds({ scopes: [one.end] }))
        } else {
          const before = new Map(
            await Promise.all(mine.map(async (id) => [id, await ledger.grant(id)] as const)),
          )
          const claims = await ledger.claimDue({ worker, lease: LEASE, limit: one.claim })
          for (const { grant } of claims) expect(before.get(grant.id)?.hold ?? null).toBeNull()
          expect(new Set(claims.map(({ grant }) => grant.openid)).size).toBe(claims.length)
          await ledger.write(async (tx) => {
            for (const { grant, attempt } of claims) {
              if (one.ends === 'open') continue
              const maybeExecuted = one.ends === 'doubt'
              await tx.closeAttempt(attempt.id, worker, { outcome: 'x', maybeExecuted })
              if (one.ends === 'issue') await tx.step(grant.id, 'issue', 'app', { couponId: grant.id })
              if (one.ends === 'release') await tx.step(grant.id, 'release', 'app', {})
              if (maybeExecuted)
                await tx.change(grant.id, ['issuing'], 'outcome-unknown', 'app', {
                  flag: { kind: 'checking', reason: 'lost', at: 1 },
                })
            }
          })
        }
        const grants = await Promise.all(
          (await sql(`select id from grants where due_at is not null`)).map(({ id }) =>
            ledger.grant(String(id)),
          ),
        )
        const held = grants.filter((grant) => grant?.hold && grant.hold.reason !== 'same-user')
        const counted = await ledger.countedHolds()
        expect(counted.reduce((sum, { waiting }) => sum + waiting, 0)).toBe(held.length)
        expect(
          counted.every((hold, place) => counted.findIndex((one) => isSameScope(one, hold)) === place),
        ).toBe(true)
      }
      // Nothing of it is under way for the next round.
      await sql(`update attempts set ended_at = 1, outcome = 'x' where ended_at is null`)
      await sql(
        `update grants set due_at = null, lease_until = null where due_at is not null and state = 'issuing'`,
      )
    }),
    { numRuns: engine === 'sqlite' ? 10 : 4 },
  )
})

test.each(
  engines,
)('has every card and trail show in the end why its grant waits, whenever holds began and ended (%s)', async (engine) => {
  const { ledger, open, sql } = await openOn(engine)
  const replica = await open()
  const step = fc.oneof(
    { weight: 4, arbitrary: act },
    { weight: 3, arbitrary: fc.record({ draw: fc.integer({ min: 1, max: 3 }), late: fc.boolean() }) },
    { weight: 3, arbitrary: fc.record({ follow: fc.integer({ min: 1, max: 3 }) }) },
  )
  let coupons = 0
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 10, maxLength: 40 }), async (steps) => {
      const shown = new Map<string, string>()
      const look = (grant: Grant) => JSON.stringify([grant.state, grant.hold])
      const openAttempts: Claimed[] = []
      const claimedCards: Awaited<ReturnType<Ledger['claimCards']>> = []
      const drawn = async () => {
        for (const { card, grant } of claimedCards.splice(0)) {
          shown.set(grant.id, look(grant))
          await ledger.endCards(worker, [
            { id: card.id, drawn: { version: grant.version, place: { viewId: card.id } } },
          ])
        }
      }
      const draw = async (limit: number) => {
        claimedCards.push(...(await ledger.claimCards({ worker, lease: LEASE, limit })))
        return claimedCards.length
      }
      for (const one of steps) {
        if ('ask' in one) {
          const of = one.of === 'withdraw-50' ? other : {}
          const waits = coupons++ % 3 === 0
          const { id } = await record(ledger, { openid: one.ask, ...of, ...(waits && { state: 'pending' }) })
          if (waits && coupons % 2 === 0)
            await replica.write((tx) => tx.step(id, 'approve', 'U0', {}, { have: 1, needed: 1 }))
        } else if ('begin' in one) {
          const key = one.begin.stockRef ? { stock } : {}
          await ledger.write((tx) =>
            tx.beginHold({ kind: one.begin.kind, ...key, reason: one.begin.kind, message: '' }),
          )
        } else if ('end' in one) {
          await replica.write((tx) => tx.endHolds({ scopes: [one.end] }))
        } else if ('draw' in one) {
          await draw(one.draw)
          if (!one.late) await drawn()
        } else if ('follow' in one) {
          await replica.followUp({ limit: one.follow })
        } else {
          openAttempts.push(...(await ledger.claimDue({ worker, lease: LEASE, limit: one.claim })))
          if (one.ends === 'open') continue
          for (const { grant, attempt } of openAttempts.splice(0))
            await replica.write(async (tx) => {
              const maybeExecuted = one.ends === 'doubt'
              await tx.closeAttempt(attempt.id, worker, { outcome: 'x', maybeExecuted })
              const flag = { kind: 'checking', reason: 'lost', at: 1 } as const
              if (one.ends === 'issue') await tx.step(grant.id, 'issue', 'app', { couponId: grant.id })
              else if (maybeExecuted)
                await tx.change(grant.id, ['issuing'], 'outcome-unknown', 'app', { flag })
              else await tx.step(grant.id, 'release', 'app', { dueIn: 60_000 })
            })
        }
      }
      const allShowIt = async () => {
        await drawn()
        do {
          while ((await draw(3)) > 0) await drawn()
        } while ((await replica.followUp({ limit: 2 })) > 0)
        for (const [id, was] of shown) {
          const grant = await ledger.grant(id)
          expect(grant && look(grant)).toBe(was)
          if (grant?.state !== 'approved' && grant?.state !== 'issuing') continue
          const last = (await ledger.eventsOf(id)).findLast(
            ({ kind }) => kind === 'held' || kind === 'resumed',
          )
          const says = last?.kind === 'held' ? last.data.reason : null
          expect([id, says]).toEqual([id, grant.hold?.reason ?? null])
        }
      }
      await allShowIt()
      await ledger.write((tx) => tx.endHolds({ scopes }))
      await allShowIt()
      await ledger.write((tx) => tx.beginHold(paused))
      await allShowIt()
      await ledger.write((tx) => tx.endHolds({ scopes }))
      await sql(`update attempts set ended_at = 1, outcome = 'x' where ended_at is null`)
      for (const { id, state } of await sql(
        `select id, state from grants where state in ('pending', 'approved', 'issuing')`,
      ))
        await ledger.write(async (tx) => {
          if (state === 'issuing') await tx.step(String(id), 'issue', 'app', { couponId: String(id) })
          else await tx.step(String(id), 'cancel', 'app', {})
        })
      while ((await ledger.followUp({ limit: 100 })) > 0);
      await sql('update cards set due_at = null, lease_owner = null, lease_until = null where gone = 0')
    }),
    { numRuns: engine === 'sqlite' ? 10 : 4 },
  )
})

test.each(engines)('counts no further than a person needs to know (%s)', async (engine) => {
  const { ledger } = await openOn(engine)
  await ledger.write(async (tx) => {
    for (let number = 0; number < 1005; number++)
      await tx.recordGrant(newGrant({ openid: `user-${number}` }), number === 0 ? [dm] : [])
    await tx.beginHold(paused)
  })
  expect(await ledger.countedHolds()).toMatchObject([{ waiting: 1001 }])
})
