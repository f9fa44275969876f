import { type SqlBool, sql } from 'kysely'
import type { Grant, GrantState } from '../domain/grant.ts'
import {
  type CountedHold,
  claimable,
  type Hold,
  type HoldScope,
  isSameScope,
  MOST_COUNTED,
  partStoppedBy,
  SAME_USER,
  stoppedOnlyBy,
  trustText,
  whyItWaits,
} from '../domain/hold.ts'
import { stockIdOf, stockRefOf } from '../domain/wechatpay-ids.ts'
import { countDue, firstDue } from './due-grants.ts'
import { dueIn, sinceDue, unleased } from './queue.ts'
import type { NewHold } from './records.ts'
import { type GrantRow, toGrant, toHold } from './rows.ts'
import { addEvent, tellGrants } from './trail.ts'
import { type From, inChunks, lastEvent, type Tx } from './tx.ts'

/**
 * Holds are rows of their own, and no grant is written when one begins or ends: claims and reads of grants look at the
 * open holds. So a pause costs the same however many grants wait behind it.
 */

/** ms after which a hold lets one grant through, to see whether its cause is over. */
export const PROBE_EVERY = 60_000

/** The open holds, oldest first. */
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

/**
 * Counts the grants that wait because of each hold. Grants left to people don't count:
 * they aren't sent without it either.
 */
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

/** Begins a hold, unless one of its scope is open: the grants that it stops wait from now on. */
export async function beginHold(tx: Tx, hold: NewHold): Promise<boolean> {
  const { kind, stock, reason, message, trust, by = 'app', tellIn = 0 } = hold
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
      message: trust ? trustText(trust) + message : message,
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
 * Ends holds, with `begunBy` only those that had begun by then. The grants that they stopped continue at once, unless
 * another hold stops them too.
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

/** How many grants that were put off while held continue at once; any more continue when their own time comes. */
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

/** Shows open holds of stocks by the stocks' current names, and resolves keys that no grant has had. */
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

/**
 * While it is unknown whether an attempt gave a coupon, other grants of the same user and stock wait: another coupon
 * could be one too many. They show it like a hold, but only the other grant can end it.
 */

/** Grants `o` are of the same user and stock as `g`, and may still give a coupon. */
const isOther = sql<SqlBool>`o.subject = g.subject and o.stock_ref = g.stock_ref
  and o.state = 'issuing' and o.id <> g.id`

/**
 * Whether a grant `g` may be sent beside what is sent to its user: WeChat Pay refuses two at a time, of whatever stock.
 * It also waits until a lost attempt of its own is ended. It counts, because PostgreSQL turns `not exists` into a join
 * and, for each grant, walks everything that is issuing or was until lately.
 */
export const waitsForNoOther = sql<SqlBool>`((select count(*) from attempts a where a.subject = g.subject and a.ended_at is null) = 0
  and (select count(*) from grants o where ${isOther}) = 0)`

const holdable = (grant: Grant) => ({ ...grant, stockRef: stockRefOf(grant) })
const flaggedAt = ({ flag }: { flag: string | null }) => ({
  flaggedAt: (JSON.parse(flag ?? '{}') as { at: number }).at,
})

/** Adds to grants why they wait. */
export async function withHolds(from: From, grants: Grant[]): Promise<Grant[]> {
  const waiting = grants.filter(({ state }) => state === 'approved' || state === 'issuing')
  if (waiting.length === 0) return grants
  const holds = await openHolds(from)
  const free = waiting.filter((grant) => grant.state === 'approved' && !whyItWaits(holdable(grant), holds))
  const blockers = await blockersOf(
    from.db,
    free.map(({ id }) => id),
  )
  return grants.map((grant) => ({
    ...grant,
    hold: whyItWaits(holdable(grant), holds, blockers.get(grant.id)),
  }))
}

/** The grants with an unknown outcome that make each of these wait. */
async function blockersOf(db: Tx['db'], ids: string[]): Promise<Map<string, { flaggedAt: number }[]>> {
  if (ids.length === 0) return new Map()
  const { rows } = await sql<{ id: string; flag: string }>`select g.id as id, o.flag as flag from grants g
    join grants o on ${isOther} and o.flag is not null where g.id in (${sql.join(ids)})`.execute(db)
  const each = Map.groupBy(rows, ({ id }) => id)
  return new Map([...each].map(([id, of]) => [id, of.map(flaggedAt)]))
}

interface Blocker {
  id: string
  subject: string
  stock_ref: string
  state: GrantState
  flag: string | null
}

function blocks({ state, flag }: Pick<Blocker, 'state' | 'flag'>): boolean {
  return state === 'issuing' && flag !== null
}

/** Writes on a newly approved grant which others it waits for. @returns the grant after that, with why it waits */
export async function tellBlockers(tx: Tx, row: GrantRow): Promise<Grant> {
  const { id, subject, stock_ref } = row
  const blockers = await tx.db
    .selectFrom('grants')
    .select(['id', 'flag'])
    .where('subject', '=', subject)
    .where('stock_ref', '=', stock_ref)
    .where(sql<boolean>`state = 'issuing' and flag is not null`)
    .where('id', '<>', id)
    .execute()
  for (const { id: grant } of blockers)
    await addEvent(tx, { grantId: id, kind: 'held', actor: 'app', data: { reason: SAME_USER, grant } })
  const grant = toGrant({ ...row, version: row.version + blockers.length })
  return { ...grant, hold: whyItWaits(holdable(grant), await openHolds(tx), blockers.map(flaggedAt)) }
}

/**
 * Writes on the grants that wait for another one when the waiting begins and ends. Grants that a hold stops too have
 * the line as well: the trail shows it once the hold has ended.
 */
export async function tellBlocked(
  tx: Tx,
  before: Pick<Blocker, 'state' | 'flag'>,
  after: Blocker,
): Promise<void> {
  if (blocks(before) === blocks(after)) return
  const waiting = await tx.db
    .updateTable('grants')
    .set({ version: sql<number>`version + 1` })
    .where('subject', '=', after.subject)
    .where('stock_ref', '=', after.stock_ref)
    .where('state', '=', 'approved')
    .where('id', '<>', after.id)
    .returning('id')
    .execute()
  const kind = blocks(after) ? ('held' as const) : ('resumed' as const)
  const data = { reason: SAME_USER, grant: after.id }
  await tellGrants(tx, waiting, { kind, actor: 'app', data })
}
