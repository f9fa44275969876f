import { type AttemptResult, leavesDoubt, type Settlement, settle } from '../domain/attempt.ts'
import type { Grant } from '../domain/grant.ts'
import { shortOpenid } from '../domain/openid.ts'
import { findStock } from '../domain/policy.ts'
import type { Attempt, LedgerTx } from '../ledger/ledger.ts'
import type { GrantsDeps } from './deps.ts'
import { resultOfAnswer, resultOfError } from './outcome.ts'
import { type Trust, watchTrust } from './trust.ts'

/** Attempts under way at once in one process. */
const AT_ONCE = 16
/** Waits between the tries to record an outcome, ms; together well below the lease. */
const RECORD_AGAIN = [100, 300, 1000, 3000]

export interface Issuing {
  issueDue(): Promise<number>
  drain(deadline: number): Promise<boolean>
}

/**
 * Issues what is due: claim in the ledger, call WeChat Pay once, record what came back.
 * The claim commits before the call goes out; what a crash cuts off is claimed again when its lease has run out, under
 * the same `send_request_no`.
 */
export function createIssuing(deps: GrantsDeps): Issuing {
  const underWay = new Set<Promise<void>>()
  const trust = watchTrust()
  let nextSlot = 0
  let draining = false

  async function issueDue(): Promise<number> {
    let begun = 0
    while (!draining && underWay.size < AT_ONCE) {
      const wait = nextSlot - performance.now()
      if (wait > 0) {
        setTimeout(deps.wake, wait).unref()
        break
      }
      const claimed = await deps.ledger.claimDue({ worker: deps.worker, lease: deps.lease })
      if (!claimed) break
      nextSlot = performance.now() + 1000 / deps.rate
      begun += 1
      const attempt = issueClaimed(deps, trust, claimed.grant, claimed.attempt)
        .catch((error: unknown) => {
          // The lease runs out and the attempt counts as lost: asked again under the same number.
          deps.logger.error(
            { err: error, grantId: claimed.grant.id },
            'outcome not recorded; it is asked for again',
          )
        })
        .finally(() => {
          underWay.delete(attempt)
          deps.wake()
        })
      underWay.add(attempt)
    }
    return begun
  }

  async function drain(deadline: number): Promise<boolean> {
    draining = true
    let timer: NodeJS.Timeout | undefined
    const late = new Promise<false>((resolve) => {
      timer = setTimeout(resolve, deadline, false)
    })
    const all = Promise.allSettled(underWay).then(() => true)
    return Promise.race([all, late]).finally(() => clearTimeout(timer))
  }

  return { issueDue, drain }
}

async function issueClaimed(deps: GrantsDeps, trust: Trust, grant: Grant, attempt: Attempt): Promise<void> {
  const log = { grantId: grant.id, attempt: grant.attempts, openid: shortOpenid(grant.openid) }
  // What WeChat Pay did not take was taken back: whatever comes after it is the first attempt still.
  if (grant.maybeExecutedAt === null && !stillOffered(deps, grant)) {
    await recordFirmly(deps, (tx) => callOff(tx, deps, grant, attempt))
    deps.logger.info(log, 'cancelled: its stock is no longer in the policy')
    return
  }
  const result = await attemptOnce(deps, grant)
  const settlement = settle(
    result,
    {
      maybeExecuted: grant.maybeExecutedAt !== null,
      attempts: grant.attempts,
      firstAttemptAt: grant.firstAttemptAt ?? deps.now(),
    },
    deps.now(),
  )
  const trustIsLost = trust.lostBy(result)
  await recordFirmly(deps, async (tx) => {
    await record(tx, deps, grant, attempt, result, settlement)
    await keepHolds(tx, grant, result, trustIsLost)
  })
  const level = settlement.step === 'issue' ? 'info' : 'warn'
  deps.logger[level](
    { ...log, result: result.kind, step: settlement.step, ...reasonOf(result) },
    'attempt ended',
  )
}

/** Sends what the grant's row says, never what the policy says now. */
async function attemptOnce(deps: GrantsDeps, grant: Grant): Promise<AttemptResult> {
  const { openid, mchid, appid, stockId: stock_id, sendRequestNo: send_request_no } = grant
  try {
    const answer = await deps.wechatpay.v3.marketing.withdrawFavor.users._openid_.coupons.post({
      openid,
      json: { mchid, stock_id, appid, send_request_no },
    })
    return resultOfAnswer(answer)
  } catch (error) {
    return resultOfError(error)
  }
}

/** At the first attempt the policy is asked only this: never again for roles or limits. */
function stillOffered(deps: GrantsDeps, grant: Grant): boolean {
  const stock = findStock(deps.policy(), grant.stock)
  return stock?.stockId === grant.stockId && stock.appid === grant.appid && stock.mchid === grant.mchid
}

async function callOff(tx: LedgerTx, deps: GrantsDeps, grant: Grant, attempt: Attempt): Promise<void> {
  const end = { outcome: 'not-sent', maybeExecuted: false }
  if (!(await tx.closeAttempt(attempt.id, deps.worker, end))) return
  await tx.step(grant.id, 'release', 'app', {})
  await tx.step(grant.id, 'cancel', 'policy', {}, { reason: 'stock-left-policy' })
}

async function record(
  tx: LedgerTx,
  deps: GrantsDeps,
  grant: Grant,
  attempt: Attempt,
  result: AttemptResult,
  settlement: Settlement,
): Promise<void> {
  const maybeExecuted = leavesDoubt(result)
  const mine = await tx.closeAttempt(attempt.id, deps.worker, {
    outcome: result.kind,
    maybeExecuted,
    code: 'code' in result ? result.code : null,
    requestId: 'requestId' in result ? result.requestId : null,
    detail: 'message' in result ? result.message : 'detail' in result ? result.detail : null,
  })
  // Another worker has taken over after this one's lease ran out; a coupon's id is worth keeping all the same.
  if (!mine && result.kind !== 'issued') return
  const now = deps.now()
  switch (settlement.step) {
    case 'issue': {
      if (result.kind !== 'issued') return
      const { couponId, expiresAt } = result
      await tx.step(grant.id, 'issue', 'wechatpay', {
        couponId,
        couponExpiresAt: expiresAt,
        issuedAt: now,
        flag: null,
        dueIn: null,
      })
      return
    }
    case 'refuse': {
      if (result.kind !== 'refused') return
      const { code, message, requestId } = result
      await tx.step(grant.id, 'refuse', 'wechatpay', {
        refusal: { code, message, requestId },
        flag: null,
        dueIn: null,
      })
      return
    }
    case 'release':
      await tx.step(
        grant.id,
        'release',
        'app',
        { dueIn: settlement.retryIn },
        { result: result.kind, ...reasonOf(result) },
      )
      return
    case null: {
      // What people must look at stays so until it is settled, whatever later attempts say.
      const flag =
        grant.flag?.kind === 'needs-look' ? grant.flag : { ...settlement.flag, at: grant.flag?.at ?? now }
      await tx.change(
        grant.id,
        ['issuing'],
        'outcome-unknown',
        'app',
        {
          flag,
          dueIn: settlement.retryIn,
          ...(maybeExecuted && grant.maybeExecutedAt === null ? { maybeExecutedAt: now } : {}),
        },
        { result: result.kind, ...reasonOf(result) },
      )
    }
  }
}

/** A set-up fault holds what it stops; an answer that could not have come under it ends the hold. */
async function keepHolds(
  tx: LedgerTx,
  grant: Grant,
  result: AttemptResult,
  trustIsLost: boolean,
): Promise<void> {
  const stock = `stock:${grant.stock}` as const
  if (result.kind === 'setup') {
    const scope = result.scope === 'all' ? 'all' : stock
    if (scope !== 'all') await tx.endHolds({ scopes: ['all'] })
    await tx.beginHold({ scope, reason: result.code, message: result.message })
  } else if (result.kind === 'issued' || result.kind === 'refused') {
    await tx.endHolds({ scopes: ['all', stock, 'first-attempts'] })
  }
  if (trustIsLost) {
    await tx.beginHold({
      scope: 'first-attempts',
      reason: 'untrusted-answers',
      message: 'answers of WeChat Pay can not be verified',
    })
  }
}

function reasonOf(result: AttemptResult): object {
  switch (result.kind) {
    case 'issued':
      return {}
    case 'refused':
    case 'setup':
      return { code: result.code }
    case 'not-executed':
      return { reason: result.reason }
    case 'unknown':
      return { reason: result.reason, detail: result.detail }
  }
}

/** An outcome that is known only here is worth some patience: the ledger may be busy for a moment. */
async function recordFirmly(deps: GrantsDeps, fn: (tx: LedgerTx) => Promise<void>): Promise<void> {
  for (const wait of RECORD_AGAIN) {
    try {
      return await deps.ledger.write(fn)
    } catch (error) {
      deps.logger.warn({ err: error }, 'ledger not written, trying again')
      await new Promise((resolve) => setTimeout(resolve, wait))
    }
  }
  return deps.ledger.write(fn)
}
