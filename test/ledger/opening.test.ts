import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmod, mkdir, mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises'
import { getDefaultAutoSelectFamilyAttemptTimeout, setDefaultAutoSelectFamilyAttemptTimeout } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { type Kysely, sql } from 'kysely'
import pg from 'pg'
import { expect, onTestFinished, test } from 'vitest'
import { backUp, LedgerBusyError, openLedger, restore } from '../../src/ledger/ledger.ts'
import { openEngine } from '../../src/ledger/open-ledger.ts'
import type { Tables } from '../../src/ledger/tables.ts'
import { createWrites } from '../../src/ledger/writes.ts'
import { engines, openOn, placeOn } from './engines.ts'
import { leaveLedger, readLeft } from './fixtures/left-ledger.ts'
import { record } from './grants.ts'

const front = new URL('../../src/ledger/ledger.ts', import.meta.url).href

/** A process that holds a ledger as an app does, and has claimed a grant in it. */
async function appOn(url: string) {
  const program = `import { backUp, openLedger, restore } from ${JSON.stringify(front)}
    const ledger = await openLedger({ url: ${JSON.stringify(url)} })
    await ledger.claimDue({ worker: 'crashing', lease: 3_600_000 })
    process.stdout.write('ready')
    // Kept, as an app keeps it: a ledger that nobody holds is collected as garbage, and its lock with it.
    setInterval(() => ledger, 1000)`
  const child = spawn(process.execPath, ['--input-type=module', '-e', program], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const ended = once(child, 'exit')
  const kill = async () => {
    child.kill('SIGKILL')
    await ended
  }
  onTestFinished(kill)
  const [ready] = await once(child.stdout, 'data')
  expect(String(ready)).toBe('ready')
  return { kill }
}

test('gives an SQLite ledger to one app at a time, and takes up at once what a killed one left', async () => {
  const place = await openOn('sqlite')
  const { id } = await record(place.ledger)
  const app = await appOn(place.url)

  await expect(place.open({ role: 'app', waitForLock: 100 })).rejects.toMatchObject({
    name: 'LedgerLockedError',
    message: expect.stringContaining('another app runs on'),
  })
  // Tools may look meanwhile, and free nothing.
  expect((await place.ledger.grant(id))?.state).toBe('issuing')
  expect(await place.ledger.claimDue({ worker: 'tool', lease: 1000 })).toEqual([])

  const waiting = place.open({ role: 'app' })
  await app.kill()
  const next = await waiting
  await next.endLost()
  const [taken] = await next.claimDue({ worker: 'next', lease: 1000 })
  expect(taken?.grant).toMatchObject({ id, attempts: 2, maybeExecutedAt: expect.any(Number) })
})

test('lets go of an SQLite ledger when it is closed', async () => {
  const place = await placeOn('sqlite')
  const first = await openLedger({ url: place.url })
  await first.close()
  await place.open({ role: 'app', waitForLock: 0 })
})

test('leaves no connection to PostgreSQL when it is closed, though nothing was asked of it', async () => {
  const { url } = await placeOn('postgres')
  await (await openLedger({ url })).close()
  const address = new URL(url)
  const database = address.pathname.slice(1)
  const server = new pg.Client(Object.assign(address, { pathname: 'postgres' }).href)
  await server.connect()
  onTestFinished(() => server.end())
  // Refused after five seconds in which somebody is connected to it; what is idle stays for ten.
  await server.query(`drop database ${database}`)
})

test('lets several replicas share a PostgreSQL ledger', async () => {
  const place = await placeOn('postgres')
  const [one, two] = await Promise.all([place.open({ role: 'app' }), place.open({ role: 'app' })])
  const { id } = await record(one)
  expect((await two.grant(id))?.id).toBe(id)
})

test('says which path it can not write, and what to do', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'ledger-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  await writeFile(
    join(folder, 'file'),
    'not a ledger, but long enough to be told from an empty one'.repeat(20),
  )
  await mkdir(join(folder, 'folder'))
  for (const path of ['file/ledger.sqlite', 'folder', 'file'])
    await expect(openLedger({ url: `file:${join(folder, path)}` })).rejects.toMatchObject({
      name: 'LedgerUnavailableError',
      message: expect.stringMatching(new RegExp(`${folder}/${path}.*must be writable`)),
    })
})

test('makes files that only this user can read, in a folder that only this user can enter', async () => {
  const outside = await mkdtemp(join(tmpdir(), 'ledger-'))
  onTestFinished(() => rm(outside, { recursive: true, force: true }))
  const modesOf = async (folder: string) => {
    const names = (await readdir(folder)).sort()
    return Promise.all(
      names.map(async (name) => [name, ((await stat(join(folder, name))).mode & 0o777).toString(8)]),
    )
  }
  const url = `file:${join(outside, 'data', 'deep', 'ledger.sqlite')}`
  const ledger = await openLedger({ url, role: 'app' })
  await record(ledger)
  expect(await modesOf(join(outside, 'data', 'deep'))).toEqual([
    ['ledger.sqlite', '600'],
    ['ledger.sqlite-shm', '600'],
    ['ledger.sqlite-wal', '600'],
    ['ledger.sqlite.lock', '600'],
    ['ledger.sqlite.lock-journal', '600'],
  ])
  const file = join(outside, 'backup.sqlite')
  await backUp({ url, file })
  await ledger.close()
  await restore({ url: `file:${join(outside, 'restored', 'ledger.sqlite')}`, file })
  expect(await modesOf(outside)).toEqual([
    ['backup.sqlite', '600'],
    ['data', '700'],
    ['restored', '700'],
  ])
  expect(new Set((await modesOf(join(outside, 'restored'))).map(([, mode]) => mode))).toEqual(
    new Set(['600']),
  )
})

test('leaves what may read a file that was there as it was', async () => {
  const place = await placeOn('sqlite')
  const path = place.url.slice('file:'.length)
  await mkdir(dirname(path), { recursive: true })
  await writeFile(path, '')
  await chmod(path, 0o640)
  await place.open()
  expect((await stat(path)).mode & 0o777).toBe(0o640)
})

test('waits for its lock longer than for a silent server when it is brought up to date', async () => {
  const place = await placeOn('postgres')
  const other = new pg.Client(place.url)
  await other.connect()
  onTestFinished(() => other.end())
  await other.query('select pg_advisory_lock(7301881204)')
  const opened = place.open()
  await sleep(6500)
  await other.query('select pg_advisory_unlock(7301881204)')
  expect((await opened).engine).toBe('postgres')
})

test.each(
  engines,
)('gives what changes all rows a time of its own once it has the lock (%s)', async (engine) => {
  const place = await placeOn(engine)
  const opened = await openEngine({ url: place.url, role: 'tool' })
  onTestFinished(() => opened.close())
  const writes = createWrites(opened, undefined)
  const slow = async (tx: Kysely<Tables>) => {
    await sql`create table made (id integer)`.execute(tx)
    if (engine === 'postgres') await sql`select pg_sleep(1.5)`.execute(tx)
    else await sleep(1500)
  }
  await expect(writes.run(slow, 1000)).rejects.toBeInstanceOf(LedgerBusyError)
  await writes.run(slow, 1000, 60_000)
  expect(await place.sql('select * from made')).toEqual([])
  // Whoever waits meanwhile is told in time.
  const begun = Promise.withResolvers<void>()
  const more = Promise.withResolvers<void>()
  const long = writes.run(
    async () => {
      begun.resolve()
      await more.promise
    },
    60_000,
    60_000,
  )
  await begun.promise
  await expect(writes.run(slow, 100, 60_000)).rejects.toBeInstanceOf(LedgerBusyError)
  const other = await openEngine({ url: place.url, role: 'tool' })
  onTestFinished(() => other.close())
  await expect(createWrites(other, undefined).run(slow, 100, 60_000)).rejects.toBeInstanceOf(LedgerBusyError)
  more.resolve()
  await long
})

test.each(
  engines,
)('says in the log what it does to an older ledger, and nothing of a new one (%s)', async (engine) => {
  const lines: [string, object][] = []
  const tell = (fields: object, message: string) => void lines.push([message, fields])
  const logger = { info: tell, warn: tell, error: tell }
  await (await placeOn(engine)).open({ logger })
  const place = await placeOn(engine)
  await leaveLedger(place, readLeft('0007', 'paused'))
  expect(lines).toEqual([])
  await place.open({ logger })
  const [first, ...after] = lines
  const last = after.pop()
  const versions = { version: 7, to: expect.any(Number) }
  expect(first).toEqual([
    expect.stringMatching('bringing the ledger up to date: a large one takes minutes'),
    versions,
  ])
  expect(after[0]).toEqual(['changing the tables of the ledger', { migration: 8, name: 'made-anew' }])
  expect(last).toEqual(['the ledger is up to date', { ms: expect.any(Number) }])
  lines.length = 0
  await openLedger({ url: place.url, role: 'tool', logger }).then((opened) => opened.close())
  expect(lines).toEqual([])
})

test('refuses addresses that are no ledger', async () => {
  for (const url of ['file:', 'file::memory:', 'mysql://localhost/x', '', 'file://host/x'])
    await expect(openLedger({ url })).rejects.toMatchObject({ name: 'LedgerSetupError' })
})

test('gives each address of a PostgreSQL server the time of a slow handshake, in the tools, too', async () => {
  setDefaultAutoSelectFamilyAttemptTimeout(250)
  const place = await openOn('postgres')
  expect(place.ledger.engine).toBe('postgres')
  // More than the second after which the system repeats a packet, and time is left for another address.
  expect(getDefaultAutoSelectFamilyAttemptTimeout()).toBe(1200)
})

test('does not tell the password of a PostgreSQL server that it can not use', async () => {
  const place = await placeOn('postgres')
  const address = new URL(place.url)
  const wrong = ['postgres://user:hunter2@127.0.0.1:1/x', 'postgres://user:hunter2/@127.0.0.1:x/y']
  wrong.push(`postgres://tester:hunter2@${address.host}${address.pathname}`)
  for (const url of wrong) {
    const error = await openLedger({ url }).catch((error: unknown) => error)
    expect(error).toMatchObject({ name: expect.stringMatching(/^Ledger(Unavailable|Setup)Error$/) })
    expect(JSON.stringify(error, Object.getOwnPropertyNames(error))).not.toContain('hunter2')
  }
})

test.each(engines)('lets two connections write at once, one after the other (%s)', async (engine) => {
  const place = await openOn(engine)
  const other = await place.open()
  const recorded = await Promise.all(
    Array.from({ length: 20 }, (_, index) => record(index % 2 ? other : place.ledger)),
  )
  expect(new Set(recorded.map(({ id }) => id)).size).toBe(20)
})
