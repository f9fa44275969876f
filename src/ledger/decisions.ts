import { sql } from 'kysely'
import type { Absence } from '../domain/absence.ts'
import type { Decision } from '../domain/grant.ts'
import { toDecision } from './rows.ts'
import { emptyText, noteText, textAt } from './subjects.ts'
import type { AbsencesTable } from './tables.ts'
import { addEvent } from './trail.ts'
import type { Tx } from './tx.ts'

/**
 * Records an approver's decision on a grant, once. After approving, an approver may still reject, and may approve again
 * if the first approval no longer counts.
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

/** Ends an approval that no longer counts, and records why in the trail. */
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

/** The decisions of approvers on these grants, in order. */
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

/** Absences: who is away until when, and who stands in for them. */

/**
 * Records that somebody is away, replacing an earlier absence; null: they are back.
 * @returns whether it changed anything
 */
export async function setAbsence(
  tx: Tx,
  {
    person,
    by,
    absence,
  }: { person: string; by: string; absence: { until: number; standIn: string | null } | null },
): Promise<boolean> {
  if (!absence) {
    const gone = await tx.db
      .deleteFrom('absences')
      .where('person', '=', person)
      .returning('until')
      .executeTakeFirst()
    if (!gone || gone.until <= tx.now()) return false
    await addEvent(tx, { kind: 'back', actor: by, data: { person } })
    return true
  }
  const { until, standIn } = absence
  const row = { until, stand_in: standIn, set_by: by, set_at: tx.now() }
  await tx.db
    .insertInto('absences')
    .values({ person, ...row })
    .onConflict((conflict) => conflict.column('person').doUpdateSet(row))
    .execute()
  await addEvent(tx, {
    kind: 'away',
    actor: by,
    data: { person, until, ...(standIn !== null && { standIn }) },
  })
  return true
}

/** Absences at that time: a person's own, or those in which a person stands in. */
export async function absencesOf(
  db: Tx['db'],
  of: ({ person: string } | { standIn: string }) & { now: number },
): Promise<Absence[]> {
  const all = db.selectFrom('absences').selectAll().where('until', '>', of.now)
  const rows = await ('person' in of
    ? all.where('person', '=', of.person)
    : all.where('stand_in', '=', of.standIn)
  ).execute()
  return rows.map(toAbsence)
}

function toAbsence({ person, until, stand_in, set_by, set_at }: AbsencesTable): Absence {
  return { person, until: Number(until), standIn: stand_in, setBy: set_by, setAt: Number(set_at) }
}
