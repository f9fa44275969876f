import type { Migration } from '../migrate.ts'

/**
 * What each card shows, so that its requester gets a separate message about the end;
 * and what waits for the quiet hours' end.
 */
export const outcomesToldMigration: Migration = {
  number: 11,
  name: 'outcomes-told',
  statements: ({ int }) => [
    'alter table cards add column shown text',
    // Nobody is told now about earlier ends. An end that isn't drawn yet is told with its drawing.
    `update cards set shown = (select g.state from grants g where g.id = cards.grant_id)
      where kind = 'dm' and place is not null and due_at is null`,
    `alter table notices add column is_quiet ${int} not null default 0 check (is_quiet in (0, 1))`,
    'create index notices_quiet on notices (id) where is_quiet = 1',
  ],
}
