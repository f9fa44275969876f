import type { Migration } from '../migrate.ts'

/** The last grant, from the oldest, whose day is still another time zone's; null: there is none. */
export const undatedMigration: Migration = {
  number: 18,
  name: 'undated',
  statements: () => ['alter table calendar add column undated text'],
}
