/** The front door of the checks of a set-up. */

import { setTimeout as sleep } from 'node:timers/promises'
import type { Choices } from './choices.ts'
import type { Exchange } from './exchange.ts'
import type { Finding } from './finding.ts'
import type { Instruments, Setup } from './setup.ts'

export type { Choices } from './choices.ts'
export { type AwayWhy, createExchange, type Exchange } from './exchange.ts'
export {
  type Finding,
  type FindingCode,
  found,
  kinds,
  type Level,
  levelOf,
  partOf,
  parts,
  sameFor,
  stepOf,
  worstFirst,
  worstOf,
} from './finding.ts'
export { countLevels, type Paint, plain, toJson, type Worded, word, writeReport } from './report.ts'
export type { Instruments, Setup } from './setup.ts'
export { scopes } from './slack.ts'
export { type SetUpWatch, watchSetUp } from './watch.ts'
export { doctorWords } from './words/index.ts'

/** Reads what a workspace offers for a first policy. */
export async function readChoices(setup: Setup['slack'], exchange: Exchange): Promise<Choices> {
  return (await import('./choices.ts')).readChoices(setup, exchange)
}

/**
 * Runs all checks of a set-up at once. Opens no socket to Slack, posts nothing, changes nothing. Its modules are
 * imported at the first call, because no start waits for it.
 */
export async function examine(setup: Setup, instruments: Instruments): Promise<Finding[]> {
  const { runChecks } = await import('./examine.ts')
  return runChecks(setup, instruments)
}

/**
 * Sends a person a button, and waits until the running app has answered the click.
 * @param say tells the person who waits what to do
 */
export async function press(
  person: string,
  of: { setup: Setup['slack']; exchange: Exchange; say: (text: string) => void; within?: number },
): Promise<Finding> {
  const [{ press }, { createAskSlack }] = await Promise.all([
    import('./test-button.ts'),
    import('./slack.ts'),
  ])
  const wait = (ms: number) => sleep(ms)
  const { setup, exchange, say, within } = of
  const ask = createAskSlack({ setup, exchange, wait })
  return press(person, { ask, say, wait, ...(within === undefined ? {} : { within }) })
}
