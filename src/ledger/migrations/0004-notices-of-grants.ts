import type { Migration } from '../migrate.ts'

/** A grant's notices are looked for whenever the database checks that they belong to one. */
export const noticesOfGrantsMigration: Migration = {
  number: 4,
  name: 'notices-of-grants',
  statements: () => ['create index notices_grant on notices (grant_id) where grant_id is not null'],
}
