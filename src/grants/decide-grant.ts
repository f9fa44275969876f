import type { Decision, Grant } from '../domain/grant.ts'
import { decidesAs, isNotTold, mayNotAct, mayNotDecide } from '../domain/permissions.ts'
import { cleanOrNull } from '../domain/text.ts'
import type { LedgerTx } from '../ledger/ledger.ts'
import { type AskedPeople, type AskFirst, askWho, withAbsent, writeAsking } from './ask-slack.ts'
import { readOrBusy, writeOrBusy } from './commit-together.ts'
import type { GrantsDeps } from './deps.ts'
import type {
  CancelInput,
  CancelOutcome,
  DecideInput,
  DecideOutcome,
  Grants,
  WaitsOutcome,
} from './grants.ts'
import { stillOffered } from './issue-grant.ts'
import { expireIfLate } from './remind-and-expire.ts'

/** How often to ask Slack at most: more approvals may arrive while it answers. */
const MOST_ASKS = 3

/**
 * Approves or rejects a grant. The transaction that writes the decision also checks who may decide and whether the
 * grant still waits: if two people click at the same moment, one learns that the other was first. The click that would
 * decide counts only approvals by people who are still approvers.
 */
export async function decideGrant(deps: GrantsDeps, given: DecideInput): Promise<DecideOutcome> {
  const { until } = given
  const person = await readOrBusy(withAbsent(deps, given.person, until))
  if ('kind' in person) return person
  const input = { ...given, person }
  const outcome = await writeAsking(
    deps,
    (tx, earlier: AskedPeople | null) => decide(deps, tx, input, earlier),
    (approvers: string[]) => askWho(deps, approvers, until),
    { atMost: MOST_ASKS, until },
  )
  if (['approved', 'rejected', 'counted', 'already'].includes(outcome.kind)) deps.wake()
  if (outcome.kind === 'approved' || outcome.kind === 'rejected')
    deps.logger.info({ grantId: outcome.grant.id, decision: outcome.kind }, 'grant decided')
  return outcome
}

async function decide(
  deps: GrantsDeps,
  tx: LedgerTx,
  input: DecideInput,
  earlier: AskedPeople | null,
): Promise<DecideOutcome | AskFirst<string[]>> {
  const { person, grantId, decision } = input
  const reason = cleanOrNull(input.reason)
  const policy = deps.policy()
  const grant = await tx.grant(grantId)
  if (!grant) return { kind: 'gone' }
  const refusal = mayNotDecide(policy, person, grant, deps.now())
  if (refusal) return { kind: 'refused', refusal }

  const before = await tx.decisionsOf(grantId)
  if (grant.state !== 'pending') return { kind: 'already', grant, decisions: before }
  const late = await expireIfLate(tx, grant, deps.now())
  if (late) return { kind: 'already', grant: late, decisions: before }
  if (decision === 'approve' && !stillOffered(policy, grant))
    return { kind: 'refused', refusal: { code: 'stock-left', stock: grant.stock } }
  const canned = policy.rejections.find(({ key }) => key === input.canned)
  if (decision === 'reject' && !reason?.trim() && !canned)
    return { kind: 'refused', refusal: { code: 'why-missing' } }

  const approvals = before.filter(({ kind }) => kind === 'approve')
  const standsFor = decidesAs(policy, person, grant, deps.now()) ?? null
  const as = standsFor === null ? {} : { standsFor }
  // An approver and their stand-in are one voice.
  const same = approvals.find((one) => voiceOf(one) === (standsFor ?? person.id))
  if (decision === 'approve' && same && same.approver !== person.id)
    return { kind: 'repeated', grant, have: approvals.length, by: same.approver }
  const mayDecide =
    decision === 'approve' &&
    approvals.length + 1 >= grant.approvalsNeeded &&
    approvals.every(({ approver }) => approver !== person.id)
  const counted = mayDecide ? stillCounted(deps, grant, approvals, earlier) : { approvals, lapsed: [] }
  if ('kind' in counted) return counted
  const isNew = await tx.decide({ grantId, approver: person.id, kind: decision, reason, ...as })
  if (!isNew) return { kind: 'repeated', grant, have: approvals.length }
  if (decision === 'reject') {
    const named = canned && { en: canned.name.en, 'zh-CN': canned.name['zh-CN'] }
    const ended = { by: person.id, ...(named && { code: JSON.stringify(named) }) }
    const change = { ended, said: reason }
    const rejected = await tx.step(grantId, 'reject', person.id, change, named ? { named } : {})
    return { kind: 'rejected', grant: rejected ?? grant }
  }
  for (const { approver, why } of counted.lapsed) await tx.lapseApproval({ grantId, approver, why })
  const have = counted.approvals.length + 1
  const isOwn = grant.requester === person.id
  const data = {
    have,
    needed: grant.approvalsNeeded,
    ...(isOwn && { own: true as const }),
    ...(standsFor !== null && { for: standsFor }),
  }
  if (have < grant.approvalsNeeded) {
    const waits = await tx.change(grantId, ['pending'], 'approval', person.id, {}, data)
    return {
      kind: 'counted',
      grant: waits ?? grant,
      have,
      lapsed: counted.lapsed.map(({ approver }) => approver),
    }
  }
  const issueBy = deps.now() + policy.approval.issueWithin
  const approved = await tx.step(grantId, 'approve', person.id, { issueBy }, data)
  return { kind: 'approved', grant: approved ?? grant }
}

/** Which of these approvals still count, by the policy in force and by who these people are now. */
function stillCounted(
  deps: GrantsDeps,
  grant: Grant,
  approvals: readonly Decision[],
  earlier: AskedPeople | null,
):
  | { approvals: readonly Decision[]; lapsed: { approver: string; why: string }[] }
  | AskFirst<string[]>
  | Extract<DecideOutcome, { kind: 'refused' }> {
  const approvers = approvals.flatMap(({ approver, standsFor }) => [
    approver,
    ...(standsFor ? [standsFor] : []),
  ])
  const policy = deps.policy()
  const lapsed: { approver: string; why: string }[] = []
  const told = (id: string) => (earlier?.policy === policy ? earlier.people.get(id) : undefined)
  for (const { approver, standsFor } of approvals) {
    const own = told(approver)
    const away = standsFor === undefined ? undefined : told(standsFor)
    if (!own || (standsFor !== undefined && !away)) return { kind: 'ask-first', about: approvers }
    // It counts that the person was away at the time of the decision, and that both are still approvers.
    const person = away ? { ...own, standsInFor: [away] } : own
    const refusal = mayNotDecide(policy, person, grant, deps.now())
    // An approval isn't lost because Slack was slow.
    if (refusal && isNotTold(refusal))
      return { kind: 'refused', refusal: { code: 'earlier-approvers-unknown' } }
    if (refusal) lapsed.push({ approver, why: refusal.code })
  }
  const counts = ({ approver }: Decision) => lapsed.every((one) => one.approver !== approver)
  return { approvals: approvals.filter(counts), lapsed }
}

/** What to tell a person before they write a reason. The check that counts comes when the reason arrives. */
export async function whetherWaits(
  deps: GrantsDeps,
  { person, grantId, for: purpose }: Parameters<Grants['waits']>[0],
): Promise<WaitsOutcome> {
  const grant = await deps.ledger.grant(grantId)
  if (!grant) return { kind: 'gone' }
  const isOwn = grant.requester === person.id
  const mayCancel = purpose === 'cancel' && isOwn
  const refusal = mayCancel
    ? mayNotAct(person)
    : mayNotDecide(deps.policy(), await withAbsent(deps, person), grant, deps.now())
  if (refusal) return { kind: 'refused', refusal }
  const waits = purpose === 'reject' ? ['pending'] : ['pending', 'approved']
  if (waits.includes(grant.state)) return { kind: 'waits', grant }
  return { kind: 'already', grant, decisions: await deps.ledger.decisionsOf(grantId) }
}

/**
 * Cancels a grant before it is issued: by its requester, or by an approver with a reason. An approved grant was never
 * sent, or certainly not executed; an issuing one may already be a coupon.
 */
export async function cancelGrant(deps: GrantsDeps, given: CancelInput): Promise<CancelOutcome> {
  const { until } = given
  const person = await readOrBusy(withAbsent(deps, given.person, until))
  if ('kind' in person) return person
  const outcome = await writeOrBusy(deps, (tx) => cancel(deps, tx, { ...given, person }), until)
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
  const refusal = isOwn ? mayNotAct(person) : mayNotDecide(deps.policy(), person, grant, deps.now())
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

/** Whose voice a decision is: the approver's, or that of the approver they stood in for. */
function voiceOf({ approver, standsFor }: Pick<Decision, 'approver' | 'standsFor'>): string {
  return standsFor ?? approver
}
