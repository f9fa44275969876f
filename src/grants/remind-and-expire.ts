import type { Grant } from '../domain/grant.ts'
import type { News } from '../domain/news.ts'
import { decidersOf, escalatesAt } from '../domain/permissions.ts'
import { quietSince } from '../domain/policy.ts'
import type { LedgerTx } from '../ledger/ledger.ts'
import type { GrantsDeps } from './deps.ts'

/** What time brings to waiting grants: reminders, more approvers, a lack of approvers, expiry. */

/**
 * Ends grants that ran out of time: pending ones that nobody decided, approved ones that could not be issued.
 * A grant that runs out of time while the app is down ends at the next start.
 */
export async function expireDue(deps: GrantsDeps): Promise<number> {
  const { ledger, now } = deps
  if ((await ledger.lateGrants(now())).length === 0) return 0
  const count = await ledger.write(async (tx) => {
    const late = await tx.lateGrants(now())
    for (const { id, state } of late) {
      if (state === 'pending') await tx.step(id, 'expire', 'app', { ended: { by: 'app' } })
      else await cancelTooLate(tx, id)
    }
    return late.length
  })
  deps.wake()
  return count
}

async function cancelTooLate(tx: LedgerTx, id: string): Promise<void> {
  const reason = 'too-late'
  await tx.step(id, 'cancel', 'policy', { ended: { by: 'policy', code: reason } }, { reason })
}

/** Expires a pending grant that ran out of time, even if the timer hasn't come to it yet. */
export async function expireIfLate(tx: LedgerTx, grant: Grant, now: number): Promise<Grant | null> {
  if (grant.state !== 'pending' || grant.expiresAt === null || now < grant.expiresAt) return null
  return tx.step(grant.id, 'expire', 'app', { ended: { by: 'app' } })
}

/** ms; approvers are reminded of grants that become due this soon together with those that are due. */
const TOGETHER = 5 * 60_000

function reminderOf([first, ...others]: readonly Grant[]): News {
  const grantId = first?.id ?? ''
  if (others.length === 0) return { kind: 'reminder', grantId }
  const channel = first?.approvalChannel ?? ''
  return { kind: 'reminders', channel, grantIds: [grantId, ...others.map(({ id }) => id)] }
}

/**
 * Reminds approvers of pending grants: of several that become due at about the same time in one message, and never in
 * quiet hours. Reminders due in quiet hours come afterwards, at the same time as the outcomes for requesters. The next
 * reminder is timed from the moment this one was sent, so none pile up while Slack is away.
 */
export async function remindDue(deps: GrantsDeps): Promise<number> {
  const { ledger, now } = deps
  const policy = deps.policy()
  if (quietSince(policy, now()) !== null) return 0
  const waited = await ledger.endQuiet()
  if (waited > 0) deps.wake()
  if ((await ledger.grantsToRemindOf(now())).length === 0) return waited
  const { remind } = policy.approval
  const count = await ledger.write(async (tx) => {
    const due = new Set((await tx.grantsToRemindOf(now())).map(({ id }) => id))
    const soon = await tx.grantsToRemindOf(now(), now() + TOGETHER)
    const asked = (grant: Grant) => [grant.approvalChannel, ...decidersOf(policy, grant, now())].join()
    const groups = [...Map.groupBy(soon, asked).values()].filter((some) => some.some(({ id }) => due.has(id)))
    for (const group of groups) {
      const grantIds = group.map(({ id }) => id)
      for (const id of grantIds) await tx.remindAt(id, null)
      if (remind) await tx.notice(reminderOf(group))
    }
    return groups.flat().length
  })
  deps.wake()
  return count
}

/**
 * Tells the people whom the policy adds as approvers once a grant has waited too long. The time alone gives them the
 * right to decide, even before they are told.
 */
export async function escalateDue(deps: GrantsDeps): Promise<number> {
  const { ledger, now } = deps
  if ((await ledger.grantsToEscalate(now())).length === 0) return 0
  const policy = deps.policy()
  const count = await ledger.write(async (tx) => {
    const due = await tx.grantsToEscalate(now())
    for (const grant of due) {
      const escalateAt = escalatesAt(policy, grant, now())
      const before = decidersOf(policy, grant, grant.createdAt)
      const told = (await tx.eventsOf(grant.id)).flatMap((event) =>
        event.kind === 'escalated' ? event.data.added : [],
      )
      const added = decidersOf(policy, grant, now()).filter(
        (one) => !before.includes(one) && !told.includes(one),
      )
      await tx.change(grant.id, ['pending'], 'escalated', 'app', { escalateAt }, { added })
      if (added.length > 0) await tx.notice({ kind: 'escalated', grantId: grant.id, added })
    }
    return due.length
  })
  deps.wake()
  return count
}

const MOST_PENDING = 500

/**
 * Checks whether the approvers of waiting grants can still be reached: people leave, and groups are emptied. Operators
 * hear at once when too few are left, and requesters see it on their card; the card also shows when it is over. The
 * operators get no second message.
 */
export async function lookForStranded(deps: GrantsDeps): Promise<number> {
  const { ledger, now, logger } = deps
  const pending = (await ledger.pendingGrants({ limit: MOST_PENDING })).filter(
    ({ expiresAt }) => now() < (expiresAt ?? Number.POSITIVE_INFINITY),
  )
  const asked = new Map<string, Promise<number | null>>()
  let changed = 0
  for (const grant of pending) {
    const reachable = await reachableFor(deps, grant, asked)
    // Slack didn't answer in time, which says nothing.
    if (reachable === null) continue
    const isStranded = reachable < grant.approvalsNeeded
    if (isStranded === (grant.strandedAt !== null)) continue
    const isNew = await ledger.write(async (tx) => {
      // Another replica has checked at the same time.
      const kept = await tx.grant(grant.id)
      if (kept?.state !== 'pending' || isStranded === (kept.strandedAt !== null)) return null
      if (!isStranded) return tx.change(grant.id, ['pending'], 'reachable', 'app', { strandedAt: null })
      const said = { needed: grant.approvalsNeeded, reachable }
      const change = { strandedAt: now() }
      const told = await tx.change(grant.id, ['pending'], 'stranded', 'app', change, said)
      if (told) await tx.notice({ kind: 'stranded', grantId: grant.id, ...said })
      return told
    })
    if (!isNew) continue
    changed += 1
    logger.warn({ grantId: grant.id, reachable, isStranded }, 'who may decide a grant has changed')
  }
  if (changed > 0) deps.wake()
  return changed
}

/** Asks Slack once for all grants that the same people decide. */
function reachableFor(
  deps: GrantsDeps,
  grant: Grant,
  asked: Map<string, Promise<number | null>>,
): Promise<number | null> {
  const policy = deps.policy()
  const members = decidersOf(policy, grant, deps.now())
  const except = policy.approval.selfApproval ? null : grant.requester
  const enough = grant.approvalsNeeded
  const key = JSON.stringify([members, except, enough])
  const known = asked.get(key)
  if (known) return known
  const channel = grant.approvalChannel ?? policy.approval.channel
  const counted = deps.notifier
    .reach({ channel, members, except, enough })
    .then((reach) => reach?.people ?? null)
  asked.set(key, counted)
  return counted
}
