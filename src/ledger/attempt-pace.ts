import { sql } from 'kysely'
import type { Tx } from './trail.ts'

/**
 * One row paces the attempts of every replica, by the database's clock: so many a second, and none for a while after
 * WeChat Pay said that it was too many. In µs, so that any pace is exact.
 */

/** µs; after an idle time so much of the pace may be made up for at once. */
const BURST = 100_000
/** ms of the first rest; it doubles with each "too many" in a row. */
const FIRST_REST = 1000
const LONGEST_REST = 60_000

const now = ({ clock }: Pick<Tx, 'clock'>) => sql<number>`(${clock} * 1000)`

/** Takes the next slots, at most so many. @returns how many were there */
export async function takeSlots(tx: Tx, rate: number, wanted: number): Promise<number> {
  const gap = sql.lit(Math.round(1_000_000 / rate))
  const most = sql.lit(wanted)
  const earliest = sql<number>`(${now(tx)} - ${sql.lit(BURST)})`
  const from = sql<number>`(case when next_us > ${earliest} then next_us else ${earliest} end)`
  const there = sql<number>`((${now(tx)} - ${from}) / ${gap} + 1)`
  const taken = sql<number>`(case when ${there} < ${most} then ${there} else ${most} end)`
  const row = await tx.db
    .updateTable('pace')
    .set({ next_us: sql<number>`${from} + ${taken} * ${gap}`, taken })
    .where('next_us', '<=', now(tx))
    .returning('taken')
    .executeTakeFirst()
  return row?.taken ?? 0
}

/** ms until the next slot, 0 when it is there. */
export async function slotIn(db: Tx['db'], clock: Tx['clock']): Promise<number> {
  const { wait } = await db
    .selectFrom('pace')
    .select(sql<number>`next_us - ${now({ clock })}`.as('wait'))
    .executeTakeFirstOrThrow()
  return Math.max(0, Math.ceil(wait / 1000))
}

/** After "too many" nothing is sent for a while, longer each time; any other answer ends that. */
export async function slowDown(tx: Tx, tooMany: boolean): Promise<void> {
  if (!tooMany) {
    await tx.db.updateTable('pace').set({ slowed: 0 }).where('slowed', '>', 0).execute()
    return
  }
  const { slowed } = await tx.db.selectFrom('pace').select('slowed').executeTakeFirstOrThrow()
  const rest = Math.min(FIRST_REST * 2 ** slowed, LONGEST_REST)
  const rested = sql<number>`(${now(tx)} + ${sql.lit(rest * 1000)})`
  await tx.db
    .updateTable('pace')
    .set({
      slowed: Math.min(slowed + 1, 10),
      next_us: sql<number>`case when next_us > ${rested} then next_us else ${rested} end`,
    })
    .execute()
}
