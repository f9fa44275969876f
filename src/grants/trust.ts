import type { AttemptResult } from '../domain/attempt.ts'

/** So many untrusted answers in a row are no accident: WeChat Pay sends a deliberate bad signature now and then. */
const IN_A_ROW = 3

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
      // No answer says nothing about trust; an answer that was believed does.
      if (result.kind === 'issued' || result.kind === 'refused') untrusted = 0
      return false
    },
  }
}
