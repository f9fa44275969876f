import { sql, type Updateable } from 'kysely'
import { type Grant, type GrantState, grantSteps, isOpen, isReserving, stepOf } from '../domain/grant.ts'
import type { EventSays, StepKind } from './events.ts'
import { dueIn as inMs, unleased } from './queue.ts'
import type { GrantChange } from './records.ts'
import { type GrantRow, pointedAt, toGrant } from './rows.ts'
import { tellBlocked, tellBlockers, withHolds } from './same-user.ts'
import type { GrantsTable } from './tables.ts'
import { noteText } from './texts.ts'
import { type Tx, tellGrants } from './trail.ts'
import { changeUsage } from './usage.ts'

/** Takes a step of a grant if its state still allows it; null when it does not. */
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
  // Nothing that was sent counts any more: what is sent next is the first attempt.
  if (step === 'release') set.first_attempt_at = null
  // What was sent is taken back with it, and goes with all that was never sent.
  if (to === 'approved') set.lane = 1
  if (step === 'correct') Object.assign(set, { refusal: null, end_text: null })
  if (to === 'issued') set.issued_at = change.issuedAt ?? now
  if (to !== 'pending') set.remind_at = null
  if (!isOpen(to))
    Object.assign(set, {
      flag: null,
      due_at: null,
      ...unleased,
    } satisfies Updateable<GrantsTable>)
  const dueNow = to === 'approved' && change.dueIn === undefined
  const taken = await update(tx, grantId, from, dueNow ? { ...set, due_at: tx.clock } : set, {
    ...event,
    said: change.said ?? null,
  })
  if (!taken) return null
  // Whatever else was under way for it is settled with it, and keeps nobody of the same user waiting.
  if (from.includes('issuing')) await closeOvertaken(tx, grantId)
  return to === 'approved' ? tellBlockers(tx, taken) : toGrant(taken)
}

/** Changes facts of a grant while it is in one of these states; null when it is in none. */
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

/** What needs not be read, as the change finds it or nothing: what is not issuing keeps nobody waiting, whatever its flag. */
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
    dueIn,
  } = change
  return {
    ...(flag !== undefined && { flag: flag && JSON.stringify(flag) }),
    ...(maybeExecutedAt !== undefined && {
      maybe_executed_at: sql<number>`coalesce(maybe_executed_at, ${maybeExecutedAt})`,
    }),
    ...(couponId !== undefined && { coupon_id: couponId }),
    ...(couponExpiresAt !== undefined && { coupon_expires_at: couponExpiresAt }),
    ...(issuedAt !== undefined && { issued_at: issuedAt }),
    ...(issueBy !== undefined && { issue_by: issueBy }),
    ...(ended !== undefined && { ended_by: ended.by, ended_reason: ended.code ?? null }),
    ...(remindAt !== undefined && { remind_at: remindAt }),
    ...(refusal !== undefined && { refusal: JSON.stringify(refusal) }),
    ...(dueIn !== undefined && {
      due_at: dueIn === null ? null : inMs(tx, dueIn),
    }),
  }
}
