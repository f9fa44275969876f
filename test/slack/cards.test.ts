import { pino } from 'pino'
import { expect, onTestFinished, test } from 'vitest'
import type { Card } from '../../src/domain/card.ts'
import { DrawLaterError, type Hold } from '../../src/grants/index.ts'
import { exampleWorkspace, startSlackSandbox } from '../../src/sandbox/slack/index.ts'
import { EXPIRES, grantWith, issued, manifest, NOON } from './builders.ts'
import { startCards } from './start-cards.ts'

const card: Card = {
  id: 'card-1',
  grantId: grantWith().id,
  kind: 'dm',
  recipient: 'U0AGENT1',
  language: 'en',
  place: null,
  tries: 0,
}

async function start() {
  const slack = await startSlackSandbox({
    manifest,
    workspace: structuredClone(exampleWorkspace),
    transport: 'socket',
  })
  onTestFinished(() => slack.close())
  const logger = pino({ level: 'silent' })
  return { slack, cards: startCards(slack, logger) }
}

const placeOf = (drawn: { place: Card['place'] } | { gone: true }) => ('place' in drawn ? drawn.place : null)

test('posts one message to the requester and updates it to the result', async () => {
  const { slack, cards } = await start()
  const place = placeOf(await cards.draw(card, grantWith()))
  expect(slack.person('U0AGENT1').dm()).toMatchObject([
    {
      text: 'Approved, not issued yet: coupon to oUpF…jWeS6o',
      metadata: {
        event_type: 'withdraw_coupon_card',
        event_payload: { card_id: 'card-1', grant_id: grantWith().id },
      },
    },
  ])
  await cards.draw({ ...card, place, tries: 1 }, grantWith({ ...issued, ticket: 'SUP-*12*' }))
  const [message, ...others] = slack.person('U0AGENT1').dm()
  expect(others).toEqual([])
  expect(message?.text).toBe('Coupon issued to oUpF…jWeS6o')
  const shown = JSON.stringify(message?.blocks)
  expect(shown).toContain(
    `Expires <!date^${Math.floor(EXPIRES / 1000)}^{date_short_pretty} {time}|31 Dec 2026, 13:29 (GMT+8)>`,
  )
  expect(shown).toContain('without a fee until 31 Dec 2026, 13:29 (GMT+8).')
  expect(shown).toContain('{"type":"plain_text","text":"Ticket: SUP-*12*"')
  expect(shown).not.toContain('M2pxb1Q9zN')
})

test('finds a message whose post was answered by nothing, and posts no second', async () => {
  const { slack, cards } = await start()
  slack.fault({ name: 'web_api_reset', method: 'chat.postMessage', acted: true })
  await expect(cards.draw(card, grantWith())).rejects.toThrow()
  expect(slack.person('U0AGENT1').dm()).toHaveLength(1)
  const drawn = await cards.draw({ ...card, tries: 1 }, grantWith(issued))
  expect(slack.person('U0AGENT1').dm()).toMatchObject([{ text: 'Coupon issued to oUpF…jWeS6o' }])
  expect(placeOf(drawn)).toMatchObject({ ts: slack.person('U0AGENT1').dm()[0]?.ts })
})

test('does not post twice when Slack answers 503 after it has posted', async () => {
  const { slack, cards } = await start()
  slack.fault({ name: 'web_api_500', method: 'chat.postMessage', acted: true })
  await expect(cards.draw(card, grantWith())).rejects.toThrow()
  expect(slack.traffic().filter(({ name }) => name === 'chat.postMessage')).toHaveLength(1)
})

test('posts anew when the message has vanished', async () => {
  const { slack, cards } = await start()
  const opened = placeOf(await cards.draw(card, grantWith()))
  if (!opened || !('channel' in opened)) throw new Error('no place')
  const lost = { channel: opened.channel, ts: '1.000001' }
  const drawn = await cards.draw({ ...card, id: 'card-2', place: lost, tries: 1 }, grantWith(issued))
  expect(slack.person('U0AGENT1').dm()).toHaveLength(2)
  expect(placeOf(drawn)).not.toEqual(lost)
})

test('passes on how long Slack asks to wait', async () => {
  const { slack, cards } = await start()
  slack.fault({ name: 'web_api_429', method: 'chat.postMessage', retryAfter: 7 })
  const failure = await cards.draw(card, grantWith()).catch((error: unknown) => error)
  expect(failure).toBeInstanceOf(DrawLaterError)
  expect((failure as DrawLaterError).retryIn).toBe(7000)
})

test('knows that a view is closed, and that a requester can no longer be written to', async () => {
  const { slack, cards } = await start()
  const view: Card = { ...card, kind: 'view', place: { viewId: 'V0GONE' } }
  expect(await cards.draw(view, grantWith())).toEqual({ gone: true })
  slack.fault({ name: 'web_api_error', method: 'conversations.open', error: 'user_disabled' })
  expect(await cards.draw(card, grantWith())).toEqual({ gone: true })
})

test('tells the operators of a hold once, and of its end in the same message', async () => {
  const { slack, cards } = await start()
  const hold: Hold = {
    id: 'h1',
    scope: 'all',
    reason: 'SIGN_ERROR',
    message: '错误的签名，验签失败',
    since: NOON,
    endedAt: null,
    begunBy: 'app',
    endedBy: null,
    waiting: 4,
  }
  const place = await cards.tellHold(hold, null)
  expect(JSON.stringify(slack.channelMessages('C0ALERTS1'))).toContain('4 张已批准的优惠券等待发放')
  expect(await cards.tellHold({ ...hold, endedAt: NOON + 60_000, waiting: 0 }, place)).toEqual(place)
  const messages = slack.channelMessages('C0ALERTS1')
  expect(messages).toHaveLength(1)
  expect(messages[0]?.text).toContain('故障已解除')
})
