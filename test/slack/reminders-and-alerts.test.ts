import { pino } from 'pino'
import { expect, onTestFinished, test } from 'vitest'
import type { Card } from '../../src/domain/card.ts'
import type { Decision } from '../../src/domain/grant.ts'
import type { News, Notice } from '../../src/domain/news.ts'
import { DrawLaterError } from '../../src/grants/index.ts'
import { exampleWorkspace, startSlackSandbox } from '../../src/sandbox/slack/index.ts'
import { createSlackClients } from '../../src/slack/edge/clients.ts'
import { grantWith, manifest, NOON, policyWith } from './builders.ts'
import { startCards } from './start-cards.ts'

async function start(inForce = policyWith()) {
  const slack = await startSlackSandbox({
    manifest,
    workspace: structuredClone(exampleWorkspace),
    transport: 'socket',
  })
  onTestFinished(() => slack.close())
  const cards = startCards(slack, pino({ level: 'silent' }), inForce)
  const tell = (news: News, about: Parameters<typeof cards.tell>[1] = null, tries = 0) =>
    cards.tell({ id: 'notice-1', news, since: Date.now(), tries } satisfies Notice, about)
  return { slack, cards, tell, alerts: () => slack.channelMessages('C0ALERTS1') }
}

const pending = grantWith({
  state: 'pending',
  approvedByRule: null,
  approvalsNeeded: 3,
  approvalChannel: 'C0APPROVE',
  expiresAt: NOON + 3_600_000,
  ticket: 'SUP-<!channel>',
})
const card: Card = {
  id: 'card-1',
  grantId: pending.id,
  kind: 'approval',
  recipient: 'C0APPROVE',
  language: 'zh-CN',
  place: null,
  tries: 0,
  shown: null,
}
const approve = (approver: string): Decision => ({
  grantId: pending.id,
  approver,
  kind: 'approve',
  reason: null,
  at: NOON,
})
const reminder: News = { kind: 'reminder', grantId: pending.id }
const placeOf = (drawn: { place: Card['place'] } | { gone: true }) => ('place' in drawn ? drawn.place : null)

test('reminds of what is still missing, in the thread of the card and once, though the answer to the post was lost', async () => {
  const { slack, cards, tell } = await start()
  const thread = placeOf(await cards.draw(card, pending))
  const about = { grant: pending, decisions: [approve('U0LEAD1')], thread, settlement: null }
  slack.fault({ name: 'web_api_500', method: 'chat.postMessage', acted: true })
  await expect(tell(reminder, about)).rejects.toThrow()
  await tell(reminder, about, 1)
  const [root, ...replies] = slack.channelMessages('C0APPROVE')
  expect(replies).toMatchObject([{ thread_ts: root?.ts }])
  expect(replies[0]?.text).toContain('<!subteam^S0LEADS1>：这笔申请还需 2 人批准')
})

test('finds a reminder whose answer was lost in a thread of hundreds of replies, and reminds once', async () => {
  const { slack, cards, tell } = await start()
  const thread = placeOf(await cards.draw(card, pending))
  if (!thread || !('ts' in thread)) throw new Error('the card has no message')
  const { ts } = thread
  const say = async (often: number) => {
    for (let said = 0; said < often; said++) await slack.person('U0LEAD1').say('hm', 'C0APPROVE', ts)
  }
  await say(260)
  const about = { grant: pending, decisions: [], thread, settlement: null }
  slack.fault({ name: 'web_api_500', method: 'chat.postMessage', acted: true })
  await expect(tell(reminder, about)).rejects.toThrow()
  await say(3)
  await tell(reminder, about, 1)
  const reminders = slack
    .channelMessages('C0APPROVE')
    .filter(({ metadata }) => metadata?.event_type.includes('notice'))
  expect(reminders).toHaveLength(1)
})

test('reminds of several in one message with links to their cards, so many at most, and finds it again', async () => {
  const { slack, cards } = await start(
    policyWith({ language: 'en', roles: { ...policyWith().roles, approver: ['lea@example.com'] } }),
  )
  const drawn = placeOf(await cards.draw(card, pending))
  if (!drawn || !('channel' in drawn)) throw new Error('not posted')
  const asks = Array.from({ length: 32 }, (_, index) => ({
    grant: pending,
    decisions: index === 0 ? [approve('U0LEAD2')] : [],
    card: index === 0 ? drawn : null,
  }))
  const notice = (tries: number): Notice => ({
    id: 'notice-1',
    news: { kind: 'reminders', channel: 'C0APPROVE', grantIds: asks.map(({ grant }) => grant.id) },
    since: Date.now(),
    tries,
  })
  slack.fault({ name: 'web_api_500', method: 'chat.postMessage', acted: true })
  await expect(cards.remind(notice(0), asks)).rejects.toThrow()
  await cards.remind(notice(1), asks)
  const [, message, ...others] = slack.channelMessages('C0APPROVE')
  expect(others).toEqual([])
  expect(message?.thread_ts).toBeUndefined()
  // An approver by e-mail is mentioned by the id; nobody else is.
  expect(message?.text).toBe('<@U0LEAD1>: 32 requests still wait for approval')
  const shown = JSON.stringify(message?.blocks)
  expect(shown).toContain(
    `/p${drawn.ts.replace('.', '')}|¥10 · oUpF…jWeS6o> · 1 of 3 approvals · until <!date^`,
  )
  expect(shown).toContain('and 12 more: `/withdraw-coupon pending`')
  expect(shown).not.toContain('<@U0AGENT1>')
})

test('mentions the operators once a fault, those given by e-mail by their ids', async () => {
  const { cards, tell, alerts } = await start(
    policyWith({ roles: { ...policyWith().roles, operator: ['S0OPS001', 'lea@example.com'] } }),
  )
  const who = '<!subteam^S0OPS001>、<@U0LEAD1>'
  const hold = {
    id: 'hold-1',
    kind: 'all' as const,
    stock: null,
    stockRef: null,
    reason: 'SIGN_ERROR',
    message: '',
    since: Date.now(),
    endedAt: null,
    begunBy: 'app',
    endedBy: null,
    waiting: 1,
  }
  const mentioned = () =>
    alerts().map((message) => JSON.stringify([message.text, message.blocks]).includes(who))
  const place = await cards.tellHold(hold, null)
  expect(mentioned()).toEqual([true])
  await cards.tellHold({ ...hold, waiting: 5 }, place)
  await cards.tellHold({ ...hold, endedAt: Date.now() }, place)
  expect(mentioned()).toEqual([false])
  // A fault that was told before, whose message has vanished; a pause; news that is no fault.
  await cards.tellHold(hold, { channel: 'C0ALERTS1', ts: '1.000001' })
  await cards.tellHold({ ...hold, id: 'hold-2', kind: 'paused', begunBy: 'U0OPS001' }, null)
  await tell({ kind: 'channel-open', channel: 'C0APPROVE' })
  expect(mentioned()).toEqual([false, false, false, false])
  await new Promise((resolve) => setTimeout(resolve, 1500))
  await tell({ kind: 'channel-closed', channel: 'C0APPROVE', code: 'is_archived' })
  expect(mentioned().at(-1)).toBe(true)
})

test('waits with a reminder until its card is posted', async () => {
  const { slack, tell } = await start()
  const about = { grant: pending, decisions: [], thread: null, settlement: null }
  await expect(tell(reminder, about)).rejects.toThrow(DrawLaterError)
  expect(slack.channelMessages('C0APPROVE')).toEqual([])
})

test('tells the operators what changed in the policy, and what is wrong with its file', async () => {
  const { tell, alerts } = await start()
  const changes = [
    { path: 'approval.approvals', before: '1', after: '2' },
    { path: 'roles.viewers', before: null, after: '[S1, <!channel>]' },
    { path: 'alerts', before: 'C0A', after: null },
  ]
  await tell({ kind: 'policy-changed', from: 'a', to: 'f00dfeedf00dfeed', changes })
  await tell({ kind: 'policy-broken', mistakes: 'policy.yaml:3:1 x: is <!channel> → y' })
  const [changed, broken] = alerts().map((message) => JSON.stringify(message.blocks))
  expect(changed).toContain('`approval.approvals`：1 → 2')
  expect(changed).toContain('新增 `roles.viewers`：[S1, &lt;!channel&gt;]')
  expect(changed).toContain('移除 `alerts`：C0A')
  expect(changed).toContain('`f00dfeedf00d`')
  expect(broken).toContain('"plain_text","text":"policy.yaml:3:1 x: is <!channel> → y"')
})

test('tells the operators of a file with 60 mistakes as far as Slack takes it, and how many more there are', async () => {
  const { tell, alerts } = await start()
  const mistake = (n: number) =>
    `policy.yaml:${n}:1 stocks.${n}.name: ${'错'.repeat(200)} → ${'改'.repeat(20)}`
  const mistakes = Array.from({ length: 60 }, (_, n) => mistake(n))
  await tell({ kind: 'policy-broken', mistakes: mistakes.join('\n') })
  expect(alerts()).toHaveLength(1)
  const shown = JSON.stringify(alerts()[0]?.blocks)
  const listed = mistakes.filter((one) => shown.includes(one)).length
  expect(listed).toBeGreaterThan(25)
  expect(shown).toContain(`……另有 ${60 - listed} 处：运行 \`npm run policy -- check\` 可查看全部`)
})

test('tells nobody where the policy names no channel for operators, and keeps trying where it names a wrong one', async () => {
  const none = await start(policyWith({ alerts: null }))
  await none.tell({ kind: 'policy-broken', mistakes: 'm' })
  expect(none.slack.traffic().filter(({ name }) => name === 'chat.postMessage')).toEqual([])
  const wrong = await start(policyWith({ alerts: 'C0NOSUCH' }))
  await expect(wrong.tell({ kind: 'policy-broken', mistakes: 'm' })).rejects.toThrow('channel_not_found')
})

test('posts the card anew where its message was deleted, and draws on it from then on', async () => {
  const { slack, cards } = await start()
  const first = placeOf(await cards.draw(card, pending))
  if (!first || !('ts' in first)) throw new Error('not posted')
  const { apiUrl, botToken } = slack
  const { notifications } = createSlackClients({ apiUrl, botToken, logger: pino({ level: 'silent' }) })
  await notifications.chat.delete({ channel: first.channel, ts: first.ts })
  const second = placeOf(await cards.draw({ ...card, place: first }, { ...pending, version: 2 }))
  expect(second).not.toEqual(first)
  await cards.draw({ ...card, place: second }, { ...pending, state: 'expired', version: 3 })
  const shown = slack.channelMessages('C0APPROVE')
  expect(shown).toHaveLength(1)
  expect(JSON.stringify(shown)).not.toContain('"action_id":"approve"')
})
