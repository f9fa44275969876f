import type { Migration } from '../migrate.ts'

/** Deciding, cancelling, expiring, reminding, and the policies that were in force. */
export const approvalsMigration: Migration = {
  number: 3,
  name: 'approvals',
  statements: ({ int, table }) => [
    'alter table grants add column approval_reason text',
    `alter table grants add column issue_by ${int}`,
    'alter table grants add column ended_by text',
    'alter table grants add column ended_reason text',
    `alter table grants add column remind_at ${int}`,
    `create index grants_expiring on grants (expires_at) where state = 'pending'`,
    `create index grants_late on grants (issue_by) where state = 'approved'`,
    'create index grants_remind on grants (remind_at) where remind_at is not null',
    `create index grants_pending on grants (created_at, id) where state = 'pending'`,
    `create table decisions (
      grant_id text not null references grants (id),
      approver text not null,
      decision text not null check (decision in ('approve', 'reject')),
      reason text,
      at ${int} not null,
      primary key (grant_id, approver)
    ) ${table}`,
    `create table notices (
      id text primary key,
      kind text not null,
      grant_id text references grants (id),
      data text not null,
      created_at ${int} not null,
      due_at ${int},
      lease_owner text,
      lease_until ${int},
      tries ${int} not null default 0
    ) ${table}`,
    'create index notices_due on notices (due_at) where due_at is not null',
    `alter table policies add column in_force_at ${int}`,
    'create index policies_in_force on policies (in_force_at) where in_force_at is not null',
  ],
}
