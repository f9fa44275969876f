import type { Absence } from '../domain/absence.ts'
import type { AbsencesTable } from './tables.ts'
import { addEvent } from './trail.ts'
import type { Tx } from './tx.ts'

/** Who is away until when, and who decides for them. */

/** Keeps that somebody is away, in place of what was kept before; null: is back. @returns whether it changed anything */
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

/** Of somebody, or of all for whom somebody stands in, as far as it is so by then. */
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
