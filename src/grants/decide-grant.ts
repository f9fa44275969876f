import { mayNotAct, mayNotDecide } from '../domain/policy.ts'
import type { LedgerTx } from '../ledger/ledger.ts'
import type { GrantsDeps } from './deps.ts'
import { expireIfLate } from './expire-grants.ts'
import type { DecideInput, DecideOutcome, Grants, WaitsOutcome } from './grants.ts'
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
    return { kind: 'refused', refusal: { code: 'stock-left', stock: grant.stock } }
  if (decision === 'reject' && !reason?.trim()) return { kind: 'refused', refusal: { code: 'why-missing' } }

  const approvals = before.filter(({ kind }) => kind === 'approve').length
  const isNew = await tx.decide({ grantId, approver: person.id, kind: decision, reason })
  if (!isNew) return { kind: 'repeated', grant, have: approvals }
  if (decision === 'reject') {
    const ended = { by: person.id, reason }
    const rejected = await tx.step(grantId, 'reject', person.id, { ended }, { reason })
    return { kind: 'rejected', grant: rejected ?? grant }
  }
  const have = approvals + 1
  const isOwn = grant.requester === person.id
  const data = { have, needed: grant.approvalsNeeded, ...(isOwn && { own: true }) }
  if (have < grant.approvalsNeeded) {
    const counted = await tx.change(grantId, ['pending'], 'approval', person.id, {}, data)
    return { kind: 'counted', grant: counted ?? grant, have }
  }
  const issueBy = deps.now() + policy.approval.issueWithin
  await tx.step(grantId, 'approve', person.id, { issueBy }, data)
  // Read again, as it may wait for another grant of the same user.
  return { kind: 'approved', grant: (await tx.grant(grantId)) ?? grant }
}

/** What a person would be told before writing a reason; the reason's own arrival decides. */
export async function whetherWaits(
  deps: GrantsDeps,
  { person, grantId, for: purpose }: Parameters<Grants['waits']>[0],
): Promise<WaitsOutcome> {
  const grant = await deps.ledger.grant(grantId)
  if (!grant) return { kind: 'gone' }
  const isOwn = grant.requester === person.id
  const mayCancel = purpose === 'cancel' && isOwn
  const refusal = mayCancel ? mayNotAct(person) : mayNotDecide(deps.policy(), person, grant)
  if (refusal) return { kind: 'refused', refusal }
  const waits = purpose === 'reject' ? ['pending'] : ['pending', 'approved']
  if (waits.includes(grant.state)) return { kind: 'waits', grant }
  return { kind: 'already', grant, decisions: await deps.ledger.decisionsOf(grantId) }
}
