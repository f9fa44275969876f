import type { Migration } from '../migrate.ts'

/** Persons whom somebody asks to erase, until somebody else has decided it; and what differs is found by its user. */
export const erasuresMigration: Migration = {
  number: 17,
  name: 'erasures',
  statements: ({ int, table }) => [
    `create table erasures (
      id text primary key,
      subject text not null references subjects (id),
      asked_by text not null,
      asked_at ${int} not null,
      ended_by text,
      ended_at ${int},
      outcome text check (outcome in ('erased', 'declined', 'over')),
      check ((ended_at is null) = (outcome is null) and (ended_at is null) = (ended_by is null))
    ) ${table}`,
    'create unique index erasures_open on erasures (subject) where ended_at is null',
    'create index coupons_differs on coupons (subject, stock_ref) where differs is not null',
  ],
}
