import type { Grant } from '../domain/grant.ts'
import type { News } from '../domain/news.ts'
import { decidersOf } from '../domain/permissions.ts'
import { quietSince } from '../domain/quiet.ts'
import type { LedgerTx } from '../ledger/ledger.ts'
import type { GrantsDeps } from './deps.ts'

/**
 * Ends what its time has run out for: pending grants that nobody decided, approved ones that could not be issued.
 * What runs out while the app is down is ended at the next start.
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

/** What comes after the time of a pending grant finds it expired, even if the clock's own work has not come by yet. */
export async function expireIfLate(tx: LedgerTx, grant: Grant, now: number): Promise<Grant | null> {
  if (grant.state !== 'pending' || grant.expiresAt === null || now < grant.expiresAt) return null
  return tx.step(grant.id, 'expire', 'app', { ended: { by: 'app' } })
}

/** ms; of what approvers would be reminded this soon they are reminded together with what is due. */
const TOGETHER = 5 * 60_000

function reminderOf([first, ...others]: readonly Grant[]): News {
  const grantId = first?.id ?? ''
  if (others.length === 0) return { kind: 'reminder', grantId }
  const channel = first?.approvalChannel ?? ''
  return { kind: 'reminders', channel, grantIds: [grantId, ...others.map(({ id }) => id)] }
}

/**
 * Reminds approvers of pending grants: of several that become due at about the same time in one message, and never in
 * the quiet hours. What became due in these is told afterwards, together with the ends that requesters hear of. The
 * next reminder is timed when this one was told, so none pile up while Slack is away.
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
