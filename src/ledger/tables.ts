import type { Generated } from 'kysely'
import type { GrantState } from '../domain/grant.ts'
import type { HoldKind, Lane } from '../domain/hold.ts'
import type { Seal } from '../domain/seal.ts'

/**
 * The tables as SQL sees them: times in epoch ms, money in fen, booleans as 0 or 1, JSON as text.
 * Created in `migrations/`.
 */
export interface Tables {
  subjects: SubjectsTable
  texts: TextsTable
  grants: GrantsTable
  attempts: AttemptsTable
  events: EventsTable
  cards: CardsTable
  decisions: DecisionsTable
  notices: NoticesTable
  policies: {
    hash: string
    text: string
    first_seen_at: number
    in_force_at: number | null
    /** 1: some cards of pending grants don't show it yet. */
    follows: Generated<number>
    /** The last grant whose cards show it. */
    followed_to: string | null
  }
  holds: HoldsTable
  settlements: SettlementsTable
  orders: OrdersTable
  usage: UsageTable
  /** One row: the time zone of the days that limits count. */
  calendar: { id: number; time_zone: string; undated: string | null }
  /** One row. */
  pace: PaceTable
  absences: AbsencesTable
  erasures: ErasuresTable
  closed_channels: {
    channel: string
    code: string
    since: number
    found_by: 'post' | 'update'
    told: Generated<number>
  }
  /** Coupons as WeChat Pay last listed them; `differs`: why they don't agree with the grants. */
  coupons: {
    coupon_id: string
    subject: string
    stock_ref: string
    state: string | null
    used: number | null
    seen_at: number
    differs: 'no-grant' | 'not-listed' | null
  }
  /** For the meaning of each column, see `domain/seal.ts`. */
  seals: Seal
  /** One row. `older_to`: the last line written before there were seals. `told_…`: the last seal reported to people. */
  sealing: {
    id: number
    older_to: number
    told_number: Generated<number>
    told_hash: string | null
    told_at: Generated<number>
  }
  /** One row. `backed_up_at`: when the tool last copied the ledger. */
  health: { id: number; at: number; backed_up_at: Generated<number | null> }
  migrations: { number: number; name: string; applied_at: number }
}

export interface ErasuresTable {
  id: string
  subject: string
  asked_by: string
  asked_at: number
  ended_by: string | null
  ended_at: number | null
  outcome: 'erased' | 'declined' | 'over' | null
}

export interface AbsencesTable {
  person: string
  until: number
  stand_in: string | null
  set_by: string
  set_at: number
}

export interface PaceTable {
  id: number
  /** When the next attempt may go, µs by the database's clock. */
  next_us: number
  /** Answers of "too many" in a row. */
  slowed: number
  /** How many slots the last claim got. */
  taken: Generated<number>
}

/** By the database's clock. */
interface Told extends Leased {
  /** Since when it waits to be told, however often it was put off. Null: unknown, or nothing is to be told. */
  lags_since: number | null
  /** How many tries began since it was last told or drawn. */
  tries: Generated<number>
}

/** By the database's clock. */
interface Leased {
  due_at: number | null
  lease_owner: string | null
  lease_until: number | null
}

/** The only place for openids. */
export interface SubjectsTable {
  id: string
  appid: string
  /** Null once the person was erased. */
  openid: string | null
}

/** The only place for what people typed about a person. */
export interface TextsTable {
  id: string
  /** Null once it was erased. */
  text: string | null
}

export interface GrantsTable extends Leased {
  id: string
  send_request_no: string
  submission: string
  subject: string
  appid: string
  mchid: string
  stock_id: string
  stock: string
  stock_name: string
  /** `mchid/stock_id`. */
  stock_ref: string
  quota: number
  /** Day of the ask, as 20261124: the grant counts in limits on it. */
  day: number
  requester: string
  reason: string
  reason_name: string
  note_text: string | null
  ticket: string | null
  /** How the user was found; null: by the openid. */
  found_by: string | null
  /** Address in Slack of the message that the ask began with. */
  source: string | null
  state: GrantState
  created_at: number
  state_at: number
  expires_at: number | null
  policy_hash: string
  approvals_needed: number
  approval_channel: string | null
  approved_by_rule: string | null
  approval_reason: string | null
  issue_by: number | null
  ended_by: string | null
  /** A code of the app or the policy. */
  ended_reason: string | null
  /** What a person typed when it ended: why it was rejected or cancelled, or how they know that nothing was given. */
  end_text: string | null
  remind_at: number | null
  /** When more people may decide it. */
  escalate_at: number | null
  /** Since when too few of its approvers can be reached. */
  stranded_at: number | null
  /** The lane in which claims find it: see `domain/hold.ts`. */
  lane: Lane
  flag: string | null
  attempts: Generated<number>
  first_attempt_at: number | null
  maybe_executed_at: number | null
  coupon_id: string | null
  coupon_expires_at: number | null
  issued_at: number | null
  refusal: string | null
  version: number
}

export interface DecisionsTable {
  grant_id: string
  approver: string
  decision: 'approve' | 'reject'
  reason_text: string | null
  at: number
  /** Since when an approval no longer counts. */
  lapsed_at: number | null
  /** The absent approver for whom this person decided. */
  stands_for: string | null
}

export interface NoticesTable extends Told {
  id: string
  kind: string
  grant_id: string | null
  data: string
  created_at: number
  /** 1: it waits for the end of the quiet hours. */
  is_quiet: Generated<number>
}

export interface AttemptsTable {
  id: string
  grant_id: string
  subject: string
  number: number
  worker: string
  started_at: number
  ended_at: number | null
  outcome: string | null
  code: string | null
  request_id: string | null
  detail: string | null
  maybe_executed: Generated<number>
}

export interface EventsTable {
  id: Generated<number>
  grant_id: string | null
  kind: string
  actor: string
  subject: string | null
  at: number
  data: string
  said_text: string | null
}

export interface CardsTable extends Told {
  id: string
  grant_id: string
  kind: string
  recipient: string
  language: string
  place: string | null
  gone: Generated<number>
  /** The grant's state when it was last drawn; null: never drawn, or unknown. */
  shown: GrantState | null
}

/** The operators are told a hold's begin and its end. */
export interface HoldsTable extends Told {
  id: string
  kind: HoldKind
  /** `mchid/stock_id`; `/KEY` while the stock behind a key of an earlier version is unknown. */
  stock_ref: string | null
  /** The stock's short name. */
  stock: string | null
  reason: string
  message: string
  since: number
  ended_at: number | null
  /** By the database's clock. */
  probe_at: number
  place: string | null
  begun_by: string
  /** Ids of the last events before it began and ended. */
  begun_after: number
  ended_after: number | null
  /** 1: the trail has lines about its begin that an older version wrote. */
  is_lined: Generated<number>
  /** 1: some cards don't show yet that it has begun or ended. */
  follows: number
  /** The last grant whose cards show it. */
  followed_to: string | null
  ended_by: string | null
  /** The channel of the first try. */
  tried_in: string | null
}

/** How many coupons, and of which total quota, hold a place in limits, by the day of the ask. */
export interface UsageTable {
  kind: 'user' | 'requester' | 'stock'
  /** A subject's id, a Slack user id, or a stock ref. */
  owner: string
  /** A requester's use of one rule; empty: all of it. */
  rule: string
  /** As 20261124. */
  day: number
  count: number
  quota: number
}

/** Orders by people, so that the same order has no second effect. */
export interface OrdersTable {
  id: string
  /** By the database's clock. */
  at: number
}

export interface SettlementsTable {
  id: string
  grant_id: string
  verdict: 'issued' | 'not-issued'
  coupon_id: string | null
  evidence_text: string | null
  proposed_by: string
  proposed_at: number
  ended_by: string | null
  ended_at: number | null
  outcome: 'confirmed' | 'withdrawn' | null
}
