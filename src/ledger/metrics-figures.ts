import { type Kysely, type RawBuilder, sql } from 'kysely'
import { type GrantState, grantStates, openStates } from '../domain/grant.ts'
import type { HoldScope } from '../domain/hold.ts'
import { openHolds } from './holds.ts'
import { needsLook, written } from './reads.ts'
import type { Tables } from './tables.ts'

/** The state of the ledger in numbers that name nobody. */
export interface Figures {
  grants: Record<GrantState, number>
  /** When the longest-waiting grant of each open state entered it, epoch ms; states without a grant are left out. */
  oldest: Partial<Record<GrantState, number>>
  flagged: { checking: number; 'needs-look': number }
  /** What the open holds and pauses stop. */
  holds: HoldScope[]
  /**
   * Cards that lag behind their grant. `retried`: those that failed at least once.
   * `lag`: ms for which the oldest of them has lagged.
   */
  cards: { due: number; retried: number; lag: number }
  /** Notices to be sent. */
  notices: { due: number; retried: number; lag: number }
}

/** Reads all figures; takes some ms with 100,000 grants. @param clock the database's, epoch ms, in SQL */
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
 * Lag isn't measured from the due time, because each failed try puts that off. An older version of the app doesn't
 * write `lags_since`. Each drawing counts as a try from its start, so one try is no failure yet.
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
