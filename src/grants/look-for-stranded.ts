import type { Grant } from '../domain/grant.ts'
import { decidersOf } from '../domain/permissions.ts'
import type { GrantsDeps } from './deps.ts'

const MOST_PENDING = 500

/**
 * Looks whether those who may decide what waits can still be reached: people leave, and groups are emptied. Operators are
 * told at once when too few are left, and requesters see it on their card; both when it is over.
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
    // What Slack did not tell in time says nothing.
    if (reachable === null) continue
    const isStranded = reachable < grant.approvalsNeeded
    if (isStranded === (grant.strandedAt !== null)) continue
    const isNew = await ledger.write(async (tx) => {
      // Another replica has looked at the same time.
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

/** Asked once for all that the same people decide. */
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
