import { type Kysely, sql } from 'kysely'
import type { Erasure } from '../domain/erasure.ts'
import { isOpen } from '../domain/grant.ts'
import type { ErasuresTable, Tables } from './tables.ts'
import { addEvent, addEvents, makeCardsDue } from './trail.ts'
import { inChunks, type Tx } from './tx.ts'

/**
 * How a person is erased: the openid and what people typed about the person are emptied; the trail stays, and says so.
 */

/** The result for one subject. */
export type Erased =
  | { kind: 'erased'; subject: string; grants: number; texts: number }
  /** The person has open grants, which need the openid. */
  | { kind: 'open'; subject: string; grants: string[] }
  | { kind: 'already'; subject: string }

export type ErasedFor = 'asked' | 'keep'

/** Erases the subjects of an openid, under every appid, or one subject. @returns nothing if it is unknown */
export async function erase(
  tx: Tx,
  of: { openid: string } | { subject: string },
  { by, reason, askedBy }: { by: string; reason: ErasedFor; askedBy?: string },
): Promise<Erased[]> {
  const subjects = await tx.db
    .selectFrom('subjects')
    .select(['id', 'openid'])
    .where((where) => ('openid' in of ? where('openid', '=', of.openid) : where('id', '=', of.subject)))
    .orderBy('id')
    .execute()
  const erased: Erased[] = []
  for (const { id, openid } of subjects)
    erased.push(
      openid === null
        ? { kind: 'already', subject: id }
        : await eraseSubject(tx, id, { by, reason, ...(askedBy !== undefined && { askedBy }) }),
    )
  return erased
}

async function eraseSubject(
  tx: Tx,
  subject: string,
  { by, ...data }: { by: string; reason: ErasedFor; askedBy?: string },
): Promise<Erased> {
  const grants = await tx.db
    .selectFrom('grants')
    .select(['id', 'state', 'ticket'])
    .where('subject', '=', subject)
    .execute()
  const open = grants.flatMap(({ id, state }) => (isOpen(state) ? [id] : []))
  if (open.length > 0) return { kind: 'open', subject, grants: open }
  const ids = grants.map(({ id }) => id)
  await tx.db.updateTable('subjects').set({ openid: null }).where('id', '=', subject).execute()
  const texts = await textsOf(tx, subject, ids)
  await inChunks(texts, (some) =>
    tx.db.updateTable('texts').set({ text: null }).where('id', 'in', some).execute(),
  )
  await inChunks(ids, (some) =>
    tx.db
      .updateTable('grants')
      .set({ ticket: null, version: sql<number>`version + 1` })
      .where('id', 'in', some)
      .execute(),
  )
  // A person who was only looked up has no grant to carry the line.
  const lines = ids.length > 0 ? ids : [null]
  await addEvents(
    tx,
    lines.map((grantId) => ({ grantId, kind: 'erased' as const, actor: by, subject, data })),
  )
  await makeCardsDue(tx, ids)
  const tickets = grants.filter(({ ticket }) => ticket !== null)
  return { kind: 'erased', subject, grants: ids.length, texts: texts.length + tickets.length }
}

/** How many grants a person has, and the ids of those that have not ended. */
export async function openGrantsOf(
  db: Tx['db'],
  subject: string,
): Promise<{ grants: number; open: string[] }> {
  const rows = await db.selectFrom('grants').select(['id', 'state']).where('subject', '=', subject).execute()
  return { grants: rows.length, open: rows.flatMap(({ id, state }) => (isOpen(state) ? [id] : [])) }
}

/** Everything typed about a person. */
async function textsOf(tx: Tx, subject: string, grantIds: string[]): Promise<string[]> {
  const found: (string | null)[] = []
  const { rows } = await sql<{ id: string | null }>`
    select said_text as id from events where subject = ${subject} and said_text is not null`.execute(tx.db)
  found.push(...rows.map(({ id }) => id))
  await inChunks(grantIds, async (some) => {
    const ids = sql.join(some)
    const { rows } = await sql<{ id: string | null }>`
      select note_text as id from grants where id in (${ids})
      union all select end_text from grants where id in (${ids})
      union all select reason_text from decisions where grant_id in (${ids})
      union all select evidence_text from settlements where grant_id in (${ids})
      union all select said_text from events where grant_id in (${ids})`.execute(tx.db)
    found.push(...rows.map(({ id }) => id))
  })
  return [...new Set(found.filter((id) => id !== null))]
}

/** How many subjects one step looks at. */
const AT_ONCE = 200

/**
 * Among the next subjects, those about whom nothing has happened since then and who have no open grant.
 * @param of.after a subject's id
 * @param of.before epoch ms
 * @returns `next`: continue after this one; null: that was all
 */
export async function unusedSubjects(
  db: Kysely<Tables>,
  { after, before }: { after: string; before: number },
): Promise<{ subjects: string[]; next: string | null }> {
  const { rows } = await sql<{ id: string; used: number }>`
    select s.id,
      (select count(*) from grants g where g.subject = s.id
        and (g.created_at >= ${before} or g.state_at >= ${before} or g.state in ('pending', 'approved', 'issuing')))
      + (select count(*) from events e where e.subject = s.id and e.at >= ${before}) as used
    from subjects s where s.id > ${after} and s.openid is not null order by s.id limit ${sql.lit(AT_ONCE)}`.execute(
    db,
  )
  return {
    subjects: rows.flatMap(({ id, used }) => (Number(used) === 0 ? [id] : [])),
    next: rows.length < AT_ONCE ? null : (rows.at(-1)?.id ?? null),
  }
}

/** Requests to erase a person, which wait until somebody else decides. */

/** One subject, and what prevents erasing it. */
export interface Erasable {
  subject: string
  isErased: boolean
  /** Ids of the person's grants that have not ended. */
  open: string[]
  /** How many grants the person has. */
  grants: number
  /** The request that already waits. */
  waiting: Erasure | null
}

/** The subjects of an openid, or one subject. @returns nothing if it is unknown */
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

/** A request to erase a person, by its id. */
export async function erasureBy(db: Tx['db'], id: string): Promise<Erasure | null> {
  const row = await db.selectFrom('erasures').selectAll().where('id', '=', id).executeTakeFirst()
  return row ? toErasure(row) : null
}

/** Records that somebody asks to erase a person, with a line in the trail. No such request may be waiting already. */
export async function askErasure(tx: Tx, { subject, by }: { subject: string; by: string }): Promise<Erasure> {
  const row = { id: tx.randomId(), subject, asked_by: by, asked_at: tx.now() }
  await tx.db.insertInto('erasures').values(row).execute()
  await addEvent(tx, { kind: 'erasure-asked', actor: by, subject, data: { erasure: row.id } })
  return toErasure({ ...row, ended_by: null, ended_at: null, outcome: null })
}

/** Ends a waiting request. @returns it; null: it no longer waits */
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
  // Erasing writes lines of its own.
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
