import { randomInt } from 'node:crypto'
import type { Kysely } from 'kysely'
import { monotonicFactory } from 'ulid'
import { endLost, hasLost } from './attempts.ts'
import { openAuditReads } from './audit-reads.ts'
import { moveDays, setTimeZone } from './calendar.ts'
import { adopt, claimCards, endCards, lookForCards } from './cards.ts'
import { claimDue, slotIn } from './claim-grants.ts'
import { askElsewhere, closeChannel, closedChannelTold, openChannel } from './closed-channels.ts'
import { isAnyGrantDue } from './due-grants.ts'
import { type Engine, LedgerBusyError, LedgerSetupError, LedgerUnavailableError } from './engines.ts'
import { unusedSubjects } from './erasures.ts'
import { claimUntoldHolds, endUntoldHolds, followStep } from './follow-holds.ts'
import type { Ledger, LedgerOptions, LedgerReads } from './interface.ts'
import { readFigures } from './metrics-figures.ts'
import { LATEST_VERSION, migrate, versionOf } from './migrate.ts'
import { claimNotices, endNotices, endQuiet, hasQuiet } from './notices.ts'
import { isAnyDue, type Queue, unleased } from './queue.ts'
import { createReads } from './reads.ts'
import { nextGiven } from './reconciliation.ts'
import { recount } from './recount.ts'
import { isHeadDue, readSigner, sealNext, tellHead } from './seal-trail.ts'
import { openSqlite } from './sqlite.ts'
import type { Tables } from './tables.ts'
import type { Tx } from './tx.ts'
import { COMMIT_AT_LEAST, createTransaction, createWrites } from './writes.ts'

const LOCK_WITHIN = 30_000
const WRITE_WITHIN = 2_000
/** https://www.postgresql.org/docs/current/errcodes-appendix.html: insufficient_privilege. */
const FORBIDDEN = '42501'
/** How long a change of every grant waits for its turn, ms. */
const TURN_WITHIN = 30_000
/** The same while another replica may be migrating the ledger. */
const MIGRATION_WITHIN = 600_000
/**
 * How long a migration may take: a ledger of a million grants needs some minutes. An app that gave up would start over
 * at each start and never be ready.
 */
const LONG_WORK = 3_600_000

/**
 * Opens the ledger; creates and migrates it if needed.
 * @throws LedgerUnavailableError, LedgerSetupError, LedgerTooNewError, LedgerLockedError
 */
export async function openLedger(options: LedgerOptions): Promise<Ledger> {
  const { now = Date.now, randomId = createIds(), writeWithin = WRITE_WITHIN } = options
  const engine = await openEngine(options)
  const writes = createWrites(engine, options.logger)
  const { clock, rows, isOneOf } = engine
  const txOn = (db: Kysely<Tables>): Tx => ({
    db,
    holds: { open: null },
    clock,
    rows,
    isOneOf,
    now,
    randomId: () => randomId(),
  })
  const change = <T>(fn: (tx: Tx) => Promise<T>, within = writeWithin) =>
    writes.run((db) => fn(txOn(db)), within)
  /** Leaves time for the commit's answer before `until`. */
  const timeUntil = (until: number) => Math.min(writeWithin, until - COMMIT_AT_LEAST - performance.now())
  const ifDue = async <T>(queue: Queue, fn: (tx: Tx) => Promise<T[]>) =>
    (await isAnyDue(engine, queue)) ? change(fn) : []
  const changeAll = <T>(fn: (tx: Tx) => Promise<T>, turnWithin = TURN_WITHIN) =>
    writes.run((db) => fn(txOn(db)), turnWithin, LONG_WORK)
  try {
    // A new ledger has no version to read.
    const version = await versionOf(engine.reads).catch(() => null)
    const isOld = version !== null && version < LATEST_VERSION
    if (isOld)
      options.logger?.info(
        { version, to: LATEST_VERSION },
        'bringing the ledger up to date: a large one takes minutes, and is left as it was if it is stopped meanwhile',
      )
    await changeAll(
      async ({ db }) => {
        await migrate(db, engine.words, now(), { logger: options.logger })
        if (engine.isAlone) await freeLeases(db)
      },
      isOld ? MIGRATION_WITHIN : TURN_WITHIN,
    )
  } catch (error) {
    await engine.close()
    if ((error as { code?: unknown }).code === FORBIDDEN)
      throw new LedgerSetupError(
        `the ledger could not be brought up to date (${FORBIDDEN}: ${reasonOf(error as Error)}): let the user of DATABASE_URL make tables there, best by owning the database`,
        { cause: error },
      )
    if (!(error instanceof LedgerBusyError)) throw error
    throw new LedgerUnavailableError(
      `the ledger could not be brought up to date (${reasonOf(error)}): start again when nothing else writes to it, and there is room on its disk`,
      { cause: error },
    )
  }

  async function followUp({ limit }: { limit: number }): Promise<number> {
    while ((await lookForCards(engine)).following) {
      const made = await change((tx) => followStep(tx, limit))
      if (made > 0) return made
    }
    return 0
  }

  return {
    engine: engine.name,
    ...busyReads(engine),
    write: (fn, until) =>
      change((tx) => fn(createTransaction(tx)), until === undefined ? writeWithin : timeUntil(until)),
    isAnyDue: () => isAnyGrantDue(engine),
    claimDue: (of, first) =>
      change(async (tx) => {
        await first?.(createTransaction(tx))
        return claimDue(tx, of)
      }),
    endLost: async () => ((await hasLost(engine.reads, engine.clock)) ? change(endLost) : 0),
    slotIn: () => slotIn(engine.reads, engine.clock),
    followUp,
    async claimCards({ follow, ...of }) {
      const look = await lookForCards(engine)
      if (!look.due && (!follow || !look.following || (await followUp({ limit: follow })) === 0)) return []
      return change((tx) => claimCards(tx, of))
    },
    endCards: (worker, ends) => change((tx) => endCards(tx, worker, ends)),
    adoptCard: (id, place, from) => change((tx) => adopt(tx, 'cards', { id, place, from })),
    adoptHold: (id, place, from) => change((tx) => adopt(tx, 'holds', { id, place, from })),
    claimNotices: (of) => ifDue('notices', (tx) => claimNotices(tx, of)),
    endNotices: (worker, ends) => change((tx) => endNotices(tx, worker, ends)),
    endQuiet: async () => ((await hasQuiet(engine.reads)) ? change(endQuiet) : 0),
    channelClosed: (found) => change((tx) => closeChannel(tx, found)),
    channelOpen: (channel, foundBy) => change((tx) => openChannel(tx, channel, foundBy)),
    askElsewhere: (cardId, channels) => change((tx) => askElsewhere(tx, cardId, channels)),
    closedChannelTold: (channel) => change((tx) => closedChannelTold(tx, channel)),
    claimUntoldHolds: (of) => ifDue('holds', (tx) => claimUntoldHolds(tx, of)),
    endUntoldHolds: (worker, ends) => change((tx) => endUntoldHolds(tx, worker, ends)),
    setTimeZone: (timeZone) => change((tx) => setTimeZone(tx, timeZone, options.logger)),
    moveDays: async ({ limit }) =>
      (await createReads({ db: engine.reads }).calendar()).isMoving
        ? change((tx) => moveDays(tx, engine.words, limit))
        : 0,
    recount: () => changeAll((tx) => recount(tx)),
    seal: (by) => sealNext(engine, change, { ...by, now }),
    tellHead: async (every) =>
      (await isHeadDue(engine, now(), every)) ? change((tx) => tellHead(tx, every)) : null,
    unusedSubjects: (of) => unusedSubjects(engine.reads, of),
    nextGiven: (of) => nextGiven(engine.reads, of),
    apps: () => engine.apps(),
    figures: () => readFigures(engine.reads, engine.clock),
    audit: () =>
      openAuditReads(options.url).catch((error: unknown) => {
        throw new LedgerBusyError('the ledger could not be read', { cause: error })
      }),
    backedUpAt: () => readBackedUpAt(engine.reads),
    signedBy: () => readSigner(engine.reads),
    async check() {
      const at = now()
      await change(({ db }) =>
        db
          .insertInto('health')
          .values({ id: 1, at })
          .onConflict((conflict) => conflict.column('id').doUpdateSet({ at }))
          .execute(),
      )
      const row = await engine.reads.selectFrom('health').select('at').executeTakeFirst()
      if (!row) throw new LedgerUnavailableError('the ledger does not give back what was written to it')
    },
    async close() {
      await writes.idle()
      await engine.close()
    },
  }
}

/** Reads beside writes. A read that the ledger can't answer just now throws the same error as a write. */
function busyReads(engine: Engine): LedgerReads {
  type Read = (...of: unknown[]) => Promise<unknown>
  const reads = Object.entries<unknown>({ ...createReads({ db: engine.reads }) }).map(([name, read]) => [
    name,
    async (...of: unknown[]) => {
      try {
        return await (read as Read)(...of)
      } catch (error) {
        if (!engine.isBusy(error)) throw error
        throw new LedgerBusyError('the ledger could not be read', { cause: error })
      }
    },
  ])
  return Object.fromEntries(reads)
}

function reasonOf({ cause, message }: Error): string {
  return cause instanceof Error ? cause.message : message
}

/** @throws LedgerUnavailableError, LedgerSetupError, LedgerLockedError */
export async function openEngine({ url, role = 'app', waitForLock, logger }: LedgerOptions): Promise<Engine> {
  if (/^postgres(ql)?:/.test(url)) {
    // Loaded only when it is used: loading `pg` costs start-up time and memory.
    const { openPostgres } = await import('./postgres.ts')
    return openPostgres({ url, role, logger })
  }
  const lockWithin = role === 'app' ? (waitForLock ?? LOCK_WITHIN) : null
  if (url.startsWith('file:')) return openSqlite({ url, lockWithin, logger })
  throw new LedgerSetupError(
    'DATABASE_URL must begin with file: (SQLite, as in file:./data/ledger.sqlite) or postgres:',
  )
}

/** When the tool last backed up a ledger of this version. */
export async function readBackedUpAt(reads: Kysely<Tables>): Promise<number | null> {
  const row = await reads.selectFrom('health').select('backed_up_at').executeTakeFirst()
  return row?.backed_up_at ?? null
}

/** Sortable ids, each later than the one before. */
export function createIds(): () => string {
  const next = monotonicFactory(random)
  return () => next()
}

/**
 * From 0 to 1, from unguessable numbers; ulid's own generator asks the system for each letter, which takes far longer.
 */
function random(): number {
  return randomInt(2 ** 32) / 2 ** 32
}

/** No other app uses this ledger: every lease is left from a crash, and its work is taken up at once. */
export async function freeLeases(db: Kysely<Tables>): Promise<void> {
  await db.updateTable('grants').set(unleased).where('lease_until', 'is not', null).execute()
  for (const queue of ['cards', 'notices', 'holds'] as const)
    await db.updateTable(queue).set(unleased).where('due_at', 'is not', null).execute()
}
