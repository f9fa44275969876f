import type { Migration } from '../migrate.ts'

/**
 * Which grants wait is computed from the open holds, and written on no grant. Claims find what may go by its lane and stock.
 * What was kept on grants stays empty.
 */
export const holdsComputedMigration: Migration = {
  number: 11,
  name: 'holds-computed',
  statements: ({ int }) => [
    // How its begin and its end lie among the events.
    `alter table holds add column begun_after ${int} not null default 0`,
    `alter table holds add column ended_after ${int}`,
    // Whether the trail has lines of its begin that an older version wrote.
    `alter table holds add column is_lined ${int} not null default 0`,
    `update holds set is_lined = 1, begun_after = coalesce((select max(id) from events), 0)`,
    'update holds set ended_after = 0 where ended_at is not null',
    'create index holds_ended on holds (ended_after)',
    // Whether cards do not all show yet that it has begun or ended, and the last grant whose cards do.
    `alter table holds add column follows ${int} not null default 0`,
    'alter table holds add column followed_to text',
    'create index holds_following on holds (since) where follows = 1',
    'drop index grants_due',
    'drop index grants_held',
    'update grants set hold_scope = null, hold_reason = null, hold_at = null where hold_scope is not null',
    `alter table grants add column lane ${int} not null default 1`,
    `update grants set lane = 0 where state = 'issuing' and attempts > 0`,
    'create index grants_lane on grants (lane, stock_ref, due_at) where due_at is not null',
    'drop index grants_state',
    'create index grants_state on grants (state, id)',
    'drop index grants_issuing',
    `create index grants_issuing on grants (openid, appid, stock_ref) where state = 'issuing'`,
    // Finer than ms, so that any pace is exact.
    'alter table pace rename column next_at to next_us',
    'update pace set next_us = next_us * 1000',
    `alter table pace add column taken ${int} not null default 0`,
  ],
}
