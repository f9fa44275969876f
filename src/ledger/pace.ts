import { sql } from 'kysely'
import type { Tx } from './trail.ts'

/**
 * One row paces the attempts of every replica, by the database's clock: so many a second, and none for a while after
 * WeChat Pay said that it was too many.
 */

/** ms; after an idle time so much of the pace may be made up for at once. */
const BURST = 100
/** ms of the first rest; it doubles with each "too many" in a row. */
const FIRST_REST = 1000
const LONGEST_REST = 60_000

/** Takes the next slot. False: it is not yet time. */
export async function takeSlot(tx: Tx, rate: number): Promise<boolean> {
  const gap = sql.lit(Math.ceil(1000 / rate))
  const earliest = sql<number>`${tx.clock} - ${sql.lit(BURST)}`
  const taken = await tx.db
    .updateTable('pace')
    .set({ next_at: sql<number>`case when next_at > ${earliest} then next_at else ${earliest} end + ${gap}` })
    .where('next_at', '<=', tx.clock)
    .returning('id')
    .executeTakeFirst()
  return taken !== undefined
}

/** ms until the next slot, 0 when it is there. */
export async function slotIn(db: Tx['db'], clock: Tx['clock']): Promise<number> {
  const { wait } = await db
    .selectFrom('pace')
    .select(sql<number>`next_at - ${clock}`.as('wait'))
    .executeTakeFirstOrThrow()
  return Math.max(0, wait)
}

/** After "too many" nothing is sent for a while, longer each time; any other answer ends that. */
export async function slowDown(tx: Tx, tooMany: boolean): Promise<void> {
  if (!tooMany) {
    await tx.db.updateTable('pace').set({ slowed: 0 }).where('slowed', '>', 0).execute()
    return
  }
  const { slowed } = await tx.db.selectFrom('pace').select('slowed').executeTakeFirstOrThrow()
  const rest = Math.min(FIRST_REST * 2 ** slowed, LONGEST_REST)
  await tx.db
    .updateTable('pace')
    .set({
      slowed: Math.min(slowed + 1, 10),
      next_at: sql<number>`case when next_at > ${tx.clock} + ${sql.lit(rest)} then next_at else ${tx.clock} + ${sql.lit(rest)} end`,
    })
    .execute()
}
