import type { Finding } from '../doctor/index.ts'
import type { GrantsDeps } from './deps.ts'

const DAY = 24 * 60 * 60 * 1000

/**
 * Erases people about whom nothing has happened for as long as the policy keeps records: once a day, a few at a time.
 * Nobody is erased until an answer from outside confirms the clock: a clock years ahead would erase everybody.
 * @returns the task; it returns how many it erased, or looked at if there are more
 */
export function createErasingUnused(
  deps: Pick<GrantsDeps, 'ledger' | 'policy' | 'now' | 'logger' | 'wake' | 'examine'>,
): () => Promise<number> {
  const { ledger, policy, now, logger, wake, examine } = deps
  let after = ''
  let doneAt = Number.NEGATIVE_INFINITY
  let erased = 0
  /** For this day's run. */
  let isClockRight = false
  return async () => {
    const { keep } = policy().records
    // Also if the clock was set back.
    if (keep === null || (doneAt <= now() && now() - doneAt < DAY)) return 0
    const { subjects, next } = await ledger.unusedSubjects({ after, before: now() - keep })
    if (subjects.length > 0 && !isClockRight) {
      isClockRight = confirmsClock(await examine())
      if (!isClockRight) {
        logger.warn({}, 'nobody is erased by records.keep: neither Slack nor WeChat Pay confirms the clock')
        return 0
      }
    }
    for (const subject of subjects) {
      const gone = await ledger.write((tx) => tx.erase({ subject }, { by: 'policy', reason: 'keep' }))
      erased += gone.filter(({ kind }) => kind === 'erased').length
    }
    if (next !== null) {
      after = next
      return 1
    }
    if (erased > 0) {
      logger.info({ erased }, 'erased whom the policy keeps no longer: records.keep')
      wake()
    }
    after = ''
    erased = 0
    isClockRight = false
    doneAt = now()
    return 0
  }
}

/** Whether the times in the answers that the doctor got confirm the clock. */
function confirmsClock(findings: readonly Finding[]): boolean {
  const codes = findings.map(({ code }) => code)
  return !codes.includes('clock-wrong') && (codes.includes('clock-good') || codes.includes('clock-off'))
}
