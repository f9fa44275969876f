import { findStock } from '../domain/policy.ts'
import type { HoldScope, LedgerTx } from '../ledger/ledger.ts'
import type { GrantsDeps } from './deps.ts'
import type { PauseInput, PauseOutcome, ResumeInput, ResumeOutcome } from './operations.ts'
import { mayNotOperate, operatorId } from './operator.ts'
import { written } from './written.ts'

type Deps = Pick<GrantsDeps, 'ledger' | 'policy' | 'logger' | 'wake'>

/** Why it is paused, where no backup was restored. */
const PAUSED = 'paused'

const scopeOf = (stock: string | null): HoldScope => (stock === null ? 'paused' : `paused:${stock}`)

/**
 * Stops issuing, as a whole or of a stock, from this commit on: nothing more is sent, repeats included, until somebody
 * resumes. What is under way by then ends as it would.
 */
export async function pauseIssuing(deps: Deps, { by, stock, reason }: PauseInput): Promise<PauseOutcome> {
  const policy = deps.policy()
  const refusal = mayNotOperate(policy, by)
  if (refusal) return { kind: 'refused', refusal }
  if (stock !== null && !findStock(policy, stock))
    return { kind: 'refused', refusal: { code: 'stock-unknown', stock } }
  const outcome = await written(deps, async (tx): Promise<PauseOutcome> => {
    const scope = scopeOf(stock)
    const actor = operatorId(by)
    const isNew = await tx.beginHold({ scope, reason: PAUSED, message: reason ?? '', by: actor })
    if (isNew) await tx.event({ kind: 'paused', actor, data: { stock, reason } })
    const hold = (await tx.openHolds()).find((open) => open.scope === scope)
    if (!hold) throw new Error('a pause that was just begun is not there')
    return { kind: isNew ? 'paused' : 'already', hold }
  })
  if (outcome.kind !== 'paused') return outcome
  deps.logger.warn({ stock, by: operatorId(by) }, 'issuing paused')
  deps.wake()
  return outcome
}

/** Ends a pause: what waited for it goes on at once, unless something else holds it. */
export async function resumeIssuing(deps: Deps, { by, stock }: ResumeInput): Promise<ResumeOutcome> {
  const refusal = mayNotOperate(deps.policy(), by)
  if (refusal) return { kind: 'refused', refusal }
  const outcome = await written(deps, async (tx): Promise<ResumeOutcome> => {
    const actor = operatorId(by)
    const hasEnded = await tx.endHolds({ scopes: [scopeOf(stock)], by: actor })
    if (hasEnded) await tx.event({ kind: 'resumed', actor, data: { stock } })
    return { kind: hasEnded ? 'resumed' : 'not-paused', holds: await pauses(tx) }
  })
  if (outcome.kind !== 'resumed') return outcome
  deps.logger.warn({ stock, by: operatorId(by) }, 'issuing resumed')
  deps.wake()
  return outcome
}

async function pauses(tx: LedgerTx) {
  return (await tx.openHolds()).filter(({ scope }) => scope === 'paused' || scope.startsWith('paused:'))
}
