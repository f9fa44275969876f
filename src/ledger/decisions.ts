import type { Decision } from '../domain/grant.ts'
import type { Tx } from './trail.ts'

/**
 * Writes what an approver says to a grant: once, but that who has approved may still reject.
 * @returns whether it is new
 */
export async function recordDecision(tx: Tx, decision: Omit<Decision, 'at'>): Promise<boolean> {
  const { grantId, approver, kind, reason } = decision
  const said = { decision: kind, reason, at: tx.now() }
  const row = await tx.db
    .insertInto('decisions')
    .values({ grant_id: grantId, approver, ...said })
    .onConflict((conflict) =>
      conflict
        .columns(['grant_id', 'approver'])
        .doUpdateSet(said)
        .where('decisions.decision', '=', 'approve')
        .where(({ val, eb }) => eb(val(kind), '=', 'reject')),
    )
    .returning('grant_id')
    .executeTakeFirst()
  return row !== undefined
}
