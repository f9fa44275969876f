import type { Refusal } from '../domain/ask.ts'
import { type CountedHold, type Hold, isSameScope, isStockHold } from '../domain/hold.ts'
import { isNotTold } from '../domain/permissions.ts'
import { findStock, type Policy } from '../domain/policy.ts'
import { cleanOrNull } from '../domain/text.ts'
import { stockRefOf } from '../domain/wechatpay-ids.ts'
import type { LedgerTx } from '../ledger/ledger.ts'
import { writeOrBusy } from './commit-together.ts'
import type { GrantsDeps } from './deps.ts'
import type { Awaited } from './grants.ts'
import {
  mayNotOperate,
  operatorId,
  type PauseInput,
  type PauseOutcome,
  type ResumeInput,
  type ResumeOutcome,
} from './operator-commands.ts'

type Deps = Pick<GrantsDeps, 'ledger' | 'policy' | 'logger' | 'wake'>

/** The reason of a pause that isn't due to a restored backup. */
const PAUSED = 'paused'

/**
 * Stops issuing, of everything or of one stock, from this commit on: the app sends nothing more, not even repeats,
 * until somebody resumes. Calls that are under way finish.
 */
export async function pauseIssuing(deps: Deps, input: PauseInput): Promise<PauseOutcome> {
  const { by, order, fault } = input
  const reason = cleanOrNull(input.reason)
  const policy = deps.policy()
  const refusal = mayNotOperate(policy, by)
  if (refusal) return refused(deps, refusal, input)
  const outcome = await writeOrBusy(
    deps,
    async (tx): Promise<PauseOutcome> => {
      if (order !== undefined && !(await tx.order(order)))
        return { kind: 'repeated', holds: await pauses(tx) }
      const drawnFor = fault === undefined ? null : ((await tx.hold(fault))?.hold ?? null)
      if (fault !== undefined && (!drawnFor || drawnFor.endedAt !== null))
        return { kind: 'over', over: drawnFor, holds: await pauses(tx) }
      const stock = drawnFor ? stockOf(drawnFor) : input.stock === null ? null : named(policy, input.stock)
      if (stock === undefined)
        return { kind: 'refused', refusal: { code: 'stock-unknown', stock: input.stock ?? '' } }
      const stockRef = stock?.ref ?? null
      const actor = operatorId(by)
      const message = reason ?? ''
      const isNew = await tx.beginHold({
        kind: 'paused',
        ...(stock && { stock }),
        reason: PAUSED,
        message,
        by: actor,
      })
      if (isNew)
        await tx.event({ kind: 'paused', actor, data: { stock: stock?.key ?? null, stockRef }, said: reason })
      const hold = (await tx.countedHolds()).find((open) => isSameScope(open, { kind: 'paused', stockRef }))
      if (!hold) throw new Error('a pause that was just begun is not there')
      return { kind: isNew ? 'paused' : 'already', hold }
    },
    input.until,
  )
  if (outcome.kind !== 'paused') return outcome
  deps.logger.warn({ stock: outcome.hold.stock, by: operatorId(by) }, 'issuing paused')
  deps.wake()
  return outcome
}

/**
 * Ends a pause. Grants that waited for it continue at once, unless something else holds them. A button ends only the
 * pause that it was drawn for, not a later one whose reason the person hasn't seen.
 */
export async function resumeIssuing(deps: Deps, input: ResumeInput): Promise<ResumeOutcome> {
  const { by, stock, order, pause } = input
  const policy = deps.policy()
  const refusal = mayNotOperate(policy, by)
  if (refusal) return refused(deps, refusal, input)
  const outcome = await writeOrBusy(
    deps,
    async (tx): Promise<ResumeOutcome> => {
      if (order !== undefined && !(await tx.order(order)))
        return { kind: 'repeated', holds: await pauses(tx) }
      const open = await pauses(tx)
      const meant = (await tx.openHolds()).filter((one) =>
        pause === undefined
          ? endsBy(policy, stock, one)
          : one.id === pause && (isPause(one) || isStockHold(one)),
      )
      const [hold] = meant
      if (!hold && pause !== undefined)
        return { kind: 'over', over: (await tx.hold(pause))?.hold ?? null, holds: open }
      // Checked only here: a stock that left the policy can still be resumed while it is paused.
      const isKnown = stock === null || Boolean(findStock(policy, stock))
      if (!hold) return { kind: 'not-paused', holds: open, isKnown }
      const actor = operatorId(by)
      await tx.endHolds({ scopes: meant, by: actor })
      await tx.event({ kind: 'resumed', actor, data: { stock: hold.stock, stockRef: hold.stockRef } })
      return { kind: 'resumed', hold, holds: await pauses(tx) }
    },
    input.until,
  )
  if (outcome.kind !== 'resumed') return outcome
  deps.logger.warn({ stock: outcome.hold.stock, by: operatorId(by) }, 'issuing resumed')
  deps.wake()
  return outcome
}

/** Records the order if Slack didn't answer in time: a repeat of it must not take effect once Slack does answer. */
async function refused(deps: Deps, refusal: Refusal, { order, until }: { order?: string } & Awaited) {
  if (order !== undefined && isNotTold(refusal)) await writeOrBusy(deps, (tx) => tx.order(order), until)
  return { kind: 'refused', refusal } as const
}

/** Whether `resume` ends this hold: a pause, or a stock that refused everybody, which an operator may have fixed. */
function endsBy(policy: Policy, stock: string | null, hold: Hold): boolean {
  if (stock === null) return isSameScope(hold, { kind: 'paused' })
  const isMeant =
    hold.stock === stock || (hold.stockRef !== null && hold.stockRef === named(policy, stock)?.ref)
  return isMeant && (isPause(hold) || isStockHold(hold))
}

function named(policy: Policy, key: string): { ref: string; key: string } | undefined {
  const stock = findStock(policy, key)
  return stock && { ref: stockRefOf(stock), key }
}

/** The stock that a hold stops; null: more than one. */
function stockOf({ stockRef, stock }: Hold): { ref: string; key: string } | null {
  return stockRef === null ? null : { ref: stockRef, key: stock ?? stockRef }
}

async function pauses(tx: LedgerTx): Promise<CountedHold[]> {
  return (await tx.countedHolds()).filter(isPause)
}

function isPause({ kind }: Hold): boolean {
  return kind === 'paused'
}
