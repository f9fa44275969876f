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
  time. More calls than Slack takes in a minute end the run.`

const QUIET = 400
/** Slack takes so many `views.publish` a minute. */
const MOST_A_MINUTE = 100

export async function benchHome(pace: Pace): Promise<Result[]> {
  const apps = await prepareApps()
  const { ourSlack, otherSlack } = apps
  const running: Started[] = []
  try {
    const pairs = await inTurns(pace, {
      // A new process has called nothing yet in its minute.
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
  // All of it came within one minute, or the run would have been far from its goal.
  const calls = published(slack, opened).length
  if (calls > MOST_A_MINUTE + (PEOPLE * ms) / 60_000)
    throw new Error(`${calls} Homes were published, and Slack takes ${MOST_A_MINUTE} a minute`)
  return ms
}

/** Whose Home was published since, once for each time. */
function published(slack: SlackSandbox, since: number): string[] {
  return slack.traffic().flatMap(({ id, name, request, error, ms }) => {
    if (id <= since || name !== 'views.publish' || ms === undefined) return []
    if (error !== undefined) throw new Error(`a Home was not published: ${error}`)
    return [String((request as { user_id?: unknown }).user_id)]
  })
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
