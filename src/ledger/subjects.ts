import { type RawBuilder, sql } from 'kysely'
import type { Tx } from './tx.ts'

/** The only place of openids: everything else points at a subject, so that emptying its row erases the person. */

/** Whose grant a row is; null once the person was erased. */
export const openidOfGrant = sql<string | null>`(select subjects.openid from subjects
  where subjects.id = grants.subject)`

/** The subjects with an openid, one for each appid, to be looked for with `in`. */
export function subjectsOf(openid: string): RawBuilder<string> {
  return sql<string>`(select id from subjects where openid = ${openid})`
}

/** The one with an openid under an appid; nothing equals it where there is none. */
export function subjectOf({ openid, appid }: { openid: string; appid: string }): RawBuilder<string> {
  return sql<string>`(select id from subjects where openid = ${openid} and appid = ${appid})`
}

/** The id of a subject, which is noted where it is not known yet. */
export async function noteSubject(tx: Tx, user: { openid: string; appid: string }): Promise<string> {
  const noted = await tx.db
    .insertInto('subjects')
    .values({ id: tx.randomId(), ...user })
    // Most who are asked for are new.
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
 * The only place of what people typed about a person, but for tickets, which stand in their grant's row to be found by:
 * all else points at a text, so that emptying its row erases it.
 */

/** What was typed, by the column that points at it; null where nothing was, or once it was erased. */
export function textAt(column: string): RawBuilder<string | null> {
  return sql<string | null>`(select texts.text from texts where texts.id = ${sql.ref(column)})`
}

/** Keeps what somebody typed. @returns its id, null where there is nothing */
export async function noteText(tx: Tx, text: string | null | undefined): Promise<string | null> {
  if (text === null || text === undefined || text === '') return null
  const id = tx.randomId()
  await tx.db.insertInto('texts').values({ id, text }).execute()
  return id
}

/**
 * Empties a row that turned out to be unneeded, because another write was faster: nothing points at it, so an erasure
 * could never find it. Deleting it would make SQLite search every table that could point at it.
 */
export async function emptyText(tx: Tx, id: string | null): Promise<void> {
  if (id !== null) await tx.db.updateTable('texts').set({ text: null }).where('id', '=', id).execute()
}
