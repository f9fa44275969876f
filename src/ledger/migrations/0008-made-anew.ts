import type { Migration } from '../migrate.ts'

/** China has had no other offset since 1991; the policy's time zone is unknown here. */
const SHANGHAI = 8 * 3_600_000
const reserving = `state in ('pending', 'approved', 'issuing', 'issued')`
const SETTLED = `'{"code":"SETTLED_NOT_ISSUED","message":"","requestId":null}'`
/** A reason given by the app or the policy is a code. */
const typed = (by: string) => `${by} not in ('app', 'policy', 'wechatpay')`
const PREFIX = 'older_'
const ANEW = ['attempts', 'events', 'cards', 'decisions', 'notices', 'settlements', 'holds', 'grants']

/**
 * Creates the tables again and writes every row once: changing each row in place, once for each of many columns and
 * with all indexes, takes many times as long.
 *
 * - Stocks are identified by their ids at WeChat Pay, also in holds. A key becomes the stock of its newest grant and
 *   the stocks of all its open ones. A key that no grant has is kept as `/KEY`, which stops nothing, until the app
 *   reads a policy that names it.
 * - Usage is stored as it changes. Its days are those of the policy's default time zone. If the policy has another one,
 *   the next start computes them again.
 * - Which grants wait is computed from the open holds, and written on no grant.
 * - A person's openid is in one row, and so is each text that somebody typed about one; all else points there.
 *   Their ids come from the first grants or look-ups.
 */
export const madeAnewMigration: Migration = {
  number: 8,
  name: 'made-anew',
  statements: (words) => [
    ...words.changeable('events'),
    ...ANEW.map((table) => `alter table ${table} rename to ${PREFIX}${table}`),
    ...peopleAndTexts(words),
    ...grants(words),
    ...events(words),
    ...whatBelongsToGrants(words),
    ...holds(words),
    dropped('grants'),
    ...INDEXES,
    ...words.countOn('events'),
    ...words.appendOnly('events'),
    // Finer than ms, so that any pace is exact.
    'alter table pace rename column next_at to next_us',
    'update pace set next_us = next_us * 1000',
    `alter table pace add column taken ${words.int} not null default 0`,
    ...limits(words),
  ],
}

type Part = Migration['statements']

/** Dropped at once, so that what comes next can use its space. */
const dropped = (table: string) => `drop table ${PREFIX}${table}`

/** Lines of the trail whose data held a person's words. */
const SAID = [
  { of: `kind in ('reject', 'cancel') and ${typed('actor')}`, key: 'reason' },
  { of: `kind = 'paused'`, key: 'reason' },
  { of: `kind = 'settlement-proposed'`, key: 'evidence' },
]

const peopleAndTexts: Part = ({ table, json }) => [
  `create table subjects (
    id text primary key,
    appid text not null,
    openid text,
    unique (openid, appid)
  ) ${table}`,
  `insert into subjects (id, appid, openid)
    select 's' || min(id), appid, openid from older_grants group by appid, openid`,
  // People who were only looked up get the appid of most grants, if there are any.
  `insert into subjects (id, appid, openid)
    select 'e' || min(id),
      coalesce((select appid from older_grants group by appid order by count(*) desc limit 1), ''), openid
    from older_events where openid is not null and openid not in (select openid from subjects) group by openid`,
  `create table texts (
    id text primary key,
    text text
  ) ${table}`,
  `insert into texts (id, text) select 'n' || id, note from older_grants where note is not null`,
  `insert into texts (id, text) select 'r' || id, ended_reason from older_grants
    where ended_reason is not null and ${typed('ended_by')}`,
  `insert into texts (id, text) select 'v' || id, ${json.text('refusal', 'message')} from older_grants
    where refusal is not null and ${json.text('refusal', 'code')} = 'SETTLED_NOT_ISSUED'`,
  `insert into texts (id, text) select 'd' || grant_id || approver, reason from older_decisions where reason is not null`,
  `insert into texts (id, text) select 'p' || id, evidence from older_settlements`,
  ...SAID.map(
    ({
      of,
      key,
    }) => `insert into texts (id, text) select 't' || id, ${json.text('data', key)} from older_events
      where ${of} and ${json.text('data', key)} is not null`,
  ),
]

const grants: Part = ({ int, table, day, json }) => {
  const isSettled = `refusal is not null and ${json.text('refusal', 'code')} = 'SETTLED_NOT_ISSUED'`
  return [
    `create table grants (
      id text primary key,
      send_request_no text not null unique check (length(send_request_no) between 1 and 32),
      submission text not null unique,
      subject text not null references subjects (id),
      appid text not null,
      mchid text not null,
      stock_id text not null,
      stock_ref text not null,
      stock text not null,
      stock_name text not null,
      quota ${int} not null check (quota >= 0),
      day ${int} not null,
      requester text not null,
      reason text not null,
      reason_name text not null,
      note_text text references texts (id),
      ticket text,
      state text not null check (state in
        ('pending', 'approved', 'issuing', 'issued', 'refused', 'rejected', 'cancelled', 'expired')),
      created_at ${int} not null,
      state_at ${int} not null,
      expires_at ${int},
      policy_hash text not null,
      approvals_needed ${int} not null,
      approval_channel text,
      approved_by_rule text,
      approval_reason text,
      issue_by ${int},
      ended_by text,
      ended_reason text,
      end_text text references texts (id),
      remind_at ${int},
      lane ${int} not null,
      flag text,
      attempts ${int} not null default 0,
      first_attempt_at ${int},
      maybe_executed_at ${int},
      coupon_id text,
      coupon_expires_at ${int},
      issued_at ${int},
      refusal text,
      version ${int} not null,
      due_at ${int},
      lease_owner text,
      lease_until ${int},
      check ((state = 'issued') = (coupon_id is not null)),
      check ((state = 'issued') = (issued_at is not null)),
      check ((state = 'refused') = (refusal is not null)),
      check (due_at is null or state in ('approved', 'issuing'))
    ) ${table}`,
    `insert into grants select id, send_request_no, submission,
      (select s.id from subjects s where s.openid = g.openid and s.appid = g.appid),
      appid, mchid, stock_id, mchid || '/' || stock_id, stock, stock_name, quota,
      ${day(`created_at + ${SHANGHAI}`)}, requester, reason, reason_name,
      case when note is not null then 'n' || id end, ticket, state, created_at, state_at, expires_at, policy_hash,
      approvals_needed, approval_channel, approved_by_rule, approval_reason, issue_by, ended_by,
      case when ${typed('ended_by')} then null else ended_reason end,
      case when ${isSettled} then 'v' || id when ended_reason is not null and ${typed('ended_by')} then 'r' || id end,
      remind_at, case when state = 'issuing' and attempts > 0 then 0 else 1 end, flag, attempts, first_attempt_at,
      maybe_executed_at, coupon_id, coupon_expires_at, issued_at, case when ${isSettled} then ${SETTLED} else refusal end,
      version, due_at, lease_owner, lease_until
      from older_grants g`,
  ]
}

const whatBelongsToGrants: Part = ({ int, table }) => [
  // Without a reference for `subject`: it is that of its grant, which has one.
  `create table attempts (
    id text primary key,
    grant_id text not null references grants (id),
    subject text not null,
    number ${int} not null,
    worker text not null,
    started_at ${int} not null,
    ended_at ${int},
    outcome text,
    code text,
    request_id text,
    detail text,
    maybe_executed ${int} not null default 0 check (maybe_executed in (0, 1)),
    unique (grant_id, number),
    check ((ended_at is null) = (outcome is null))
  ) ${table}`,
  `insert into attempts select id, grant_id, (select g.subject from grants g where g.id = a.grant_id), number, worker,
    started_at, ended_at, outcome, code, request_id, detail, maybe_executed from older_attempts a`,
  dropped('attempts'),
  `create table cards (
    id text primary key,
    grant_id text not null references grants (id),
    kind text not null,
    recipient text not null,
    language text not null,
    place text,
    gone ${int} not null default 0 check (gone in (0, 1)),
    tries ${int} not null default 0,
    due_at ${int},
    lags_since ${int},
    lease_owner text,
    lease_until ${int},
    unique (grant_id, kind, recipient)
  ) ${table}`,
  `insert into cards select id, grant_id, kind, recipient, language, place, gone, tries, due_at, lags_since,
    lease_owner, lease_until from older_cards`,
  dropped('cards'),
  `create table decisions (
    grant_id text not null references grants (id),
    approver text not null,
    decision text not null check (decision in ('approve', 'reject')),
    reason_text text references texts (id),
    at ${int} not null,
    lapsed_at ${int},
    primary key (grant_id, approver)
  ) ${table}`,
  `insert into decisions select grant_id, approver, decision,
    case when reason is not null then 'd' || grant_id || approver end, at, lapsed_at from older_decisions`,
  dropped('decisions'),
  `create table notices (
    id text primary key,
    kind text not null,
    grant_id text references grants (id),
    data text not null,
    created_at ${int} not null,
    tries ${int} not null default 0,
    due_at ${int},
    lags_since ${int},
    lease_owner text,
    lease_until ${int}
  ) ${table}`,
  `insert into notices select id, kind, grant_id, data, created_at, tries, due_at, lags_since, lease_owner, lease_until
    from older_notices`,
  dropped('notices'),
  `create table settlements (
    id text primary key,
    grant_id text not null references grants (id),
    verdict text not null check (verdict in ('issued', 'not-issued')),
    coupon_id text,
    evidence_text text references texts (id),
    proposed_by text not null,
    proposed_at ${int} not null,
    ended_by text,
    ended_at ${int},
    outcome text check (outcome in ('confirmed', 'withdrawn')),
    check ((verdict = 'issued') = (coupon_id is not null)),
    check ((ended_at is null) = (outcome is null) and (ended_at is null) = (ended_by is null))
  ) ${table}`,
  `insert into settlements select id, grant_id, verdict, coupon_id, 'p' || id, proposed_by, proposed_at, ended_by,
    ended_at, outcome from older_settlements`,
  dropped('settlements'),
]

const events: Part = ({ int, id, table, json, givenIds }) => [
  `create table events (
    id ${id},
    grant_id text references grants (id),
    kind text not null,
    actor text not null,
    subject text references subjects (id),
    at ${int} not null,
    data text not null,
    said_text text references texts (id)
  ) ${table}`,
  `insert into events (id, grant_id, kind, actor, subject, at, data, said_text) ${givenIds}
    select id, grant_id, kind, actor,
      case when openid is not null then coalesce(
        (select g.subject from grants g join subjects s on s.id = g.subject
          where g.id = e.grant_id and s.openid = e.openid),
        (select min(s.id) from subjects s where s.openid = e.openid)) end,
      at,
      case ${SAID.map(({ of, key }) => `when ${of} then ${json.without('data', key)}`).join(' ')}
        when kind in ('issue', 'refuse') and ${json.text('data', 'evidence')} is not null
          then ${json.without('data', 'evidence')}
        else data end,
      case ${SAID.map(({ of, key }) => `when ${of} and ${json.text('data', key)} is not null then 't' || id`).join(' ')} end
    from older_events e order by id`,
  dropped('events'),
]

const holds: Part = ({ int, table }) => {
  const isOfStock = `(scope like 'stock:%' or scope like 'paused:%')`
  const key = `substr(scope, case when scope like 'stock:%' then 7 else 8 end)`
  return [
    `create table holds (
      id text primary key,
      kind text not null check (kind in ('all', 'first-attempts', 'stock', 'paused')),
      stock_ref text,
      stock text,
      reason text not null,
      message text not null,
      since ${int} not null,
      ended_at ${int},
      begun_by text not null,
      ended_by text,
      begun_after ${int} not null,
      ended_after ${int},
      is_lined ${int} not null default 0 check (is_lined in (0, 1)),
      follows ${int} not null check (follows in (0, 1)),
      followed_to text,
      probe_at ${int} not null,
      place text,
      tried_in text,
      tries ${int} not null default 0,
      due_at ${int},
      lags_since ${int},
      lease_owner text,
      lease_until ${int}
    ) ${table}`,
    // For older holds, their place among the events is unknown. Both begin and end are told, in this order.
    `insert into holds (id, kind, stock_ref, stock, reason, message, since, ended_at, begun_by, ended_by, begun_after,
        ended_after, is_lined, follows, probe_at, place, tried_in, tries, due_at)
      select id,
        case when scope like 'stock:%' then 'stock' when scope like 'paused:%' then 'paused' else scope end,
        case when ${isOfStock} then '/' || ${key} end, case when ${isOfStock} then ${key} end, reason, message, since,
        ended_at, begun_by, ended_by, (select coalesce(max(id), 0) from events),
        case when ended_at is not null then 0 end, 1, 0, probe_at, place, tried_in, tries,
        case when told = 0 or told = 1 and ended_at is not null then tell_at end
      from older_holds`,
    dropped('holds'),
    // All keys in one pass: there may be very many grants, and many ended holds.
    `update holds set stock_ref = newest.stock_ref from (select g.stock, g.stock_ref from grants g
        join (select stock, max(id) as id from grants group by stock) last on last.id = g.id) newest
      where newest.stock = holds.stock`,
    `insert into holds (id, kind, stock_ref, stock, reason, message, since, begun_by, begun_after, is_lined, follows,
        probe_at, due_at)
      select h.id || '-' || row_number() over (partition by h.id order by refs.stock_ref), h.kind, refs.stock_ref, h.stock,
        h.reason, h.message, h.since, h.begun_by, h.begun_after, 1, 0, h.probe_at, 0
      from holds h join (select distinct stock, stock_ref from grants
        where state in ('pending', 'approved', 'issuing')) refs
        on refs.stock = h.stock and refs.stock_ref <> h.stock_ref
      where h.ended_at is null`,
    // Two keys of one stock may both have been held; a button drawn for either finds the hold that is left, or none.
    `update holds set ended_at = since, ended_by = 'app', ended_after = 0, due_at = null
      where ended_at is null and exists (select 1 from holds other where other.ended_at is null
        and other.kind = holds.kind and other.stock_ref = holds.stock_ref
        and (other.since < holds.since or (other.since = holds.since and other.id < holds.id)))`,
  ]
}

const INDEXES = [
  'create unique index grants_coupon on grants (coupon_id) where coupon_id is not null',
  'create index grants_subject on grants (subject, created_at, id)',
  'create index grants_requester on grants (requester, created_at, id)',
  'create index grants_state on grants (state, id)',
  `create index grants_pending on grants (created_at, id) where state = 'pending'`,
  `create index grants_expiring on grants (expires_at) where state = 'pending'`,
  'create index grants_remind on grants (remind_at) where remind_at is not null',
  `create index grants_late on grants (issue_by) where state = 'approved'`,
  'create index grants_lane on grants (lane, stock_ref, due_at) where due_at is not null',
  'create index grants_leased on grants (lease_until) where lease_until is not null',
  `create index grants_issuing on grants (subject, stock_ref) where state = 'issuing'`,
  'create index grants_flagged on grants (first_attempt_at, id) where flag is not null',
  // WeChat Pay refuses two sends to one user at a time.
  'create unique index attempts_open on attempts (subject) where ended_at is null',
  'create index events_grant on events (grant_id, id)',
  'create index events_actor on events (actor, kind, at)',
  'create index events_subject on events (subject) where subject is not null',
  'create index cards_due on cards (due_at, id) where due_at is not null',
  `create index cards_recipient on cards (recipient) where kind = 'approval' and due_at is not null`,
  'create index notices_due on notices (due_at, id) where due_at is not null',
  'create index notices_grant on notices (grant_id) where grant_id is not null',
  'create unique index settlements_open on settlements (grant_id) where ended_at is null',
  'create index settlements_grant on settlements (grant_id)',
  `create unique index holds_open on holds (kind, coalesce(stock_ref, '')) where ended_at is null`,
  'create index holds_ended on holds (ended_after)',
  'create index holds_following on holds (since) where follows = 1',
  'create index holds_due on holds (due_at, id) where due_at is not null',
]

const limits: Part = ({ int, table }) => [
  `create table calendar (
    id ${int} primary key check (id = 1),
    time_zone text not null
  ) ${table}`,
  `insert into calendar (id, time_zone) values (1, 'Asia/Shanghai')`,
  `create table usage (
    kind text not null check (kind in ('user', 'requester', 'stock')),
    owner text not null,
    rule text not null,
    day ${int} not null,
    count ${int} not null,
    quota ${int} not null,
    primary key (kind, owner, rule, day)
  ) ${table}`,
  ...[
    ['user', 'subject', `''`],
    ['requester', 'requester', `''`],
    ['requester', 'requester', 'approved_by_rule'],
    ['stock', 'stock_ref', `''`],
  ].map(
    ([kind, owner, rule]) => `insert into usage (kind, owner, rule, day, count, quota)
      select '${kind}', ${owner}, ${rule}, day, count(*), sum(quota) from grants
      where ${reserving} and ${rule} is not null group by 1, 2, 3, 4`,
  ),
]
