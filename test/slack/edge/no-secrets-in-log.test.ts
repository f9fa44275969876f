import { pino } from 'pino'
import { expect, onTestFinished, test, vi } from 'vitest'
import type { Card } from '../../../src/domain/card.ts'
import type { FaultSpec } from '../../../src/sandbox/slack/index.ts'
import { grantsThat, grantWith } from '../builders.ts'
import { startCards } from '../start-cards.ts'
import { startEdge } from '../start-edge.ts'

/** What the edge hands to the log holds no secret and nothing personal, before any redaction. */

const OPENID = 'canary-of-an-openid'
const NOTE = 'canary of a note'
const faults: Omit<FaultSpec, 'method'>[] = [
  { name: 'web_api_429', retryAfter: 1 },
  { name: 'web_api_500', times: 2 },
  { name: 'web_api_reset', times: 2 },
  { name: 'web_api_error', error: 'fatal_error' },
]
const methods = ['users.info', 'usergroups.users.list', 'views.open', 'views.update']

test.concurrent.for(['socket', 'http'] as const)(
  'writes no token, openid, note or address of an answer at any level, whatever fails (%s)',
  { timeout: 60_000 },
  async (transport, { onTestFinished: finished }) => {
    const clock = { ahead: 0, isTooLate: false, slackAhead: 0 }
    const grants = grantsThat({
      list: () => {
        // Half an hour later Slack takes no answer to the command any more.
        if (clock.isTooLate) clock.slackAhead += 31 * 60_000
        return Promise.reject(new Error('no ledger'))
      },
      request: () => Promise.reject(new Error('disk on fire')),
      preview: () => Promise.reject(new Error('no preview')),
    })
    const { slack, log, edge } = await startEdge({
      grants,
      transport,
      finished,
      now: () => Date.now() + clock.ahead,
      slackNow: () => Date.now() + clock.slackAhead,
    })
    const ada = slack.person('U0AGENT1')
    const isAtRest = () => slack.traffic().every(({ ms }) => ms !== undefined)
    const use = async () => {
      await ada.command('/withdraw-coupon', `list ${OPENID}`)
      await ada.command('/withdraw-coupon', `send ${OPENID} withdraw-10 outage ${NOTE}`)
      await slack.waitFor(() => isAtRest() && (ada.view() || ada.messages('C0SUPPORT').length > 1))
      if (ada.view()?.callback_id === 'give') {
        await ada.press({ actionId: 'stock_select', value: 'withdraw-50' })
        // What Slack did not take may have left a view that only tells so.
        if (ada.view()?.submit) await ada.submit()
      }
      if (ada.view()) await ada.close()
    }
    for (const method of methods)
      for (const fault of faults) {
        slack.fault({ ...fault, method })
        clock.ahead += 61_000
        await use()
        slack.clearFaults()
      }
    clock.isTooLate = true
    await ada.command('/withdraw-coupon', `list ${OPENID}`)
    // Not by expect.poll, which knows no test beside another.
    await vi.waitUntil(() => log.some(({ msg }) => msg === 'a person got no answer: Slack did not take it'), {
      timeout: 60_000,
    })
    if (transport === 'socket') slack.cutSockets()
    await edge.stop(2000)

    const written = JSON.stringify(log)
    expect(log.length).toBeGreaterThan(20)
    const secrets = [
      slack.botToken,
      slack.appToken,
      slack.signingSecret,
      OPENID,
      NOTE,
      '/response/',
      'ticket=',
    ]
    for (const secret of secrets) expect(written).not.toContain(secret)
  },
)

test('keeps in the errors of cards that could not be drawn nothing that a log may not hold', async () => {
  const { slack, log } = await startEdge({ finished: onTestFinished })
  const logger = pino({ level: 'trace' }, { write: (line: string) => log.push(JSON.parse(line)) })
  const cards = startCards(slack, logger)
  const card: Card = {
    id: 'card-1',
    grantId: grantWith().id,
    kind: 'dm',
    recipient: 'U0AGENT1',
    language: 'en',
    place: null,
    tries: 2,
    shown: null,
  }
  const grant = grantWith({ openid: OPENID, note: NOTE })
  const drawn = await cards.draw(card, grant)
  const failed: string[] = []
  for (const method of ['conversations.open', 'conversations.history', 'chat.postMessage', 'chat.update'])
    for (const fault of faults) {
      slack.fault({ ...fault, method, times: 1 })
      const place = method === 'chat.update' && 'place' in drawn ? drawn.place : null
      // Anew, as it would know the channel by now.
      await startCards(slack, logger)
        .draw({ ...card, id: `${card.id}-${failed.length}`, place }, grant)
        .catch((error: unknown) => {
          logger.warn({ err: error }, 'card not drawn')
          failed.push(method)
        })
      slack.clearFaults()
    }
  expect(failed).toHaveLength(16)
  for (const secret of [slack.botToken, OPENID, NOTE]) expect(JSON.stringify(log)).not.toContain(secret)
})
