import { sql } from 'kysely'
import { isSamePlace, type Place } from '../domain/card.ts'
import { sinceDue } from './queue.ts'
import { toPlace } from './rows.ts'
import type { Tx } from './trail.ts'

/** Messages of cards, and those that tell of holds. */
type Placed = 'cards' | 'holds'

/**
 * Gives a row the message that a person has found it in.
 * @param from where it is as far as is known; if it is elsewhere by now, it stays there
 * @returns whether the message is its place
 */
export async function adopt(
  tx: Tx,
  placed: Placed,
  { id, place, from = null }: { id: string; place: Place; from?: Place | null | undefined },
): Promise<boolean> {
  const noted = await placeOf(tx, placed, id)
  if (noted === undefined) return false
  if (noted && isSamePlace(noted, place)) return true
  if (noted && !(from && isSamePlace(noted, from))) return false
  // Whoever draws it elsewhere at this moment must not have the last word.
  await sql`update ${sql.table(placed)} set place = ${JSON.stringify(place)}, due_at = ${tx.clock},
    lags_since = ${sinceDue(tx)}, lease_owner = null, lease_until = null
    ${placed === 'cards' ? sql`, gone = 0` : sql``} where id = ${id}`.execute(tx.db)
  return true
}

/**
 * Of what somebody else is on by now: if that knows of no message yet, this one shall be the only one.
 * @returns whether the message is its place
 */
export async function keepAsOnly(tx: Tx, placed: Placed, id: string, place: Place): Promise<boolean> {
  await sql`update ${sql.table(placed)} set place = ${JSON.stringify(place)}
    where id = ${id} and place is null`.execute(tx.db)
  const noted = await placeOf(tx, placed, id)
  return noted != null && isSamePlace(noted, place)
}

async function placeOf(tx: Tx, placed: Placed, id: string): Promise<Place | null | undefined> {
  const { rows } = await sql<{ place: string | null }>`select place from ${sql.table(placed)}
    where id = ${id}`.execute(tx.db)
  return rows[0] && toPlace(rows[0].place)
}
