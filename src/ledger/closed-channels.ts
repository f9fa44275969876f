import { sql } from 'kysely'
import { type ClosedChannel, DIRECT_MESSAGES } from '../domain/card.ts'
import type { EventSays } from './events.ts'
import { unseen } from './grants.ts'
import { addNotice } from './notices.ts'
import { toClosedChannel } from './rows.ts'
import { tellGrants } from './trail.ts'
import type { Tx } from './tx.ts'

/**
 * What a try to write into a channel has shown. `alerts`: the operators' channel,
 * in which they can't be told about itself.
 */
export interface FoundClosed {
  channel: string
  /** Slack's error code. */
  code: string
  foundBy: 'post' | 'update'
  alerts: string | null
}

/**
 * Records that Slack takes no messages in a channel. The first time, tells the operators and the people who ask there.
 */
export async function closeChannel(
  tx: Tx,
  { channel, code, foundBy, alerts }: FoundClosed,
): Promise<boolean> {
  const known = await tx.db
    .selectFrom('closed_channels')
    .select('found_by')
    .where('channel', '=', channel)
    .executeTakeFirst()
  if (known) {
    // An app that may change messages may still not be allowed to post.
    if (foundBy === 'post' && known.found_by === 'update')
      await tx.db
        .updateTable('closed_channels')
        .set({ code, found_by: foundBy })
        .where('channel', '=', channel)
        .execute()
    return false
  }
  await tx.db
    .insertInto('closed_channels')
    .values({ channel, code, since: tx.now(), found_by: foundBy })
    .execute()
  if (channel !== alerts) await tellOperators(tx, channel, code)
  await tellAskers(tx, channel, { kind: 'channel-closed', data: { channel, code } })
  return true
}

/** ms between reports to the operators about a channel that keeps closing, and only while it is closed. */
const TOLD_EVERY = 15 * 60_000

async function tellOperators(tx: Tx, channel: string, code: string): Promise<void> {
  const lately = await tx.db
    .selectFrom('notices')
    .select(['data', 'created_at', 'due_at'])
    .where('kind', '=', 'channel-closed')
    .where('created_at', '>', tx.now() - TOLD_EVERY)
    .orderBy('created_at', 'desc')
    .execute()
  const same = lately.filter(({ data }) => JSON.parse(data).channel === channel)
  if (same.some(({ due_at }) => due_at !== null)) return
  const [last] = same
  const dueIn = last ? Math.max(0, last.created_at + TOLD_EVERY - tx.now()) : 0
  await addNotice(tx, { kind: 'channel-closed', channel, code }, dueIn)
}

/** Records that Slack took a message in a channel: everything that waited for it is due at once. */
export async function openChannel(tx: Tx, channel: string, foundBy: 'post' | 'update'): Promise<void> {
  const opened = await tx.db
    .deleteFrom('closed_channels')
    .where('channel', '=', channel)
    .$if(foundBy === 'update', (query) => query.where('found_by', '=', 'update'))
    .returning('told')
    .executeTakeFirst()
  if (!opened) return
  if (opened.told) await addNotice(tx, { kind: 'channel-open', channel })
  await tryAgain(tx, channel)
  await tellAskers(tx, channel, { kind: 'channel-open', data: { channel } })
}

/** Makes everything that waits for a channel due at once. */
async function tryAgain(tx: Tx, channel: string): Promise<void> {
  const now = { due_at: tx.clock }
  const cards = tx.db.updateTable('cards').set(now).where('due_at', 'is not', null)
  await (channel === DIRECT_MESSAGES
    ? cards.where('kind', '=', 'dm')
    : cards.where(sql<boolean>`kind = 'approval'`).where('recipient', '=', channel)
  ).execute()
  const notices = tx.db.updateTable('notices').set(now).where('due_at', 'is not', null)
  await notices.where('tries', '>', 0).execute()
}

const isWaitedFor = sql<boolean>`exists (select 1 from cards where cards.due_at is not null
  and (cards.kind = 'dm' and closed_channels.channel = ${sql.lit(DIRECT_MESSAGES)}
    or cards.kind = 'approval' and cards.recipient = closed_channels.channel))`

/** A policy names other channels: makes what waits due at once, and forgets closed channels that nothing waits for. */
export async function recheckClosedChannels(tx: Tx, named: readonly string[]): Promise<void> {
  const closed = await tx.db.selectFrom('closed_channels').select('channel').execute()
  for (const { channel } of closed) await tryAgain(tx, channel)
  await tx.db
    .deleteFrom('closed_channels')
    .where(sql<boolean>`not ${isWaitedFor}`)
    .where('channel', 'not in', named)
    .execute()
}

/**
 * Asks approvers in another channel about a grant that none of them has seen.
 * @returns false if one of them has, or the card was moved before
 */
export async function askElsewhere(
  tx: Tx,
  cardId: string,
  { from, to }: { from: string; to: string },
): Promise<boolean> {
  const card = await tx.db
    .updateTable('cards')
    .set({ recipient: to, tries: 0 })
    .where('id', '=', cardId)
    .where('recipient', '=', from)
    .where('place', 'is', null)
    .returning('grant_id')
    .executeTakeFirst()
  if (!card) return false
  const moved = await tx.db
    .updateTable('grants')
    .set({ approval_channel: to, version: sql<number>`version + 1` })
    .where('id', '=', card.grant_id)
    .returning('id')
    .execute()
  await tellGrants(tx, moved, { kind: 'asked-elsewhere', actor: 'app', data: { channel: to } })
  await tx.db
    .deleteFrom('closed_channels')
    .where('channel', '=', from)
    .where(sql<boolean>`not ${isWaitedFor}`)
    .execute()
  return true
}

/** Records that the operators know about a closed channel. */
export async function closedChannelTold(tx: Tx, channel: string): Promise<void> {
  const told = await tx.db
    .updateTable('closed_channels')
    .set({ told: 1 })
    .where('channel', '=', channel)
    .where('told', '=', 0)
    .returning('channel')
    .executeTakeFirst()
  if (told) await tellAskers(tx, channel, { kind: 'operators-told', data: { channel } })
}

/** Tells the requesters whose asks nobody has seen. */
async function tellAskers(
  tx: Tx,
  channel: string,
  event: EventSays<'channel-closed' | 'operators-told' | 'channel-open'>,
): Promise<void> {
  if (channel === DIRECT_MESSAGES) return
  const asks = await tx.db
    .updateTable('grants')
    .set({ version: sql<number>`version + 1` })
    .where('approval_channel', '=', channel)
    .where(unseen)
    .returning('id')
    .execute()
  await tellGrants(tx, asks, { ...event, actor: 'app' })
}

/** Channels that are closed now, oldest first. */
export async function closedChannels(db: Tx['db']): Promise<ClosedChannel[]> {
  const { rows } = await sql<{ channel: string }>`select closed_channels.*,
      (select count(*) from cards where cards.due_at is not null
        and (cards.kind = 'dm' and closed_channels.channel = ${sql.lit(DIRECT_MESSAGES)}
          or cards.kind = 'approval' and cards.recipient = closed_channels.channel)) as waiting,
      (select count(*) from grants where approval_channel = closed_channels.channel and ${unseen}) as asks
    from closed_channels order by since`.execute(db)
  return rows.map(toClosedChannel)
}
