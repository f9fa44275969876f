import type { Migration } from '../migrate.ts'

/** Seals of the trail. Older lines are sealed from now on, and the ledger records which lines those were. */
export const sealsMigration: Migration = {
  number: 10,
  name: 'seals',
  statements: ({ int, table, appendOnly }) => [
    // `before` is unique, so a chain can't fork.
    `create table seals (
      number ${int} primary key,
      last ${int} not null unique,
      count ${int} not null check (count > 0),
      before text not null unique,
      at ${int} not null,
      marks text not null,
      hash text not null unique,
      key text,
      signature text,
      check ((key is null) = (signature is null))
    ) ${table}`,
    ...appendOnly('seals'),
    `create table sealing (
      id ${int} primary key check (id = 1),
      older_to ${int} not null,
      told_number ${int} not null default 0,
      told_hash text,
      told_at ${int} not null default 0
    ) ${table}`,
    'insert into sealing (id, older_to) select 1, coalesce(max(id), 0) from events',
  ],
}
