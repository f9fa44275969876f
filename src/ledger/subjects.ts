import { type RawBuilder, sql } from 'kysely'
import type { Tx } from './trail.ts'

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
