import { cleanOrNull } from '../domain/people-text.ts'
import { mayNotAct, mayNotDecide } from '../domain/permissions.ts'
import type { LedgerTx } from '../ledger/ledger.ts'
import { writeOrBusy } from './busy-ledger.ts'
import type { GrantsDeps } from './deps.ts'
import { expireIfLate } from './expire-grants.ts'
import type { CancelInput, CancelOutcome } from './grants.ts'

/**
 * Cancels a grant before it is being issued: by its requester, or with a reason by who may decide it. An approved grant
 * was never sent, or what was sent was certainly not executed; an issuing one may be a coupon already.
 */
export async function cancelGrant(deps: GrantsDeps, input: CancelInput): Promise<CancelOutcome> {
  const outcome = await writeOrBusy(deps, (tx) => cancel(deps, tx, input))
  if (['cancelled', 'already'].includes(outcome.kind)) deps.wake()
  if (outcome.kind === 'cancelled') deps.logger.info({ grantId: outcome.grant.id }, 'grant cancelled')
  return outcome
}

async function cancel(deps: GrantsDeps, tx: LedgerTx, input: CancelInput): Promise<CancelOutcome> {
  const { person, grantId } = input
  const reason = cleanOrNull(input.reason)
  const grant = await tx.grant(grantId)
  if (!grant) return { kind: 'gone' }
  const isOwn = grant.requester === person.id
  const refusal = isOwn ? mayNotAct(person) : mayNotDecide(deps.policy(), person, grant)
  if (refusal) return { kind: 'refused', refusal }
  const late = await expireIfLate(tx, grant, deps.now())
  if (late) return { kind: 'already', grant: late, decisions: await tx.decisionsOf(grantId) }
  if (!['pending', 'approved'].includes(grant.state))
    return { kind: 'already', grant, decisions: await tx.decisionsOf(grantId) }
  if (!isOwn && !reason?.trim()) return { kind: 'refused', refusal: { code: 'why-missing' } }
  const ended = { by: person.id }
  const cancelled = await tx.step(grantId, 'cancel', person.id, { ended, said: reason })
  return { kind: 'cancelled', grant: cancelled ?? grant }
}
