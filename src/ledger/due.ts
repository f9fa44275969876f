import { type Kysely, type RawBuilder, sql } from 'kysely'
import { unblocked } from './claims.ts'
import type { Tables } from './tables.ts'

/** ms until a grant, a card or a hold's probe could be due; null when none will be by itself. */
export async function nextDueIn(db: Kysely<Tables>, clock: RawBuilder<number>): Promise<number | null> {
  const { rows } = await sql<{ now: number; at: number | null }>`
    select ${clock} as now, min(at) as at from (
      select * from (select g.due_at as at from grants g where g.due_at is not null and g.hold_scope is null
        and (g.lease_until is null or g.lease_until <= ${clock}) and ${unblocked}
        order by g.due_at limit 1) free_grant
      union all select min(lease_until) from grants where lease_until > ${clock} and due_at is not null
      union all select * from (select due_at from cards where due_at is not null
        and (lease_until is null or lease_until <= ${clock}) order by due_at limit 1) free_card
      union all select min(lease_until) from cards where lease_until > ${clock} and due_at is not null
      union all select case when g.due_at > h.probe_at then g.due_at else h.probe_at end
        from holds h join grants g on g.hold_scope = h.scope
        where h.ended_at is null and h.scope <> 'first-attempts' and g.due_at is not null
          and (g.lease_until is null or g.lease_until <= ${clock}) and ${unblocked}
    ) due`.execute(db)
  const [row] = rows
  return row?.at == null ? null : Math.max(0, row.at - row.now)
}
