import type { Ask, Person } from '../domain/policy.ts'
import { CommitUncertainError, LedgerBusyError, type LedgerTx } from '../ledger/ledger.ts'
import type { GrantsDeps } from './deps.ts'
import type { Preview, RequestInput, RequestOutcome } from './grants.ts'
import { judgeAsk } from './judge-ask.ts'

/** A coupon of the same stock to the same user this recently makes the app ask "another one?". */
const LATELY = 24 * 60 * 60 * 1000

/**
 * Records an ask: as approved where the policy approves by itself, else as pending.
 * Everything that was counted stays true until it is written, since one transaction holds the write lock for all of it.
 */
export async function requestGrant(deps: GrantsDeps, input: RequestInput): Promise<RequestOutcome> {
  let outcome: RequestOutcome
  try {
    outcome = await deps.ledger.write((tx) => record(deps, tx, input))
  } catch (error) {
    if (error instanceof LedgerBusyError) return { kind: 'busy' }
    if (error instanceof CommitUncertainError) return { kind: 'not-sure' }
    throw error
  }
  if (outcome.kind === 'recorded' && !outcome.repeated) {
    deps.logger.info({ grantId: outcome.grant.id, state: outcome.grant.state }, 'grant recorded')
    deps.wake()
  }
  return outcome
}

/** What would become of an ask, without recording it. */
export async function previewAsk(deps: GrantsDeps, person: Person, ask: Ask): Promise<Preview> {
  return judgeAsk(deps.policy(), person, ask, deps.now(), (of) => deps.ledger.usage(of))
}

async function record(deps: GrantsDeps, tx: LedgerTx, input: RequestInput): Promise<RequestOutcome> {
  const { person, ask } = input
  const policy = deps.policy()
  const now = deps.now()
  const submission = `${person.id}/${input.submission}`

  const recorded = await tx.grantOfSubmission(submission)
  if (recorded) return { kind: 'recorded', grant: recorded, repeated: true }

  const judged = await judgeAsk(policy, person, ask, now, (of) => tx.usage(of))
  if (judged.kind === 'refused') return judged
  const { stock } = judged

  if (!input.another) {
    const of = { openid: ask.openid, appid: stock.appid, stockId: stock.stockId, since: now - LATELY }
    const previous = await tx.latestGrant(of)
    if (previous) return { kind: 'another', previous }
  }

  await tx.keepPolicy(policy.hash, policy.text)
  const automatic = judged.kind === 'automatic'
  const reason = policy.reasons.find(({ key }) => key === ask.reason)
  const grant = await tx.recordGrant(
    {
      submission,
      openid: ask.openid,
      appid: stock.appid,
      mchid: stock.mchid,
      stockId: stock.stockId,
      stock: stock.key,
      stockName: stock.name,
      quota: stock.quota,
      requester: person.id,
      reason: ask.reason,
      reasonName: reason?.name ?? { en: ask.reason, 'zh-CN': ask.reason },
      note: ask.note,
      ticket: ask.ticket,
      state: automatic ? 'approved' : 'pending',
      policyHash: policy.hash,
      approvalsNeeded: automatic ? 0 : judged.approvals,
      approvalChannel: automatic ? null : judged.channel,
      approvedByRule: automatic ? judged.rule : null,
      expiresAt: automatic ? null : judged.expiresAt,
    },
    [
      { kind: 'dm', recipient: person.id, language: input.language, place: null },
      ...(input.viewId
        ? [
            {
              kind: 'view' as const,
              recipient: person.id,
              language: input.language,
              place: { viewId: input.viewId },
            },
          ]
        : []),
    ],
  )
  return { kind: 'recorded', grant, repeated: false }
}
