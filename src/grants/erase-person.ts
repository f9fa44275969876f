import type { Finding } from '../doctor/index.ts'
import { actorAtCommandLine } from '../domain/permissions.ts'
import type { Erased } from '../ledger/ledger.ts'
import type { GrantsDeps } from './deps.ts'

const DAY = 24 * 60 * 60 * 1000

/**
 * Erases a person from the command line: the openid, and what was typed about the person, once nothing of theirs is open.
 * The trail stays, says who has erased and when, and still verifies.
 * @returns of each appid under which the openid is known; nothing where nobody is known by it
 */
export function erasePerson(
  { ledger }: Pick<GrantsDeps, 'ledger'>,
  { by, of }: { by: { commandLine: string }; of: { openid: string } | { subject: string } },
): Promise<Erased[]> {
  const actor = actorAtCommandLine(by.commandLine)
  return ledger.write((tx) => tx.erase(of, { by: actor, reason: 'asked' }))
}

/**
 * Erases by itself whomever nothing has happened to for as long as the policy keeps records: once a day, a few at a time.
 * Nobody is erased while no answer from outside confirms the clock: one that is years ahead would erase everybody.
 * @returns the task; it returns how many were erased, or looked at with more to come
 */
export function createKeeping(
  deps: Pick<GrantsDeps, 'ledger' | 'policy' | 'now' | 'logger' | 'wake' | 'examine'>,
): () => Promise<number> {
  const { ledger, policy, now, logger, wake, examine } = deps
  let after = ''
  let doneAt = Number.NEGATIVE_INFINITY
  let erased = 0
  /** Of this day's looking. */
  let isClockRight = false
  return async () => {
    const { keep } = policy().records
    // Also where the clock was set back.
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

/** By the times of the answers that the doctor got. */
function confirmsClock(findings: readonly Finding[]): boolean {
  const codes = findings.map(({ code }) => code)
  return !codes.includes('clock-wrong') && (codes.includes('clock-good') || codes.includes('clock-off'))
}
