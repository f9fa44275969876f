import type { Migration } from '../migrate.ts'

/** So that what was given for a ticket is found by it. */
export const ticketsMigration: Migration = {
  number: 9,
  name: 'tickets',
  statements: () => [
    'create index grants_ticket on grants (ticket, created_at, id) where ticket is not null',
  ],
}
