import type { Migration } from '../migrate.ts'

/** Who paused and resumed, the one pace of all replicas, and what people found out when the app could not. */
export const operationsMigration: Migration = {
  number: 5,
  name: 'operations',
  statements: ({ int, table }) => [
    `alter table holds add column begun_by text not null default 'app'`,
    'alter table holds add column ended_by text',
    `create table pace (
      id ${int} primary key check (id = 1),
      next_at ${int} not null,
      slowed ${int} not null
    ) ${table}`,
    'insert into pace (id, next_at, slowed) values (1, 0, 0)',
    `create table settlements (
      id text primary key,
      grant_id text not null references grants (id),
      verdict text not null check (verdict in ('issued', 'not-issued')),
      coupon_id text,
      evidence text not null,
      proposed_by text not null,
      proposed_at ${int} not null,
      ended_by text,
      ended_at ${int},
      outcome text check (outcome in ('confirmed', 'withdrawn')),
      check ((verdict = 'issued') = (coupon_id is not null)),
      check ((ended_at is null) = (outcome is null) and (ended_at is null) = (ended_by is null))
    ) ${table}`,
    'create unique index settlements_open on settlements (grant_id) where ended_at is null',
    'create index settlements_grant on settlements (grant_id)',
    'create index grants_flagged on grants (first_attempt_at, id) where flag is not null',
  ],
}
