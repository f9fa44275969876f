import { decidersOf, escalatesAt } from '../domain/permissions.ts'
import type { GrantsDeps } from './deps.ts'

/**
 * Tells the people whom the policy lets decide a grant once it has waited long. The time alone gives them the right,
 * whether or not they were told yet.
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
