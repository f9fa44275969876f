import { type Selectable, sql } from 'kysely'
import type { UsageOf } from './records.ts'
import type { GrantsTable, UsageTable } from './tables.ts'
import type { Tx } from './trail.ts'

/** What limits count by, whatever becomes of the grant. */
type Counted = Pick<
  Selectable<GrantsTable>,
  'openid' | 'requester' | 'stock_ref' | 'approved_by_rule' | 'day' | 'quota'
>

/** Adds a grant to what its limits count, or takes it from there, under the lock that they are asked under. */
export async function changeUsage(tx: Tx, grant: Counted, by: 1 | -1): Promise<void> {
  const { openid, requester, stock_ref: stockRef, approved_by_rule: rule, day, quota } = grant
  const row = (of: UsageOf['by'], rule = ''): UsageTable => {
    const [kind, owner] = ownerOf(of)
    return { kind, owner, rule, day, count: by, quota: by * quota }
  }
  await tx.db
    .insertInto('usage')
    .values([
      row({ openid }),
      row({ requester }),
      ...(rule === null ? [] : [row({ requester }, rule)]),
      row({ stockRef }),
    ])
    .onConflict((conflict) =>
      conflict.columns(['kind', 'owner', 'rule', 'day']).doUpdateSet({
        count: sql<number>`usage.count + excluded.count`,
        quota: sql<number>`usage.quota + excluded.quota`,
      }),
    )
    .execute()
}

/** As which kind, and under which name, something is counted. */
export function ownerOf(by: UsageOf['by']): [kind: UsageTable['kind'], owner: string] {
  if ('openid' in by) return ['user', by.openid]
  return 'requester' in by ? ['requester', by.requester] : ['stock', by.stockRef]
}
