import { type Selectable, sql } from 'kysely'
import type { Place } from '../domain/card.ts'
import { type CountedHold, stops } from '../domain/hold.ts'
import { keepAsOnly } from './cards.ts'
import { countWaiting } from './holds.ts'
import { followPolicy } from './policies.ts'
import { type Claim, claim, giveBack } from './queue.ts'
import { toHold } from './rows.ts'
import type { GrantsTable } from './tables.ts'
import { drawAnew } from './trail.ts'
import type { Tx } from './tx.ts'

/**
 * Cards show what makes a grant wait. When a hold begins or ends, the cards of all grants that it stops follow in the
 * background, newest first and only a few at a time: other cards are drawn in between,
 * and nobody waits for a long write.
 */

/** How many grants one step looks at; most may be of other stocks. */
const LOOKED_AT = 1000

/**
 * Makes the cards of the next grants due that a hold began or ceased to stop,
 * then of pending grants when the policy changed.
 * @returns for how many grants
 */
export async function followStep(tx: Tx, limit: number): Promise<number> {
  const rows = await tx.db.selectFrom('holds').selectAll().where('follows', '=', sql.lit(1)).execute()
  // The hold that is still at the newest grants.
  const newest = rows.toSorted((one, other) =>
    (one.followed_to ?? '') === (other.followed_to ?? '')
      ? 0
      : one.followed_to === null || (other.followed_to !== null && one.followed_to > other.followed_to)
        ? -1
        : 1,
  )[0]
  if (!newest) return followPolicy(tx, limit)
  const { hold } = toHold(newest)
  const looked = await openBefore(tx, newest.followed_to)
  const found: string[] = []
  let last: string | null = null
  for (const grant of looked) {
    if (found.length === limit) break
    last = grant.id
    if (stops(hold, { ...grant, stockRef: grant.stock_ref })) found.push(grant.id)
  }
  const isDone = looked.length < LOOKED_AT && last === (looked.at(-1)?.id ?? null)
  await tx.db
    .updateTable('holds')
    .set({ follows: isDone ? 0 : 1, followed_to: isDone ? null : last })
    .where('id', '=', hold.id)
    .execute()
  await drawAnew(tx, found)
  return found.length
}

type Looked = Pick<Selectable<GrantsTable>, 'id' | 'state' | 'stock_ref' | 'attempts'>

/** Approved and issuing grants, newest first. */
async function openBefore(tx: Tx, before: string | null): Promise<Looked[]> {
  const found: Looked[] = []
  for (const state of ['approved', 'issuing'])
    found.push(
      ...(await tx.db
        .selectFrom('grants')
        .select(['id', 'state', 'stock_ref', 'attempts'])
        .where(sql<boolean>`state = ${sql.lit(state)}`)
        .$if(before !== null, (query) => query.where('id', '<', before ?? ''))
        .orderBy('id', 'desc')
        .limit(sql.lit(LOOKED_AT))
        .execute()),
    )
  return found.toSorted((one, other) => (one.id < other.id ? 1 : -1)).slice(0, LOOKED_AT)
}

export interface UntoldHold {
  hold: CountedHold
  place: Place | null
  /** Above 0 without a place, an earlier message may exist. */
  tries: number
  triedIn: string | null
}

/** The result for a claimed hold. @param told.ended whether its end was told @param retryIn ms until the next try */
export type HoldEnd = { id: string } & (
  | { told: { ended: boolean; place: Place | null } }
  | { retryIn: number }
)

/** Claims holds whose begin or end the operators don't know yet. @param of.channel the channel of this try */
export async function claimUntoldHolds(
  tx: Tx,
  of: Claim & { channel?: string | null },
): Promise<UntoldHold[]> {
  const rows = await claim(tx, 'holds', of)
  const first = rows.filter(({ tried_in }) => tried_in === null).map(({ id }) => id)
  if (of.channel != null && first.length > 0)
    await tx.db.updateTable('holds').set({ tried_in: of.channel }).where('id', 'in', first).execute()
  const untold = []
  for (const row of rows) {
    const { hold, place } = toHold(row)
    const [counted = { ...hold, waiting: 0 }] = await countWaiting(tx, [hold])
    untold.push({ hold: counted, place, tries: row.tries, triedIn: row.tried_in })
  }
  return untold
}

/**
 * Records what was told about holds and where, or gives them back. If a hold's end hasn't been told,
 * it may follow at once.
 * @returns for each, false if it is told elsewhere by now: a person found it there, or another worker was faster
 */
export async function endUntoldHolds(tx: Tx, worker: string, ends: readonly HoldEnd[]): Promise<boolean[]> {
  const noted = []
  for (const end of ends)
    noted.push(
      'told' in end
        ? await noteTold(tx, worker, end.id, end.told)
        : await giveBack(tx, 'holds', { ...end, worker }),
    )
  return noted
}

async function noteTold(
  tx: Tx,
  worker: string,
  id: string,
  { ended, place }: { ended: boolean; place: Place | null },
): Promise<boolean> {
  const { rows } =
    await sql`update holds set place = ${place && JSON.stringify(place)}, tries = 0, tried_in = null,
      due_at = ${ended ? null : sql`case when ended_at is not null then ${tx.clock} end`}, lags_since = ${tx.clock},
      lease_owner = null, lease_until = null
    where id = ${id} and lease_owner = ${worker} returning id`.execute(tx.db)
  return rows.length > 0 || (place !== null && (await keepAsOnly(tx, 'holds', id, place)))
}
