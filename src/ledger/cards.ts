import { type Expression, sql } from 'kysely'
import { type Card, DIRECT_MESSAGES, isSamePlace, type Place } from '../domain/card.ts'
import type { Grant } from '../domain/grant.ts'
import { closeChannel, type FoundClosed, openChannel } from './closed-channels.ts'
import { withNotAsked } from './not-asked.ts'
import type { Drawn } from './records.ts'
import { pointedAt, toCard, toGrant } from './rows.ts'
import { withHolds } from './same-user.ts'
import { sinceDue, type Tx } from './trail.ts'

/** Claims cards that lag behind their grants, longest due first. */
export async function claimCards(
  tx: Tx,
  of: { worker: string; lease: number; limit: number },
): Promise<{ card: Card; grant: Grant }[]> {
  const { rows } = await sql<{ id: string }>`select id from cards
    where due_at <= ${tx.clock} and (lease_until is null or lease_until <= ${tx.clock})
    order by due_at limit ${sql.lit(of.limit)}`.execute(tx.db)
  const ids = rows.map(({ id }) => id)
  if (ids.length === 0) return []
  const cards = await tx.db
    .updateTable('cards')
    .set({
      lease_owner: of.worker,
      lease_until: sql<number>`${tx.clock} + ${sql.lit(Math.round(of.lease))}`,
      tries: sql<number>`tries + 1`,
    })
    .where('id', 'in', ids)
    .returningAll()
    .execute()
  const grantRows = await tx.db
    .selectFrom('grants')
    .selectAll()
    .select(pointedAt)
    .where(
      'id',
      'in',
      cards.map((card) => card.grant_id),
    )
    .execute()
  const shown = await withNotAsked(tx.db, await withHolds(tx.db, grantRows.map(toGrant)))
  const grants = new Map(shown.map((grant) => [grant.id, grant]))
  return cards.flatMap((row) => {
    const grant = grants.get(row.grant_id)
    return grant ? [{ card: toCard({ ...row, tries: row.tries - 1 }), grant }] : []
  })
}

/** Notes what a card shows and where it is. */
export async function cardDrawn(tx: Tx, cardId: string, worker: string, drawn: Drawn): Promise<boolean> {
  const gone = 'gone' in drawn
  if (!gone)
    for (const channel of await channelsOf(tx, cardId, drawn.place))
      await openChannel(tx, channel, drawn.posted ? 'post' : 'update')
  const version = sql.lit(drawn.version)
  const row = await tx.db
    .updateTable('cards')
    .set({
      ...(gone ? { gone: 1 } : { place: JSON.stringify(drawn.place) }),
      drawn_version: drawn.version,
      tries: 0,
      due_at: gone
        ? null
        : (sql`case when (select g.version from grants g where g.id = cards.grant_id) > ${version}
            then ${tx.clock} end` as Expression<number | null>),
      // What has changed meanwhile lags from now on.
      lags_since: gone ? null : tx.clock,
      lease_owner: null,
      lease_until: null,
    })
    .where('id', '=', cardId)
    .where('lease_owner', '=', worker)
    .returning('id')
    .executeTakeFirst()
  if (row) return true
  // Another worker draws it by now; if it knows of no message yet, this one shall be the only one.
  if (!gone)
    await tx.db
      .updateTable('cards')
      .set({ place: JSON.stringify(drawn.place) })
      .where('id', '=', cardId)
      .where('place', 'is', null)
      .execute()
  return false
}

/**
 * Gives a card the message that a person has found it in.
 * @param from where it is as far as is known; if it is elsewhere by now, it stays there
 * @returns whether the message is its place
 */
export async function adoptCard(
  tx: Tx,
  cardId: string,
  place: Place,
  from: Place | null = null,
): Promise<boolean> {
  const row = await tx.db.selectFrom('cards').selectAll().where('id', '=', cardId).executeTakeFirst()
  if (!row) return false
  const noted = toCard(row).place
  if (noted && isSamePlace(noted, place)) return true
  if (noted && !(from && isSamePlace(noted, from))) return false
  await tx.db
    .updateTable('cards')
    // Whoever draws it elsewhere at this moment must not have the last word.
    .set({
      place: JSON.stringify(place),
      gone: 0,
      due_at: tx.clock,
      lags_since: sinceDue(tx),
      lease_owner: null,
      lease_until: null,
    })
    .where('id', '=', cardId)
    .execute()
  return true
}

/** The channel that a card was asked for in and the one that it stands in, or what stands for it; a view is in none. */
async function channelsOf(tx: Tx, cardId: string, place: Place): Promise<Set<string>> {
  const card = await tx.db
    .selectFrom('cards')
    .select(['kind', 'recipient'])
    .where('id', '=', cardId)
    .executeTakeFirst()
  if (!card || !('channel' in place)) return new Set()
  return new Set(card.kind === 'dm' ? [DIRECT_MESSAGES] : [card.recipient, place.channel])
}

/** Gives a card back undrawn. @returns whether it is new that a channel is closed */
export async function cardFailed(
  tx: Tx,
  cardId: string,
  worker: string,
  retryIn: number | null,
  closed: FoundClosed | null = null,
): Promise<boolean> {
  // Where a message could not be posted, there is none, even if there was one once.
  const isUnseen = closed?.foundBy === 'post'
  if (isUnseen)
    await tx.db
      .updateTable('cards')
      .set({ place: null })
      .where('id', '=', cardId)
      .where('lease_owner', '=', worker)
      .execute()
  // First: it makes all cards due that tell of it.
  const isNew = closed !== null && (await closeChannel(tx, closed))
  await tx.db
    .updateTable('cards')
    .set({
      due_at: retryIn === null ? null : sql<number>`${tx.clock} + ${sql.lit(Math.round(retryIn))}`,
      lags_since: sinceDue(tx),
      lease_owner: null,
      lease_until: null,
    })
    .where('id', '=', cardId)
    .where('lease_owner', '=', worker)
    .execute()
  return isNew
}
