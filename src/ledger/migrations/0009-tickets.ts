import type { Migration } from '../migrate.ts'

/** So that grants can be found by their ticket. */
export const ticketsMigration: Migration = {
  number: 9,
  name: 'tickets',
  statements: () => [
    'create index grants_ticket on grants (ticket, created_at, id) where ticket is not null',
  ],
}
