import type { Settlement, Verdict } from '../domain/grant.ts'
import { toSettlement } from './rows.ts'
import { emptyText, noteText, textAt } from './subjects.ts'
import type { Tx } from './tx.ts'

export const evidenceOf = textAt('settlements.evidence_text').as('evidence')

export interface NewSettlement {
  grantId: string
  verdict: Verdict
  evidence: string
  by: string
}

/** Records an operator's proposal. Null: another one for this grant is already waiting. */
export async function propose(
  tx: Tx,
  { grantId, verdict, evidence, by }: NewSettlement,
): Promise<Settlement | null> {
  const text = await noteText(tx, evidence)
  const row = await tx.db
    .insertInto('settlements')
    .values({
      id: tx.randomId(),
      grant_id: grantId,
      verdict: verdict.kind,
      coupon_id: verdict.kind === 'issued' ? verdict.couponId : null,
      evidence_text: text,
      proposed_by: by,
      proposed_at: tx.now(),
      ended_by: null,
      ended_at: null,
      outcome: null,
    })
    .onConflict((conflict) => conflict.column('grant_id').where('ended_at', 'is', null).doNothing())
    .returningAll()
    .returning(evidenceOf)
    .executeTakeFirst()
  if (!row) await emptyText(tx, text)
  return row ? toSettlement(row) : null
}

/** Ends a waiting settlement. False: it no longer waits. */
export async function endSettlement(
  tx: Tx,
  id: string,
  { by, outcome }: { by: string; outcome: 'confirmed' | 'withdrawn' },
): Promise<boolean> {
  const row = await tx.db
    .updateTable('settlements')
    .set({ ended_by: by, ended_at: tx.now(), outcome })
    .where('id', '=', id)
    .where('ended_at', 'is', null)
    .returning('id')
    .executeTakeFirst()
  return row !== undefined
}

/** The waiting settlements of these grants. */
export async function openSettlements(db: Tx['db'], grantIds: readonly string[]): Promise<Settlement[]> {
  if (grantIds.length === 0) return []
  const rows = await db
    .selectFrom('settlements')
    .selectAll()
    .select(evidenceOf)
    .where('grant_id', 'in', grantIds)
    .where('ended_at', 'is', null)
    .execute()
  return rows.map(toSettlement)
}
