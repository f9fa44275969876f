import type { Migration } from '../migrate.ts'

/** The database looks up a grant's notices whenever it checks that they belong to one. */
export const noticesOfGrantsMigration: Migration = {
  number: 4,
  name: 'notices-of-grants',
  statements: () => ['create index notices_grant on notices (grant_id) where grant_id is not null'],
}
