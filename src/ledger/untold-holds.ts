import { sql } from 'kysely'
import type { Place } from '../domain/card.ts'
import type { CountedHold } from '../domain/hold.ts'
import { countWaiting } from './holds.ts'
import { keepAsOnly } from './places.ts'
import { type Claim, claim, giveBack } from './queue.ts'
import { toHold } from './rows.ts'
import type { Tx } from './trail.ts'

export interface UntoldHold {
  hold: CountedHold
  place: Place | null
  /** Above 0 without a place, an earlier message may exist. */
  tries: number
  triedIn: string | null
}

/** What became of it. @param told.ended whether its end was told @param retryIn ms until it is tried again */
export type HoldEnd = { id: string } & (
  | { told: { ended: boolean; place: Place | null } }
  | { retryIn: number }
)

/** Claims holds whose begin or end was not told yet. @param of.channel in which they are tried now */
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
 * Notes what was told of holds and where, or gives them back; an end that has not been told may follow at once.
 * @returns of each false if it is told elsewhere by now: a person has found it there, or another worker was faster
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
