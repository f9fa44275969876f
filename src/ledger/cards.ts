import { sql } from 'kysely'
import { type Card, DIRECT_MESSAGES, isSamePlace, type Place } from '../domain/card.ts'
import type { Decision, Grant } from '../domain/grant.ts'
import { closeChannel, type FoundClosed, openChannel } from './closed-channels.ts'
import { decisionsOf } from './decisions.ts'
import type { Engine } from './engines.ts'
import { withNotAsked } from './grants.ts'
import { withHolds } from './holds.ts'
import { addOutcomes, type NewOutcome } from './notices.ts'
import { type Claim, claim, giveBack, isFree, nextDue, sinceDue } from './queue.ts'
import type { Drawn } from './records.ts'
import { pointedAt, toCard, toGrant, toPlace } from './rows.ts'
import type { Tx } from './tx.ts'

/** A card that lags behind its grant. */
export interface DueCard {
  card: Card
  grant: Grant
  decisions: Decision[]
}

/**
 * Whether a card is due, and whether cards must still follow a hold or the policy; one query,
 * because it runs at every look.
 */
export async function lookForCards(
  engine: Pick<Engine, 'reads' | 'clock'>,
): Promise<{ due: boolean; following: boolean }> {
  const { rows } = await sql<{ due: number; following: number }>`select
    case when exists (${nextDue(engine, 'cards', 1)}) then 1 else 0 end as due,
    case when exists (select 1 from holds where follows = 1)
      or exists (select 1 from policies where follows = 1) then 1 else 0 end as following`.execute(
    engine.reads,
  )
  return { due: rows[0]?.due === 1, following: rows[0]?.following === 1 }
}

/** Claims cards that lag behind their grants, longest due first. */
export async function claimCards(tx: Tx, of: Claim): Promise<DueCard[]> {
  const cards = await claim(tx, 'cards', of)
  if (cards.length === 0) return []
  const rows = await tx.db
    .selectFrom('grants')
    .selectAll()
    .select(pointedAt)
    .where(
      'id',
      'in',
      cards.map((card) => card.grant_id),
    )
    .execute()
  const shown = await withNotAsked(tx.db, await withHolds(tx, rows.map(toGrant)))
  const grants = new Map(shown.map((grant) => [grant.id, grant]))
  const decided = shown.filter(({ approvalsNeeded }) => approvalsNeeded > 0).map(({ id }) => id)
  const decisions = Map.groupBy(await decisionsOf(tx.db, decided), ({ grantId }) => grantId)
  return cards.flatMap((row) => {
    const grant = grants.get(row.grant_id)
    return grant ? [{ card: toCard(row), grant, decisions: decisions.get(grant.id) ?? [] }] : []
  })
}

/** The result for a claimed card. */
export type CardEnd = {
  id: string
} /** `outcome`: its grant has ended, and the requester gets a separate message about it. */ & (
  | { drawn: Drawn; outcome?: NewOutcome | null }
  /**
   * It couldn't be drawn.
   * @param retryIn ms; null: not before the grant's next event
   * @param closed if a channel is why
   */
  | { retryIn: number | null; closed?: FoundClosed | null }
)

/**
 * What became of a card that was given back. `stray`: it is in another message by now, so the one that was drawn must be
 * taken away. `newly-closed`: it couldn't be drawn because of a channel that wasn't known to be closed.
 */
export type CardEnded = 'stray' | 'newly-closed' | null

/** Gives cards back. @returns one for each, in their order */
export async function endCards(tx: Tx, worker: string, ends: readonly CardEnd[]): Promise<CardEnded[]> {
  const strays = await noteDrawn(
    tx,
    worker,
    ends.filter((end) => 'drawn' in end),
  )
  const ended: CardEnded[] = []
  for (const end of ends) {
    if ('drawn' in end) ended.push(strays.has(end.id) ? 'stray' : null)
    else ended.push((await noteFailed(tx, worker, end)) ? 'newly-closed' : null)
  }
  return ended
}

/**
 * Records what cards show and where they are.
 * @returns the cards that are in another message by now
 */
async function noteDrawn(
  tx: Tx,
  worker: string,
  ends: readonly { id: string; drawn: Drawn; outcome?: NewOutcome | null }[],
): Promise<Set<string>> {
  const strays = new Set<string>()
  if (ends.length === 0) return strays
  const placed = ends.flatMap(({ id, drawn }) => ('place' in drawn ? [{ id, ...drawn }] : []))
  // First, because it tells the people who ask there about grants that nobody has seen.
  await noteOpen(tx, placed)
  // Few and written out: PostgreSQL doesn't know how many rows a parameter holds, and would read all cards.
  const drawn = sql.join(
    ends.map(
      ({ id, drawn }) => sql`select ${id} as id, cast(${drawn.version} as bigint) as version,
        cast(${'place' in drawn ? JSON.stringify(drawn.place) : null} as text) as place,
        cast(${drawn.shows ?? null} as text) as shown`,
    ),
    sql` union all `,
  )
  // Cards whose grant has changed meanwhile lag from now on.
  const { rows } = await sql<{ id: string }>`update cards set place = coalesce(r.place, cards.place),
      gone = case when r.place is null then 1 else cards.gone end, tries = 0,
      shown = coalesce(r.shown, cards.shown),
      due_at = case when r.place is not null and r.version <
        (select g.version from grants g where g.id = cards.grant_id) then ${tx.clock} end,
      lags_since = ${tx.clock}, lease_owner = null, lease_until = null
    from (${drawn}) r where cards.id = r.id and cards.lease_owner = ${worker} returning cards.id`.execute(
    tx.db,
  )
  const mine = new Set(rows.map(({ id }) => id))
  await addOutcomes(
    tx,
    ends.flatMap(({ id, outcome }) => (outcome && mine.has(id) ? [outcome] : [])),
  )
  const late = ends.flatMap(({ id, outcome }) => (outcome?.isLate && mine.has(id) ? [id] : []))
  if (late.length > 0) await drawOthers(tx, late)
  for (const { id, place } of placed)
    if (!mine.has(id) && !(await keepAsOnly(tx, 'cards', id, place))) strays.add(id)
  return strays
}

/**
 * If Slack took one of a person's messages late, it takes the others too: they don't wait for their own next try, so
 * that outcomes since then are told together.
 */
async function drawOthers(tx: Tx, ids: readonly string[]): Promise<void> {
  await tx.db
    .updateTable('cards')
    .set({ due_at: tx.clock })
    .where('due_at', '>', tx.clock)
    .where('kind', '=', 'dm')
    .where('tries', '>', 0)
    .where(isFree(tx))
    .where('recipient', 'in', (of) =>
      of.selectFrom('cards as drawn').select('recipient').where('id', 'in', ids),
    )
    .execute()
}

/** Records that Slack has taken these messages. */
async function noteOpen(tx: Tx, placed: readonly { id: string; place: Place; posted?: boolean }[]) {
  const closed = await tx.db.selectFrom('closed_channels').select('channel').execute()
  if (closed.length === 0) return
  for (const { id, place, posted } of placed)
    for (const channel of await channelsOf(tx, id, place))
      await openChannel(tx, channel, posted ? 'post' : 'update')
}

/** @returns whether it is new that a channel is closed */
async function noteFailed(
  tx: Tx,
  worker: string,
  { id, retryIn, closed = null }: Extract<CardEnd, { retryIn: unknown }>,
): Promise<boolean> {
  // If a message couldn't be posted, there is none, even if there was one once.
  if (closed?.foundBy === 'post')
    await tx.db
      .updateTable('cards')
      .set({ place: null })
      .where('id', '=', id)
      .where('lease_owner', '=', worker)
      .execute()
  // First, because it makes all cards due that show it.
  const isNew = closed !== null && (await closeChannel(tx, closed))
  await giveBack(tx, 'cards', { id, worker, retryIn })
  return isNew
}

/**
 * The channel that a card was meant for and the one it is in; direct messages count as one channel, and views as none.
 */
async function channelsOf(tx: Tx, cardId: string, place: Place): Promise<Set<string>> {
  const card = await tx.db
    .selectFrom('cards')
    .select(['kind', 'recipient'])
    .where('id', '=', cardId)
    .executeTakeFirst()
  if (!card || !('channel' in place)) return new Set()
  return new Set(card.kind === 'dm' ? [DIRECT_MESSAGES] : [card.recipient, place.channel])
}

/** Messages of cards, and messages about holds. */
type Placed = 'cards' | 'holds'

/**
 * Makes a message the place of the card or hold that a person found in it.
 * @param from its place as far as the caller knows; if it is elsewhere by now, it stays there
 * @returns whether the message is its place
 */
export async function adopt(
  tx: Tx,
  placed: Placed,
  { id, place, from = null }: { id: string; place: Place; from?: Place | null | undefined },
): Promise<boolean> {
  const noted = await placeOf(tx, placed, id)
  if (noted === undefined) return false
  if (noted && isSamePlace(noted, place)) return true
  if (noted && !(from && isSamePlace(noted, from))) return false
  // A worker that is drawing it elsewhere at this moment must not have the last word.
  await sql`update ${sql.table(placed)} set place = ${JSON.stringify(place)}, due_at = ${tx.clock},
    lags_since = ${sinceDue(tx)}, lease_owner = null, lease_until = null
    ${placed === 'cards' ? sql`, gone = 0` : sql``} where id = ${id}`.execute(tx.db)
  return true
}

/**
 * For a row that another worker has taken over: if that worker knows of no message yet, this one becomes the only one.
 * @returns whether the message is its place
 */
export async function keepAsOnly(tx: Tx, placed: Placed, id: string, place: Place): Promise<boolean> {
  await sql`update ${sql.table(placed)} set place = ${JSON.stringify(place)}
    where id = ${id} and place is null`.execute(tx.db)
  const noted = await placeOf(tx, placed, id)
  return noted != null && isSamePlace(noted, place)
}

async function placeOf(tx: Tx, placed: Placed, id: string): Promise<Place | null | undefined> {
  const { rows } = await sql<{ place: string | null }>`select place from ${sql.table(placed)}
    where id = ${id}`.execute(tx.db)
  return rows[0] && toPlace(rows[0].place)
}
