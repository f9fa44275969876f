import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { openLedger } from '../../src/ledger/ledger.ts'
import { engines, openOn, placeOn, usePostgres } from './engines.ts'
import { record } from './grants.ts'

usePostgres()
const front = new URL('../../src/ledger/ledger.ts', import.meta.url).href

/** A process that holds a ledger as an app does, and has claimed a grant in it. */
async function appOn(url: string) {
  const program = `import { openLedger } from ${JSON.stringify(front)}
    const ledger = await openLedger({ url: ${JSON.stringify(url)} })
    await ledger.claimDue({ worker: 'crashing', lease: 3_600_000 })
    process.stdout.write('ready')
    setInterval(() => {}, 1000)`
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
  expect(await place.ledger.claimDue({ worker: 'tool', lease: 1000 })).toBeNull()

  const waiting = place.open({ role: 'app' })
  await app.kill()
  const taken = await (await waiting).claimDue({ worker: 'next', lease: 1000 })
  expect(taken?.grant).toMatchObject({ id, attempts: 2, maybeExecutedAt: expect.any(Number) })
})

test('lets go of an SQLite ledger when it is closed', async () => {
  const place = await placeOn('sqlite')
  const first = await openLedger({ url: place.url })
  await first.close()
  await place.open({ role: 'app', waitForLock: 0 })
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

test('refuses addresses that are no ledger', async () => {
  for (const url of ['file:', 'file::memory:', 'mysql://localhost/x', '', 'file://host/x'])
    await expect(openLedger({ url })).rejects.toMatchObject({ name: 'LedgerUnavailableError' })
})

test('does not tell the password of a PostgreSQL server that it can not use', async () => {
  const place = await placeOn('postgres')
  const address = new URL(place.url)
  const wrong = ['postgres://user:hunter2@127.0.0.1:1/x', 'postgres://user:hunter2/@127.0.0.1:x/y']
  wrong.push(`postgres://tester:hunter2@${address.host}${address.pathname}`)
  for (const url of wrong) {
    const error = await openLedger({ url }).catch((error: unknown) => error)
    expect(error).toMatchObject({ name: 'LedgerUnavailableError' })
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
