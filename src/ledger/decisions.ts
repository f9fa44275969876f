import { sql } from 'kysely'
import type { Decision } from '../domain/grant.ts'
import { toDecision } from './rows.ts'
import { emptyText, noteText, textAt } from './subjects.ts'
import { addEvent } from './trail.ts'
import type { Tx } from './tx.ts'

/**
 * Writes what an approver says to a grant: once, but that who has approved may still reject, and approve again where the
 * first approval does not count any more.
 * @returns whether it is new
 */
export async function recordDecision(
  tx: Tx,
  decision: Omit<Decision, 'at' | 'kind'> & { kind: 'approve' | 'reject' },
): Promise<boolean> {
  const { grantId, approver, kind, reason, standsFor } = decision
  const text = await noteText(tx, reason)
  const said = {
    decision: kind,
    reason_text: text,
    at: tx.now(),
    lapsed_at: null,
    stands_for: standsFor ?? null,
  }
  const row = await tx.db
    .insertInto('decisions')
    .values({ grant_id: grantId, approver, ...said })
    .onConflict((conflict) =>
      conflict
        .columns(['grant_id', 'approver'])
        .doUpdateSet(said)
        .where('decisions.decision', '=', 'approve')
        .where(({ or, val, eb }) =>
          or([eb(val(kind), '=', 'reject'), eb('decisions.lapsed_at', 'is not', null)]),
        ),
    )
    .returning('grant_id')
    .executeTakeFirst()
  if (!row) await emptyText(tx, text)
  return row !== undefined
}

/** An approval counts no more, and the trail tells why. */
export async function lapseApproval(
  tx: Tx,
  { grantId, approver, why }: { grantId: string; approver: string; why: string },
): Promise<void> {
  const row = await tx.db
    .updateTable('decisions')
    .set({ lapsed_at: tx.now() })
    .where('grant_id', '=', grantId)
    .where('approver', '=', approver)
    .where('decision', '=', 'approve')
    .where('lapsed_at', 'is', null)
    .returning('grant_id')
    .executeTakeFirst()
  if (row) await addEvent(tx, { grantId, kind: 'approval-lapsed', actor: 'app', data: { approver, why } })
}

/** What approvers said to these grants, as they said it. */
export async function decisionsOf(db: Tx['db'], grantIds: readonly string[]): Promise<Decision[]> {
  if (grantIds.length === 0) return []
  const rows = await db
    .selectFrom('decisions')
    .selectAll()
    .select(textAt('decisions.reason_text').as('reason'))
    .where('grant_id', 'in', grantIds)
    .orderBy(sql`at, approver`)
    .execute()
  return rows.map(toDecision)
}
