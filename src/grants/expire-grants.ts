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
      if (state === 'pending') await tx.step(id, 'expire', 'app', { ended: { by: 'app', reason: null } })
      else await tx.step(id, 'cancel', 'policy', { ended: { by: 'policy', reason: 'too-late' } })
    }
    return late.length
  })
  deps.wake()
  return count
}

/** Has approvers reminded of pending grants, each as often as the policy says. The next time is set before anything is told. */
export async function remindDue(deps: GrantsDeps): Promise<number> {
  const { ledger, now } = deps
  if ((await ledger.grantsToRemindOf(now())).length === 0) return 0
  const { remind } = deps.policy().approval
  const count = await ledger.write(async (tx) => {
    const due = await tx.grantsToRemindOf(now())
    for (const { id } of due) {
      const remindAt = remind ? now() + remind.every : null
      const reminded = await tx.change(id, ['pending'], 'reminded', 'app', { remindAt })
      if (reminded && remind) await tx.notice({ kind: 'reminder', grantId: id })
    }
    return due.length
  })
  deps.wake()
  return count
}
