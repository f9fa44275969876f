import { type RawBuilder, type Selectable, sql, type Updateable } from 'kysely'
import { type Grant, type GrantState, grantSteps, isOpen, isReserving, stepOf } from '../domain/grant.ts'
import { stockRefOf } from '../domain/wechatpay-ids.ts'
import type { EventSays, NewEvent, StepKind } from './events.ts'
import { tellBlocked, tellBlockers, withHolds } from './holds.ts'
import { dueIn as inMs, unleased } from './queue.ts'
import type { GrantChange, NewCard, NewGrant, UsageOf } from './records.ts'
import { flagColumn, type GrantRow, pointedAt, toGrant } from './rows.ts'
import { noteSubject, noteText } from './subjects.ts'
import type { GrantsTable, UsageTable } from './tables.ts'
import { addEvents, tellGrants } from './trail.ts'
import type { Tx } from './tx.ts'

/** Writes a new grant, the first lines of its trail, and its cards. */
export async function recordGrant(tx: Tx, grant: NewGrant, cards: NewCard[]): Promise<Grant> {
  const now = tx.now()
  const id = tx.randomId()
  const approved = grant.state === 'approved'
  const subject = await noteSubject(tx, { openid: grant.openid, appid: grant.appid })
  const stockRef = stockRefOf(grant)
  const { quota, reason, instead, foundBy } = grant
  const events: NewEvent[] = [
    {
      grantId: id,
      kind: 'requested',
      actor: grant.requester,
      data: {
        subject,
        stockRef,
        quota,
        reason,
        ...(instead && { instead }),
        ...(foundBy && { found: foundBy }),
      },
    },
  ]
  if (grant.approvedByRule !== null)
    events.push({
      grantId: id,
      kind: 'approved-by-rule',
      actor: 'policy',
      data: { rule: grant.approvedByRule },
    })
  const note = await noteText(tx, grant.note)
  const row = await tx.db
    .insertInto('grants')
    .values({
      id,
      // 26 letters and digits; WeChat Pay allows 32.
      send_request_no: id,
      submission: grant.submission,
      subject,
      appid: grant.appid,
      mchid: grant.mchid,
      stock_id: grant.stockId,
      stock: grant.stock,
      stock_ref: stockRef,
      stock_name: JSON.stringify(grant.stockName),
      quota: grant.quota,
      day: grant.day,
      requester: grant.requester,
      reason: grant.reason,
      reason_name: JSON.stringify(grant.reasonName),
      note_text: note,
      ticket: grant.ticket,
      found_by: grant.foundBy && JSON.stringify(grant.foundBy),
      source: grant.source,
      state: grant.state,
      created_at: now,
      state_at: now,
      expires_at: grant.expiresAt,
      policy_hash: grant.policyHash,
      approvals_needed: grant.approvalsNeeded,
      approval_channel: grant.approvalChannel,
      approved_by_rule: grant.approvedByRule,
      approval_reason: grant.approvalReason && JSON.stringify(grant.approvalReason),
      issue_by: grant.issueBy,
      remind_at: grant.remindAt,
      escalate_at: grant.escalateAt,
      lane: 1,
      version: events.length,
      due_at: approved ? tx.clock : null,
    })
    .returningAll()
    .returning(pointedAt)
    .executeTakeFirstOrThrow()
  await changeUsage(tx, row, 1)
  await addEvents(tx, events)
  if (cards.length > 0)
    await tx.db
      .insertInto('cards')
      .values(
        cards.map(({ kind, recipient, language, place }) => ({
          id: tx.randomId(),
          grant_id: id,
          kind,
          recipient,
          language,
          place: place && JSON.stringify(place),
          due_at: tx.clock,
          lags_since: tx.clock,
        })),
      )
      .execute()
  if (approved) return tellBlockers(tx, row)
  const [recorded = toGrant(row)] = await withNotAsked(tx.db, [toGrant(row)])
  return recorded
}

/** Takes a step if the grant's state still allows it; null if it doesn't. */
export async function takeStep(
  tx: Tx,
  grantId: string,
  event: EventSays<StepKind> & { actor: string },
  change: GrantChange,
): Promise<Grant | null> {
  const { kind: step } = event
  if (!grantSteps.includes(step)) throw new TypeError(`there is no step ${step}`)
  if ((step as string) === 'claim') throw new TypeError('a claim opens an attempt: it is taken by claimDue')
  const { from, to } = stepOf(step)
  const now = tx.now()
  const set: Updateable<GrantsTable> = { ...columnsOf(tx, change), state: to, state_at: now }
  // Nothing sent so far counts any more: the next attempt is the first.
  if (step === 'release') set.first_attempt_at = null
  // Its attempt is taken back, so it joins the grants that were never sent.
  if (to === 'approved') set.lane = 1
  if (step === 'correct') Object.assign(set, { refusal: null, end_text: null })
  if (to === 'issued') set.issued_at = change.issuedAt ?? now
  if (to !== 'pending') Object.assign(set, { remind_at: null, escalate_at: null, stranded_at: null })
  if (!isOpen(to))
    Object.assign(set, {
      flag: null,
      due_at: null,
      ...unleased,
    } satisfies Updateable<GrantsTable>)
  const dueNow = to === 'approved' && change.dueIn === undefined
  const { couponId } = change
  const taken = await update(tx, grantId, from, dueNow ? { ...set, due_at: tx.clock } : set, {
    ...withCoupon(event, couponId),
    said: change.said ?? null,
  })
  if (!taken) return null
  // Every other attempt for it is settled too, and keeps no other grant of the same user waiting.
  if (from.includes('issuing')) await closeOvertaken(tx, grantId)
  return to === 'approved' ? tellBlockers(tx, taken) : toGrant(taken)
}

/**
 * Adds the coupon's id to the event, so that the trail alone says which coupon a grant has and the row can be checked.
 */
function withCoupon<E extends EventSays<StepKind>>(event: E, couponId: string | undefined): E {
  const takes = event.kind === 'issue' || event.kind === 'correct'
  return takes && couponId !== undefined ? { ...event, data: { ...event.data, couponId } } : event
}

/** Changes facts of a grant while it is in one of these states; null if it is in none. */
export async function changeGrant(
  tx: Tx,
  grantId: string,
  states: readonly GrantState[],
  event: EventSays & { actor: string },
  change: GrantChange,
): Promise<Grant | null> {
  const changed = await update(tx, grantId, states, columnsOf(tx, change), event)
  if (!changed) return null
  const [grant = null] = await withHolds(tx, [toGrant(changed)])
  return grant
}

async function update(
  tx: Tx,
  grantId: string,
  states: readonly GrantState[],
  set: Record<string, unknown>,
  { said = null, ...event }: EventSays & { actor: string; said?: string | null },
): Promise<GrantRow | null> {
  const before = (said === null && onlyOf(states)) || (await stateOf(tx, grantId))
  if (!before || !states.includes(before.state)) return null
  const text = await noteText(tx, said)
  const row = await tx.db
    .updateTable('grants')
    .set({ ...set, ...(text !== null && { end_text: text }), version: sql<number>`version + 1` })
    .where('id', '=', grantId)
    .where('state', 'in', states)
    .returningAll()
    .returning(pointedAt)
    .executeTakeFirst()
  if (!row) return null
  await tellGrants(tx, [row], { ...event, text })
  const [held, holds] = [isReserving(before.state), isReserving(row.state)]
  if (held !== holds) await changeUsage(tx, row, holds ? 1 : -1)
  await tellBlocked(tx, before, row)
  return row
}

type Before = Pick<GrantRow, 'state' | 'flag'>

/**
 * Saves a read if the change can find only one state: a grant that isn't issuing keeps none waiting, whatever its flag.
 */
function onlyOf([state, ...others]: readonly GrantState[]): Before | null {
  return state && state !== 'issuing' && others.length === 0 ? { state, flag: null } : null
}

async function stateOf(tx: Tx, grantId: string): Promise<Before | undefined> {
  return tx.db.selectFrom('grants').select(['state', 'flag']).where('id', '=', grantId).executeTakeFirst()
}

async function closeOvertaken(tx: Tx, grantId: string): Promise<void> {
  await tx.db
    .updateTable('attempts')
    .set({ ended_at: tx.now(), outcome: 'overtaken' })
    .where('grant_id', '=', grantId)
    .where('ended_at', 'is', null)
    .execute()
}

function columnsOf(tx: Tx, change: GrantChange): Record<string, unknown> {
  const {
    flag,
    maybeExecutedAt,
    couponId,
    couponExpiresAt,
    issuedAt,
    refusal,
    issueBy,
    ended,
    remindAt,
    escalateAt,
    strandedAt,
    dueIn,
  } = change
  return {
    ...(flag !== undefined && { flag: flag && flagColumn(flag) }),
    ...(maybeExecutedAt !== undefined && {
      maybe_executed_at: sql<number>`coalesce(maybe_executed_at, ${maybeExecutedAt})`,
    }),
    ...(couponId !== undefined && { coupon_id: couponId }),
    ...(couponExpiresAt !== undefined && { coupon_expires_at: couponExpiresAt }),
    ...(issuedAt !== undefined && { issued_at: issuedAt }),
    ...(issueBy !== undefined && { issue_by: issueBy }),
    ...(ended !== undefined && { ended_by: ended.by, ended_reason: ended.code ?? null }),
    ...(remindAt !== undefined && { remind_at: remindAt }),
    ...(escalateAt !== undefined && { escalate_at: escalateAt }),
    ...(strandedAt !== undefined && { stranded_at: strandedAt }),
    ...(refusal !== undefined && { refusal: JSON.stringify(refusal) }),
    ...(dueIn !== undefined && {
      due_at: dueIn === null ? null : inMs(tx, dueIn),
    }),
  }
}

/** A pending grant that approvers haven't seen yet: its card was never posted. */
export const unseen = sql<boolean>`state = 'pending' and not exists (select 1 from cards
  where cards.grant_id = grants.id and cards.kind = 'approval' and cards.place is not null)`

/** Marks pending grants that nobody was asked about yet. */
export async function withNotAsked(db: Tx['db'], grants: Grant[]): Promise<Grant[]> {
  const pending = grants.filter(({ state }) => state === 'pending')
  if (pending.length === 0) return grants
  const { rows } = await sql<{
    id: string
    told: number
  }>`select grants.id as id, closed_channels.told as told
    from grants join closed_channels on closed_channels.channel = grants.approval_channel
    where grants.id in (${sql.join(pending.map(({ id }) => id))}) and ${unseen}
      and not exists (select 1 from decisions where decisions.grant_id = grants.id)`.execute(db)
  const told = new Map(rows.map((row) => [row.id, row.told === 1]))
  return grants.map((grant) => {
    const operatorsTold = told.get(grant.id)
    return operatorsTold === undefined ? grant : { ...grant, notAsked: { operatorsTold } }
  })
}

/** What limits count a grant by; no step of the grant changes it. */
type Counted = Pick<
  Selectable<GrantsTable>,
  'subject' | 'requester' | 'stock_ref' | 'approved_by_rule' | 'day' | 'quota'
>

/** Adds a grant to the usage of its limits, or removes it, under the same lock under which limits are checked. */
async function changeUsage(tx: Tx, grant: Counted, by: 1 | -1): Promise<void> {
  const { subject, requester, stock_ref: stock, approved_by_rule: rule, day, quota } = grant
  const row = (kind: UsageTable['kind'], owner: string, rule = ''): UsageTable => {
    return { kind, owner, rule, day, count: by, quota: by * quota }
  }
  await tx.db
    .insertInto('usage')
    .values([
      row('user', subject),
      row('requester', requester),
      ...(rule === null ? [] : [row('requester', requester, rule)]),
      row('stock', stock),
    ])
    .onConflict((conflict) =>
      conflict.columns(['kind', 'owner', 'rule', 'day']).doUpdateSet({
        count: sql<number>`usage.count + excluded.count`,
        quota: sql<number>`usage.quota + excluded.quota`,
      }),
    )
    .execute()
}

/** Whether a row counts for a requester or a stock. */
export function isOf(by: Exclude<UsageOf['by'], { openid: string }>): RawBuilder<boolean> {
  if ('requester' in by) return sql`kind = 'requester' and owner = ${by.requester}`
  return sql`kind = 'stock' and owner = ${by.stockRef}`
}

/**
 * What a subject has used, in a statement about subjects. With a join instead, PostgreSQL reads the usage of every user
 * until it has analysed its tables: in a new ledger, or one that was just restored.
 */
export function usedBySubject(column: 'count' | 'quota', from: number): RawBuilder<number> {
  return sql`(select sum(usage.${sql.ref(column)}) from usage
    where kind = 'user' and owner = subjects.id and rule = '' and day >= ${from})`
}
