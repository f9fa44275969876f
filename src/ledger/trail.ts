import { type Kysely, type RawBuilder, sql } from 'kysely'
import type { Hold } from '../domain/hold.ts'
import type { Rows } from './engines.ts'
import type { EventSays, NewEvent } from './events.ts'
import { sinceDue } from './queue.ts'
import type { Tables } from './tables.ts'
import { noteText } from './texts.ts'

/** What is asked. */
export interface From {
  db: Kysely<Tables>
  /** In a transaction: the open holds once they were read, which nobody else changes under the write lock. */
  holds?: { open: readonly Hold[] | null }
}

/** What every change of a transaction works with. */
export interface Tx extends From {
  holds: { open: readonly Hold[] | null }
  /** The database's clock, epoch ms, in SQL. */
  clock: RawBuilder<number>
  rows: Rows
  now(): number
  randomId(): string
}

const CHUNK = 500

/** So many at a time, below every engine's limit of parameters. */
export async function inChunks<T>(all: T[], act: (some: T[]) => Promise<unknown>): Promise<void> {
  for (let from = 0; from < all.length; from += CHUNK) await act(all.slice(from, from + CHUNK))
}

/** The id of the last event before this statement. */
export const lastEvent = sql<number>`(select coalesce(max(id), 0) from events)`

/** A line whose text was kept already. */
type Line = Omit<NewEvent, 'said'> & { text?: string | null }

/** Adds lines to the trail. Whoever names a grant raises its version by as many, in the same statement as the change. */
export async function addEvents(tx: Tx, events: Line[]): Promise<void> {
  const at = tx.now()
  await inChunks(events, (some) =>
    tx.db
      .insertInto('events')
      .values(
        some.map((event) => ({
          grant_id: event.grantId ?? null,
          kind: event.kind,
          actor: event.actor,
          subject: event.subject ?? null,
          at,
          data: JSON.stringify(event.data ?? {}),
          said_text: event.text ?? null,
        })),
      )
      .execute(),
  )
}

/** Makes the cards of grants due, but those that have nothing left to draw on. */
export async function makeCardsDue(tx: Tx, grantIds: string[]): Promise<void> {
  await inChunks(grantIds, (some) =>
    tx.db
      .updateTable('cards')
      .set({ due_at: tx.clock, lags_since: sinceDue(tx) })
      .where('grant_id', 'in', some)
      .where('gone', '=', 0)
      .execute(),
  )
}

/** Adds the same line to each of these grants, whose versions were raised with their change, and makes their cards due. */
export async function tellGrants(
  tx: Tx,
  grants: readonly { id: string }[],
  event: EventSays & { actor: string; text?: string | null },
): Promise<void> {
  await addEvents(
    tx,
    grants.map(({ id }) => ({ grantId: id, ...event })),
  )
  await makeCardsDue(
    tx,
    grants.map(({ id }) => id),
  )
}

/** Adds a line by itself, counted by its grant. */
export async function addEvent(tx: Tx, event: NewEvent): Promise<void> {
  const { said, ...line } = event
  await addEvents(tx, [{ ...line, text: await noteText(tx, said) }])
  if (!event.grantId) return
  await tx.db
    .updateTable('grants')
    .set({ version: sql<number>`version + 1` })
    .where('id', '=', event.grantId)
    .execute()
  await makeCardsDue(tx, [event.grantId])
}
