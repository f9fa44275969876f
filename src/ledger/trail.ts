import { type Kysely, type RawBuilder, sql } from 'kysely'
import type { NewEvent } from './records.ts'
import type { Tables } from './tables.ts'

/** What every change of a transaction works with. */
export interface Tx {
  db: Kysely<Tables>
  /** The database's clock, epoch ms, in SQL. */
  clock: RawBuilder<number>
  now(): number
  randomId(): string
}

const CHUNK = 500

/** Adds lines to the trail. Whoever names a grant raises its version by as many, in the same statement as the change. */
export async function addEvents(tx: Tx, events: NewEvent[]): Promise<void> {
  const at = tx.now()
  for (let from = 0; from < events.length; from += CHUNK) {
    const values = events.slice(from, from + CHUNK).map((event) => ({
      grant_id: event.grantId ?? null,
      kind: event.kind,
      actor: event.actor,
      openid: event.openid ?? null,
      at,
      data: JSON.stringify(event.data ?? {}),
    }))
    await tx.db.insertInto('events').values(values).execute()
  }
}

/** Makes the cards of grants due, but those that have nothing left to draw on. */
export async function makeCardsDue(tx: Tx, grantIds: string[]): Promise<void> {
  for (let from = 0; from < grantIds.length; from += CHUNK) {
    await tx.db
      .updateTable('cards')
      .set({ due_at: tx.clock })
      .where('grant_id', 'in', grantIds.slice(from, from + CHUNK))
      .where('gone', '=', 0)
      .execute()
  }
}

/** Adds a line by itself, counted by its grant. */
export async function addEvent(tx: Tx, event: NewEvent): Promise<void> {
  await addEvents(tx, [event])
  if (!event.grantId) return
  await tx.db
    .updateTable('grants')
    .set({ version: sql<number>`version + 1` })
    .where('id', '=', event.grantId)
    .execute()
  await makeCardsDue(tx, [event.grantId])
}
