import { type AttemptResult, isVerified } from '../domain/attempt.ts'
import { type Hold, OUTAGE_TOLD_AFTER, OUTAGES, UNTRUSTED } from '../domain/hold.ts'
import type { NewHold } from '../ledger/ledger.ts'
import { NoAnswerError, SetupError, UntrustedAnswerError, WechatPayError } from '../wechatpay/index.ts'
import { setupReason } from './attempt-result.ts'
import type { GrantsDeps } from './deps.ts'

type Deps = Pick<GrantsDeps, 'ledger' | 'wechatpay' | 'policy' | 'now' | 'logger'>

/** This many untrusted answers in a row are no accident: WeChat Pay sends a deliberately bad signature now and then. */
const IN_A_ROW = 3
/** ms between two looks while another process holds first attempts. */
const LOOK_EVERY = 60_000
/** ms between failed proofs in a row; the last value repeats. */
const PROVE_AGAIN = [1000, 3000, 10_000, 30_000, LOOK_EVERY]
/** Looks like an openid and is nobody's: for an app that has no grant yet. */
const NOBODY = 'oWithdrawCouponSignatureTest'

export interface Trust {
  /**
   * What may be sent now. `nothing`: no answer was verified yet, and a coupon given now could never be confirmed.
   * `repeats`: answers were verified once and now aren't, so only grants that may already have given a coupon.
   */
  allows(): Promise<'all' | 'repeats' | 'nothing'>
  /**
   * Asks whether answers can be verified again, if first attempts are held and it is time.
   * @returns whether they can
   */
  look(): Promise<boolean>
  /** Resolves if WeChat Pay's last answer was verified; otherwise asks for one, if it is time. @throws why it isn't */
  prove(): Promise<void>
  /** Takes note of a result; true if first attempts from now on would create coupons that can't be confirmed. */
  lostBy(result: AttemptResult): boolean
  /** Cancels the look-up under way. */
  stop(): void
}

/**
 * Watches whether answers can be verified, once for each process. Before the first POST, one GET must prove it. Trust
 * ends when an answer is signed by a key that stays unknown after the client's refresh, after three untrusted answers
 * in a row (`IN_A_ROW`), or after minutes without a connection: then another GET must prove it.
 */
export function watchTrust(deps: Deps): Trust {
  const { ledger, wechatpay, now, logger } = deps
  const stopping = new AbortController()
  let state: 'unproven' | 'proven' | 'lost' = 'unproven'
  let untrusted = 0
  let awaySince: number | null = null
  let running: Promise<void> | null = null
  let failures = 0
  let failedAt = 0
  let askedAt = 0
  let lastFailure: unknown
  /**
   * Causes for which this process has begun a hold since answers were last verified; another process may end the hold.
   */
  let held = new Set<string>()

  async function allows(): Promise<'all' | 'repeats' | 'nothing'> {
    if (awaySince !== null && state === 'proven' && now() - awaySince >= OUTAGE_TOLD_AFTER) state = 'unproven'
    if (state === 'proven') return 'all'
    // Any other call has shown it already.
    if (wechatpay.trust().isProven && awaySince === null) {
      await proven(now())
      return 'all'
    }
    // Perhaps no repeat is due, while people wait for first attempts: then `look` asks.
    if (state === 'lost') return 'repeats'
    return (await isShown()) ? 'all' : 'nothing'
  }

  /**
   * A set-up that is wrong in one process may be right in another: any process that can verify answers ends the hold.
   */
  async function look(): Promise<boolean> {
    if (state === 'proven') {
      if (Math.abs(now() - askedAt) < LOOK_EVERY) return false
      const holds = await ledger.openHolds()
      if (!holds.some(({ kind }) => kind === 'first-attempts')) return false
    }
    return isShown()
  }

  async function isShown(): Promise<boolean> {
    try {
      await ask()
      return true
    } catch (error) {
      if (error instanceof WechatPayError || error === lastFailure) return false
      throw error
    }
  }

  /** Asks once at a time, and after a failure only when the wait is over. */
  async function ask(): Promise<void> {
    const wait = failures === 0 ? 0 : (PROVE_AGAIN[Math.min(failures, PROVE_AGAIN.length) - 1] ?? 0)
    if (!running && Math.abs(now() - failedAt) < wait) throw lastFailure
    running ??= askOnce().finally(() => {
      running = null
    })
    return running
  }

  async function askOnce(): Promise<void> {
    const begunBy = now()
    askedAt = begunBy
    const list = await listToAsk(deps, failures)
    try {
      await wechatpay.prove(list, { signal: stopping.signal })
    } catch (error) {
      if (!stopping.signal.aborted) await notProven(error)
      throw error
    }
    await proven(begunBy)
  }

  async function proven(begunBy: number): Promise<void> {
    if (state !== 'proven') logger.info({}, 'answers of WeChat Pay can be verified')
    const ends = (await ledger.openHolds()).some(({ reason }) => [UNTRUSTED, ...OUTAGES].includes(reason))
    if (ends)
      await ledger.write(async (tx) => {
        await tx.endHolds({ scopes: [{ kind: 'first-attempts' }], begunBy })
        await tx.endHolds({ scopes: [{ kind: 'all' }], reasons: OUTAGES, begunBy })
      })
    state = 'proven'
    awaySince = null
    failures = 0
    held = new Set()
  }

  function failed(error: unknown): void {
    failures += 1
    failedAt = now()
    lastFailure = error
  }

  async function notProven(error: unknown): Promise<void> {
    failed(error)
    const why = error instanceof WechatPayError ? error.why : undefined
    logger.warn({ err: error, why, failures }, 'no answer of WeChat Pay could be verified: nothing is issued')
    const hold = holdFor(error, awaySince === null ? OUTAGE_TOLD_AFTER : 0)
    // A short outage is no reason to stop if trust was proven before.
    if (OUTAGES.includes(hold.reason) && state !== 'unproven') return
    if (state === 'proven') state = 'lost'
    const cause = `${hold.kind} ${causeOf(hold) ?? hold.reason}`
    if (held.has(cause)) return
    await ledger.write(async (tx) => {
      if (!OUTAGES.includes(hold.reason)) await tx.endHolds({ scopes: [{ kind: 'all' }], reasons: OUTAGES })
      // The hold must show the current cause, even if an earlier process began it for another one.
      const tellsOther = (open: Hold) =>
        open.kind === 'first-attempts' && hold.kind === open.kind && causeOf(open) !== causeOf(hold)
      if ((await tx.openHolds()).some(tellsOther)) await tx.endHolds({ scopes: [hold] })
      await tx.beginHold(hold)
    })
    held.add(cause)
  }

  return {
    allows,
    look,
    async prove() {
      if (!wechatpay.trust().isProven) await ask()
    },
    lostBy(result) {
      awaySince = isAway(result) ? (awaySince ?? now()) : null
      if (result.kind === 'unknown' && result.reason === 'untrusted') {
        untrusted += 1
        const isLost = untrusted >= IN_A_ROW || result.detail === 'serial'
        if (isLost && state !== 'lost') {
          state = 'lost'
          // Look-ups may succeed all the while, so don't try sending again at once.
          failed(wechatpay.trust().fault)
          failures = PROVE_AGAIN.length
        }
        return isLost
      }
      // No answer says nothing about trust, nor does an unsigned one; a verified answer does.
      if (isVerified(result)) untrusted = 0
      return false
    },
    stop: () => stopping.abort(),
  }
}

/** Whether no connection to WeChat Pay could be made. */
function isAway(result: AttemptResult): boolean {
  return result.kind === 'not-executed' && ['connect', 'timeout'].includes(result.reason)
}

/**
 * Chooses whose coupons to list: if possible those of a user whom WeChat Pay knows, because then the answer is a list,
 * which is always signed. A refusal may be unsigned, so each failure moves on to another stock of the policy.
 */
async function listToAsk({ ledger, policy }: Deps, failures: number) {
  const grant = await ledger.grantToLookUp()
  const nobodys = policy().stocks.map((stock) => ({ ...stock, openid: NOBODY }))
  const lists = grant ? [grant, ...nobodys] : nobodys
  const of = lists[failures % lists.length]
  if (!of) return undefined
  const { openid, mchid, appid, stockId: stock_id } = of
  return { openid, query: { mchid, appid, stock_id, limit: 1 } }
}

function holdFor(error: unknown, tellIn: number): NewHold {
  const message = error instanceof WechatPayError ? error.why : 'an error of this app, as the log tells'
  if (error instanceof NoAnswerError) {
    const reason = error.reason === 'connect' ? 'no-connection' : 'no-answer'
    return { kind: 'all', reason, message, tellIn }
  }
  if (error instanceof SetupError && error.scope === 'all')
    return { kind: 'all', reason: setupReason('all', error.code), message: error.message }
  const held = { kind: 'first-attempts', reason: UNTRUSTED } as const
  if (error instanceof UntrustedAnswerError) return { ...held, trust: error.seen, message: error.remedy }
  return { ...held, trust: UNSIGNED, message: WHY_UNSIGNED + message }
}

/** What is wrong according to a trust hold, without the serial received, which may differ in each answer. */
function causeOf({ trust }: Pick<Hold, 'trust'>): string | null {
  return trust ? `${trust.fault} ${trust.expected}` : null
}

const UNSIGNED = { fault: 'unsigned', came: 'none', expected: 'any' }
const WHY_UNSIGNED =
  'WeChat Pay refuses what is looked up, without a signature that would show that ' +
  'answers can be verified: '
