import { sql } from 'kysely'
import {
  type CountedHold,
  claimable,
  type Hold,
  type HoldScope,
  isSameScope,
  MOST_COUNTED,
  partStoppedBy,
  stoppedOnlyBy,
} from '../domain/hold.ts'
import { stockIdOf } from '../domain/wechatpay-ids.ts'
import { countDue, firstDue } from './due.ts'
import { dueIn, sinceDue, unleased } from './queue.ts'
import type { NewHold } from './records.ts'
import { toHold } from './rows.ts'
import { type From, inChunks, lastEvent, type Tx } from './trail.ts'

/**
 * Holds are rows of their own, and no grant is written when one begins or ends: who claims or reads a grant looks at the
 * open ones. So a pause costs the same whatever waits behind it.
 */

/** Once in so long a hold lets one grant through, to see whether what it is about is over. */
export const PROBE_EVERY = 60_000

/** The open holds, the oldest first. */
export async function openHolds({ db, holds }: From): Promise<readonly Hold[]> {
  if (holds?.open) return holds.open
  const rows = await db
    .selectFrom('holds')
    .selectAll()
    .where('ended_at', 'is', null)
    .orderBy('since')
    .execute()
  const open = rows.map((row) => toHold(row).hold)
  if (holds) holds.open = open
  return open
}

/** With how many grants wait because of each: what is left to people is not sent without it either. */
export async function countWaiting(from: From, holds: readonly Hold[]): Promise<CountedHold[]> {
  const open = await openHolds(from)
  const counted = []
  for (const hold of holds) {
    const isOpen = hold.endedAt === null
    const waiting = isOpen ? await countDue(from.db, stoppedOnlyBy(hold, open), MOST_COUNTED + 1) : 0
    counted.push({ ...hold, waiting })
  }
  return counted
}

/** Begins a hold once: what it stops waits from now on. */
export async function beginHold(tx: Tx, hold: NewHold): Promise<boolean> {
  const { kind, stock, reason, message, by = 'app', tellIn = 0 } = hold
  const stockRef = stock?.ref ?? null
  if ((await openHolds(tx)).some((open) => isSameScope(open, { kind, stockRef }))) return false
  tx.holds.open = null
  await tx.db
    .insertInto('holds')
    .values({
      id: tx.randomId(),
      kind,
      stock_ref: stockRef,
      stock: stock?.key ?? null,
      reason,
      message,
      since: tx.now(),
      begun_after: lastEvent,
      begun_by: by,
      ended_at: null,
      ended_by: null,
      probe_at: dueIn(tx, PROBE_EVERY),
      due_at: dueIn(tx, tellIn),
      lags_since: dueIn(tx, tellIn),
      place: null,
      follows: 1,
    })
    .execute()
  return true
}

/**
 * Ends holds, if told so only those that had begun by then: what they stopped goes on at once, unless another hold stops it
 * as well.
 * @returns whether any was open
 */
export async function endHolds(
  tx: Tx,
  {
    scopes,
    reasons,
    begunBy,
    by,
  }: { scopes: readonly HoldScope[]; reasons?: readonly string[] | undefined; begunBy?: number; by: string },
): Promise<boolean> {
  const open = await openHolds(tx)
  const isMeant = (hold: Hold) =>
    scopes.some((scope) => isSameScope(scope, hold)) &&
    (reasons?.includes(hold.reason) ?? true) &&
    (begunBy === undefined || hold.since <= begunBy)
  const ended = open.filter(isMeant)
  if (ended.length === 0) return false
  tx.holds.open = null
  await tx.db
    .updateTable('holds')
    .set({
      ended_at: tx.now(),
      ended_after: lastEvent,
      ended_by: by,
      follows: 1,
      followed_to: null,
      due_at: sql<number>`coalesce(due_at, ${tx.clock})`,
      lags_since: sinceDue(tx),
    })
    .where(
      'id',
      'in',
      ended.map(({ id }) => id),
    )
    .execute()
  const free = claimable(open.filter((hold) => !isMeant(hold)))
  for (const hold of ended) await bringForward(tx, partStoppedBy(hold, free))
  return true
}

/** So many that were put off while they were held go on at once; any more do when their own time comes. */
const BROUGHT_FORWARD = 200

async function bringForward(tx: Tx, of: ReturnType<typeof partStoppedBy>): Promise<void> {
  const later = await firstDue(tx.db, of, BROUGHT_FORWARD, sql`g.due_at > ${tx.clock}`)
  await inChunks(later, (some) =>
    tx.db
      .updateTable('grants')
      .set({ due_at: tx.clock })
      .where(
        'id',
        'in',
        some.map(({ id }) => id),
      )
      .execute(),
  )
}

/** Shows open holds of stocks by what people call these now, and finds out what keys stand for that no grant has had. */
export async function nameStocks(tx: Tx, stocks: readonly { ref: string; key: string }[]): Promise<void> {
  for (const hold of await openHolds(tx)) {
    if (hold.stockRef === null) continue
    const isKey = hold.stockRef === `/${hold.stock}`
    const named = stocks.find(({ ref, key }) => (isKey ? key === hold.stock : ref === hold.stockRef))
    const stockRef = named?.ref ?? hold.stockRef
    const stock = named?.key ?? stockIdOf(hold.stockRef)
    if (stock === hold.stock && stockRef === hold.stockRef) continue
    const scope = { kind: hold.kind, stockRef }
    const isThere =
      stockRef !== hold.stockRef && (await openHolds(tx)).some((open) => isSameScope(open, scope))
    tx.holds.open = null
    await tx.db
      .updateTable('holds')
      .set(
        isThere
          ? { ended_at: tx.now(), ended_after: lastEvent, ended_by: 'app', due_at: null, ...unleased }
          : {
              stock_ref: stockRef,
              stock,
              due_at: sql<
                number | null
              >`case when place is null then due_at else coalesce(due_at, ${tx.clock}) end`,
              follows: stockRef === hold.stockRef ? sql<number>`follows` : 1,
            },
      )
      .where('id', '=', hold.id)
      .execute()
  }
}
