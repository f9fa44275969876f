import { isStockHold } from '../domain/fault.ts'
import { cleanOrNull } from '../domain/people-text.ts'
import { findStock, isNotTold, type Refusal } from '../domain/policy.ts'
import type { HoldScope, LedgerTx } from '../ledger/ledger.ts'
import type { GrantsDeps } from './deps.ts'
import type { Hold } from './notifier.ts'
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
export async function pauseIssuing(deps: Deps, input: PauseInput): Promise<PauseOutcome> {
  const { by, order, fault } = input
  const reason = cleanOrNull(input.reason)
  const policy = deps.policy()
  const refusal = mayNotOperate(policy, by)
  if (refusal) return refused(deps, refusal, order)
  const outcome = await written(deps, async (tx): Promise<PauseOutcome> => {
    if (order !== undefined && !(await tx.order(order))) return { kind: 'repeated', holds: await pauses(tx) }
    const drawnFor = fault === undefined ? null : ((await tx.hold(fault))?.hold ?? null)
    if (fault !== undefined && (!drawnFor || drawnFor.endedAt !== null))
      return { kind: 'over', over: drawnFor, holds: await pauses(tx) }
    const stock = drawnFor ? stoppedBy(drawnFor) : input.stock
    if (stock !== null && !findStock(policy, stock))
      return { kind: 'refused', refusal: { code: 'stock-unknown', stock } }
    const scope = scopeOf(stock)
    const actor = operatorId(by)
    const isNew = await tx.beginHold({ scope, reason: PAUSED, message: reason ?? '', by: actor })
    if (isNew) await tx.event({ kind: 'paused', actor, data: { stock, reason } })
    const hold = (await tx.openHolds()).find((open) => open.scope === scope)
    if (!hold) throw new Error('a pause that was just begun is not there')
    return { kind: isNew ? 'paused' : 'already', hold }
  })
  if (outcome.kind !== 'paused') return outcome
  deps.logger.warn({ scope: outcome.hold.scope, by: operatorId(by) }, 'issuing paused')
  deps.wake()
  return outcome
}

/**
 * Ends a pause: what waited for it goes on at once, unless something else holds it. A button ends the pause that it was
 * drawn for and none that began later: whoever pressed has not seen why that one was begun.
 */
export async function resumeIssuing(deps: Deps, input: ResumeInput): Promise<ResumeOutcome> {
  const { by, stock, order, pause } = input
  const policy = deps.policy()
  const refusal = mayNotOperate(policy, by)
  if (refusal) return refused(deps, refusal, order)
  const outcome = await written(deps, async (tx): Promise<ResumeOutcome> => {
    if (order !== undefined && !(await tx.order(order))) return { kind: 'repeated', holds: await pauses(tx) }
    const open = await pauses(tx)
    const meant = (await tx.openHolds()).filter((one) =>
      pause === undefined ? endsBy(stock, one) : one.id === pause && (isPause(one) || isStockHold(one)),
    )
    const [hold] = meant
    if (!hold && pause !== undefined)
      return { kind: 'over', over: (await tx.hold(pause))?.hold ?? null, holds: open }
    // Only here: what left the policy can be resumed as long as it is paused.
    const isKnown = stock === null || Boolean(findStock(policy, stock))
    if (!hold) return { kind: 'not-paused', holds: open, isKnown }
    const actor = operatorId(by)
    await tx.endHolds({ scopes: meant.map(({ scope }) => scope), by: actor })
    await tx.event({ kind: 'resumed', actor, data: { stock: stoppedBy(hold) } })
    return { kind: 'resumed', hold, holds: await pauses(tx) }
  })
  if (outcome.kind !== 'resumed') return outcome
  deps.logger.warn({ scope: outcome.hold.scope, by: operatorId(by) }, 'issuing resumed')
  deps.wake()
  return outcome
}

/** An order is answered once: what Slack did not tell in time may be known when somebody sends it again. */
async function refused(deps: Deps, refusal: Refusal, order: string | undefined) {
  if (order !== undefined && isNotTold(refusal)) await written(deps, (tx) => tx.order(order))
  return { kind: 'refused', refusal } as const
}

/** Whether `resume` ends it: a pause, or a stock's hold after everybody was refused, which an operator may have mended. */
function endsBy(stock: string | null, hold: Hold): boolean {
  return hold.scope === scopeOf(stock) || (stock !== null && stoppedBy(hold) === stock && isStockHold(hold))
}

/** Key of the stock that a hold stops; null: more than one. */
function stoppedBy({ scope }: Hold): string | null {
  return /^(?:stock|paused):(.*)$/s.exec(scope)?.[1] ?? null
}

async function pauses(tx: LedgerTx) {
  return (await tx.openHolds()).filter(isPause)
}

function isPause({ scope }: Hold): boolean {
  return scope === 'paused' || scope.startsWith('paused:')
}
