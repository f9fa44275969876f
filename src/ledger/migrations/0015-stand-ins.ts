import type { Migration } from '../migrate.ts'

/** When a grant gets more approvers, since when nobody can decide it, and who stands in for absent approvers. */
export const standInsMigration: Migration = {
  number: 15,
  name: 'stand-ins',
  statements: ({ int, table }) => [
    `alter table grants add column escalate_at ${int}`,
    `alter table grants add column stranded_at ${int}`,
    'create index grants_escalate on grants (escalate_at) where escalate_at is not null',
    'alter table decisions add column stands_for text',
    `create table absences (
      person text primary key,
      until ${int} not null,
      stand_in text,
      set_by text not null,
      set_at ${int} not null
    ) ${table}`,
    'create index absences_stand_in on absences (stand_in) where stand_in is not null',
  ],
}
