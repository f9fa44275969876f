import { sql } from 'kysely'
import { isSamePlace, type Place } from '../domain/card.ts'
import type { CountedHold } from '../domain/hold.ts'
import { countWaiting } from './holds.ts'
import { dueIn } from './queue.ts'
import { toHold } from './rows.ts'
import type { Tx } from './trail.ts'

export interface UntoldHold {
  hold: CountedHold
  place: Place | null
  /** Above 0 without a place, an earlier message may exist. */
  tries: number
  triedIn: string | null
}

/** Claims the oldest hold whose begin or end was not told yet. */
export async function claimUntoldHold(
  tx: Tx,
  of: { lease: number; channel?: string | null },
): Promise<UntoldHold | null> {
  const row = await tx.db
    .selectFrom('holds')
    .selectAll()
    .where(sql<boolean>`told < 2`)
    .where(({ or, eb }) => or([eb('told', '=', 0), eb('ended_at', 'is not', null)]))
    .where('tell_at', '<=', tx.clock)
    .orderBy('since')
    .limit(sql.lit(1))
    .executeTakeFirst()
  if (!row) return null
  await tx.db
    .updateTable('holds')
    .set({
      tell_at: dueIn(tx, of.lease),
      tries: sql<number>`tries + 1`,
      tried_in: row.tried_in ?? of.channel ?? null,
    })
    .where('id', '=', row.id)
    .execute()
  const { hold, place } = toHold(row)
  const [counted = { ...hold, waiting: 0 }] = await countWaiting(tx, [hold])
  return { hold: counted, place, tries: row.tries, triedIn: row.tried_in }
}

/**
 * Notes what was told of a hold and where; its end, if it has not been told, may follow at once.
 * @param told.from where it was when it was claimed
 * @returns false, and nothing is noted, when a person has found it elsewhere meanwhile: it is told anew there
 */
export async function holdTold(
  tx: Tx,
  id: string,
  { ended, place, from = null }: { ended: boolean; place: Place | null; from?: Place | null },
): Promise<boolean> {
  const noted = await placeOf(tx, id)
  if (noted && !(from && isSamePlace(noted, from)) && !(place && isSamePlace(noted, place))) return false
  await tx.db
    .updateTable('holds')
    .set({
      told: ended ? 2 : 1,
      place: place && JSON.stringify(place),
      tell_at: 0,
      tries: 0,
      tried_in: null,
    })
    .where('id', '=', id)
    .execute()
  return true
}

/** Gives a hold back untold, to be claimed again in `retryIn` ms. */
export async function holdNotTold(tx: Tx, id: string, retryIn: number): Promise<void> {
  await tx.db
    .updateTable('holds')
    .set({ tell_at: dueIn(tx, retryIn) })
    .where('id', '=', id)
    .execute()
}

/** Gives what tells of a hold the message that a person has found it in, unless it is elsewhere than `from` by now. */
export async function adoptHold(
  tx: Tx,
  id: string,
  place: Place,
  from: Place | null = null,
): Promise<boolean> {
  const noted = await placeOf(tx, id)
  if (noted === undefined) return false
  if (noted && isSamePlace(noted, place)) return true
  if (noted && !(from && isSamePlace(noted, from))) return false
  await tx.db
    .updateTable('holds')
    .set({ place: JSON.stringify(place), told: 0, tell_at: 0 })
    .where('id', '=', id)
    .execute()
  return true
}

async function placeOf(tx: Tx, id: string): Promise<Place | null | undefined> {
  const row = await tx.db.selectFrom('holds').selectAll().where('id', '=', id).executeTakeFirst()
  return row && toHold(row).place
}
