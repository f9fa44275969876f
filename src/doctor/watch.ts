import { type Finding, levelOf } from './finding.ts'
import { countLevels, word } from './report.ts'

/** ms between two rounds, and the share of it that spreads the replicas' rounds. */
const EVERY = 3_600_000
const SPREAD = 0.1

/** Other alerts report these at once, or they could only be reported once they are over. */
const TOLD_ELSEWHERE: readonly string[] = [
  'ledger-unusable',
  'slack-away',
  'slack-proxy',
  'slack-not-itself',
  'wechatpay-away',
  'wechatpay-proxy',
  'wechatpay-not-itself',
]

export interface SetUpWatch {
  start(): void
  /** Looks now, or joins a look that is running. */
  look(): Promise<Finding[]>
  /** The findings of the last look; null before the first. */
  latest(): readonly Finding[] | null
  stop(): void
}

/**
 * Checks the set-up once a process has started, and then every hour, in the background.
 * @param deps.after ms from the start to the first round, so that work that people wait for comes first
 * @param deps.report alerts the operators to findings that stop the app
 */
export function watchSetUp(deps: {
  examine: () => Promise<Finding[]>
  after: number
  report: (blocking: Finding[]) => Promise<void>
  logger: {
    debug(fields: object, message: string): void
    info(fields: object, message: string): void
    warn(fields: object, message: string): void
    error(fields: object, message: string): void
  }
  random: () => number
}): SetUpWatch {
  const { examine, after, report, logger, random } = deps
  let timer: NodeJS.Timeout | undefined
  let running: Promise<Finding[]> | null = null
  let found: readonly Finding[] | null = null
  let isStopped = false

  function look(): Promise<Finding[]> {
    running ??= examine()
      .then((findings) => {
        found = findings
        return findings
      })
      .finally(() => {
        running = null
      })
    return running
  }

  async function round(): Promise<void> {
    try {
      const findings = await look()
      if (isStopped) return
      log(findings)
      const blocking = findings.filter(
        (finding) => levelOf(finding) === 'blocks' && !TOLD_ELSEWHERE.includes(finding.code),
      )
      if (blocking.length > 0) await report(blocking)
    } catch (error) {
      if (!isStopped)
        logger.warn({ err: error }, 'the set-up could not be checked: it is tried again in an hour')
    }
    plan(EVERY * (1 + SPREAD * random()))
  }

  function log(findings: readonly Finding[]): void {
    for (const finding of findings) {
      const { level, seen, remedy } = word(finding, 'en')
      const fields = { code: finding.code, remedy }
      if (level === 'blocks') logger.error(fields, `set-up: ${seen}`)
      else if (level === 'warning') logger.warn(fields, `set-up: ${seen}`)
      else logger.debug(fields, `set-up: ${seen}`)
    }
    logger.info(countLevels(findings), 'set-up checked')
  }

  function plan(ms: number): void {
    if (!isStopped) timer = setTimeout(() => void round(), ms).unref()
  }

  return {
    start: () => plan(after),
    look,
    latest: () => found,
    stop() {
      isStopped = true
      clearTimeout(timer)
    },
  }
}
