import type { Migration } from '../migrate.ts'

/** The message that an ask began with. */
export const sourcesMigration: Migration = {
  number: 14,
  name: 'sources',
  statements: () => ['alter table grants add column source text'],
}
