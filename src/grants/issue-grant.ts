import { type AttemptResult, mayRepeat, type Settlement, settle } from '../domain/attempt.ts'
import type { Grant } from '../domain/grant.ts'
import { type Policy, stockOfGrant } from '../domain/policy.ts'
import { shortOpenid } from '../domain/wechatpay-ids.ts'
import type { Attempt, Claimed } from '../ledger/ledger.ts'
import {
  besideStockHold,
  callOff,
  giveUp,
  keepHolds,
  keepPace,
  recordResult,
  resultOfAnswer,
  resultOfError,
  told,
} from './attempt-result.ts'
import { type Commits, createCommits } from './commit-together.ts'
import type { GrantsDeps } from './deps.ts'
import { type Trust, watchTrust } from './watch-trust.ts'

export interface Issuing {
  issueDue(): Promise<number>
  endLost(): Promise<number>
  proveTrust(): Promise<void>
  drain(deadline: number): Promise<boolean>
}

/** ms between two claims when only the pace makes them wait, so that several attempts go together. */
const CLAIM_EVERY = 10
/** ms. If answers take longer on average, twice as many attempts run at once; otherwise they would hold up the pace. */
const SLOW_ANSWER = 100

/**
 * Issues due grants: claims each in the ledger, calls WeChat Pay once, and records the answer. Before the first call,
 * a look-up must show that answers can be verified. The claim commits before the call goes out. After a crash, the
 * grant is claimed again when its lease has expired, under the same `send_request_no`. The commit that records an
 * answer also claims the grants that this frees.
 */
export function createIssuing(deps: GrantsDeps): Issuing {
  const runs = new Set<Promise<unknown>>()
  const underWay = new Set<Promise<void>>()
  const trust = watchTrust(deps)
  const commits = createCommits(deps)
  let slotTimer: NodeJS.Timeout | undefined
  let claimAgainAt = 0
  let draining = false
  let begun = 0
  /** Whether the last claim left some grants behind because there was no room or the pace allowed no more. */
  let mayBeMore = false
  let answerTakes = 0

  const most = () => (answerTakes > SLOW_ANSWER ? 2 : 1) * deps.atOnce
  const free = (recorded: number) => most() - underWay.size + recorded

  function issueDue(): Promise<number> {
    return track(performance.now() < claimAgainAt ? Promise.resolve() : claimAll()).then(() => {
      const count = begun
      begun = 0
      return count
    })
  }

  function track<T>(run: Promise<T>): Promise<T> {
    runs.add(run)
    const over = () => runs.delete(run)
    run.then(over, over)
    return run
  }

  async function claimAll(): Promise<void> {
    while (!draining && free(commits.waiting()) > 0) {
      const allowed = await trust.allows()
      if (allowed === 'nothing') return
      const isDue = commits.waiting() > 0 || (await deps.ledger.isAnyDue())
      const { claimed, limit } = isDue ? await claim(allowed === 'repeats') : { claimed: 0, limit: 1 }
      mayBeMore = claimed === limit
      if (mayBeMore) continue
      const wait = isDue ? await deps.ledger.slotIn() : 0
      if (wait > 0) {
        mayBeMore = true
        return claimIn(wait)
      }
      if (claimed === 0 && (draining || !(await trust.look()))) return
    }
  }

  async function claim(repeatsOnly: boolean): Promise<{ claimed: number; limit: number }> {
    const { worker, lease, rate } = deps
    let limit = 0
    const claimed = await commits.claim((recorded) => {
      limit = Math.max(0, free(recorded))
      return limit > 0 ? { worker, lease, rate, repeatsOnly, limit } : null
    })
    begun += claimed.length
    for (const one of claimed) begin(one)
    return { claimed: claimed.length, limit }
  }

  function begin({ grant, attempt }: Claimed): void {
    const run = issueClaimed({ ...deps, trust, record, answered }, grant, attempt)
      .catch((error: unknown) => {
        // The lease expires and the attempt counts as lost, so it begins again.
        deps.logger.error({ err: error, grantId: grant.id }, 'attempt failed; it is begun again')
      })
      .finally(() => {
        underWay.delete(run)
        deps.wake()
      })
    underWay.add(run)
  }

  const record: Commits['record'] = (outcome) => {
    const recorded = commits.record(outcome)
    // An error here comes up again, and is reported, when the worker next asks what is due.
    if (mayBeMore && runs.size === 0) track(claimAll()).catch(() => {})
    return recorded
  }

  function answered(ms: number): void {
    answerTakes += (ms - answerTakes) / deps.atOnce
  }

  async function endLost(): Promise<number> {
    const ended = await deps.ledger.endLost()
    if (ended > 0) deps.wake()
    return ended
  }

  /** One timer is enough, however often the worker asks in the meantime what is due. */
  function claimIn(wait: number): void {
    if (wait < CLAIM_EVERY) claimAgainAt = performance.now() + CLAIM_EVERY
    clearTimeout(slotTimer)
    slotTimer = setTimeout(
      () => {
        claimAgainAt = 0
        deps.wake()
      },
      Math.max(wait, CLAIM_EVERY),
    ).unref()
  }

  async function drain(deadline: number): Promise<boolean> {
    draining = true
    trust.stop()
    clearTimeout(slotTimer)
    let timer: NodeJS.Timeout | undefined
    const late = new Promise<false>((resolve) => {
      timer = setTimeout(resolve, deadline, false)
    })
    // A claim already on its way to the ledger still begins its attempt.
    const all = Promise.allSettled(runs)
      .then(() => Promise.allSettled(underWay))
      .then(() => true)
    return Promise.race([all, late]).finally(() => clearTimeout(timer))
  }

  return { issueDue, endLost, proveTrust: trust.prove, drain }
}

interface AttemptDeps extends GrantsDeps {
  trust: Trust
  record: Commits['record']
  /** Notes how long an answer took, ms. */
  answered(ms: number): void
}

async function issueClaimed(deps: AttemptDeps, grant: Grant, attempt: Attempt): Promise<void> {
  const { trust, record } = deps
  const log = { grantId: grant.id, attempt: grant.attempts, openid: shortOpenid(grant.openid) }
  const firstAttemptAt = grant.firstAttemptAt ?? attempt.startedAt
  const isFirst = grant.maybeExecutedAt === null
  // After a restore, the older ledger may already have sent this grant: its first attempt here isn't its first.
  if ((isFirst || grant.attempts === 1) && !stillOffered(deps.policy(), grant)) {
    await record({ record: (tx) => (isFirst ? callOff : giveUp)(tx, deps, grant, attempt) })
    deps.logger.info(log, 'not sent: its stock is no longer in the policy')
    return
  }
  // It was due in time, but until now the app may have been down or the grant held.
  if (!isFirst && !mayRepeat(firstAttemptAt, deps.now())) {
    await record({ record: (tx) => giveUp(tx, deps, grant, attempt) })
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
    await record({
      ...(result.kind === 'issued' && { given: { grant, attempt, result } }),
      async record(tx) {
        settlement = await besideStockHold(tx, { grant, result, settlement: follows })
        await recordResult(tx, deps, { grant, attempt, result, settlement: spread(settlement, deps.random) })
        await keepHolds(tx, { grant, attempt, result, trustIsLost })
        await keepPace(tx, result)
      },
    })
  } catch (error) {
    // The lease expires and the attempt counts as lost: WeChat Pay is asked again under the same number.
    deps.logger.error({ ...line, err: error }, 'outcome not recorded; it is found open, and asked for again')
    return
  }
  const { step } = settlement
  deps.logger[step === 'issue' ? 'info' : 'warn']({ ...line, step }, 'attempt ended')
}

/**
 * A claimed grant is sent within this share of its lease, so that the call ends before another worker takes over.
 * Later, for example after the process was suspended, another worker may be sending it, or people may have settled it.
 */
const SENT_WITHIN = 0.5

/** Spreads retries, so that attempts that failed together don't run again together. */
const SPREAD = 0.25

function spread(settlement: Settlement, random: () => number): Settlement {
  if (!('retryIn' in settlement) || settlement.retryIn === null) return settlement
  return { ...settlement, retryIn: settlement.retryIn * (1 - SPREAD + 2 * SPREAD * random()) }
}

/** Sends what the grant's row says, not what the policy says now. */
async function attemptOnce(deps: AttemptDeps, grant: Grant): Promise<AttemptResult> {
  const { openid, mchid, appid, stockId: stock_id, sendRequestNo: send_request_no } = grant
  const began = performance.now()
  try {
    const answer = await deps.wechatpay.v3.marketing.withdrawFavor.users._openid_.coupons.post({
      openid,
      json: { mchid, stock_id, appid, send_request_no },
    })
    return resultOfAnswer(answer)
  } catch (error) {
    return resultOfError(error)
  } finally {
    deps.answered(performance.now() - began)
  }
}

/**
 * Whether the policy still offers a grant's stock. Before the first attempt the app checks only this,
 * and never roles or limits again.
 */
export function stillOffered(policy: Policy, grant: Grant): boolean {
  return stockOfGrant(policy, grant) !== undefined
}
