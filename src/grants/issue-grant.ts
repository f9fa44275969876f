import { type AttemptResult, mayRepeat, type Settlement, settle } from '../domain/attempt.ts'
import type { Grant } from '../domain/grant.ts'
import { shortOpenid } from '../domain/openid.ts'
import { type Policy, stockOfGrant } from '../domain/policy.ts'
import type { Attempt, Claimed } from '../ledger/ledger.ts'
import type { GrantsDeps } from './deps.ts'
import { resultOfAnswer, resultOfError } from './outcome.ts'
import {
  besideStockHold,
  callOff,
  giveUp,
  keepHolds,
  keepPace,
  recordResult,
  told,
} from './record-attempt.ts'
import { createRecorder } from './record-together.ts'
import { type Trust, watchTrust } from './trust.ts'

export interface Issuing {
  issueDue(): Promise<number>
  proveTrust(): Promise<void>
  drain(deadline: number): Promise<boolean>
}

/**
 * Issues what is due: claim in the ledger, call WeChat Pay once, record what came back. Before the first call one look-up
 * must show that answers can be verified.
 * The claim commits before the call goes out; what a crash cuts off is claimed again when its lease has run out, under
 * the same `send_request_no`.
 */
export function createIssuing(deps: GrantsDeps): Issuing {
  const runs = new Set<Promise<unknown>>()
  const underWay = new Set<Promise<void>>()
  const trust = watchTrust(deps)
  const record = createRecorder(deps)
  let slotTimer: NodeJS.Timeout | undefined
  let draining = false

  function issueDue(): Promise<number> {
    const run = beginDue().finally(() => runs.delete(run))
    runs.add(run)
    return run
  }

  async function beginDue(): Promise<number> {
    let begun = 0
    while (!draining && underWay.size < deps.atOnce) {
      const allowed = await trust.allows()
      if (allowed === 'nothing') break
      const { worker, lease, rate } = deps
      const repeatsOnly = allowed === 'repeats'
      const limit = deps.atOnce - underWay.size
      const claimed = await deps.ledger.claimDue({ worker, lease, rate, repeatsOnly, limit })
      if (claimed.length === 0) {
        const wait = await deps.ledger.slotIn()
        if (wait > 0) {
          wakeIn(wait)
          break
        }
        if (!draining && (await trust.look())) continue
        break
      }
      begun += claimed.length
      for (const one of claimed) begin(one)
    }
    return begun
  }

  function begin({ grant, attempt }: Claimed): void {
    const run = issueClaimed({ ...deps, trust, record }, grant, attempt)
      .catch((error: unknown) => {
        // The lease runs out and the attempt counts as lost: it is begun again.
        deps.logger.error({ err: error, grantId: grant.id }, 'attempt failed; it is begun again')
      })
      .finally(() => {
        underWay.delete(run)
        deps.wake()
      })
    underWay.add(run)
  }

  /** However often it is asked for what is due meanwhile, one timer is enough. */
  function wakeIn(ms: number): void {
    slotTimer ??= setTimeout(() => {
      slotTimer = undefined
      deps.wake()
    }, ms).unref()
  }

  async function drain(deadline: number): Promise<boolean> {
    draining = true
    trust.stop()
    clearTimeout(slotTimer)
    let timer: NodeJS.Timeout | undefined
    const late = new Promise<false>((resolve) => {
      timer = setTimeout(resolve, deadline, false)
    })
    // A claim that was on its way to the ledger begins its attempt all the same.
    const all = Promise.allSettled(runs)
      .then(() => Promise.allSettled(underWay))
      .then(() => true)
    return Promise.race([all, late]).finally(() => clearTimeout(timer))
  }

  return { issueDue, proveTrust: trust.prove, drain }
}

interface AttemptDeps extends GrantsDeps {
  trust: Trust
  record: ReturnType<typeof createRecorder>
}

async function issueClaimed(deps: AttemptDeps, grant: Grant, attempt: Attempt): Promise<void> {
  const { trust, record } = deps
  const log = { grantId: grant.id, attempt: grant.attempts, openid: shortOpenid(grant.openid) }
  const firstAttemptAt = grant.firstAttemptAt ?? attempt.startedAt
  const isFirst = grant.maybeExecutedAt === null
  // A restored grant may have been sent from the older ledger: its first attempt here is one, and not the first.
  if ((isFirst || grant.attempts === 1) && !stillOffered(deps.policy(), grant)) {
    await record((tx) => (isFirst ? callOff : giveUp)(tx, deps, grant, attempt))
    deps.logger.info(log, 'not sent: its stock is no longer in the policy')
    return
  }
  // It was due in time, but the app may have been down, or the grant held, until now.
  if (!isFirst && !mayRepeat(firstAttemptAt, deps.now())) {
    await record((tx) => giveUp(tx, deps, grant, attempt))
    deps.logger.error(
      log,
      'not sent again a day after its first attempt: look whether the user has the coupon',
    )
    return
  }
  const isLate = deps.now() - attempt.startedAt > deps.lease * SENT_WITHIN
  const result: AttemptResult = isLate
    ? { kind: 'not-executed', reason: 'held-up' }
    : await attemptOnce(deps, grant)
  const before = { maybeExecuted: !isFirst, attempts: grant.attempts, firstAttemptAt }
  const follows = settle(result, before, deps.now())
  let settlement = follows
  const trustIsLost = trust.lostBy(result)
  const line = { ...log, result: result.kind, ...told(result) }
  try {
    await record(async (tx) => {
      settlement = await besideStockHold(tx, { grant, result, settlement: follows })
      await recordResult(tx, deps, { grant, attempt, result, settlement: spread(settlement, deps.random) })
      await keepHolds(tx, { grant, attempt, result, trustIsLost })
      await keepPace(tx, result)
    })
  } catch (error) {
    // The lease runs out and the attempt counts as lost: asked again under the same number.
    deps.logger.error({ ...line, err: error }, 'outcome not recorded; it is found open, and asked for again')
    return
  }
  const { step } = settlement
  deps.logger[step === 'issue' ? 'info' : 'warn']({ ...line, step }, 'attempt ended')
}

/**
 * What was claimed is sent within this share of its lease: then the call ends before anybody takes over. Later, as after
 * the process was stopped for a while, somebody else may be sending it, or people may have settled it.
 */
const SENT_WITHIN = 0.5

/** So that what failed together is not tried again together. */
const SPREAD = 0.25

function spread(settlement: Settlement, random: () => number): Settlement {
  if (!('retryIn' in settlement) || settlement.retryIn === null) return settlement
  return { ...settlement, retryIn: settlement.retryIn * (1 - SPREAD + 2 * SPREAD * random()) }
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

/** Before anything was sent that counts, the policy is asked only this: never again for roles or limits. */
export function stillOffered(policy: Policy, grant: Grant): boolean {
  return stockOfGrant(policy, grant) !== undefined
}
