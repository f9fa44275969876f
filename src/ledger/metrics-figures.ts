import { type Kysely, type RawBuilder, sql } from 'kysely'
import { type GrantState, grantStates, openStates } from '../domain/grant.ts'
import type { HoldScope } from '../domain/hold.ts'
import { openHolds } from './holds.ts'
import { needsLook, written } from './reads.ts'
import type { Tables } from './tables.ts'

/** How the ledger stands, in numbers that name nobody. */
export interface Figures {
  grants: Record<GrantState, number>
  /** Since when (epoch ms) the oldest grant of an open state is in it; states that no grant is in are left out. */
  oldest: Partial<Record<GrantState, number>>
  flagged: { checking: number; 'needs-look': number }
  /** What the open holds and pauses stop. */
  holds: HoldScope[]
  /** What lags behind its grant; `retried`: of these, what has failed at least once. `lag`: ms since the longest began to. */
  cards: { due: number; retried: number; lag: number }
  /** What is to be told once, as reminders and news. */
  notices: { due: number; retried: number; lag: number }
}

/** Reads all figures; in a ledger of 100,000 grants some milliseconds. @param clock the database's, epoch ms, in SQL */
export async function readFigures(db: Kysely<Tables>, clock: RawBuilder<number>): Promise<Figures> {
  const counts = await sql<{ state: GrantState; count: number }>`
    select state, count(*) as count from grants where state in (${written(grantStates)}) group by state`.execute(
    db,
  )
  const oldest = await sql<{ state: GrantState; at: number }>`
    select state, min(state_at) as at from grants where state in (${written(openStates)}) group by state`.execute(
    db,
  )
  const flagged = await sql<{ kind: keyof Figures['flagged']; count: number }>`
    select case when ${needsLook} then 'needs-look' else 'checking' end as kind, count(*) as count
    from grants where flag is not null group by 1`.execute(db)
  const holds = await openHolds({ db })
  const none = Object.fromEntries(grantStates.map((state) => [state, 0])) as Figures['grants']
  return {
    grants: { ...none, ...Object.fromEntries(counts.rows.map(({ state, count }) => [state, count])) },
    oldest: Object.fromEntries(oldest.rows.map(({ state, at }) => [state, at])),
    flagged: {
      checking: 0,
      'needs-look': 0,
      ...Object.fromEntries(flagged.rows.map(({ kind, count }) => [kind, count])),
    },
    holds: holds.map(({ kind, stockRef }) => ({ kind, stockRef })),
    cards: await waiting(db, clock, 'cards'),
    notices: await waiting(db, clock, 'notices'),
  }
}

/**
 * Since when something lags is not when it is due: each failed try puts that off. An older version of the app does not
 * write it.
 * Each drawing counts as a try from its begin on, so that one try is no failure yet.
 */
async function waiting(
  db: Kysely<Tables>,
  clock: RawBuilder<number>,
  table: 'cards' | 'notices',
): Promise<Figures['cards']> {
  const { rows } = await sql<Figures['cards']>`
    select count(*) as due,
      cast(coalesce(sum(case when tries > 1 then 1 else 0 end), 0) as bigint) as retried,
      cast(coalesce(max(${clock} - case when lags_since < due_at then lags_since
        when due_at < ${clock} then due_at else ${clock} end), 0) as bigint) as lag
    from ${sql.table(table)} where due_at > 0`.execute(db)
  return rows[0] ?? { due: 0, retried: 0, lag: 0 }
}
