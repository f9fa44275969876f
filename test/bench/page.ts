import type { SlackSandbox } from '../../src/sandbox/slack/index.ts'
import { approvalCard } from '../slack/card-states.ts'
import { type Answering, start, startAnswering } from './processes.ts'
import { type Result, resultOf } from './results.ts'
import { inTurns, median, type Pace } from './rounds.ts'
import { prepareApps } from './slack/apps.ts'
import { startDesk } from './slack/desk.ts'

export const about = `page: start: from the start of the process of npm run sandbox -- --no-open, through both transcripts and the printed
  address, until a browser that runs already proposes the command for a typed slash. Other: from the start of the
  process of the app alone to "ready", as above; both without npm. Drawing: from the click on a channel of 200
  approvers' cards until they are made, styled and laid out, in the browser's own time; painting, which waits for the
  screen, is left out. Other: of 20. Each turn's median of 9.`

const root = new URL('../../', import.meta.url)
const MANY = { channel: 'C0SUPPORT', count: 200 }
const FEW = { channel: 'C0APPROVE', count: 20 }
const EMPTY = 'C0RANDOM'
const READER = 'U0LEAD1'
const OPENINGS = 9

export async function benchPage(pace: Pace): Promise<Result[]> {
  const browser = startAnswering(new URL('test/browser/bench/browsing-process.ts', root))
  try {
    await browser.ask('launch', {})
    return [await benchStart(pace, browser), await benchDrawing(pace, browser)]
  } finally {
    await browser.end()
  }
}

async function benchStart(pace: Pace, browser: Answering): Promise<Result> {
  const apps = await prepareApps()
  try {
    const ours = async () => {
      const began = performance.now()
      const sandbox = await start(new URL('src/sandbox/main.ts', root), {
        args: ['--no-open'],
        cwd: root,
        until: '?person=',
      })
      await browser.ask('use', { address: sandbox.line.trim() })
      const took = performance.now() - began
      await sandbox.end()
      return took
    }
    const other = async () => {
      const app = await apps.startOurs()
      await app.end()
      return app.startedIn
    }
    const pairs = await inTurns(pace, { ours, other })
    return resultOf({ part: 'page', name: 'from start to usable', unit: 'ms' }, pairs)
  } finally {
    await apps.close()
  }
}

async function benchDrawing(pace: Pace, browser: Answering): Promise<Result> {
  const slack = await startDesk()
  try {
    for (const place of [MANY, FEW]) await fill(slack, place)
    await browser.ask('read', {
      address: `${slack.pageUrl}?person=${READER}`,
      channels: [MANY.channel, FEW.channel, EMPTY],
    })
    const times = Math.max(1, Math.round(OPENINGS * pace.scale))
    const opening = (place: typeof MANY) => async () => {
      const { drawn, each } = await browser.ask<{ drawn: number; each: number[] }>('open', {
        channel: place.channel,
        from: EMPTY,
        times,
      })
      if (drawn !== place.count) throw new Error(`${drawn} messages were drawn, not ${place.count}`)
      return median(each)
    }
    const pairs = await inTurns(pace, { ours: opening(MANY), other: opening(FEW) })
    // Ten times as many messages may take at most ten times as long.
    const bound = { is: 'at most', goal: 10, floor: 10 } as const
    return resultOf({ part: 'page', name: 'drawing 200 messages', unit: 'ms', bound }, pairs)
  } finally {
    await slack.close()
  }
}

/** Posts cards as approvers get them. */
async function fill({ apiUrl, botToken }: SlackSandbox, { channel, count }: typeof MANY): Promise<void> {
  const { text, blocks } = approvalCard('waiting', 'en')
  for (let i = 0; i < count; i++) {
    const response = await fetch(`${apiUrl}chat.postMessage`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${botToken}` },
      body: JSON.stringify({ channel, text, blocks }),
    })
    const answer = (await response.json()) as { ok: boolean; error?: string }
    if (!answer.ok) throw new Error(`chat.postMessage: ${answer.error}`)
  }
}
