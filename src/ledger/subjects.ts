import { type RawBuilder, sql } from 'kysely'
import type { Tx } from './tx.ts'

/** The only place for openids: everything else points at a subject, so emptying its row erases the person. */

/** The openid of a grant's user; null once the person was erased. */
export const openidOfGrant = sql<string | null>`(select subjects.openid from subjects
  where subjects.id = grants.subject)`

/** The subjects of an openid, one for each appid, for use with `in`. */
export function subjectsOf(openid: string): RawBuilder<string> {
  return sql<string>`(select id from subjects where openid = ${openid})`
}

/** The subject of an openid under an appid; if there is none, nothing equals it. */
export function subjectOf({ openid, appid }: { openid: string; appid: string }): RawBuilder<string> {
  return sql<string>`(select id from subjects where openid = ${openid} and appid = ${appid})`
}

/** The id of a user's subject, which is recorded if it is new. */
export async function noteSubject(tx: Tx, user: { openid: string; appid: string }): Promise<string> {
  const noted = await tx.db
    .insertInto('subjects')
    .values({ id: tx.randomId(), ...user })
    // Most users asked for here are new.
    .onConflict((conflict) => conflict.columns(['openid', 'appid']).doNothing())
    .returning('id')
    .executeTakeFirst()
  if (noted) return noted.id
  const known = await tx.db
    .selectFrom('subjects')
    .select('id')
    .where('openid', '=', user.openid)
    .where('appid', '=', user.appid)
    .executeTakeFirstOrThrow()
  return known.id
}

/**
 * The only place for what people typed about a person, except tickets, which stay in their grant's row so that they can
 * be searched. Everything else points at a text, so emptying its row erases it.
 */

/** The text that a column points at; null if nothing was typed, or once it was erased. */
export function textAt(column: string): RawBuilder<string | null> {
  return sql<string | null>`(select texts.text from texts where texts.id = ${sql.ref(column)})`
}

/** Records what somebody typed. @returns its id, or null if there is nothing to record */
export async function noteText(tx: Tx, text: string | null | undefined): Promise<string | null> {
  if (text === null || text === undefined || text === '') return null
  const id = tx.randomId()
  await tx.db.insertInto('texts').values({ id, text }).execute()
  return id
}

/**
 * Empties a text that turned out to be unneeded because another write was faster: nothing points at it, so an erasure
 * could never find it. Deleting the row would make SQLite search every table that could point at it.
 */
export async function emptyText(tx: Tx, id: string | null): Promise<void> {
  if (id !== null) await tx.db.updateTable('texts').set({ text: null }).where('id', '=', id).execute()
}
