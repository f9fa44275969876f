import { sql } from 'kysely'
import type { Place } from '../domain/card.ts'
import type { HoldRow } from './records.ts'
import { toHold, waitingGrants } from './rows.ts'
import type { Tx } from './trail.ts'

/** Claims the oldest hold whose begin or end was not told yet. */
export async function claimUntoldHold(
  tx: Tx,
  of: { lease: number },
): Promise<{ hold: HoldRow; place: Place | null } | null> {
  const row = await tx.db
    .selectFrom('holds')
    .selectAll()
    .select(waitingGrants.as('waiting'))
    .where(sql<boolean>`told < 2`)
    .where(({ or, eb }) => or([eb('told', '=', 0), eb('ended_at', 'is not', null)]))
    .where('tell_at', '<=', tx.clock)
    .orderBy('since')
    .limit(sql.lit(1))
    .executeTakeFirst()
  if (!row) return null
  await tx.db
    .updateTable('holds')
    .set({ tell_at: sql<number>`${tx.clock} + ${sql.lit(Math.round(of.lease))}` })
    .where('id', '=', row.id)
    .execute()
  return toHold(row)
}

/** Notes what was told of a hold and where; its end, if it has not been told, may follow at once. */
export async function holdTold(
  tx: Tx,
  id: string,
  { ended, place }: { ended: boolean; place: Place | null },
): Promise<void> {
  await tx.db
    .updateTable('holds')
    .set({ told: ended ? 2 : 1, place: place && JSON.stringify(place), tell_at: 0 })
    .where('id', '=', id)
    .execute()
}
