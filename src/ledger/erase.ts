import { type Kysely, sql } from 'kysely'
import { isOpen } from '../domain/grant.ts'
import type { Tables } from './tables.ts'
import { addEvents, makeCardsDue } from './trail.ts'
import { inChunks, type Tx } from './tx.ts'

/** How a person is erased: the openid and what was typed about the person are emptied; the trail stays, and says so. */

/** What became of it. */
export type Erased =
  | { kind: 'erased'; subject: string; grants: number; texts: number }
  /** Something of theirs is open, which needs the openid. */
  | { kind: 'open'; subject: string; grants: string[] }
  | { kind: 'already'; subject: string }

export type ErasedFor = 'asked' | 'keep'

/** Erases whoever has an openid, under every appid, or one subject. @returns nothing where nobody is known by it */
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
    .select(['id', 'state'])
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
    tx.db.updateTable('grants').set({ version: sql<number>`version + 1` }).where('id', 'in', some).execute(),
  )
  // Who was only looked up has no grant to tell it on.
  const lines = ids.length > 0 ? ids : [null]
  await addEvents(
    tx,
    lines.map((grantId) => ({ grantId, kind: 'erased' as const, actor: by, subject, data })),
  )
  await makeCardsDue(tx, ids)
  return { kind: 'erased', subject, grants: ids.length, texts: texts.length }
}

/** How many grants a person has, and which of them have not ended. */
export async function openGrantsOf(
  db: Tx['db'],
  subject: string,
): Promise<{ grants: number; open: string[] }> {
  const rows = await db.selectFrom('grants').select(['id', 'state']).where('subject', '=', subject).execute()
  return { grants: rows.length, open: rows.flatMap(({ id, state }) => (isOpen(state) ? [id] : [])) }
}

/** All that was typed about a person. */
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

/** So many subjects are looked at in one step. */
const AT_ONCE = 200

/**
 * Of the next subjects those of whom nothing has happened since then, and nothing is open.
 * @param of.after a subject's id @param of.before epoch ms @returns `next`: after which to go on; null: that was all
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
