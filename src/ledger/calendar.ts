import { sql } from 'kysely'
import { reservingStates } from '../domain/grant.ts'
import { type Offset, offsetsBetween } from '../domain/limit.ts'
import type { LedgerLogger } from './interface.ts'
import type { SqlWords } from './migrate.ts'
import { createReads, written } from './reads.ts'
import type { Tx } from './tx.ts'

/**
 * Moves the days on which limits count grants when a policy changes the time zone. A large ledger takes a while, so
 * they move in steps, latest grant first; in between, everything else goes on.
 */

/** Sets the time zone of the days, from now on for new grants. @returns whether it was another one before */
export async function setTimeZone(tx: Tx, timeZone: string, logger?: LedgerLogger): Promise<boolean> {
  const { timeZone: before } = await createReads(tx).calendar()
  if (before === timeZone) return false
  logger?.info(
    { from: before, to: timeZone },
    'finding the day of each grant anew: limits are stricter meanwhile',
  )
  const { last } = await tx.db
    .selectFrom('grants')
    .select(({ fn }) => fn.max('id').as('last'))
    .executeTakeFirstOrThrow()
  await tx.db.updateTable('calendar').set({ time_zone: timeZone, undated: last }).execute()
  return true
}

/** Moves up to `limit` more grants to their day in the time zone. @returns how many it looked at */
export async function moveDays(tx: Tx, words: SqlWords, limit: number): Promise<number> {
  const { time_zone, undated } = await tx.db.selectFrom('calendar').selectAll().executeTakeFirstOrThrow()
  if (undated === null) return 0
  const rows = await tx.db
    .selectFrom('grants')
    .select(['id', 'created_at'])
    .where('id', '<=', undated)
    .orderBy('id', 'desc')
    .limit(limit)
    .execute()
  const [latest, oldest] = [rows[0], rows.at(-1)]
  if (latest && oldest) {
    const times = rows.map(({ created_at }) => created_at)
    const offsets = offsetsBetween(Math.min(...times), Math.max(...times), time_zone)
    await move(tx, words.day(`created_at + ${inSql(offsets)}`), { from: oldest.id, to: latest.id })
  }
  const next = oldest && (await before(tx, oldest.id))
  await tx.db
    .updateTable('calendar')
    .set({ undated: next ?? null })
    .execute()
  return rows.length
}

async function before(tx: Tx, id: string): Promise<string | null> {
  const { last } = await tx.db
    .selectFrom('grants')
    .select(({ fn }) => fn.max('id').as('last'))
    .where('id', '<', id)
    .executeTakeFirstOrThrow()
  return last
}

const owners = [
  ['user', 'subject', `''`],
  ['requester', 'requester', `''`],
  ['requester', 'requester', 'approved_by_rule'],
  ['stock', 'stock_ref', `''`],
] as const

/** Moves a range of grants: first their counts in the limits go from one day to the other, then the grants. */
async function move(tx: Tx, day: string, { from, to }: { from: string; to: string }): Promise<void> {
  const range = sql`id >= ${from} and id <= ${to} and ${sql.raw(`day <> ${day}`)}`
  const parts = owners.flatMap(([kind, owner, rule]) =>
    [`day as day, -1`, `${day} as day, 1`].map(
      (
        on,
      ) => sql`select ${sql.raw(`'${kind}' as kind, ${owner} as owner, ${rule} as rule, ${on} as sign, quota`)} from grants
        where ${range} and state in (${written(reservingStates)}) and ${sql.raw(`${rule} is not null`)}`,
    ),
  )
  await sql`insert into usage (kind, owner, rule, day, count, quota)
    select kind, owner, rule, day, cast(sum(sign) as bigint), cast(sum(sign * quota) as bigint)
    from (${sql.join(parts, sql` union all `)}) as moved where true group by kind, owner, rule, day
    on conflict (kind, owner, rule, day) do update set
      count = usage.count + excluded.count, quota = usage.quota + excluded.quota`.execute(tx.db)
  await sql`update grants set day = ${sql.raw(day)} where ${range}`.execute(tx.db)
}

/** The time zone's offset at the time of a grant's ask. */
function inSql(offsets: Offset[]): string {
  const last = offsets.at(-1)?.offset ?? 0
  const before = offsets.slice(0, -1).map(({ until, offset }) => `when created_at < ${until} then ${offset}`)
  return before.length === 0 ? `(${last})` : `case ${before.join(' ')} else ${last} end`
}
