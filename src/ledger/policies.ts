import { sql } from 'kysely'
import { drawAnew } from './trail.ts'
import type { Tx } from './tx.ts'

/** Stores a policy's text by its hash. */
export async function keepPolicy(tx: Tx, hash: string, text: string): Promise<void> {
  await tx.db
    .insertInto('policies')
    .values({ hash, text, first_seen_at: tx.now(), followed_to: null })
    .onConflict((conflict) => conflict.column('hash').doNothing())
    .execute()
}

/**
 * Records a policy as the one in force.
 * @returns the previous one, or null if there was none; undefined if the policy is in force already
 */
export async function putInForce(
  tx: Tx,
  policy: { hash: string; text: string },
): Promise<{ hash: string; text: string } | null | undefined> {
  const latest = await tx.db
    .selectFrom('policies')
    .select(['hash', 'text', 'in_force_at'])
    .where('in_force_at', 'is not', null)
    .orderBy('in_force_at', 'desc')
    .limit(1)
    .executeTakeFirst()
  if (latest?.hash === policy.hash) return undefined
  await keepPolicy(tx, policy.hash, policy.text)
  await tx.db
    .updateTable('policies')
    // Later than the previous one, even if the clock was set back.
    .set({ in_force_at: Math.max(tx.now(), (latest?.in_force_at ?? 0) + 1) })
    .where('hash', '=', policy.hash)
    .execute()
  return latest ? { hash: latest.hash, text: latest.text } : null
}

/** Updates the cards of pending grants to the policy in force, in the background. */
export async function showPolicy(tx: Tx, hash: string): Promise<void> {
  await tx.db
    .updateTable('policies')
    .set({ follows: 0 })
    .where('follows', '=', sql.lit(1))
    .where('hash', '<>', hash)
    .execute()
  await tx.db
    .updateTable('policies')
    .set({ follows: 1, followed_to: null })
    .where('hash', '=', hash)
    .execute()
}

/** Makes the next cards due that may show an earlier policy, newest grants first. @returns of how many grants */
export async function followPolicy(tx: Tx, limit: number): Promise<number> {
  const policy = await tx.db
    .selectFrom('policies')
    .select(['hash', 'followed_to'])
    .where('follows', '=', sql.lit(1))
    .executeTakeFirst()
  if (!policy) return 0
  const { hash, followed_to: before } = policy
  const rows = await tx.db
    .selectFrom('grants')
    .select('id')
    .where(sql<boolean>`state = ${sql.lit('pending')}`)
    .$if(before !== null, (query) => query.where('id', '<', before ?? ''))
    .orderBy('id', 'desc')
    .limit(limit)
    .execute()
  const ids = rows.map(({ id }) => id)
  const isDone = ids.length < limit
  await tx.db
    .updateTable('policies')
    .set({ follows: isDone ? 0 : 1, followed_to: isDone ? null : (ids.at(-1) ?? null) })
    .where('hash', '=', hash)
    .execute()
  await drawAnew(tx, ids)
  return ids.length
}
