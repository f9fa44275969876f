import { type RawBuilder, type Selectable, sql } from 'kysely'
import type { UsageOf } from './records.ts'
import { subjectsOf } from './subjects.ts'
import type { GrantsTable, UsageTable } from './tables.ts'
import type { Tx } from './tx.ts'

/** What limits count by, whatever becomes of the grant. */
type Counted = Pick<
  Selectable<GrantsTable>,
  'subject' | 'requester' | 'stock_ref' | 'approved_by_rule' | 'day' | 'quota'
>

/** Adds a grant to what its limits count, or takes it from there, under the lock that they are asked under. */
export async function changeUsage(tx: Tx, grant: Counted, by: 1 | -1): Promise<void> {
  const { subject, requester, stock_ref: stock, approved_by_rule: rule, day, quota } = grant
  const row = (kind: UsageTable['kind'], owner: string, rule = ''): UsageTable => {
    return { kind, owner, rule, day, count: by, quota: by * quota }
  }
  await tx.db
    .insertInto('usage')
    .values([
      row('user', subject),
      row('requester', requester),
      ...(rule === null ? [] : [row('requester', requester, rule)]),
      row('stock', stock),
    ])
    .onConflict((conflict) =>
      conflict.columns(['kind', 'owner', 'rule', 'day']).doUpdateSet({
        count: sql<number>`usage.count + excluded.count`,
        quota: sql<number>`usage.quota + excluded.quota`,
      }),
    )
    .execute()
}

/** Whether a row counts for whom or what is asked. */
export function isOf(by: UsageOf['by']): RawBuilder<boolean> {
  if ('openid' in by) return sql`kind = 'user' and owner in ${subjectsOf(by.openid)}`
  if ('requester' in by) return sql`kind = 'requester' and owner = ${by.requester}`
  return sql`kind = 'stock' and owner = ${by.stockRef}`
}
