import { setTimeout as sleep } from 'node:timers/promises'
import { type Finding, found, partOf, parts } from './finding.ts'
import { checkKeys, checkLedger, checkNode, checkPolicy, checkSettings } from './local-checks.ts'
import { checkLookup, checkPeople } from './people.ts'
import type { Instruments, Setup } from './setup.ts'
import { checkBot, checkChannels, checkConsumers, checkTransport, createAskSlack } from './slack.ts'
import { checkWechatPay } from './wechatpay.ts'

/** ms for one check: a check that hangs must not hold back the others' findings. */
const CHECK_WITHIN = 60_000

/**
 * The checks by name; the name is reported when the check itself fails. The checks
 * of Slack use what its first answer says.
 */
type Checks = Record<string, () => Finding[] | Promise<Finding[]>>

/** Runs all checks of a set-up at once. */
export async function runChecks(setup: Setup, instruments: Instruments): Promise<Finding[]> {
  const checks: Checks = {
    node: () => checkNode(instruments),
    settings: () => checkSettings(setup),
    policy: () => checkPolicy(setup),
    keys: () => checkKeys(setup, instruments),
    ledger: () => checkLedger(setup, instruments),
    slack: () => checkSlack(setup, instruments),
    lookup: () => checkLookup(setup, instruments),
    consumers: () => checkConsumers(instruments),
    wechatpay: () => checkWechatPay(setup, instruments),
  }
  const findings = (await runAll(checks)).flat()
  return once(findings).toSorted((a, b) => parts.indexOf(partOf(a)) - parts.indexOf(partOf(b)))
}

async function checkSlack(setup: Setup, instruments: Instruments): Promise<Finding[]> {
  if (setup.slack.botToken === '') return []
  const ask = createAskSlack({ exchange: instruments.slack, setup: setup.slack, wait: (ms) => sleep(ms) })
  const { findings, bot } = await checkBot(ask, instruments)
  if (bot === null) return findings
  const more = await runAll({
    transport: () => checkTransport(ask, setup, bot),
    channels: () => checkChannels(ask, setup),
    people: () => checkPeople(ask, setup, bot),
  })
  return [...findings, ...more.flat()]
}

function runAll(checks: Checks): Promise<Finding[][]> {
  return Promise.all(
    Object.entries(checks).map(async ([check, run]) => {
      const late = new AbortController()
      try {
        return await Promise.race([
          run(),
          sleep(CHECK_WITHIN, [found('check-failed', { check, why: 'no answer in time' })], {
            signal: late.signal,
          }),
        ])
      } catch (error) {
        // Report only the error's name: its message could hold a secret.
        return [found('check-failed', { check, why: error instanceof Error ? error.name : typeof error })]
      } finally {
        late.abort()
      }
    }),
  )
}

/** Removes duplicates: several checks may find the same, for example that Slack is away. */
function once(findings: readonly Finding[]): Finding[] {
  const seen = new Map(findings.map((finding) => [JSON.stringify(finding), finding]))
  return [...seen.values()]
}
