import { type Selectable, sql } from 'kysely'
import { stops } from '../domain/hold.ts'
import { toHold } from './rows.ts'
import type { GrantsTable } from './tables.ts'
import { makeCardsDue, type Tx } from './trail.ts'

/**
 * Cards show what waits. When a hold begins or ends, those of all that it stops follow in the background, the newest first
 * and only so many at a time: other cards are drawn between them, and nobody waits for a long write.
 */

/** How many grants are looked at in a step, of which most may be of other stocks. */
const LOOKED_AT = 1000

/** Whether cards have still to follow some hold. */
export async function isFollowing(db: Tx['db']): Promise<boolean> {
  return (
    (await db.selectFrom('holds').select('id').where('follows', '=', sql.lit(1)).executeTakeFirst()) !==
    undefined
  )
}

/** Makes the cards of the next grants due that a hold began or ceased to stop. @returns of how many grants */
export async function followStep(tx: Tx, limit: number): Promise<number> {
  const rows = await tx.db.selectFrom('holds').selectAll().where('follows', '=', sql.lit(1)).execute()
  // Whichever is at the newest grants.
  const newest = rows.toSorted((one, other) =>
    (one.followed_to ?? '') === (other.followed_to ?? '')
      ? 0
      : one.followed_to === null || (other.followed_to !== null && one.followed_to > other.followed_to)
        ? -1
        : 1,
  )[0]
  if (!newest) return 0
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
  if (found.length === 0) return 0
  await tx.db
    .updateTable('grants')
    .set({ version: sql<number>`version + 1` })
    .where('id', 'in', found)
    .execute()
  await makeCardsDue(tx, found)
  return found.length
}

type Looked = Pick<Selectable<GrantsTable>, 'id' | 'state' | 'stock_ref' | 'attempts'>

/** Approved and issuing grants, the newest first. */
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
