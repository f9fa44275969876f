import { expect, onTestFinished, test } from 'vitest'
import { call, startWide } from './small-app.ts'

async function start() {
  const slack = await startWide({ rates: false })
  onTestFinished(() => slack.close())
  const post = async (channel: string, text: string, more: object = {}) =>
    String((await call(slack, 'chat.postMessage', { channel, text, ...more })).ts)
  return { slack, post, unread: (id: string) => slack.person(id).unread() }
}

test('a new message marks its channel for whoever has not read it, and a mention is counted', async () => {
  const { slack, post, unread } = await start()
  await post('C0APPROVE', 'A card')
  expect(unread('U0LEAD1')).toEqual({ C0APPROVE: { messages: 1, mentions: 0 } })
  await post('C0APPROVE', 'To <@U0LEAD1> and `<@U0LEAD2>`')
  await post('C0APPROVE', 'In words <@U0LEAD1> only', {
    blocks: [
      { type: 'section', text: { type: 'mrkdwn', text: 'For <!subteam^S0LEADS1>' } },
      { type: 'header', text: { type: 'plain_text', text: 'Not <@U0AGENT1>' } },
    ],
  })
  expect(unread('U0LEAD1')).toEqual({ C0APPROVE: { messages: 3, mentions: 2 } })
  expect(unread('U0LEAD2')).toEqual({ C0APPROVE: { messages: 3, mentions: 1 } })
  expect(unread('U0AGENT1')).toEqual({ C0APPROVE: { messages: 3, mentions: 0 } })
  expect(unread('U0AGENT2')).toEqual({})
  slack.person('U0LEAD1').read('C0APPROVE', String(slack.channelMessages('C0APPROVE')[1]?.ts))
  expect(unread('U0LEAD1')).toEqual({ C0APPROVE: { messages: 1, mentions: 1 } })
  await slack.person('U0LEAD1').say('My own', 'C0APPROVE')
  expect(unread('U0LEAD1')).toEqual({ C0APPROVE: { messages: 1, mentions: 1 } })
})

test('every message of a DM is counted; an edit marks nothing, whatever it says then', async () => {
  const { slack, post, unread } = await start()
  const ts = await post('U0AGENT1', 'A card')
  expect(unread('U0AGENT1')).toEqual({ D0AGENT1: { messages: 1, mentions: 1 } })
  slack.person('U0AGENT1').read('D0AGENT1', ts)
  await call(slack, 'chat.update', { channel: 'D0AGENT1', ts, text: 'Issued, <@U0AGENT1>' })
  await call(slack, 'chat.postEphemeral', { channel: 'C0SUPPORT', user: 'U0AGENT1', text: 'Only you' })
  expect(unread('U0AGENT1')).toEqual({})
  await post('U0AGENT1', 'A reply', { thread_ts: ts })
  expect(unread('U0AGENT1')).toEqual({ [`D0AGENT1/${ts}`]: { messages: 1, mentions: 1 } })
})

test('a reply marks its thread for who takes part in it, and the channel if it was sent there too', async () => {
  const { slack, post, unread } = await start()
  const ts = await post('C0APPROVE', 'A card')
  await slack.person('U0LEAD1').say('Mine', 'C0APPROVE', ts)
  await post('C0APPROVE', 'Thank you', { thread_ts: ts })
  const all = ['U0LEAD1', 'U0LEAD2']
  for (const id of all) slack.person(id).read('C0APPROVE', ts)
  expect(all.map(unread)).toEqual([{ [`C0APPROVE/${ts}`]: { messages: 1, mentions: 0 } }, {}])
  await post('C0APPROVE', 'And <@U0LEAD2>?', { thread_ts: ts })
  expect(unread('U0LEAD2')).toEqual({ [`C0APPROVE/${ts}`]: { messages: 1, mentions: 1 } })
  slack.person('U0LEAD2').read('C0APPROVE', String(slack.channelMessages('C0APPROVE').at(-1)?.ts), ts)
  await post('C0APPROVE', 'Done', { thread_ts: ts, reply_broadcast: true })
  expect(unread('U0LEAD2')).toEqual({ C0APPROVE: { messages: 1, mentions: 0 } })
  const { messages } = (await call(slack, 'conversations.history', { channel: 'C0APPROVE' })) as unknown as {
    messages: object[]
  }
  expect(messages).toMatchObject([{ text: 'Done', subtype: 'thread_broadcast' }, { text: 'A card' }])
  expect(JSON.stringify(messages)).not.toContain('mentioned')
})
