import type { Erasure } from '../domain/erasure.ts'
import { openGrantsOf } from './erase.ts'
import type { ErasuresTable } from './tables.ts'
import { addEvent } from './trail.ts'
import type { Tx } from './tx.ts'

/** Persons whom somebody asks to erase, until somebody else has decided it. */

/** Whoever has an openid, under every appid, or one subject, and what stands against erasing them. */
export interface Erasable {
  subject: string
  isErased: boolean
  /** Ids of their grants that have not ended. */
  open: string[]
  /** How many grants they have. */
  grants: number
  /** What waits already. */
  waiting: Erasure | null
}

/** @returns nothing where nobody is known by it */
export async function erasable(
  db: Tx['db'],
  of: { openid: string } | { subject: string },
): Promise<Erasable[]> {
  const subjects = await db
    .selectFrom('subjects')
    .select(['id', 'openid'])
    .where((where) => ('openid' in of ? where('openid', '=', of.openid) : where('id', '=', of.subject)))
    .orderBy('id')
    .execute()
  const found: Erasable[] = []
  for (const { id, openid } of subjects) {
    const waiting = await db
      .selectFrom('erasures')
      .selectAll()
      .where('subject', '=', id)
      .where('ended_at', 'is', null)
      .executeTakeFirst()
    found.push({
      subject: id,
      isErased: openid === null,
      ...(await openGrantsOf(db, id)),
      waiting: waiting ? toErasure(waiting) : null,
    })
  }
  return found
}

export async function erasureBy(db: Tx['db'], id: string): Promise<Erasure | null> {
  const row = await db.selectFrom('erasures').selectAll().where('id', '=', id).executeTakeFirst()
  return row ? toErasure(row) : null
}

/** Keeps that somebody asks to erase a person of whom nothing like it waits. The trail says so. */
export async function askErasure(tx: Tx, { subject, by }: { subject: string; by: string }): Promise<Erasure> {
  const row = { id: tx.randomId(), subject, asked_by: by, asked_at: tx.now() }
  await tx.db.insertInto('erasures').values(row).execute()
  await addEvent(tx, { kind: 'erasure-asked', actor: by, subject, data: { erasure: row.id } })
  return toErasure({ ...row, ended_by: null, ended_at: null, outcome: null })
}

/** Ends one that waits. @returns it; null: it does not wait any more */
export async function endErasure(
  tx: Tx,
  id: string,
  { by, outcome }: { by: string; outcome: NonNullable<Erasure['ended']>['outcome'] },
): Promise<Erasure | null> {
  const row = await tx.db
    .updateTable('erasures')
    .set({ ended_by: by, ended_at: tx.now(), outcome })
    .where('id', '=', id)
    .where('ended_at', 'is', null)
    .returningAll()
    .executeTakeFirst()
  if (!row) return null
  // That somebody is erased has lines of its own.
  if (outcome === 'declined')
    await addEvent(tx, {
      kind: 'erasure-declined',
      actor: by,
      subject: row.subject,
      data: { erasure: id },
    })
  return toErasure(row)
}

function toErasure(row: ErasuresTable): Erasure {
  const { ended_by, ended_at, outcome } = row
  return {
    id: row.id,
    subject: row.subject,
    askedBy: row.asked_by,
    askedAt: Number(row.asked_at),
    ended:
      ended_by === null || ended_at === null || outcome === null
        ? null
        : { by: ended_by, at: Number(ended_at), outcome },
  }
}
