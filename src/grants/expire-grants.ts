import type { Grant } from '../domain/grant.ts'
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

/**
 * Has approvers reminded of pending grants. The time of the next reminder is set when this one was told: while Slack is
 * away none pile up, to be told all at once.
 */
export async function remindDue(deps: GrantsDeps): Promise<number> {
  const { ledger, now } = deps
  if ((await ledger.grantsToRemindOf(now())).length === 0) return 0
  const { remind } = deps.policy().approval
  const count = await ledger.write(async (tx) => {
    const due = await tx.grantsToRemindOf(now())
    for (const { id } of due) {
      await tx.remindAt(id, null)
      if (remind) await tx.notice({ kind: 'reminder', grantId: id })
    }
    return due.length
  })
  deps.wake()
  return count
}
