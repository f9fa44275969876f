import type { Migration } from '../migrate.ts'

/**
 * Requests to erase a person, until somebody else decides them; and indexes of coupons by their user and by difference.
 */
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
    // SQLite may look for rows that point at a new subject.
    'create index erasures_subject on erasures (subject)',
    'create index coupons_subject on coupons (subject, stock_ref)',
    'create index coupons_differs on coupons (differs, coupon_id) where differs is not null',
  ],
}
