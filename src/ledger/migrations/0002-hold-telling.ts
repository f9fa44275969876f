import type { Migration } from '../migrate.ts'

/**
 * When a hold may be told next, by the database's clock, so that only one of several replicas tells it, and a Slack
 * that doesn't take it isn't asked every second.
 */
export const holdTellingMigration: Migration = {
  number: 2,
  name: 'hold-telling',
  statements: ({ int }) => [`alter table holds add column tell_at ${int} not null default 0`],
}
