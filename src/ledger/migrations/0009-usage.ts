import type { Migration } from '../migrate.ts'

/** China has had no other since 1991. */
const SHANGHAI = 8 * 3_600_000
const reserving = `state in ('pending', 'approved', 'issuing', 'issued')`

/**
 * Limits are kept as they change. Of which time zone the policy is can't be known here: the days are those of its default,
 * and are found anew at the next start with a policy of another one.
 */
export const usageMigration: Migration = {
  number: 9,
  name: 'usage',
  statements: ({ int, table, day }) => [
    `alter table grants add column day ${int} not null default 0`,
    `update grants set day = ${day(`created_at + ${SHANGHAI}`)}`,
    `create table calendar (
      id ${int} primary key check (id = 1),
      time_zone text not null
    ) ${table}`,
    `insert into calendar (id, time_zone) values (1, 'Asia/Shanghai')`,
    `create table usage (
      kind text not null check (kind in ('user', 'requester', 'stock')),
      owner text not null,
      rule text not null,
      day ${int} not null,
      count ${int} not null,
      quota ${int} not null,
      primary key (kind, owner, rule, day)
    ) ${table}`,
    ...[
      ['user', 'openid', `''`],
      ['requester', 'requester', `''`],
      ['requester', 'requester', 'approved_by_rule'],
      ['stock', 'stock_ref', `''`],
    ].map(
      ([kind, owner, rule]) => `insert into usage (kind, owner, rule, day, count, quota)
        select '${kind}', ${owner}, ${rule}, day, count(*), sum(quota) from grants
        where ${reserving} and ${rule} is not null group by 1, 2, 3, 4`,
    ),
    // They were made to count by, and each step of a grant changed them.
    'drop index grants_openid',
    'drop index grants_requester',
    'create index grants_openid on grants (openid, created_at, id)',
    'create index grants_requester on grants (requester, created_at, id)',
  ],
}
