import type { Selectable } from 'kysely'
import { z } from 'zod'
import type { Card, ClosedChannel } from '../domain/card.ts'
import {
  CORRECTED,
  type Decision,
  doubtText,
  type Flag,
  type Grant,
  grantStates,
  readDoubt,
  type Settlement,
} from '../domain/grant.ts'
import { type Hold, holdKinds, readTrust, UNTRUSTED } from '../domain/hold.ts'
import type { Notice } from '../domain/news.ts'
import { LedgerRowError } from './engines.ts'
import { eventRow, foundBy, jsonColumn, type LedgerEvent } from './events.ts'
import type { Attempt } from './records.ts'
import { openidOfGrant, textAt } from './subjects.ts'
import type {
  AttemptsTable,
  CardsTable,
  DecisionsTable,
  EventsTable,
  GrantsTable,
  HoldsTable,
  NoticesTable,
  SettlementsTable,
} from './tables.ts'
import type { PlacedHold } from './trail.ts'

/** Parses rows from SQL into the app's types. A row that doesn't fit is rejected. */

const time = z.int()
const text = z.string()
const truth = z.union([z.literal(0), z.literal(1)]).transform(Boolean)
const named = z.object({ en: text, 'zh-CN': text })
const place = z.union([
  z.object({ channel: text, ts: text, replaces: z.literal(true).exactOptional() }),
  z.object({ viewId: text }),
])
const flag = z
  .object({ kind: z.enum(['checking', 'needs-look']), reason: text, at: time })
  .transform(({ kind, reason, at }): Flag => ({ kind, at, ...readDoubt(reason) }))
const refusal = z.object({ code: text, message: text, requestId: text.nullable() })

const limit = z.object({ count: z.int().nullable(), quota: z.int().nullable(), days: z.int() })
const approvalReason = z.discriminatedUnion('code', [
  z.object({ code: z.literal('always') }),
  z.object({ code: z.literal('no-rule') }),
  z.object({ code: z.literal('above-quota'), max: z.int() }),
  z.object({
    code: z.literal('rule-used-up'),
    rule: text,
    by: z.enum(['requester', 'user']),
    limit,
  }),
])

const grantRow = z.object({
  id: text,
  send_request_no: text,
  subject: text,
  openid: text.nullable(),
  appid: text,
  mchid: text,
  stock_id: text,
  stock: text,
  stock_name: jsonColumn(named),
  quota: z.int(),
  requester: text,
  reason: text,
  reason_name: jsonColumn(named),
  note: text.nullable(),
  ticket: text.nullable(),
  found_by: jsonColumn(foundBy).nullable(),
  source: text.nullable(),
  state: z.enum(grantStates),
  created_at: time,
  state_at: time,
  expires_at: time.nullable(),
  policy_hash: text,
  approvals_needed: z.int(),
  approval_channel: text.nullable(),
  approved_by_rule: text.nullable(),
  approval_reason: jsonColumn(approvalReason).nullable(),
  issue_by: time.nullable(),
  stranded_at: time.nullable(),
  ended_by: text.nullable(),
  ended_reason: text.nullable(),
  said: text.nullable(),
  flag: jsonColumn(flag).nullable(),
  attempts: z.int(),
  first_attempt_at: time.nullable(),
  maybe_executed_at: time.nullable(),
  coupon_id: text.nullable(),
  coupon_expires_at: time.nullable(),
  issued_at: time.nullable(),
  refusal: jsonColumn(refusal).nullable(),
  version: z.int(),
})

const attemptRow = z.object({
  id: text,
  grant_id: text,
  subject: text,
  number: z.int(),
  worker: text,
  started_at: time,
  ended_at: time.nullable(),
  outcome: text.nullable(),
  code: text.nullable(),
  request_id: text.nullable(),
  detail: text.nullable(),
  maybe_executed: truth,
})

const cardRow = z.object({
  id: text,
  grant_id: text,
  kind: z.enum(['view', 'dm', 'approval']),
  recipient: text,
  language: z.enum(['en', 'zh-CN']),
  place: jsonColumn(place).nullable(),
  shown: z.enum(grantStates).nullable(),
  tries: z.int(),
})

const decisionRow = z.object({
  grant_id: text,
  approver: text,
  decision: z.enum(['approve', 'reject']),
  reason: text.nullable(),
  at: time,
  lapsed_at: time.nullable(),
  stands_for: text.nullable(),
})

const grantEnd = { grantId: text, state: z.enum(grantStates) }
const change = z.object({ path: text, before: text.nullable(), after: text.nullable() })
const noticeRow = z.object({
  id: text,
  created_at: time,
  tries: z.int(),
  data: jsonColumn(
    z.discriminatedUnion('kind', [
      z.object({ kind: z.literal('reminder'), grantId: text }),
      z.object({ kind: z.literal('reminders'), channel: text, grantIds: z.array(text) }),
      z.object({
        kind: z.literal('outcome'),
        ...grantEnd,
        also: z.array(z.object(grantEnd)).default([]),
      }),
      z.object({ kind: z.literal('escalated'), grantId: text, added: z.array(text) }),
      z.object({ kind: z.literal('stranded'), grantId: text, needed: z.int(), reachable: z.int() }),
      z.object({
        kind: z.literal('policy-changed'),
        from: text.nullable(),
        to: text,
        changes: z.array(change),
      }),
      z.object({ kind: z.literal('policy-broken'), mistakes: text }),
      z.object({ kind: z.literal('needs-look'), grantId: text }),
      z.object({ kind: z.literal('issued-after-all'), grantId: text }),
      z.object({ kind: z.literal('coupon-after-end'), grantId: text, couponId: text }),
      z.object({ kind: z.literal('settlement'), grantId: text, settlementId: text }),
      z.object({ kind: z.literal('channel-closed'), channel: text, code: text }),
      z.object({ kind: z.literal('channel-open'), channel: text }),
      z.object({
        kind: z.literal('coupon-differs'),
        couponId: text,
        differs: z.enum(['no-grant', 'not-listed']),
        of: text.nullable(),
        stock: text,
      }),
      z.object({
        kind: z.literal('erasure'),
        ...{ erasureId: text, subject: text, askedBy: text, grants: z.int() },
      }),
      z.object({
        kind: z.literal('erasure-ended'),
        ...{ subject: text, askedBy: text, by: text },
        outcome: z.enum(['erased', 'declined', 'over']),
      }),
      z.object({
        kind: z.literal('sealed'),
        number: z.int(),
        last: z.int(),
        hash: text,
        key: text.nullable(),
        at: time,
      }),
      z.object({
        kind: z.literal('set-up-blocked'),
        what: text,
        findings: z.array(z.object({ code: text, values: z.record(z.string(), z.string()) })),
      }),
    ]),
  ),
})

const settlementRow = z.object({
  id: text,
  grant_id: text,
  verdict: z.enum(['issued', 'not-issued']),
  coupon_id: text.nullable(),
  evidence: text.nullable(),
  proposed_by: text,
  proposed_at: time,
  ended_by: text.nullable(),
  ended_at: time.nullable(),
  outcome: z.enum(['confirmed', 'withdrawn']).nullable(),
})

const closedChannelRow = z.object({
  channel: text,
  code: text,
  since: time,
  told: truth,
  waiting: z.int(),
  asks: z.int(),
})

const holdRow = z.object({
  id: text,
  kind: z.enum(holdKinds),
  stock_ref: text.nullable(),
  stock: text.nullable(),
  reason: text,
  message: text,
  since: time,
  ended_at: time.nullable(),
  begun_by: text,
  ended_by: text.nullable(),
  place: jsonColumn(place).nullable(),
})

/** What a row of `grants` only points at: its user and what people typed. Null if there is none, or it was erased. */
export const pointedAt = [
  openidOfGrant.as('openid'),
  textAt('grants.note_text').as('note'),
  textAt('grants.end_text').as('said'),
] as const
export type GrantRow = Selectable<GrantsTable> & {
  openid: string | null
  note: string | null
  said: string | null
}

/** Parses a row of `grants`, without its hold. */
export function toGrant(row: GrantRow): Grant {
  const parsed = parse('grants', grantRow, row)
  const { ended_by, ended_reason, refusal, said } = parsed
  return {
    id: parsed.id,
    sendRequestNo: parsed.send_request_no,
    subject: parsed.subject,
    openid: parsed.openid ?? '',
    appid: parsed.appid,
    mchid: parsed.mchid,
    stockId: parsed.stock_id,
    stock: parsed.stock,
    stockName: parsed.stock_name,
    quota: parsed.quota,
    requester: parsed.requester,
    reason: parsed.reason,
    reasonName: parsed.reason_name,
    note: parsed.note,
    ticket: parsed.ticket,
    foundBy: parsed.found_by,
    source: parsed.source,
    state: parsed.state,
    createdAt: parsed.created_at,
    stateAt: parsed.state_at,
    expiresAt: parsed.expires_at,
    policyHash: parsed.policy_hash,
    approvalsNeeded: parsed.approvals_needed,
    approvalChannel: parsed.approval_channel,
    approvedByRule: parsed.approved_by_rule,
    approvalReason: parsed.approval_reason,
    issueBy: parsed.issue_by,
    strandedAt: parsed.stranded_at,
    ended: ended_by === null ? null : toEnd(ended_by, ended_reason, said),
    // Added by `withHolds` where it is shown.
    hold: null,
    flag: parsed.flag,
    attempts: parsed.attempts,
    firstAttemptAt: parsed.first_attempt_at,
    maybeExecutedAt: parsed.maybe_executed_at,
    couponId: parsed.coupon_id,
    couponExpiresAt: parsed.coupon_expires_at,
    issuedAt: parsed.issued_at,
    refusal: refusal && said !== null ? { ...refusal, message: said } : refusal,
    version: parsed.version,
  }
}

/** A flag as its column stores it. */
export function flagColumn(flag: Flag): string {
  return JSON.stringify({ kind: flag.kind, reason: doubtText(flag), at: flag.at })
}

function toEnd(by: string, code: string | null, said: string | null): Grant['ended'] {
  if (code === CORRECTED) return { by, reason: null, isCorrected: true }
  if (code?.startsWith('{')) return { by, reason: said, named: jsonColumn(named).parse(code) }
  return { by, reason: said ?? code }
}

/** Parses a row of `attempts`. */
export function toAttempt(row: Selectable<AttemptsTable>): Attempt {
  const { grant_id, started_at, ended_at, request_id, maybe_executed, ...rest } = parse(
    'attempts',
    attemptRow,
    row,
  )
  return {
    ...rest,
    grantId: grant_id,
    startedAt: started_at,
    endedAt: ended_at,
    requestId: request_id,
    maybeExecuted: maybe_executed,
  }
}

/** Parses a line of the trail. */
export function toEvent(row: Selectable<EventsTable> & { said: string | null }): LedgerEvent {
  const { grant_id, ...rest } = parse('events', eventRow, row)
  return { ...rest, grantId: grant_id }
}

/** Parses a row of `cards`. */
export function toCard(row: Selectable<CardsTable>): Card {
  const { grant_id, ...rest } = parse('cards', cardRow, row)
  return { ...rest, grantId: grant_id }
}

/** Reads a message's place. @param column as stored */
export function toPlace(column: string | null): Card['place'] {
  return parse('places', jsonColumn(place).nullable(), column)
}

/** Parses a row of `decisions`. */
export function toDecision(row: Selectable<DecisionsTable> & { reason: string | null }): Decision {
  const { grant_id, decision, lapsed_at, stands_for, ...rest } = parse('decisions', decisionRow, row)
  return {
    ...rest,
    ...(stands_for !== null && { standsFor: stands_for }),
    grantId: grant_id,
    kind: lapsed_at === null ? decision : 'lapsed',
  }
}

/** Parses a row of `notices`. */
export function toNotice(row: Selectable<NoticesTable>): Notice {
  const { id, tries, data, created_at: since } = parse('notices', noticeRow, row)
  return { id, since, tries, news: data }
}

/** Parses a row of `settlements`. */
export function toSettlement(row: Selectable<SettlementsTable> & { evidence: string | null }): Settlement {
  const { id, evidence, ...parsed } = parse('settlements', settlementRow, row)
  const { ended_by, ended_at, outcome } = parsed
  return {
    id,
    grantId: parsed.grant_id,
    verdict:
      parsed.coupon_id === null ? { kind: 'not-issued' } : { kind: 'issued', couponId: parsed.coupon_id },
    evidence: evidence ?? '',
    proposedBy: parsed.proposed_by,
    proposedAt: parsed.proposed_at,
    ended:
      ended_by === null || ended_at === null || outcome === null
        ? null
        : { by: ended_by, at: ended_at, outcome },
  }
}

/** Parses a row of `closed_channels`. */
export function toClosedChannel(row: unknown): ClosedChannel {
  const { told, ...rest } = parse('closed_channels', closedChannelRow, row)
  return { ...rest, operatorsTold: told }
}

/** Parses a row of `holds`, with the place of its message. */
export function toHold(row: unknown): { hold: Hold; place: Card['place'] } {
  const { stock_ref, ended_at, begun_by, ended_by, place, ...rest } = parse('holds', holdRow, row)
  const trust = rest.reason === UNTRUSTED ? readTrust(rest.message) : null
  const hold = {
    ...rest,
    ...(trust && { trust }),
    stockRef: stock_ref,
    endedAt: ended_at,
    begunBy: begun_by,
    endedBy: ended_by,
  }
  return { hold, place }
}

/** Parses a row of `holds`, with its place among the events. */
export function toPlacedHold(row: Selectable<HoldsTable>): PlacedHold {
  return {
    hold: toHold(row).hold,
    begunAfter: row.begun_after,
    endedAfter: row.ended_after,
    isLined: row.is_lined === 1,
  }
}

function parse<T extends z.ZodType>(table: string, schema: T, row: unknown): z.output<T> {
  const parsed = schema.safeParse(row)
  if (parsed.success) return parsed.data
  const id = String((row as { id?: unknown }).id)
  const columns = [...new Set(parsed.error.issues.map(({ path }) => String(path[0])))].join(', ')
  // The message leaves out the values: they may be personal.
  throw new LedgerRowError(`the ledger's row ${id} of ${table} is not as expected in ${columns}`)
}
