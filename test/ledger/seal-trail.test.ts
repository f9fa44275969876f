import { spawn } from 'node:child_process'
import { generateKeyPairSync } from 'node:crypto'
import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import { expect, onTestFinished, test } from 'vitest'
import { publicKeyOf, signHash } from '../../src/domain/seal.ts'
import { backUp, examineLedger, type Ledger, type LedgerOptions, restore } from '../../src/ledger/ledger.ts'
import { engines, openOn, placeOn } from './engines.ts'
import { record } from './grants.ts'
import { prove } from './prove.ts'

const randomHex = () => 'a'.repeat(64)
const unsigned = { sign: null, randomHex }

test.each(engines)('seals what was written, once, in a chain that verifies (%s)', async (engine) => {
  const { ledger, url, sql, open } = await openOn(engine)
  expect(await ledger.seal(unsigned)).toBe(0)
  await record(ledger)
  const { privateKey } = generateKeyPairSync('ed25519')
  const key = publicKeyOf(privateKey)
  const signed = {
    randomHex,
    sign: (hash: string) => ({ key, signature: signHash(privateKey, 'seal', hash) }),
  }
  expect(await ledger.seal(signed)).toBe(2)
  expect(await ledger.seal(signed)).toBe(0)
  // Two at once: one of them is late, and what it had worked out is left.
  await record(ledger, { openid: 'two' })
  const other = await open()
  const sealed = await Promise.all([ledger.seal(signed), other.seal(signed)])
  expect(sealed.reduce((all, some) => all + some, 0)).toBe(2)
  const seals = await sql('select * from seals order by number')
  expect(seals).toMatchObject([
    { before: 'a'.repeat(64), key },
    { before: seals[0]?.hash, key },
  ])
  await expect(sql('update seals set at = 0')).rejects.toThrow('seals is append-only')
  await record(ledger, { openid: 'three' })
  expect(await prove(url)).toMatchObject({
    ok: true,
    proof: { events: 6, unsealed: 2, seals: 2, grants: 3, signers: [{ key, from: 1 }] },
  })
})

test.each(engines)('takes a bounded step at a time, however much waits (%s)', async (engine) => {
  const { ledger, url, sql } = await openOn(engine)
  await sql(
    `insert into events (kind, actor, at, data) with recursive n (i) as
      (select 1 union all select i + 1 from n where i < 5200) select 'paused', 'U', i, '{}' from n`,
  )
  expect([await ledger.seal(unsigned), await ledger.seal(unsigned), await ledger.seal(unsigned)]).toEqual([
    5000, 200, 0,
  ])
  expect(await prove(url)).toMatchObject({ ok: true, proof: { events: 5200, seals: 2, unsealed: 0 } })
})

/**
 * PostgreSQL hands out an id when a line is written, and shows the line when its transaction commits. A sealer that did not
 * wait for the write lock would seal line 2 while line 1 is still to come, and raise a false alarm for ever.
 */
test('waits for who writes, as a lower line may still appear', async () => {
  const { ledger, url, sql } = await openOn('postgres')
  const slow = new pg.Client({ connectionString: url })
  await slow.connect()
  onTestFinished(() => slow.end())
  const line = `insert into events (kind, actor, at, data) values ('paused', 'U', 1, '{}') returning id`
  // As every write of the app, it holds the lock to its end.
  await slow.query('begin; select pg_advisory_xact_lock(7301881204)')
  const low = (await slow.query(line)).rows[0].id
  const [high] = await sql(line)
  expect(Number(low)).toBeLessThan(Number(high?.id))
  let isDone = false
  const sealing = ledger.seal(unsigned).finally(() => {
    isDone = true
  })
  await sleep(200)
  expect(isDone).toBe(false)
  await slow.query('commit')
  expect(await sealing).toBe(2)
  expect(await prove(url)).toMatchObject({ ok: true, proof: { events: 2, unsealed: 0 } })
})

test.each(
  engines,
)('tells the last seal once a day, also after the clock was set back (%s)', async (engine) => {
  const DAY = 86_400_000
  let time = 1_800_000_000_000
  const { ledger, sql } = await openOn(engine, { now: () => time } satisfies Partial<LedgerOptions>)
  const told = async () => (await ledger.tellHead(DAY))?.number ?? null
  const sealOne = async (of: Ledger) => {
    await record(of, { openid: `o${time}${Math.random()}` })
    await of.seal(unsigned)
  }
  expect(await told()).toBe(null)
  await sealOne(ledger)
  // The first day begins here.
  expect(await told()).toBe(null)
  time += DAY
  expect(await told()).toBe(1)
  await sealOne(ledger)
  expect(await told()).toBe(null)
  time += DAY
  expect(await told()).toBe(2)
  time += 2 * DAY
  // Nothing is new.
  expect(await told()).toBe(null)
  await sealOne(ledger)
  expect(await told()).toBe(3)
  time -= 10 * DAY
  await sealOne(ledger)
  expect(await told()).toBe(4)
  const [notice] = await ledger.claimNotices({ worker: 'w', lease: 1000, limit: 1 })
  expect(notice?.notice.news).toMatchObject({ kind: 'sealed', number: 1, last: 2, key: null })
  expect(await sql('select count(*) as n from notices')).toMatchObject([{ n: expect.anything() }])
})

test.each([
  ['sqlite', 'postgres'],
  ['postgres', 'sqlite'],
] as const)('goes on from the last seal in a restored copy (%s to %s)', async (from, to) => {
  const { ledger, url } = await openOn(from)
  await record(ledger, { note: '“quoted”\n€' })
  await ledger.seal(unsigned)
  const spare = await placeOn('sqlite')
  const file = `${new URL(spare.url).pathname}.copy`
  await spare.open()
  await backUp({ url, file })
  const place = await placeOn(to)
  await restore({ url: place.url, file })
  const copy = await place.open({ role: 'app' })
  expect(await copy.seal(unsigned)).toBeGreaterThan(0)
  expect(await prove(place.url)).toMatchObject({ ok: true, proof: { seals: 2, unsealed: 0 } })
})

test.each(engines)('seals nothing without a key where a key has signed before (%s)', async (engine) => {
  const { ledger, url } = await openOn(engine)
  const { privateKey } = generateKeyPairSync('ed25519')
  const sign = (hash: string) => ({
    key: publicKeyOf(privateKey),
    signature: signHash(privateKey, 'seal', hash),
  })
  await record(ledger)
  // A ledger that was never signed may begin to be.
  await ledger.seal(unsigned)
  expect(await ledger.signedBy()).toBe(null)
  await record(ledger, { openid: 'two' })
  await ledger.seal({ sign, randomHex })
  expect(await ledger.signedBy()).toBe(publicKeyOf(privateKey))
  expect(await examineLedger(url)).toMatchObject({ signedBy: publicKeyOf(privateKey) })
  await record(ledger, { openid: 'three' })
  await expect(ledger.seal(unsigned)).rejects.toThrow('set AUDIT_KEY_FILE')
  expect(await ledger.seal({ sign, randomHex })).toBe(2)
  expect(await prove(url)).toMatchObject({ ok: true, proof: { seals: 3, unsealed: 0 } })
})

const front = new URL('../../src/ledger/ledger.ts', import.meta.url).href

/** A process that writes and seals without a pause, killed so many ms after the second seal that it made itself. */
async function killSealing(url: string, after: number): Promise<void> {
  const program = `import { openLedger } from ${JSON.stringify(front)}
    const ledger = await openLedger({ url: ${JSON.stringify(url)}, role: 'tool', writeWithin: 60_000 })
    for (let made = 0; ; ) {
      await ledger.write((tx) => tx.event({ kind: 'look-up', actor: 'U', data: { stock: null } }))
      const sealed = await ledger.seal({ sign: null, randomHex: () => 'a'.repeat(64) })
      if (sealed > 0 && ++made === 2) process.stdout.write('sealed')
    }`
  const child = spawn(process.execPath, ['--input-type=module', '-e', program], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const ended = once(child, 'exit')
  onTestFinished(() => void child.kill('SIGKILL'))
  await once(child.stdout, 'data')
  await sleep(after)
  child.kill('SIGKILL')
  await ended
}

test.each(engines)('leaves a chain that verifies when sealers at once are killed (%s)', async (engine) => {
  const { ledger, url } = await openOn(engine)
  await Promise.all([30, 60, 120].map((after) => killSealing(url, after)))
  expect(await prove(url)).toMatchObject({ ok: true })
  while ((await ledger.seal(unsigned)) > 0);
  const proven = await prove(url)
  expect(proven).toMatchObject({ ok: true, proof: { unsealed: 0 } })
  expect(proven.ok && proven.proof.seals).toBeGreaterThan(3)
})
