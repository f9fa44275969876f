import type { Grant } from '../domain/grant.ts'
import { mayNotDecide } from '../domain/policy.ts'
import type { LedgerTx } from '../ledger/ledger.ts'
import type { GrantsDeps } from './deps.ts'
import type { DecideInput, DecideOutcome } from './grants.ts'
import { stillOffered } from './issue-grant.ts'
import { written } from './written.ts'

/**
 * Approves or rejects a grant. Who may do it, and whether the grant still waits, is asked in the transaction that
 * writes the decision: of two people at the same moment one is told that the other was first.
 */
export async function decideGrant(deps: GrantsDeps, input: DecideInput): Promise<DecideOutcome> {
  const outcome = await written(deps, (tx) => decide(deps, tx, input))
  if (['approved', 'rejected', 'counted', 'already'].includes(outcome.kind)) deps.wake()
  if (outcome.kind === 'approved' || outcome.kind === 'rejected')
    deps.logger.info({ grantId: outcome.grant.id, decision: outcome.kind }, 'grant decided')
  return outcome
}

async function decide(deps: GrantsDeps, tx: LedgerTx, input: DecideInput): Promise<DecideOutcome> {
  const { person, grantId, decision, reason } = input
  const policy = deps.policy()
  const grant = await tx.grant(grantId)
  if (!grant) return { kind: 'gone' }
  const refusal = mayNotDecide(policy, person, grant)
  if (refusal) return { kind: 'refused', refusal }

  const before = await tx.decisionsOf(grantId)
  if (grant.state !== 'pending') return { kind: 'already', grant, decisions: before }
  const late = await expireIfLate(tx, grant, deps.now())
  if (late) return { kind: 'already', grant: late, decisions: before }
  if (decision === 'approve' && !stillOffered(policy, grant))
    return { kind: 'refused', refusal: { code: 'stock-unknown', stock: grant.stock } }

  const approvals = before.filter(({ kind }) => kind === 'approve').length
  const isNew = await tx.decide({ grantId, approver: person.id, kind: decision, reason })
  if (!isNew) return { kind: 'repeated', grant, have: approvals }
  if (decision === 'reject') {
    const ended = { by: person.id, reason }
    const rejected = await tx.step(grantId, 'reject', person.id, { ended }, { reason })
    return { kind: 'rejected', grant: rejected ?? grant }
  }
  const have = approvals + 1
  const data = { have, needed: grant.approvalsNeeded }
  if (have < grant.approvalsNeeded) {
    const counted = await tx.change(grantId, ['pending'], 'approval', person.id, {}, data)
    return { kind: 'counted', grant: counted ?? grant, have }
  }
  const issueBy = deps.now() + policy.approval.issueWithin
  const approved = await tx.step(grantId, 'approve', person.id, { issueBy }, data)
  return { kind: 'approved', grant: approved ?? grant }
}

/** A decision after its time is none, even if the clock's own work has not come by yet. */
async function expireIfLate(tx: LedgerTx, grant: Grant, now: number): Promise<Grant | null> {
  if (grant.expiresAt === null || now < grant.expiresAt) return null
  return tx.step(grant.id, 'expire', 'app', { ended: { by: 'app', reason: null } })
}
