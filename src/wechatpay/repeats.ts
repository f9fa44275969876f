import { setTimeout } from 'node:timers/promises'
import type { Deadline } from './deadline.ts'
import { NoAnswerError, UntrustedAnswerError } from './errors.ts'

/** Milliseconds before the second and the third try. */
const PAUSES = [50, 200]

/**
 * Carries a GET out up to three times within its deadline. A POST never comes here: only the ledger repeats one.
 *
 * @throws the last error, also when the time is over
 */
export async function withRepeats<T>(get: () => Promise<T>, deadline: Deadline): Promise<T> {
  for (let tries = 0; ; tries++) {
    try {
      return await get()
    } catch (error) {
      const pause = PAUSES[tries]
      if (pause === undefined || !isWorthAnotherTry(error)) throw error
      await deadline.inTime(setTimeout(pause))
      if (deadline.over) throw error
    }
  }
}

/** What may be gone in a moment: WeChat Pay sends bad signatures on purpose now and then. */
function isWorthAnotherTry(error: unknown): boolean {
  if (error instanceof NoAnswerError) return error.reason === 'broken' || error.reason === 'server'
  if (error instanceof UntrustedAnswerError) return error.reason === 'signature' || error.reason === 'headers'
  return false
}
