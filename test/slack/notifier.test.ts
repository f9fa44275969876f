import { pino } from 'pino'
import { expect, onTestFinished, test } from 'vitest'
import type { Card } from '../../src/domain/card.ts'
import type { CountedHold } from '../../src/domain/hold.ts'
import { ChannelClosedError, DrawLaterError } from '../../src/grants/index.ts'
import { exampleWorkspace, startSlackSandbox } from '../../src/sandbox/slack/index.ts'
import { en } from '../../src/slack/blocks/words/en/index.ts'
import { textOf } from '../stories/world.ts'
import { EXPIRES, grantWith, issued, manifest, NOON, policyWith } from './builders.ts'
import { startCards } from './start-cards.ts'

const card: Card = {
  id: 'card-1',
  grantId: grantWith().id,
  kind: 'dm',
  recipient: 'U0AGENT1',
  language: 'en',
  place: null,
  tries: 0,
  shown: null,
}

async function start(inForce = policyWith()) {
  const slack = await startSlackSandbox({
    manifest,
    workspace: structuredClone(exampleWorkspace),
    transport: 'socket',
  })
  onTestFinished(() => slack.close())
  const log: Record<string, unknown>[] = []
  const logger = pino({ level: 'info' }, { write: (line: string) => log.push(JSON.parse(line)) })
  return { slack, cards: startCards(slack, logger, inForce), log }
}

const placeOf = (drawn: { place: Card['place'] } | { gone: true }) => ('place' in drawn ? drawn.place : null)

test('posts one message to the requester and updates it to the result', async () => {
  const { slack, cards } = await start()
  const place = placeOf(await cards.draw(card, grantWith()))
  expect(slack.person('U0AGENT1').dm()).toMatchObject([
    {
      text: '⏳ Approved, being issued · ¥10 · oUpF…jWeS6o',
      metadata: {
        event_type: 'withdraw_coupon_card',
        event_payload: { card_id: 'card-1', grant_id: grantWith().id },
      },
    },
  ])
  await cards.draw({ ...card, place, tries: 1 }, grantWith({ ...issued, ticket: 'SUP-*12*' }))
  const [message, ...others] = slack.person('U0AGENT1').dm()
  expect(others).toEqual([])
  expect(message?.text).toBe('✅ Issued · ¥10 · oUpF…jWeS6o · SUP-*12*')
  const shown = JSON.stringify(message?.blocks)
  expect(shown).toContain(
    `expires <!date^${Math.floor(EXPIRES / 1000)}^{date_short_pretty} {time}|31 Dec 2026, 13:29 (GMT+8)>`,
  )
  expect(shown).toContain('until 31 Dec 2026, 13:29 (GMT+8), you can withdraw up to ¥10.00')
  expect(shown).toContain(' · `SUP-*12*`"')
  expect(shown).not.toContain('M2pxb1Q9zN')
})

test('finds a message whose post was answered by nothing, and posts no second', async () => {
  const { slack, cards } = await start()
  slack.fault({ name: 'web_api_reset', method: 'chat.postMessage', acted: true })
  await expect(cards.draw(card, grantWith())).rejects.toThrow()
  expect(slack.person('U0AGENT1').dm()).toHaveLength(1)
  const drawn = await cards.draw({ ...card, tries: 1 }, grantWith(issued))
  expect(slack.person('U0AGENT1').dm()).toMatchObject([{ text: '✅ Issued · ¥10 · oUpF…jWeS6o' }])
  expect(placeOf(drawn)).toMatchObject({ ts: slack.person('U0AGENT1').dm()[0]?.ts })
})

test('finds it below hundreds of newer messages, and looks no further back than its grant is old', async () => {
  const { slack, cards } = await start()
  const approval: Card = { ...card, kind: 'approval', recipient: 'C0APPROVE' }
  const say = async (often: number) => {
    for (let said = 0; said < often; said++) await slack.person('U0LEAD1').say('hm', 'C0APPROVE')
  }
  const ours = () => slack.channelMessages('C0APPROVE').filter(({ metadata }) => metadata)
  const looks = () => slack.traffic().filter(({ name }) => name === 'conversations.history').length
  await say(250)
  slack.fault({ name: 'web_api_reset', method: 'chat.postMessage', acted: true })
  await expect(cards.draw(approval, grantWith())).rejects.toThrow()
  await say(250)
  const drawn = await cards.draw({ ...approval, tries: 1 }, grantWith(issued))
  expect(ours()).toHaveLength(1)
  expect(placeOf(drawn)).toMatchObject({ ts: ours()[0]?.ts })
  const before = looks()
  const later = grantWith({ createdAt: Date.now() + 7_200_000 })
  await cards.draw({ ...approval, id: 'card-2', tries: 1 }, later)
  expect(looks()).toBe(before + 1)
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

const hold: CountedHold = {
  id: 'h1',
  kind: 'paused',
  stockRef: null,
  stock: null,
  reason: 'paused',
  message: 'why',
  since: NOON,
  endedAt: null,
  begunBy: 'U0OPS001',
  endedBy: null,
  waiting: 0,
}
const tried = { tries: 1, channel: 'C0ALERTS1' }

test('finds what tells of a hold again after its answer was lost, and draws the end there', async () => {
  const { slack, cards } = await start()
  slack.fault({ name: 'web_api_reset', method: 'chat.postMessage', acted: true })
  await expect(cards.tellHold(hold, null)).rejects.toThrow()
  const [lost] = slack.channelMessages('C0ALERTS1')
  expect(JSON.stringify(lost)).toContain('resume_issuing')
  const ended = { ...hold, endedAt: NOON + 1000, endedBy: 'U0OPS001' }
  const place = await cards.tellHold(ended, null, tried)
  expect(place).toMatchObject({ ts: lost?.ts })
  const messages = slack.channelMessages('C0ALERTS1')
  expect(messages).toHaveLength(1)
  expect(JSON.stringify(messages)).not.toContain('resume_issuing')
})

test('takes no other hold’s message for the one whose answer was lost', async () => {
  const { slack, cards } = await start()
  await cards.tellHold({ ...hold, id: 'h0' }, null)
  await cards.tellHold(hold, null, tried)
  expect(slack.channelMessages('C0ALERTS1')).toHaveLength(2)
})

test('finds it in the channel for alerts of before, where the policy names another by now', async () => {
  const { slack, cards } = await start()
  slack.fault({ name: 'web_api_reset', method: 'chat.postMessage', acted: true })
  await expect(cards.tellHold(hold, null)).rejects.toThrow()
  const { tellHold } = startCards(slack, pino({ level: 'silent' }), policyWith({ alerts: 'C0APPROVE' }))
  expect(await tellHold(hold, null, tried)).toMatchObject({ channel: 'C0ALERTS1' })
  expect(slack.channelMessages('C0APPROVE')).toEqual([])
  const nowhere = { ...tried, channel: 'C0NOWHERE' }
  expect(await tellHold({ ...hold, id: 'h2' }, null, nowhere)).toMatchObject({ channel: 'C0APPROVE' })
})

test('tells the end where operators are told now, when the channel of before takes no messages any more', async () => {
  const { slack, cards } = await start()
  const place = await cards.tellHold(hold, null)
  const { tellHold } = startCards(slack, pino({ level: 'silent' }), policyWith({ alerts: 'C0APPROVE' }))
  slack.fault({ name: 'web_api_error', method: 'chat.update', error: 'is_archived' })
  expect(await tellHold({ ...hold, endedAt: NOON + 1000, endedBy: 'app' }, place)).toMatchObject({
    channel: 'C0APPROVE',
  })
  slack.fault({ name: 'web_api_error', method: 'chat.update', error: 'is_archived' })
  await expect(cards.tellHold({ ...hold, endedAt: NOON + 1000 }, place)).rejects.toThrow(ChannelClosedError)
})

test('draws the end of a hold where its begin was told, though the policy names no channel for alerts by now', async () => {
  const { slack, cards } = await start()
  const place = await cards.tellHold(hold, null)
  const { tellHold } = startCards(slack, pino({ level: 'silent' }), policyWith({ alerts: null }))
  await tellHold({ ...hold, endedAt: NOON + 1000, endedBy: 'app' }, place)
  expect(JSON.stringify(slack.channelMessages('C0ALERTS1'))).not.toContain('resume_issuing')
})

test('knows whether a message is still to be reached', async () => {
  const { slack, cards } = await start()
  const place = await cards.tellHold(hold, null)
  const { channel, ts } = place as { channel: string; ts: string }
  expect(await cards.stands({ channel, ts })).toBe(true)
  expect(await cards.stands({ channel, ts: '1.000001' })).toBe(false)
  expect(await cards.stands({ channel: 'C0NOWHERE', ts })).toBe(false)
  slack.fault({ name: 'web_api_500', method: 'chat.getPermalink' })
  expect(await cards.stands({ channel, ts })).toBeNull()
})

test('tells the operators of a hold once, and of its end in the same message', async () => {
  const { slack, cards } = await start()
  const hold: CountedHold = {
    id: 'h1',
    kind: 'all',
    stockRef: null,
    stock: null,
    reason: 'SIGN_ERROR',
    message: '错误的签名，验签失败',
    since: NOON,
    endedAt: null,
    begunBy: 'app',
    endedBy: null,
    waiting: 4,
  }
  const place = await cards.tellHold(hold, null)
  expect(JSON.stringify(slack.channelMessages('C0ALERTS1'))).toContain('有 4 张提现免费券在等待')
  expect(await cards.tellHold({ ...hold, endedAt: NOON + 60_000, waiting: 0 }, place)).toEqual(place)
  const messages = slack.channelMessages('C0ALERTS1')
  expect(messages).toHaveLength(1)
  expect(messages[0]?.text).toContain('故障已解除')
})

const approval: Card = { ...card, kind: 'approval', recipient: 'C0APPROVE' }
const pending = grantWith({
  state: 'pending',
  approvedByRule: null,
  approvalsNeeded: 1,
  approvalChannel: 'C0APPROVE',
})
const refusing = (method: string, error: string, times = 1) =>
  ({ name: 'web_api_error', method, error, times }) as const

test.each([
  'cant_update_message',
  'edit_window_closed',
  'block_mismatch',
])('posts a successor that says so where a message can not be changed any more (%s)', async (error) => {
  const { slack, cards } = await start()
  const place = placeOf(await cards.draw(approval, pending))
  slack.fault(refusing('chat.update', error))
  const drawn = await cards.draw({ ...approval, place }, { ...pending, state: 'rejected', version: 2 })
  expect(drawn).toMatchObject({ place: { replaces: true }, posted: true })
  const [, successor, ...others] = slack.channelMessages('C0APPROVE')
  expect(others).toEqual([])
  expect(textOf(successor)).toContain(en.card.replaces)
  expect(textOf(successor)).not.toContain('"action_id":"approve"')
  const again = await cards.draw(
    { ...approval, place: placeOf(drawn) },
    { ...pending, state: 'expired', version: 3 },
  )
  expect(again).toEqual({ place: placeOf(drawn) })
  expect(slack.channelMessages('C0APPROVE')).toHaveLength(2)
  expect(textOf(slack.channelMessages('C0APPROVE')[1])).toContain(en.card.replaces)
})

test('finds the successor whose post was not answered', async () => {
  const { slack, cards } = await start()
  const place = placeOf(await cards.draw(approval, pending))
  slack.fault(refusing('chat.update', 'edit_window_closed'))
  slack.fault({ name: 'web_api_reset', method: 'chat.postMessage', acted: true })
  await expect(cards.draw({ ...approval, place }, pending)).rejects.toThrow()
  slack.fault(refusing('chat.update', 'edit_window_closed'))
  const drawn = await cards.draw({ ...approval, place, tries: 1 }, pending)
  expect(slack.channelMessages('C0APPROVE')).toHaveLength(2)
  expect(placeOf(drawn)).toMatchObject({ ts: slack.channelMessages('C0APPROVE')[1]?.ts, replaces: true })
})

const channelErrors = [
  'channel_not_found',
  'not_in_channel',
  'is_archived',
  'restricted_action',
  'restricted_action_read_only_channel',
  'restricted_action_thread_only_channel',
  'ekm_access_denied',
  'team_access_not_granted',
  'missing_scope',
]
test.each(channelErrors)('says that a channel takes no messages (%s)', async (code) => {
  const { slack, cards } = await start()
  slack.fault(refusing('chat.postMessage', code))
  const failed = await cards.draw(approval, pending).catch((error: unknown) => error)
  expect(failed).toBeInstanceOf(ChannelClosedError)
  expect(failed).toMatchObject({ channel: 'C0APPROVE', code, foundBy: 'post' })
  const place = placeOf(await cards.draw(approval, pending))
  slack.fault(refusing('chat.update', code))
  await expect(cards.draw({ ...approval, place }, pending)).rejects.toMatchObject({ code, foundBy: 'update' })
})

test('asks whether a channel serves anew once it took no message', async () => {
  const { slack, cards } = await start()
  const reach = () => cards.reach({ channel: 'C0APPROVE', members: [], except: null, enough: 0 })
  expect(await reach()).toMatchObject({ channel: null })
  slack.setChannel('C0APPROVE', { isArchived: true })
  await expect(cards.draw(approval, pending)).rejects.toThrow('is_archived')
  expect(await reach()).toMatchObject({ channel: 'archived' })
  slack.fault(refusing('conversations.info', 'missing_scope'))
  expect(await reach()).toMatchObject({ channel: 'unreadable' })
})

test('tells a person who can not be written to from an app that can write to nobody', async () => {
  const { slack, cards } = await start()
  for (const method of ['conversations.open', 'chat.postMessage'])
    for (const code of ['user_disabled', 'user_not_found', 'user_not_visible', 'cannot_dm_bot']) {
      slack.fault(refusing(method, code))
      expect(await cards.draw(card, grantWith())).toEqual({ gone: true })
    }
  slack.fault(refusing('chat.postMessage', 'messages_tab_disabled'))
  await expect(cards.draw(card, grantWith())).rejects.toMatchObject({
    name: 'ChannelClosedError',
    channel: 'direct-messages',
  })
  slack.fault(refusing('conversations.open', 'missing_scope'))
  await expect(cards.draw(card, grantWith())).rejects.toMatchObject({ channel: 'direct-messages' })
  slack.fault(refusing('chat.postMessage', 'channel_not_found'))
  await expect(cards.draw(card, grantWith())).rejects.toMatchObject({ code: 'slack_webapi_platform_error' })
  const place = placeOf(await cards.draw(card, grantWith()))
  slack.fault(refusing('chat.update', 'channel_not_found'))
  expect(await cards.draw({ ...card, place }, grantWith(issued))).toMatchObject({ posted: true })
  slack.setPerson('U0AGENT1', { isDeleted: true })
  slack.fault(refusing('chat.update', 'channel_not_found'))
  expect(await cards.draw({ ...card, place }, grantWith(issued))).toEqual({ gone: true })
})

test('gives up for now on a message to a person that is there and takes no change', async () => {
  const { slack, cards } = await start()
  const place = placeOf(await cards.draw(card, grantWith()))
  slack.fault(refusing('chat.update', 'is_archived', 20))
  await expect(cards.draw({ ...card, place, tries: 1 }, grantWith(issued))).rejects.toMatchObject({
    data: { error: 'is_archived' },
  })
  expect(slack.traffic().filter(({ name }) => name === 'chat.update').length).toBeLessThan(5)
})

test.each([
  'msg_too_long',
  'msg_blocks_too_long',
  'invalid_blocks',
  'metadata_too_large',
])('draws in a short form with its buttons what Slack refuses in full (%s)', async (code) => {
  const { slack, cards, log } = await start()
  slack.fault(refusing('chat.postMessage', code))
  const place = placeOf(await cards.draw(approval, pending))
  const [posted] = slack.channelMessages('C0APPROVE')
  expect(textOf(posted)).toContain(en.card.shortened)
  expect(textOf(posted)).toContain('"action_id":"approve"')
  expect(textOf(posted)).toContain('<@U0AGENT1>')
  expect(posted?.metadata?.event_type).toBe('withdraw_coupon_card')
  expect(log.filter(({ level }) => level === 50)).toMatchObject([{ code }])
  slack.fault(refusing('chat.update', code, 2))
  await cards.draw({ ...approval, place }, { ...pending, state: 'rejected', version: 2 })
  const [plain] = slack.channelMessages('C0APPROVE')
  expect(plain?.text).toContain('Rejected')
  expect(plain?.text).toContain(en.card.shortened)
  expect(plain?.blocks ?? []).toEqual([])
})

test('shows a view in a short form when Slack refuses it, and gives it up when it refuses that too', async () => {
  const { slack, cards } = await start()
  const opened = { viewId: 'V1' }
  const view: Card = { ...card, kind: 'view', place: opened }
  slack.fault(refusing('views.update', 'invalid_arguments', 2))
  expect(await cards.draw(view, grantWith())).toEqual({ gone: true })
})

test('mentions approvers named by e-mail, so that Slack notifies them', async () => {
  const { slack, cards } = await start(
    policyWith({ roles: { ...policyWith().roles, approver: ['boss@example.com', 'nobody@example.com'] } }),
  )
  slack.setPerson('U0LEAD2', { email: 'boss@example.com' })
  const approvers = ['boss@example.com', 'nobody@example.com']
  const forDeciding = {
    approvers,
    given: { days: 30, count: 0, latest: [] },
    underWay: [],
    ticketUsers: 0,
    level: { approvals: 1, aboveQuota: null },
    limits: [],
    cost: null,
  }
  const drawn = await cards.notifier.draw(approval, pending, { decisions: [], settlement: null, forDeciding })
  expect(textOf(slack.channelMessages('C0APPROVE')[0])).toContain('<@U0LEAD2>, nobody@example.com')
  const about = { grant: pending, decisions: [], thread: placeOf(drawn), settlement: null }
  await cards.tell(
    { id: 'n1', since: NOON, news: { kind: 'reminder', grantId: pending.id }, tries: 0 },
    about,
  )
  expect(slack.channelMessages('C0APPROVE')[1]?.text).toContain('<@U0LEAD2>')
})

test('reminds in the channel where the thread takes no answer', async () => {
  const { slack, cards } = await start()
  const thread = placeOf(await cards.draw(approval, pending))
  const about = { grant: pending, decisions: [], thread, settlement: null }
  for (const code of ['restricted_action_thread_locked', 'cannot_reply_to_message', 'thread_not_found']) {
    slack.fault(refusing('chat.postMessage', code))
    await cards.tell(
      { id: code, since: NOON, news: { kind: 'reminder', grantId: pending.id }, tries: 0 },
      about,
    )
  }
  const [, ...reminders] = slack.channelMessages('C0APPROVE')
  expect(reminders.map(({ thread_ts }) => thread_ts)).toEqual([undefined, undefined, undefined])
})
