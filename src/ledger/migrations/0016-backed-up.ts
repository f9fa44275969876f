import type { Migration } from '../migrate.ts'

/** When the tool last copied the ledger; a copy doesn't take this along. */
export const backedUpMigration: Migration = {
  number: 16,
  name: 'backed-up',
  statements: ({ int }) => [`alter table health add column backed_up_at ${int}`],
}
