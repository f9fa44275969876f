import type { Refusal } from '../domain/ask.ts'
import {
  type Grant,
  isOpen,
  MAX_EVIDENCE,
  SETTLED_NOT_ISSUED,
  type Settlement,
  type Verdict,
} from '../domain/grant.ts'
import { commandLineUser, isNotTold } from '../domain/permissions.ts'
import type { Policy } from '../domain/policy.ts'
import { cleanText } from '../domain/text.ts'
import type { LedgerTx } from '../ledger/ledger.ts'
import { type AskedPeople, type AskFirst, askWho, writeAsking } from './ask-slack.ts'
import { writeOrBusy } from './commit-together.ts'
import type { GrantsDeps } from './deps.ts'
import {
  type ConfirmInput,
  type ConfirmOutcome,
  mayNotConfirm,
  mayNotOperate,
  type Operator,
  operatorId,
  type ProposeInput,
  type ProposeOutcome,
  type WithdrawOutcome,
} from './operator-commands.ts'

type Deps = Pick<GrantsDeps, 'ledger' | 'policy' | 'logger' | 'wake' | 'now'> & {
  /** Left out at the command line, which doesn't ask Slack. */
  notifier?: Pick<GrantsDeps['notifier'], 'who'>
}

/**
 * An operator, other than the requester, proposes how a grant ended that the app can't settle alone, with the evidence.
 * This settles nothing yet: a second person confirms it.
 */
export async function proposeSettlement(deps: Deps, input: ProposeInput): Promise<ProposeOutcome> {
  const { by, grantId, verdict } = input
  const evidence = cleanText(input.evidence)
  const refusal = mayNotOperate(deps.policy(), by) ?? problemOf(verdict, evidence)
  if (refusal) return { kind: 'refused', refusal }
  const outcome = await writeOrBusy(
    deps,
    async (tx): Promise<ProposeOutcome> => {
      const open = await openForPeople(tx, grantId)
      if ('kind' in open) return open
      if (
        verdict.kind === 'not-issued' &&
        input.attempts !== undefined &&
        open.grant.attempts > input.attempts
      )
        return { kind: 'sent-since', grant: open.grant, settlement: null }
      const actor = operatorId(by)
      if (actor === open.grant.requester) return { kind: 'refused', refusal: { code: 'own-grant' } }
      const taken = await takenBy(tx, verdict, grantId)
      if (taken) return { kind: 'refused', refusal: taken }
      if (input.order !== undefined && !(await tx.order(input.order))) {
        const [waiting = null] = await tx.openSettlements([grantId])
        return { kind: 'repeated', grant: open.grant, settlement: waiting }
      }
      const settlement = await tx.propose({ grantId, verdict, evidence, by: actor })
      if (!settlement) {
        const [waiting] = await tx.openSettlements([grantId])
        if (!waiting) throw new Error('a settlement that waits is not there')
        return { kind: 'waits', grant: open.grant, settlement: waiting }
      }
      await tx.event({
        grantId,
        kind: 'settlement-proposed',
        actor,
        data: { settlement: settlement.id, verdict },
        said: evidence,
      })
      await tx.notice({ kind: 'settlement', grantId, settlementId: settlement.id })
      return { kind: 'proposed', grant: open.grant, settlement }
    },
    input.until,
  )
  if (outcome.kind === 'proposed') deps.wake()
  return outcome
}

/**
 * A second person, operator or approver, confirms how a grant ended: it is issued with that coupon, or it is refused
 * and its place in the limits is free again. The transaction checks again that the grant is still open and that the
 * proposer is still an operator: otherwise only one person would have settled it.
 */
export async function confirmSettlement(deps: Deps, input: ConfirmInput): Promise<ConfirmOutcome> {
  const { until } = input
  const outcome = await writeAsking(
    deps,
    (tx, asked: AskedPeople | null) => confirm(deps, tx, input, asked),
    (proposer: string) => askWho(deps, [proposer], until),
    { until },
  )
  if (outcome.kind !== 'settled') return outcome
  deps.logger.warn({ grantId: outcome.grant.id, state: outcome.grant.state }, 'grant settled by people')
  deps.wake()
  return outcome
}

async function confirm(
  deps: Deps,
  tx: LedgerTx,
  { by, settlementId }: ConfirmInput,
  asked: AskedPeople | null,
): Promise<ConfirmOutcome | AskFirst<string>> {
  const settlement = await tx.settlement(settlementId)
  const grant = settlement && (await tx.grant(settlement.grantId))
  if (!grant) return { kind: 'gone' }
  const refusal = mayNotConfirmThis(deps.policy(), by, grant, settlement)
  if (refusal) return { kind: 'refused', refusal }
  if (settlement.ended) return { kind: 'already', grant, settlement }
  const open = await openForPeople(tx, grant.id)
  if ('kind' in open && open.kind === 'already') {
    await tx.endSettlement(settlement.id, { by: 'app', outcome: 'withdrawn' })
    return { kind: 'already', grant, settlement: (await tx.settlement(settlement.id)) ?? settlement }
  }
  if ('kind' in open) return open
  if (await wasSentSince(tx, settlement)) {
    await takeBack(tx, settlement, 'app')
    return { kind: 'sent-since', grant: open.grant, settlement: null }
  }
  const proposer = settlement.proposedBy
  if (deps.notifier && commandLineUser(proposer) === null) {
    if (asked?.policy !== deps.policy()) return { kind: 'ask-first', about: proposer }
    const person = asked.people.get(proposer)
    const lapsed = person && mayNotOperate(deps.policy(), { person })
    if (!person || (lapsed && isNotTold(lapsed)))
      return { kind: 'refused', refusal: { code: 'proposer-unknown' } }
    if (lapsed) {
      await takeBack(tx, settlement, 'app')
      return { kind: 'lapsed', grant: open.grant, settlement }
    }
  }
  const taken = await takenBy(tx, settlement.verdict, grant.id)
  if (taken) return { kind: 'refused', refusal: taken }
  const actor = operatorId(by)
  await tx.endSettlement(settlement.id, { by: actor, outcome: 'confirmed' })
  return { kind: 'settled', grant: await settle(deps, tx, grant, settlement, actor) }
}

/** Withdraws a proposal, so that another one can be made. */
export async function withdrawSettlement(
  deps: Deps,
  { by, settlementId, until }: ConfirmInput,
): Promise<WithdrawOutcome> {
  const refusal = mayNotOperate(deps.policy(), by)
  if (refusal) return { kind: 'refused', refusal }
  return writeOrBusy(
    deps,
    async (tx): Promise<WithdrawOutcome> => {
      const settlement = await tx.settlement(settlementId)
      const grant = settlement && (await tx.grant(settlement.grantId))
      if (!grant) return { kind: 'gone' }
      const actor = operatorId(by)
      const isNew = await takeBack(tx, settlement, actor)
      return isNew ? { kind: 'withdrawn', grant } : { kind: 'already', grant, settlement }
    },
    until,
  )
}

async function takeBack(tx: LedgerTx, { id, grantId }: Settlement, actor: string): Promise<boolean> {
  const isNew = await tx.endSettlement(id, { by: actor, outcome: 'withdrawn' })
  if (isNew) await tx.event({ grantId, kind: 'settlement-withdrawn', actor, data: { settlement: id } })
  return isNew
}

/** Whether the app sent the grant again after the proposal: "not issued" covers only what was sent before. */
async function wasSentSince(tx: LedgerTx, { grantId, verdict, proposedAt }: Settlement): Promise<boolean> {
  if (verdict.kind === 'issued') return false
  return (await tx.attemptsOf(grantId)).some(({ startedAt }) => startedAt > proposedAt)
}

async function settle(
  deps: Deps,
  tx: LedgerTx,
  grant: Grant,
  { id, verdict, evidence, proposedBy }: Settlement,
  actor: string,
): Promise<Grant> {
  const data = { settlement: id, proposedBy }
  const settled =
    verdict.kind === 'issued'
      ? await tx.step(
          grant.id,
          'issue',
          actor,
          {
            couponId: verdict.couponId,
            couponExpiresAt: null,
            issuedAt: deps.now(),
            flag: null,
            dueIn: null,
          },
          data,
        )
      : await tx.step(
          grant.id,
          'refuse',
          actor,
          {
            refusal: { code: SETTLED_NOT_ISSUED, message: '', requestId: null },
            said: evidence,
            flag: null,
            dueIn: null,
          },
          data,
        )
  if (!settled) throw new Error('an issuing grant could not be settled')
  return settled
}

/**
 * Only grants that the app has left to people, and only while no call is under way that could still give the coupon.
 */
async function openForPeople(
  tx: LedgerTx,
  grantId: string,
): Promise<
  | { grant: Grant }
  | { kind: 'gone' }
  | { kind: 'already' | 'not-stuck' | 'under-way'; grant: Grant; settlement: null }
> {
  const grant = await tx.grant(grantId)
  if (!grant) return { kind: 'gone' }
  if (!isOpen(grant.state)) return { kind: 'already', grant, settlement: null }
  if (grant.state !== 'issuing' || grant.flag?.kind !== 'needs-look')
    return { kind: 'not-stuck', grant, settlement: null }
  const attempts = await tx.attemptsOf(grantId)
  if (attempts.some(({ endedAt }) => endedAt === null)) return { kind: 'under-way', grant, settlement: null }
  return { grant }
}

function problemOf(verdict: Verdict, evidence: string): Refusal | null {
  if (verdict.kind === 'issued' && !/^[0-9A-Za-z_-]{1,128}$/.test(verdict.couponId))
    return { code: 'coupon-id-malformed' }
  if (evidence === '') return { code: 'evidence-missing' }
  if (evidence.length > MAX_EVIDENCE)
    return { code: 'evidence-too-long', length: evidence.length, max: MAX_EVIDENCE }
  return null
}

async function takenBy(tx: LedgerTx, verdict: Verdict, grantId: string): Promise<Refusal | null> {
  if (verdict.kind !== 'issued') return null
  const [holder] = await tx.grantsByCouponIds([verdict.couponId])
  return holder && holder.id !== grantId ? { code: 'coupon-taken', grantId: holder.id } : null
}

/** Only operators and approvers may, but neither the proposer nor the requester of the coupon. */
function mayNotConfirmThis(
  policy: Policy,
  by: Operator,
  grant: Grant,
  { proposedBy }: Settlement,
): Refusal | null {
  const refusal = mayNotConfirm(policy, by)
  if (refusal) return refusal
  const actor = operatorId(by)
  if (actor === proposedBy) return { code: 'own-settlement' }
  return actor === grant.requester ? { code: 'own-grant' } : null
}
