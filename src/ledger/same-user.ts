import { type SqlBool, sql } from 'kysely'
import type { Grant, GrantState } from '../domain/grant.ts'
import { SAME_USER, whyItWaits } from '../domain/hold.ts'
import { stockRefOf } from '../domain/wechatpay-ids.ts'
import { openHolds } from './holds.ts'
import { type GrantRow, toGrant } from './rows.ts'
import { addEvent, type From, type Tx, tellGrants } from './trail.ts'

/**
 * While it is not known whether an attempt gave a coupon, other grants of the same user and stock wait: another coupon
 * could be one too many. That is told on them like a hold, though it is nobody's to end but the other grant's.
 */

/** Grants `o` are of the same user and stock as `g`, and may give a coupon yet. */
const isOther = sql<SqlBool>`o.subject = g.subject and o.stock_ref = g.stock_ref
  and o.state = 'issuing' and o.id <> g.id`

/**
 * Whether a grant `g` may be sent beside what is sent to its user: WeChat Pay refuses two at a time, of whatever stock. Not
 * before an attempt of its own that was lost is ended, either. Counted, since PostgreSQL turns `not exists` into a join, and
 * walks all that is issuing, or was until lately, for each grant.
 */
export const waitsForNoOther = sql<SqlBool>`((select count(*) from attempts a where a.subject = g.subject and a.ended_at is null) = 0
  and (select count(*) from grants o where ${isOther}) = 0)`

const holdable = (grant: Grant) => ({ ...grant, stockRef: stockRefOf(grant) })
const flaggedAt = ({ flag }: { flag: string | null }) => ({
  flaggedAt: (JSON.parse(flag ?? '{}') as { at: number }).at,
})

/** Lays over grants why they wait. */
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

/** The grants whose outcome is not known that make each of these wait. */
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

/** Tells a grant that was approved just now which others it waits for. @returns it as it is then, with why it waits */
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
 * Tells the grants that wait for another one when that begins, and when it ends. What a hold stops as well has the line too:
 * the trail shows it once the hold has ended.
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
