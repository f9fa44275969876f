import type { Migration } from '../migrate.ts'

/**
 * When a hold may be told next, by the database's clock, so that of several replicas one tells it, and a Slack that
 * does not take it is not asked every second.
 */
export const holdTellingMigration: Migration = {
  number: 2,
  name: 'hold-telling',
  statements: ({ int }) => [`alter table holds add column tell_at ${int} not null default 0`],
}
