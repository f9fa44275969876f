import { type RawBuilder, sql } from 'kysely'
import type { Tx } from './trail.ts'

/** The only place of what people typed about a person: all else points at a text, so that emptying its row erases it. */

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
 * Empties what was kept for nothing, as something else was faster: what nothing points at could not be found to be erased.
 * To delete it, SQLite would look through all that could point at it.
 */
export async function emptyText(tx: Tx, id: string | null): Promise<void> {
  if (id !== null) await tx.db.updateTable('texts').set({ text: null }).where('id', '=', id).execute()
}
