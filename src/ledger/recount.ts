import { sql } from 'kysely'
import { reservingStates } from '../domain/grant.ts'
import { written } from './reads.ts'
import type { UsageTable } from './tables.ts'
import type { Tx } from './tx.ts'

/** What the limits had counted for an owner (for kind `user`, the openid) on a day, and what the grants say. */
export interface Miscounted extends Pick<UsageTable, 'kind' | 'owner' | 'rule' | 'day'> {
  was: { count: number; quota: number }
  is: { count: number; quota: number }
}

/** How many differences to report at most. */
const MOST_TOLD = 100

const counted = sql.join(
  [
    ['user', 'subject', `''`],
    ['requester', 'requester', `''`],
    ['requester', 'requester', 'approved_by_rule'],
    ['stock', 'stock_ref', `''`],
  ].map(
    ([kind, owner, rule]) => sql`select ${sql.raw(`'${kind}' as kind, ${owner} as owner, ${rule} as rule, day,
      count(*) as count, cast(sum(quota) as bigint) as quota`)} from grants
      where state in (${written(reservingStates)}) and ${sql.raw(`${rule} is not null`)} group by 1, 2, 3, 4`,
  ),
  sql` union all `,
)

/** Counts usage again from the grants. @returns the differences, at most `MOST_TOLD` */
export async function recount(tx: Tx): Promise<Miscounted[]> {
  const { rows } = await sql<
    Record<'was_count' | 'was_quota' | 'is_count' | 'is_quota', number> & Miscounted
  >`
    select kind, rule, day,
      coalesce((select openid from subjects where kind = 'user' and id = compared.owner), compared.owner) as owner,
      cast(sum(was_count) as bigint) as was_count, cast(sum(was_quota) as bigint) as was_quota,
      cast(sum(is_count) as bigint) as is_count, cast(sum(is_quota) as bigint) as is_quota
    from (select kind, owner, rule, day, count as was_count, quota as was_quota, 0 as is_count, 0 as is_quota from usage
      union all select kind, owner, rule, day, 0, 0, count, quota from (${counted}) as counted) as compared
    group by kind, compared.owner, rule, day
    having sum(was_count) <> sum(is_count) or sum(was_quota) <> sum(is_quota)
    order by day desc, kind, compared.owner, rule limit ${sql.lit(MOST_TOLD)}`.execute(tx.db)
  if (rows.length > 0) await writeCounted(tx)
  return rows.map(({ kind, owner, rule, day, was_count, was_quota, is_count, is_quota }) => ({
    kind,
    owner,
    rule,
    day,
    was: { count: was_count, quota: was_quota },
    is: { count: is_count, quota: is_quota },
  }))
}

async function writeCounted(tx: Tx): Promise<void> {
  await tx.db.deleteFrom('usage').execute()
  await sql`insert into usage (kind, owner, rule, day, count, quota) ${counted}`.execute(tx.db)
}
