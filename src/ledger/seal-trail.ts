import { setImmediate as nextTurn } from 'node:timers/promises'
import { type Kysely, sql } from 'kysely'
import { beginSealing, type Seal, type SealHead, type StoredEvent } from '../domain/seal.ts'
import { type Engine, LedgerSetupError } from './engines.ts'
import { addNotice } from './notices.ts'
import type { Tables } from './tables.ts'
import type { Tx } from './tx.ts'

/** How the trail is sealed. For what a seal is, see `domain/seal.ts`. */

/** Most lines in one seal, so that one step is short however many wait. */
export const MOST_SEALED = 5000
/** Lines read at a time; other work gets a turn in between. */
export const CHUNK = 500

export interface SealBy {
  /** Epoch ms. */
  now(): number
  /** 32 random bytes in hex, which identify a new ledger from then on. */
  randomHex(): string
  /** Signs a hash; null: there is no key. */
  sign: ((hash: string) => { key: string; signature: string }) | null
}

/**
 * Seals the next lines of the trail, if there are any.
 *
 * It reads the last line's id under the write lock. PostgreSQL hands out ids before their transactions commit: only
 * while nobody else writes is it certain that nothing will still appear below the highest id. It then reads the lines
 * without the lock, because they never change.
 * @param change runs a write
 * @returns how many were sealed; 0: none are left, or another replica was faster
 * @throws LedgerSetupError if the trail was signed and there is no key any more:
 *   an unsigned seal would look forged forever
 */
export async function sealNext(
  { reads }: Pick<Engine, 'reads'>,
  change: <T>(fn: (tx: Tx) => Promise<T>) => Promise<T>,
  by: SealBy,
): Promise<number> {
  const { head, upTo } = await change(async ({ db }) => ({
    head: await headOf(db),
    upTo: await lastIdOf(db),
  }))
  const after = head?.last ?? 0
  if (upTo <= after) return 0
  if (head?.key && !by.sign)
    throw new LedgerSetupError(
      `the trail is signed by ${head.key} up to seal ${head.number}, and nothing is sealed until a key is given: set AUDIT_KEY_FILE`,
    )
  const sealing = beginSealing()
  let last = after
  while (sealing.count() < MOST_SEALED) {
    const events = await eventsAfter(reads, { after: last, upTo, limit: CHUNK })
    for (const event of events) sealing.add(event)
    last = events.at(-1)?.id ?? last
    if (events.length < CHUNK) break
    await nextTurn()
  }
  const count = sealing.count()
  // The highest id may belong to a transaction that was rolled back.
  if (count === 0) return 0
  const link = { number: (head?.number ?? 0) + 1, last, before: head?.hash ?? by.randomHex(), at: by.now() }
  const marks = sealing.marks()
  const hash = sealing.end(link)
  const { key, signature } = by.sign?.(hash) ?? { key: null, signature: null }
  return change(async ({ db }) => {
    const now = await headOf(db)
    if (now?.number !== head?.number) return 0
    await db
      .insertInto('seals')
      .values({ ...link, count, marks, hash, key, signature })
      .execute()
    return count
  })
}

/** The last seal; null: there is none yet. */
export async function headOf(db: Kysely<Tables>): Promise<SealHead | null> {
  const head = await db
    .selectFrom('seals')
    .select(['number', 'last', 'hash', 'key', 'at'])
    .orderBy('number', 'desc')
    .limit(1)
    .executeTakeFirst()
  return head ?? null
}

/** The public key of the last seal; null: it is unsigned, or there is none. */
export async function readSigner(db: Kysely<Tables>): Promise<string | null> {
  return (await headOf(db))?.key ?? null
}

async function lastIdOf(db: Kysely<Tables>): Promise<number> {
  const { last } = await db
    .selectFrom('events')
    .select(({ fn }) => fn.max('id').as('last'))
    .executeTakeFirstOrThrow()
  return last ?? 0
}

/** The next lines as stored, in order. */
export async function eventsAfter(
  db: Kysely<Tables>,
  { after, upTo, limit }: { after: number; upTo: number; limit: number },
): Promise<StoredEvent[]> {
  return db
    .selectFrom('events')
    .select(['id', 'grant_id', 'kind', 'actor', 'subject', 'at', 'data', 'said_text'])
    .where('id', '>', after)
    .where('id', '<=', upTo)
    .orderBy('id')
    .limit(limit)
    .execute()
}

/** The next seals, in order. */
export function sealsAfter(db: Kysely<Tables>, after: number, limit: number): Promise<Seal[]> {
  return db
    .selectFrom('seals')
    .selectAll()
    .where('number', '>', after)
    .orderBy('number')
    .limit(limit)
    .execute()
}

/**
 * Records that the last seal is reported now, and reports it to the operators,
 * if the last report is at least `every` old.
 * @param every ms
 * @returns the reported seal; null: it isn't new, or it isn't time yet
 */
export async function tellHead(tx: Tx, every: number): Promise<SealHead | null> {
  const head = await headOf(tx.db)
  if (!head) return null
  const now = tx.now()
  // The first day begins with the first seal.
  const { numUpdatedRows: begun } = await tx.db
    .updateTable('sealing')
    .set({ told_at: now })
    .where('told_at', '=', 0)
    .executeTakeFirst()
  if (begun > 0n) return null
  const noted = await tx.db
    .updateTable('sealing')
    .set({ told_number: head.number, told_hash: head.hash, told_at: now })
    .where('told_number', '<', head.number)
    // Also if the clock was set back.
    .where(sql<boolean>`(told_at <= ${now - every} or told_at > ${now})`)
    .returning('id')
    .executeTakeFirst()
  if (!noted) return null
  await addNotice(tx, { kind: 'sealed', ...head })
  return head
}

/** Whether `tellHead` would report something; saves beginning a transaction for nothing. */
export async function isHeadDue(
  { reads }: Pick<Engine, 'reads'>,
  now: number,
  every: number,
): Promise<boolean> {
  const due = await reads
    .selectFrom('sealing')
    .select('id')
    .where(sql<boolean>`(told_at <= ${now - every} or told_at > ${now})`)
    .where('told_number', '<', ({ selectFrom }) =>
      selectFrom('seals').select(({ fn }) => fn.coalesce(fn.max('number'), sql<number>`0`).as('number')),
    )
    .executeTakeFirst()
  return due !== undefined
}
