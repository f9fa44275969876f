import type { Migration } from '../migrate.ts'

/** How the user of a grant was found, if not by an openid. */
export const foundByMigration: Migration = {
  number: 12,
  name: 'found-by',
  statements: () => ['alter table grants add column found_by text'],
}
