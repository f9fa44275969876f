import { sql } from 'kysely'
import type { Tx } from './tx.ts'

/** Whoever has a request that Slack signed can repeat it for five minutes; Slack itself repeats within seconds. */
const KEPT = 24 * 60 * 60 * 1000

/** Notes an order by the request that brought it. @returns false when it was noted before */
export async function noteOrder(tx: Tx, id: string): Promise<boolean> {
  await tx.db
    .deleteFrom('orders')
    .where('at', '<', sql<number>`${tx.clock} - ${sql.lit(KEPT)}`)
    .execute()
  const noted = await tx.db
    .insertInto('orders')
    .values({ id, at: tx.clock })
    .onConflict((conflict) => conflict.column('id').doNothing())
    .returning('id')
    .executeTakeFirst()
  return noted !== undefined
}
