import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { setImmediate } from 'node:timers/promises'
import { expect, onTestFinished, test } from 'vitest'
import {
  backUp,
  examineLedger,
  forgetBackup,
  type Ledger,
  openLedger,
  restore,
} from '../../src/ledger/ledger.ts'
import { engines, openOn, placeOn } from './engines.ts'
import { leaveLedger, readLeft } from './fixtures/left-ledger.ts'
import { dm, newGrant, record } from './grants.ts'

const worker = 'w'
const lease = 60_000

function newFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'copies-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

/** As a copy of the disk would have it. */
async function wholeFile(ledger: Ledger, url: string): Promise<Buffer> {
  await ledger.close()
  return readFileSync(url.slice('file:'.length))
}

/** Something in every table. */
async function fill(ledger: Ledger): Promise<void> {
  await ledger.write((tx) => tx.putInForce({ hash: 'h', text: '发放: 1' }))
  const pending = newGrant({ state: 'pending', openid: 'oTESTuser0000000000000000002', note: '“quoted”\n€' })
  const asked = await ledger.write((tx) => tx.recordGrant(pending, []))
  await ledger.write(async (tx) => {
    await tx.decide({ grantId: asked.id, approver: 'U1', kind: 'approve', reason: null })
    await tx.decide({ grantId: asked.id, approver: 'U2', kind: 'reject', reason: 'no' })
    await tx.notice({ kind: 'reminder', grantId: asked.id })
    await tx.beginHold({
      kind: 'stock',
      stock: { ref: '1/2', key: 'other' },
      reason: 'NO_AUTH',
      message: 'x',
    })
    const verdict = { kind: 'issued', couponId: 'c1' } as const
    await tx.propose({ grantId: asked.id, verdict, evidence: 'seen', by: 'U1' })
  })
  await ledger.channelClosed({ channel: 'C1', code: 'is_archived', foundBy: 'post', alerts: null })
  await record(ledger)
  await ledger.claimDue({ worker, lease })
  await ledger.write((tx) => tx.order('once'))
  const absence = { until: Date.UTC(2100, 0, 1), standIn: 'U2' }
  await ledger.write((tx) => tx.setAbsence({ person: 'U1', by: 'U1', absence }))
  await ledger.write(async (tx) => {
    const subject = await tx.subject({ openid: 'to-be-erased', appid: 'wx' })
    await tx.askErasure({ subject, by: 'U1' })
  })
  const given = await record(ledger, { openid: 'oTESTgiven' })
  await ledger.write((tx) =>
    tx.noteListed(
      { ...given, grantId: given.id, stockRef: '1900000001/1304490000000059' },
      { coupons: [{ couponId: 'c9', state: 'SENDED', used: 0 }], from: 0, to: 0 },
    ),
  )
  await ledger.seal({ sign: null, randomHex: () => 'a'.repeat(64) })
  await ledger.write(async (tx) => {
    for (let user = 0; user < 250; user++)
      await tx.recordGrant(newGrant({ openid: `oTESTmany${String(user).padStart(19, '0')}` }), [dm])
  })
}

const tablesOf = (path: string) => {
  const database = new DatabaseSync(path, { readOnly: true })
  try {
    const names = database
      .prepare(
        `select name from sqlite_master where type = 'table' and name not like 'sqlite%' order by name`,
      )
      .all()
      .map(({ name }) => String(name))
    return new Map(names.map((name) => [name, database.prepare(`select * from ${name}`).all()]))
  } finally {
    database.close()
  }
}

/** Rows without their order; PostgreSQL's client gives whole numbers as text. */
const texts = (rows: Record<string, unknown>[]) =>
  rows
    .map((row) =>
      Object.entries(row)
        .map(([name, value]) => `${name}=${value}`)
        .sort()
        .join(),
    )
    .sort()

test.each(engines)('copies every row while somebody writes, and shows one moment (%s)', async (engine) => {
  const place = await openOn(engine)
  await fill(place.ledger)
  const file = join(newFolder(), 'backup.sqlite')
  let isDone = false
  const writing = (async () => {
    // As other people do: between two writes timers have their turn, for which whoever waits for the lock waits.
    while (!isDone) await Promise.all([record(place.ledger, {}, []), setImmediate()])
  })()
  const copied = await backUp({ url: place.url, file }).finally(() => {
    isDone = true
  })
  await writing

  const tables = tablesOf(file)
  const emptied = [...tables].filter(([name, rows]) => rows.length === 0 && name !== 'health')
  expect(emptied).toEqual([])
  // Neither half of a transaction, nor what came after the first read: each grant has its two events.
  const grants = tables.get('grants') ?? []
  expect(grants.length).toBe(copied.rows.grants)
  const requested = (tables.get('events') ?? []).filter(({ kind }) => kind === 'requested')
  expect(requested.map(({ grant_id }) => grant_id).sort()).toEqual(grants.map(({ id }) => id).sort())
  for (const table of ['attempts', 'cards', 'decisions', 'policies', 'settlements', 'notices', 'orders'])
    expect(tables.get(table)?.length, table).toBe(
      Number((await place.sql(`select count(*) as rows from ${table}`))[0]?.rows),
    )
  expect(tables.get('texts')?.map(({ text }) => text)).toContain('“quoted”\n€')
  expect(statSync(file).mode & 0o777).toBe(0o600)
})

test('leaves nothing beside the copy, and the copy can be opened where nothing can be written', async () => {
  const { ledger, url } = await openOn('sqlite')
  await record(ledger)
  const folder = newFolder()
  await backUp({ url, file: join(folder, 'backup.sqlite') })
  expect(readdirSync(folder)).toEqual(['backup.sqlite'])
  // A file in WAL mode would need two more beside it.
  expect(readFileSync(join(folder, 'backup.sqlite'))[18]).toBe(1)
})

test.each(
  engines,
)('knows when it was last backed up, and its copy knows nothing of that (%s)', async (engine) => {
  const { ledger, url } = await openOn(engine)
  const folder = newFolder()
  const file = join(folder, 'backup.sqlite')
  expect(await ledger.backedUpAt()).toBe(null)
  const { at, isNoted } = await backUp({ url, file })
  expect({ isNoted, at: await ledger.backedUpAt() }).toEqual({ isNoted: true, at })
  expect(await examineLedger(url)).toMatchObject({ kind: 'good', backedUpAt: at })
  // The trial write leaves it.
  await ledger.check()
  await backUp({ url, file: join(folder, 'later.sqlite'), now: () => at + 5 })
  expect(await ledger.backedUpAt()).toBe(at + 5)
  // Of somebody who changed to another way, and back.
  await forgetBackup(url)
  expect(await examineLedger(url)).toMatchObject({ kind: 'good', backedUpAt: null })
  await backUp({ url, file: join(folder, 'again.sqlite'), now: () => at + 9 })
  expect(await ledger.backedUpAt()).toBe(at + 9)
  const twice = await backUp({ url: `file:${file}`, file: join(folder, 'of-a-backup.sqlite') })
  expect(twice.isNoted).toBe(false)
  expect(readFileSync(file)[18]).toBe(1)
  const copy = await openLedger({ url: `file:${file}` })
  onTestFinished(() => copy.close())
  expect(await copy.backedUpAt()).toBe(null)
})

test.each(engines)('starts paused where the copy itself is started, and says why (%s)', async (engine) => {
  const { ledger, url } = await openOn(engine)
  const { id } = await record(ledger)
  const file = join(newFolder(), 'backup.sqlite')
  const { at } = await backUp({ url, file })
  expect(await ledger.openHolds()).toEqual([])

  const copy = await openLedger({ url: `file:${file}` })
  onTestFinished(() => copy.close())
  expect(await copy.claimDue({ worker, lease })).toEqual([])
  expect((await copy.grant(id))?.hold?.reason).toBe('restored')
  const [hold] = await copy.countedHolds()
  expect(hold).toMatchObject({ kind: 'paused', begunBy: 'app', waiting: 1 })
  expect(hold?.message).toContain(`restored from a backup of ${new Date(at).toISOString()}: resume when`)
  // The operators are to be told of it.
  expect(await copy.claimUntoldHolds({ worker, lease, limit: 1 })).toMatchObject([
    { hold: { kind: 'paused' } },
  ])

  await copy.write((tx) => tx.endHolds({ scopes: [{ kind: 'paused' }], by: 'U1' }))
  expect((await copy.claimDue({ worker, lease }))[0]?.grant).toMatchObject({ id, sendRequestNo: id })
})

test.each([
  ['backup', 'sqlite'],
  ['file', 'sqlite'],
  ['file', 'postgres'],
] as const)('leaves to people what was open, as it may have been given since (%s, to %s)', async (kind, to) => {
  const HOUR = 3_600_000
  let time = 1_800_000_000_000
  const { ledger, url } = await openOn('sqlite', { now: () => time })
  const of = (name: string) => ({ openid: `oTEST${name.padStart(23, '0')}` })
  const issuing = await record(ledger, of('issuing'))
  await ledger.claimDue({ worker, lease: 0 })
  const asked = await record(ledger, {
    ...of('pending'),
    state: 'pending',
    approvedByRule: null,
    remindAt: time,
  })
  const approved = await record(ledger, of('approved'))
  const rejected = await record(ledger, { ...of('rejected'), state: 'pending' })
  await ledger.write((tx) => tx.step(rejected.id, 'reject', 'U1', { ended: { by: 'U1' }, said: 'no' }))
  const last = time
  time += HOUR
  const file = join(newFolder(), 'backup.sqlite')
  if (kind === 'backup') await backUp({ url, file, now: () => time })
  else writeFileSync(file, await wholeFile(ledger, url))
  time += 72 * HOUR
  const place = await placeOn(to)
  await restore({ url: place.url, file, now: () => time })
  const copy = await place.open({ role: 'app', now: () => time })

  const doubtful = { state: 'issuing', flag: { kind: 'needs-look', reason: 'restored' } }
  for (const { id } of [asked, approved])
    expect(await copy.grant(id)).toMatchObject({ ...doubtful, firstAttemptAt: last, maybeExecutedAt: last })
  const begun = await copy.grant(issuing.id)
  expect(begun).toMatchObject({ ...doubtful, firstAttemptAt: last })
  expect(begun?.maybeExecutedAt).not.toBeNull()
  expect(await copy.attemptsOf(issuing.id)).toMatchObject([{ outcome: 'lost', maybeExecuted: true }])
  expect((await copy.grant(rejected.id))?.state).toBe('rejected')
  expect((await copy.eventsOf(asked.id)).map(({ kind }) => kind)).toEqual(['requested', 'restored', 'held'])
  // Nobody in this ledger has approved it: nothing is ever sent for it.
  expect(await copy.write((tx) => tx.endHolds({ scopes: [{ kind: 'paused' }], by: 'U1' }))).toBe(true)
  const claims = await copy.claimDue({ worker, lease, limit: 5 })
  expect(claims.map(({ grant }) => grant.id).sort()).toEqual([issuing.id, approved.id].sort())
  expect(await copy.claimDue({ worker, lease })).toEqual([])
})

test('takes a restored ledger that an app has used for one, not for the backup that it came from', async () => {
  const first = await openOn('sqlite')
  const backup = join(newFolder(), 'backup.sqlite')
  await backUp({ url: first.url, file: backup })
  const second = await placeOn('sqlite')
  await restore({ url: second.url, file: backup })
  const used = await second.open({ role: 'app' })
  const { id } = await record(used)
  const file = join(newFolder(), 'copy.sqlite')
  writeFileSync(file, await wholeFile(used, second.url))
  const third = await placeOn('sqlite')
  await restore({ url: third.url, file })
  expect(await (await third.open()).grant(id)).toMatchObject({
    state: 'issuing',
    flag: { kind: 'needs-look', reason: 'restored' },
  })
})

test('sends nothing of a restored ledger for the first time while answers can not be verified', async () => {
  const { ledger, url } = await openOn('sqlite')
  const { id } = await record(ledger)
  await record(ledger, { state: 'pending', approvedByRule: null, openid: 'oTESTuser0000000000000000002' })
  await ledger.write((tx) =>
    tx.beginHold({ kind: 'first-attempts', reason: 'untrusted-answers', message: '' }),
  )
  const file = join(newFolder(), 'backup.sqlite')
  await backUp({ url, file })
  const place = await placeOn('sqlite')
  await restore({ url: place.url, file })
  const copy = await place.open({ role: 'app' })
  const paused = (await copy.countedHolds()).find(({ kind }) => kind === 'paused')
  // What nobody has approved is not waiting to be issued.
  expect(paused?.waiting).toBe(1)
  await copy.write((tx) => tx.endHolds({ scopes: [{ kind: 'paused' }], by: 'U1' }))
  expect(await copy.claimDue({ worker, lease })).toEqual([])
  expect((await copy.grant(id))?.hold?.reason).toBe('untrusted-answers')
  await copy.write((tx) => tx.endHolds({ scopes: [{ kind: 'first-attempts' }] }))
  expect((await copy.claimDue({ worker, lease }))[0]?.grant.id).toBe(id)
})

test('goes on as if nothing had happened with what is moved from an app that was stopped', async () => {
  const place = await placeOn('sqlite')
  const app = await openLedger({ url: place.url })
  const asked = await record(app, { state: 'pending' })
  const approved = await record(app, { openid: 'oTESTuser0000000000000000002' })
  const file = join(newFolder(), 'backup.sqlite')
  const { url } = place
  await expect(backUp({ url, file, stopped: true })).rejects.toMatchObject({ name: 'LedgerLockedError' })
  expect(existsSync(file)).toBe(false)
  await app.close()
  await backUp({ url, file, stopped: true })
  for (const from of [file, url.slice('file:'.length)]) {
    const target = await placeOn('sqlite')
    await restore({ url: target.url, file: from, stopped: from !== file })
    const copy = await target.open()
    expect(await copy.grant(asked.id)).toMatchObject({ state: 'pending', maybeExecutedAt: null, flag: null })
    expect(await copy.grant(approved.id)).toMatchObject({ state: 'approved', maybeExecutedAt: null })
    expect(await copy.openHolds()).toMatchObject([{ kind: 'paused', reason: 'restored' }])
  }
})

test('says that it was restored though it was paused before', async () => {
  const { ledger, url } = await openOn('sqlite')
  const { id } = await record(ledger)
  await ledger.write((tx) =>
    tx.beginHold({ kind: 'paused', reason: 'paused', message: 'budget', by: 'U0OPERATOR' }),
  )
  const [hold] = await ledger.claimUntoldHolds({ worker, lease, limit: 1 })
  await ledger.endUntoldHolds(worker, [
    { id: hold?.hold.id ?? '', told: { ended: false, place: { channel: 'C', ts: '1' } } },
  ])
  const file = join(newFolder(), 'backup.sqlite')
  await backUp({ url, file })
  const copy = await openLedger({ url: `file:${file}`, role: 'tool' })
  onTestFinished(() => copy.close())
  expect(await copy.openHolds()).toMatchObject([{ kind: 'paused', reason: 'restored', begunBy: 'app' }])
  expect((await copy.grant(id))?.hold?.reason).toBe('restored')
  expect(await copy.claimUntoldHolds({ worker, lease, limit: 1 })).toMatchObject([{ place: null }])
})

test.each([
  ['sqlite', 'postgres'],
  ['postgres', 'sqlite'],
] as const)('moves a ledger from %s to %s, and goes on numbering', async (from, to) => {
  const old = await openOn(from)
  await fill(old.ledger)
  const file = join(newFolder(), 'backup.sqlite')
  const backedUp = await backUp({ url: old.url, file })
  const before = tablesOf(file)
  const place = await placeOn(to)
  const restored = await restore({ url: place.url, file })
  expect(restored.rows).toMatchObject({ grants: backedUp.rows.grants, attempts: backedUp.rows.attempts })

  for (const [table, rows] of before) {
    if (['migrations', 'health'].includes(table)) continue
    const copy = await place.sql(`select * from ${table}`)
    expect(texts(copy), table).toEqual(texts(rows))
  }
  const highest = Math.max(...(before.get('events') ?? []).map(({ id }) => Number(id)))
  const ledger = await place.open({ role: 'app' })
  const { id } = await record(ledger)
  expect((await ledger.eventsOf(id))[0]?.id).toBe(highest + 1)
  expect((await ledger.openHolds()).map(({ kind }) => kind).sort()).toEqual(['paused', 'stock'])
})

test.each(engines)('fills only an empty ledger (%s)', async (engine) => {
  const { url, ledger, sql } = await openOn(engine)
  const { id } = await record(ledger)
  const file = join(newFolder(), 'backup.sqlite')
  await backUp({ url, file })
  await expect(restore({ url, file })).rejects.toMatchObject({
    name: 'LedgerNotEmptyError',
    message: expect.stringContaining('holds subjects already'),
  })
  expect(await sql('select id from grants')).toEqual([{ id }])
  expect(await ledger.openHolds()).toEqual([])
})

test('fills no ledger that an app runs on', async () => {
  const place = await placeOn('sqlite')
  await place.open({ role: 'app' })
  const other = await openOn('sqlite')
  const file = join(newFolder(), 'backup.sqlite')
  await backUp({ url: other.url, file })
  await expect(restore({ url: place.url, file })).rejects.toMatchObject({ name: 'LedgerLockedError' })
})

test('overwrites nothing, and makes no ledger where there was none', async () => {
  const { url } = await openOn('sqlite')
  const folder = newFolder()
  const file = join(folder, 'backup.sqlite')
  writeFileSync(file, 'mine')
  await expect(backUp({ url, file })).rejects.toMatchObject({ name: 'LedgerNotEmptyError' })
  expect(readFileSync(file, 'utf8')).toBe('mine')

  const nothing = join(folder, 'nothing.sqlite')
  await expect(backUp({ url: `file:${nothing}`, file: join(folder, 'b') })).rejects.toMatchObject({
    name: 'LedgerUnavailableError',
  })
  await expect(restore({ url, file })).rejects.toMatchObject({ name: 'LedgerUnavailableError' })
  expect(existsSync(nothing)).toBe(false)
  expect(readdirSync(folder)).toEqual(['backup.sqlite'])
})

test('restores what an older version has kept', async () => {
  const source = await placeOn('sqlite')
  const left = readLeft('0007', 'paused')
  await leaveLedger(source, left)
  const place = await placeOn('sqlite')
  await restore({ url: place.url, file: source.url.slice('file:'.length) })
  const copy = await place.open()
  for (const id of Object.values(left.grants)) expect((await copy.grant(id))?.id).toBe(id)
  expect(await copy.openHolds()).toContainEqual(
    expect.objectContaining({ kind: 'paused', reason: 'restored' }),
  )
})
