import type { Tx } from './tx.ts'

/** Keeps a policy's text by its hash. */
export async function keepPolicy(tx: Tx, hash: string, text: string): Promise<void> {
  await tx.db
    .insertInto('policies')
    .values({ hash, text, first_seen_at: tx.now() })
    .onConflict((conflict) => conflict.column('hash').doNothing())
    .execute()
}

/**
 * Keeps a policy as the one in force.
 * @returns the one before it, or null where there was none; undefined if it is in force already
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
    // Later than the one before, also on a clock that was set back.
    .set({ in_force_at: Math.max(tx.now(), (latest?.in_force_at ?? 0) + 1) })
    .where('hash', '=', policy.hash)
    .execute()
  return latest ? { hash: latest.hash, text: latest.text } : null
}
