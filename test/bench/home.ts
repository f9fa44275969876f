import { WebClient } from '@slack/web-api'
import type { SlackSandbox } from '../../src/sandbox/slack/index.ts'
import { askFor } from './ack.ts'
import type { Started } from './processes.ts'
import { type Result, resultOf } from './results.ts'
import { inTurns, type Pace } from './rounds.ts'
import { prepareApps } from './slack/apps.ts'
import { lastEntry, PEOPLE, peopleOf, quiet } from './slack/desk.ts'

export const about = `home: 50 people have opened their Home, and one of them gives a coupon, which changes what is left for all: from the submission
  to the last of the 50 Homes that shows it, with all else that the coupon brings about. Other: as many bare views.publish, ten at a
  time. A minute with more calls than Slack takes ends the run.`

const QUIET = 400
/** Slack's limit for `views.publish` per minute. */
const MOST_A_MINUTE = 100
/** ms; a second less than a minute, because some calls take longer to arrive than others. */
const MINUTE = 60_000 - 1000

export async function benchHome(pace: Pace): Promise<Result[]> {
  const apps = await prepareApps()
  const { ourSlack, otherSlack } = apps
  const running: Started[] = []
  try {
    const pairs = await inTurns(pace, {
      // A new process has not called anything yet in its minute.
      async ours() {
        const app = await apps.startOurs()
        running.push(app)
        try {
          return await untilPublished(ourSlack)
        } finally {
          await app.end()
        }
      },
      other: () => publishBare(otherSlack),
    })
    const bound = { is: 'at most', goal: 1000, floor: 1500, absolute: true } as const
    return [resultOf({ part: 'home', name: '50 Homes after a change', unit: 'ms', bound }, pairs)]
  } finally {
    await Promise.all(running.map((app) => app.end()))
    await apps.close()
  }
}

async function untilPublished(slack: SlackSandbox): Promise<number> {
  const people = peopleOf(slack, PEOPLE)
  const opened = lastEntry(slack)
  for (const person of people) await person.openHome()
  await slack.waitFor(() => published(slack, opened).length >= PEOPLE, { timeout: 60_000 })
  const [asks] = people
  if (!asks) throw new Error('nobody is there')
  await askFor(slack, asks)
  await quiet(slack, QUIET)
  const since = lastEntry(slack)
  const began = performance.now()
  const all = slack
    .waitFor(() => new Set(published(slack, since)).size >= PEOPLE, { timeout: 60_000 })
    .then(() => performance.now() - began)
  await asks.submit()
  const ms = await all
  await quiet(slack, QUIET)
  await asks.close()
  const most = mostInAMinute(calls(slack, opened).map(({ at }) => at))
  if (most > MOST_A_MINUTE)
    throw new Error(`${most} Homes were published in a minute, and Slack takes ${MOST_A_MINUTE}`)
  return ms
}

/** The people whose Home was published since then, once for each time. */
function published(slack: SlackSandbox, since: number): string[] {
  return calls(slack, since).flatMap(({ request, error, ms }) => {
    if (ms === undefined) return []
    if (error !== undefined) throw new Error(`a Home was not published: ${error}`)
    return [String((request as { user_id?: unknown }).user_id)]
  })
}

/** Every call, whether Slack accepted it or not: Slack counts them all. */
function calls(slack: SlackSandbox, since: number) {
  return slack.traffic().filter(({ id, name }) => id > since && name === 'views.publish')
}

/** @param at arrival times in ms, in order */
export function mostInAMinute(at: readonly number[]): number {
  let first = 0
  return at.reduce((most, time, last) => {
    while (time - (at[first] ?? time) >= MINUTE) first += 1
    return Math.max(most, last - first + 1)
  }, 0)
}

async function publishBare(slack: SlackSandbox): Promise<number> {
  const client = new WebClient(slack.botToken, { slackApiUrl: slack.apiUrl })
  const blocks = [{ type: 'section' as const, text: { type: 'mrkdwn' as const, text: 'Home' } }]
  const ids = peopleOf(slack, PEOPLE).map(({ id }) => id)
  const began = performance.now()
  for (let from = 0; from < ids.length; from += 10)
    await Promise.all(
      ids
        .slice(from, from + 10)
        .map((user_id) => client.views.publish({ user_id, view: { type: 'home', blocks } })),
    )
  return performance.now() - began
}
