import type { Migration } from '../migrate.ts'

/** Since when something waits to be told, and channels in which Slack takes no messages. */
export const laggingMigration: Migration = {
  number: 7,
  name: 'lagging',
  statements: ({ int, table }) => [
    `alter table cards add column lags_since ${int}`,
    `alter table notices add column lags_since ${int}`,
    `create table closed_channels (
      channel text primary key,
      code text not null,
      since ${int} not null,
      found_by text not null check (found_by in ('post', 'update')),
      told ${int} not null default 0
    ) ${table}`,
    `create index cards_recipient on cards (recipient) where kind = 'approval' and due_at is not null`,
  ],
}
