import type { Migration } from '../migrate.ts'

/** Whether cards of waiting grants still show an earlier policy, and how far, from the newest, they have followed. */
export const policyFollowsMigration: Migration = {
  number: 19,
  name: 'policy-follows',
  statements: ({ int }) => [
    `alter table policies add column follows ${int} not null default 0`,
    'alter table policies add column followed_to text',
    'create index policies_following on policies (in_force_at) where follows = 1',
  ],
}
