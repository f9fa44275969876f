import { expect, test } from 'vitest'
import { openLedger } from '../../src/ledger/ledger.ts'
import { startPostgres } from '../../src/sandbox/postgres.ts'
import { openOn } from './engines.ts'
import { record } from './grants.ts'

const worker = 'w'
const lease = 60_000

test('says that nothing is written while PostgreSQL takes no writes, keeps what is there, and goes on by itself', async () => {
  const told: string[] = []
  const logger = { info() {}, warn() {}, error: (_fields: object, message: string) => told.push(message) }
  const { ledger, sql } = await openOn('postgres', { role: 'app', logger })
  const { id } = await record(ledger)
  const [database] = await sql('select current_database() as name')
  const takeWrites = async (does: boolean) => {
    const setting = `default_transaction_read_only = ${does ? 'off' : 'on'}`
    await sql(`begin read write; alter database ${database?.name} set ${setting}; commit`)
    // Connections keep what they began with.
    await sql(
      'select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()',
    )
  }
  await takeWrites(false)
  await expect.poll(() => ledger.grant(id).catch(() => null)).toMatchObject({ state: 'approved' })
  const busy = { name: 'LedgerBusyError', message: 'the ledger could not be written' }
  await expect(record(ledger)).rejects.toMatchObject(busy)
  await expect(ledger.claimDue({ worker, lease })).rejects.toMatchObject(busy)
  await expect(ledger.check()).rejects.toMatchObject(busy)
  expect(told.filter((message) => message.startsWith('the ledger can not be written'))).toHaveLength(1)

  await takeWrites(true)
  await expect.poll(() => record(ledger).catch(() => null)).toMatchObject({ state: 'approved' })
  expect((await ledger.claimDue({ worker, lease }))[0]?.grant.id).toBe(id)
})

test('says of reads, too, that the ledger is busy while PostgreSQL is away', async () => {
  const server = await startPostgres()
  const ledger = await openLedger({ url: server.url('postgres'), role: 'tool' })
  const { id } = await record(ledger)
  await server.stop()
  const busy = { name: 'LedgerBusyError', message: 'the ledger could not be read' }
  await expect(ledger.grant(id)).rejects.toMatchObject(busy)
  await expect(ledger.openGrantsOf({ openid: 'o' })).rejects.toMatchObject(busy)
  await expect(ledger.openHolds()).rejects.toMatchObject(busy)
  await expect(ledger.countLookups({ person: 'U1', since: 0 })).rejects.toMatchObject(busy)
  await ledger.close()
})
