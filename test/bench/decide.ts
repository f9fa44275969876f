import { DatabaseSync } from 'node:sqlite'
import { setTimeout as sleep } from 'node:timers/promises'
import { WebClient } from '@slack/web-api'
import type { Message, SlackSandbox } from '../../src/sandbox/slack/index.ts'
import { createWechatPay } from '../../src/wechatpay/index.ts'
import { askFor, EVERY, steadily } from './ack.ts'
import type { Started } from './processes.ts'
import { type Result, resultOf } from './results.ts'
import { inTurns, median, type Pace } from './rounds.ts'
import { type Apps, prepareApps } from './slack/apps.ts'
import { acknowledgements, lastEntry, PEOPLE, peopleOf, quiet } from './slack/desk.ts'

export const about = `decide: a lead's clicks on Approve, over Socket Mode, at a steady 20 a second, each committed before it is acknowledged,
  while the coupons of those before are issued and the cards drawn; other: a Bolt app that only acknowledges. Then one click at a time:
  from the click to "issued" in the ledger by the bare call to WeChat Pay's stand-in, and to the card that shows it by that call and
  one bare chat.update.`

const CHANNEL = 'C0APPROVE'
const QUIET = 400
const APART = 8

export async function benchDecide(pace: Pace): Promise<Result[]> {
  const apps = await prepareApps()
  const running: Started[] = []
  try {
    running.push(await apps.startOurs())
    running.push(await apps.startOther(null))
    const count = Math.max(3, Math.round(PEOPLE * pace.scale))
    const clicks = await inTurns(pace, {
      ours: async () => click(apps.ourSlack, await askMany(apps.ourSlack, count)),
      other: async () => click(apps.otherSlack, await postMany(apps.otherSlack, count)),
    })
    const ways = await inTurns(pace, { ours: () => untilShown(apps), other: () => bare(apps) })
    const bound = { is: 'at most', goal: 4, floor: 4 } as const
    const pick = (what: 'issued' | 'shown') => ({
      ours: ways.ours.map((one) => one[what]),
      other: ways.other.map((one) => one[what]),
    })
    return [
      resultOf({ part: 'decide', name: 'click on Approve, p50', unit: 'ms', bound }, clicks),
      resultOf({ part: 'decide', name: 'click to issued in the ledger', unit: 'ms' }, pick('issued')),
      resultOf({ part: 'decide', name: 'click to the card that shows it', unit: 'ms' }, pick('shown')),
    ]
  } finally {
    await Promise.all(running.map((app) => app.end()))
    await apps.close()
  }
}

const liveCards = (slack: SlackSandbox) =>
  slack
    .channelMessages(CHANNEL)
    .filter(({ blocks }) => JSON.stringify(blocks ?? []).includes('"action_id":"approve"'))

/** Makes this many asks wait, and returns their cards. */
async function askMany(slack: SlackSandbox, count: number): Promise<Message[]> {
  for (const person of peopleOf(slack, count)) {
    await askFor(slack, person, 'withdraw-50')
    await person.submit()
    await person.close()
  }
  return slack.waitFor(() => (liveCards(slack).length >= count ? liveCards(slack) : null), {
    timeout: 60_000,
  })
}

/** Has the other app post messages with the same button. */
async function postMany(slack: SlackSandbox, count: number): Promise<Message[]> {
  const client = new WebClient(slack.botToken, { slackApiUrl: slack.apiUrl })
  const posted = new Set<string>()
  const blocks = [
    {
      type: 'actions' as const,
      elements: [
        {
          type: 'button' as const,
          action_id: 'approve',
          text: { type: 'plain_text' as const, text: 'Approve' },
          value: '1',
        },
      ],
    },
  ]
  for (let number = 0; number < count; number++) {
    const { ts } = await client.chat.postMessage({ channel: CHANNEL, text: 'Approve?', blocks })
    if (ts) posted.add(ts)
  }
  return slack.channelMessages(CHANNEL).filter(({ ts }) => posted.has(ts))
}

async function click(slack: SlackSandbox, cards: Message[]): Promise<number> {
  await quiet(slack, QUIET)
  const since = lastEntry(slack)
  const lead = slack.person('U0LEAD1')
  await steadily(cards, async ({ ts }) => {
    const pressed = await lead.press({ actionId: 'approve', channel: CHANNEL, messageTs: ts })
    if (!pressed.ok) throw new Error(pressed.error)
  })
  await quiet(slack, QUIET)
  return median(acknowledgements(slack, 'block_actions', since))
}

/** ms from a click to the ledger and to the card: medians of several clicks, one after the other. */
async function untilShown({ ourSlack, ledgerFile }: Apps): Promise<{ issued: number; shown: number }> {
  const ledger = new DatabaseSync(ledgerFile, { readOnly: true })
  const state = ledger.prepare('select state from grants order by id desc limit 1')
  const issued: number[] = []
  const shown: number[] = []
  try {
    for (let number = 0; number < APART; number++) {
      const [card] = await askMany(ourSlack, 1)
      if (!card) throw new Error('no card')
      await quiet(ourSlack, QUIET)
      const began = performance.now()
      const isShown = ourSlack
        .waitFor(() =>
          ourSlack
            .channelMessages(CHANNEL)
            .some(({ ts, blocks }) => ts === card.ts && JSON.stringify(blocks).includes('coupon_id')),
        )
        .then(() => performance.now() - began)
      void ourSlack.person('U0LEAD1').press({ actionId: 'approve', channel: CHANNEL, messageTs: card.ts })
      while (state.get()?.state !== 'issued') await sleep(1)
      issued.push(performance.now() - began)
      shown.push(await isShown)
      await sleep(EVERY)
    }
  } finally {
    ledger.close()
  }
  return { issued: median(issued), shown: median(shown) }
}

let numbers = 0

/** The time that the stand-ins alone take: one call that issues, one call that updates. */
async function bare({ wechatpay, otherSlack }: Apps): Promise<{ issued: number; shown: number }> {
  const client = createWechatPay(wechatpay.options)
  const slack = new WebClient(otherSlack.botToken, { slackApiUrl: otherSlack.apiUrl })
  const { ts = '' } = await slack.chat.postMessage({ channel: CHANNEL, text: 'one' })
  const calls: number[] = []
  const updates: number[] = []
  for (let number = 0; number < APART; number++) {
    numbers += 1
    const began = performance.now()
    await client.v3.marketing.withdrawFavor.users._openid_.coupons.post({
      openid: `oUpF8uBARE${String(numbers).padStart(18, '0')}`,
      json: { ...wechatpay.json, send_request_no: `BARE${process.pid}X${numbers}` },
    })
    calls.push(performance.now() - began)
    const before = performance.now()
    await slack.chat.update({ channel: CHANNEL, ts, text: String(number) })
    updates.push(performance.now() - before)
  }
  await client.close()
  return { issued: median(calls), shown: median(calls) + median(updates) }
}
