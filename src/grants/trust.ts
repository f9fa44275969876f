import { type AttemptResult, isVerified } from '../domain/attempt.ts'
import { shortOpenid } from '../domain/openid.ts'
import type { GrantsDeps } from './deps.ts'
import { isProof } from './outcome.ts'

/** So many untrusted answers in a row are no accident: WeChat Pay sends a deliberate bad signature now and then. */
const IN_A_ROW = 3
/** What is open waits for it, so not long, ms. */
const LOOK_WITHIN = 3000

export interface Trust {
  /** Notes a result; true when from now on first attempts would mint coupons that can't be confirmed. */
  lostBy(result: AttemptResult): boolean
}

/**
 * Watches whether answers can be verified. An answer signed by a key that stays unknown after the client's refresh
 * is enough by itself.
 */
export function watchTrust(): Trust {
  let untrusted = 0
  return {
    lostBy(result) {
      if (result.kind === 'unknown' && result.reason === 'untrusted') {
        untrusted += 1
        return untrusted >= IN_A_ROW || result.detail === 'serial'
      }
      // No answer says nothing about trust, nor does one without a signature; an answer that was believed does.
      if (isVerified(result)) untrusted = 0
      return false
    },
  }
}

/**
 * While first attempts are held, looks once a minute what the user of the oldest grant holds: an answer that can be
 * verified ends the hold, and a look-up issues nothing. Without it nothing would, once no open grant is asked for again.
 * The answers to what is sent then are counted on from before: the next that can't be verified holds again.
 * @returns whether the hold has ended by it
 */
export async function lookForTrust(deps: GrantsDeps): Promise<boolean> {
  const holds = await deps.ledger.openHolds()
  if (!holds.some(({ scope }) => scope === 'first-attempts')) return false
  const begunBy = deps.now()
  const grant = await deps.ledger.claimLookUp()
  if (!grant) return false
  const { openid, mchid, appid, stockId: stock_id } = grant
  try {
    const query = { mchid, stock_id, appid, limit: 1 }
    await deps.wechatpay.v3.marketing.withdrawFavor.users._openid_.coupons.get({
      openid,
      query,
      timeout: LOOK_WITHIN,
    })
  } catch (error) {
    if (!isProof(error)) {
      deps.logger.warn({ err: error, openid: shortOpenid(openid) }, 'answers can still not be verified')
      return false
    }
  }
  await deps.ledger.write((tx) => tx.endHolds({ scopes: ['first-attempts'], begunBy }))
  return true
}
