import type { Migration } from '../migrate.ts'

/** A button drawn for one thing acts on that thing, once. */
export const onceMigration: Migration = {
  number: 6,
  name: 'once',
  statements: ({ int, table }) => [
    `alter table decisions add column lapsed_at ${int}`,
    `alter table holds add column tries ${int} not null default 0`,
    'alter table holds add column tried_in text',
    // Their messages are drawn again in place, with buttons that carry their ids.
    'update holds set told = 0 where told = 1 and ended_at is null and place is not null',
    `create table orders (
      id text primary key,
      at ${int} not null
    ) ${table}`,
    'create index orders_at on orders (at)',
  ],
}
