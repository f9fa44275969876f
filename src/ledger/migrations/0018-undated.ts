import type { Migration } from '../migrate.ts'

/** Up to which grant, from the oldest, the days are still those of another time zone; null: none is. */
export const undatedMigration: Migration = {
  number: 18,
  name: 'undated',
  statements: () => ['alter table calendar add column undated text'],
}
