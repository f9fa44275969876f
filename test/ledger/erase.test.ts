import { expect, test } from 'vitest'
import { engines, openOn } from './engines.ts'
import { newGrant, record } from './grants.ts'
import { prove } from './prove.ts'
import { tablesWith } from './tables-with.ts'

const openid = 'oTESTgone0000000000000000001'
const asked = { by: 'cli:ada', reason: 'asked' } as const
const sealed = { sign: null, randomHex: () => 'a'.repeat(64) }

test.each(
  engines,
)('erases a person once nothing of theirs is open, and the trail still verifies (%s)', async (engine) => {
  const { ledger, url, sql } = await openOn(engine)
  const grant = await record(ledger, {
    openid,
    note: 'typed by the agent',
    ticket: 'typed as the ticket',
    state: 'pending',
    approvedByRule: null,
  })
  const other = await record(ledger, {
    openid: 'oTESTstays000000000000000002',
    note: 'of another',
    ticket: 'typed as another’s',
  })
  await ledger.write(async (tx) => {
    const subject = await tx.subject({ openid, appid: grant.appid })
    await tx.event({ kind: 'look-up', actor: 'U0AGENT1', subject, data: { stock: null } })
    await tx.decide({ grantId: grant.id, approver: 'U0LEAD01', kind: 'reject', reason: 'typed by the lead' })
  })
  await ledger.seal(sealed)
  const erase = (of: { openid: string } | { subject: string }) => ledger.write((tx) => tx.erase(of, asked))
  const { subject } = grant
  expect(await erase({ openid })).toEqual([{ kind: 'open', subject, grants: [grant.id] }])
  await ledger.write((tx) =>
    tx.step(grant.id, 'reject', 'U0LEAD01', { ended: { by: 'U0LEAD01' }, said: 'typed at the end' }),
  )
  await ledger.seal(sealed)

  expect(await erase({ openid })).toEqual([{ kind: 'erased', subject, grants: 1, texts: 4 }])
  expect(await erase({ openid })).toEqual([])
  expect(await erase({ subject })).toEqual([{ kind: 'already', subject }])
  expect(await erase({ subject: 'nobody' })).toEqual([])
  for (const text of [
    openid,
    'typed by the agent',
    'typed as the ticket',
    'typed by the lead',
    'typed at the end',
  ])
    expect(await tablesWith({ engine, sql }, text), text).toEqual([])
  expect(await tablesWith({ engine, sql }, 'of another')).toEqual(['texts'])
  expect(await ledger.grant(grant.id)).toMatchObject({
    openid: '',
    note: null,
    ticket: null,
    state: 'rejected',
    ended: { by: 'U0LEAD01', reason: null },
  })
  expect((await ledger.eventsOf(grant.id)).at(-1)).toMatchObject({
    kind: 'erased',
    actor: 'cli:ada',
    data: { reason: 'asked' },
  })
  expect(await ledger.grant(other.id)).toMatchObject({ note: 'of another', ticket: 'typed as another’s' })
  await ledger.seal(sealed)
  expect(await prove(url)).toMatchObject({ ok: true, proof: { unsealed: 0, grants: 2 } })
  // The same openid later is somebody new.
  const again = await ledger.write((tx) => tx.recordGrant(newGrant({ openid }), []))
  expect(again.subject).not.toBe(subject)
})

test.each(engines)('erases under every appid, and whoever was only looked up (%s)', async (engine) => {
  const { ledger } = await openOn(engine)
  const ids = await ledger.write(async (tx) => {
    const one = await tx.subject({ openid, appid: 'wx0000000000000001' })
    const two = await tx.subject({ openid, appid: 'wx0000000000000002' })
    await tx.event({ kind: 'look-up', actor: 'U0AGENT1', subject: one, data: { stock: null } })
    return [one, two]
  })
  const erased = await ledger.write((tx) => tx.erase({ openid }, asked))
  expect(erased).toEqual(ids.map((subject) => ({ kind: 'erased', subject, grants: 0, texts: 0 })))
})

test.each(
  engines,
)('finds those of whom nothing has happened for long, a few at a time (%s)', async (engine) => {
  const DAY = 86_400_000
  let time = 1_800_000_000_000
  const { ledger, sql } = await openOn(engine, { now: () => time })
  const waiting = await record(ledger, { openid: 'waiting', state: 'pending', approvedByRule: null })
  const over = await record(ledger, { openid: 'over', state: 'pending', approvedByRule: null })
  const seen = await record(ledger, { openid: 'seen', state: 'pending', approvedByRule: null })
  await ledger.write(async (tx) => {
    for (const { id } of [over, seen]) await tx.step(id, 'reject', 'U1', { ended: { by: 'U1' } })
  })
  await sql(`insert into subjects (id, appid, openid) with recursive n (i) as
    (select 1 union all select i + 1 from n where i < 450) select 'x' || (1000 + i), 'wx', 'many' || i from n`)
  time += 100 * DAY
  await ledger.write((tx) =>
    tx.event({ kind: 'look-up', actor: 'U', subject: seen.subject, data: { stock: null } }),
  )
  const found: string[] = []
  let [after, steps]: [string | null, number] = ['', 0]
  while (after !== null) {
    const step: { subjects: string[]; next: string | null } = await ledger.unusedSubjects({
      after,
      before: time - 50 * DAY,
    })
    found.push(...step.subjects)
    after = step.next
    steps += 1
  }
  expect(steps).toBe(3)
  expect(found).toHaveLength(451)
  expect(found).toContain(over.subject)
  for (const { subject } of [waiting, seen]) expect(found).not.toContain(subject)
})
