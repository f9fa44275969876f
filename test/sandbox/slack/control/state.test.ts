import { expect, onTestFinished, test } from 'vitest'
import type { SandboxState, SlackSandboxOptions } from '../../../../src/sandbox/slack/index.ts'
import { call, startWide, wideManifest } from '../small-app.ts'

async function startWithState(options: Partial<SlackSandboxOptions> = {}) {
  const slack = await startWide(options)
  onTestFinished(() => slack.close())
  const state = async (query = '') => {
    const response = await fetch(`${slack.sandboxUrl}state${query}`)
    return ((await response.json()) as { result: SandboxState }).result
  }
  return { slack, state }
}

test('shows one person what that person sees', async () => {
  const { slack, state } = await startWithState()
  await call(slack, 'chat.postMessage', { channel: 'C0APPROVE', text: 'A card' })
  await call(slack, 'chat.postEphemeral', { channel: 'C0SUPPORT', user: 'U0AGENT2', text: 'For 小雨' })
  await call(slack, 'chat.postMessage', { channel: 'U0AGENT1', text: 'For Ada' })
  const ada = await state('?person=U0AGENT1')
  expect(ada.messages).toMatchObject({ C0APPROVE: [{ text: 'A card' }], D0AGENT1: [{ text: 'For Ada' }] })
  expect(ada.messages.C0SUPPORT).toBeUndefined()
  expect(ada.channels.map(({ id }) => id)).not.toContain('C0ALERTS1')
  const xiaoyu = await state('?person=U0AGENT2')
  expect(xiaoyu.messages).toMatchObject({ C0SUPPORT: [{ text: 'For 小雨', onlyFor: 'U0AGENT2' }] })
  expect(Object.keys(xiaoyu.messages)).toEqual(['C0SUPPORT'])
  const all = await state()
  expect(Object.keys(all.messages)).toEqual(['C0SUPPORT', 'C0APPROVE', 'D0AGENT1'])
  expect(all.channels).toHaveLength(5)
  expect(JSON.stringify(all)).not.toContain(slack.botToken)
  const nobody = await fetch(`${slack.sandboxUrl}state?person=U0NOBODY`)
  expect([nobody.status, await nobody.json()]).toEqual([404, expect.objectContaining({ field: 'person' })])
})

test('names people with their DMs, groups, and what the manifest declares', async () => {
  const { state } = await startWithState()
  const { app, people, groups, team } = await state('?person=U0LEAD1')
  expect(app.commands[0]).toEqual({ command: '/coupon', description: 'Give one', usageHint: '' })
  expect(app).toMatchObject({ name: 'Small app', hasHomeTab: true, isMessagesTabReadOnly: false })
  expect(people.find(({ id }) => id === 'U0LEAD2')).toMatchObject({ locale: 'zh-CN', dm: 'D0LEAD2' })
  expect(groups.map(({ handle }) => handle)).toEqual(['agents', 'leads'])
  expect(team.name).toBe('Example Support')
})

test('remembers how far a person has read', async () => {
  const { slack, state } = await startWithState()
  const ts: string[] = []
  for (const text of ['first', 'second'])
    ts.push(String((await call(slack, 'chat.postMessage', { channel: 'C0SUPPORT', text })).ts))
  const lea = slack.person('U0LEAD1')
  expect((await state('?person=U0LEAD1')).readMarks).toEqual({})
  lea.read('C0SUPPORT', ts[1] ?? '')
  lea.read('C0SUPPORT', ts[0] ?? '')
  expect((await state()).readMarks).toEqual({ U0LEAD1: { C0SUPPORT: ts[1] } })
  expect((await state('?person=U0LEAD2')).readMarks).toEqual({})
})

test('keeps what people type as text: only mentions and addresses that exist become markup', async () => {
  const { slack } = await startWithState()
  const lea = slack.person('U0LEAD1')
  await lea.say(
    '<script>alert(1)</script> & <!channel> @ada #random @leads @nobody https://a.example/?b&c',
    'C0SUPPORT',
  )
  expect(slack.channelMessages('C0SUPPORT')[0]?.text).toBe(
    '&lt;script&gt;alert(1)&lt;/script&gt; &amp; &lt;!channel&gt; <@U0AGENT1|ada> <#C0RANDOM|random> ' +
      '<!subteam^S0LEADS1|@leads> @nobody <https://a.example/?b&amp;c>',
  )
})

test('answers in threads, of messages that are there', async () => {
  const { slack } = await startWithState()
  const lea = slack.person('U0LEAD1')
  const { ts } = await call(slack, 'chat.postMessage', { channel: 'C0SUPPORT', text: 'Root' })
  await lea.say('Reply', 'C0SUPPORT', String(ts))
  await lea.say('To the reply', 'C0SUPPORT', slack.channelMessages('C0SUPPORT')[1]?.ts)
  expect(slack.channelMessages('C0SUPPORT').map(({ thread_ts }) => thread_ts)).toEqual([undefined, ts, ts])
  await expect(lea.say('x', 'C0SUPPORT', '1.000001')).rejects.toThrow('no message 1.000001 in C0SUPPORT')
})

test('lets nobody write to an app whose manifest says so', async () => {
  const manifest = wideManifest()
  Object.assign(manifest.features.app_home, { messages_tab_read_only_enabled: true })
  const { slack, state } = await startWithState({ manifest })
  expect((await state()).app.isMessagesTabReadOnly).toBe(true)
  await expect(slack.person('U0LEAD1').say('hello')).rejects.toThrow('messages_tab_read_only_enabled')
})

test('names public channels to people who are not in them, and nothing more to guests', async () => {
  const { slack, state } = await startWithState()
  slack.setChannel('C0ALERTS1', { isPrivate: true })
  const { channels, otherChannels } = await state('?person=U0AGENT2')
  expect(channels.map(({ id }: { id: string }) => id)).not.toContain('C0APPROVE')
  expect(otherChannels).toContainEqual({ id: 'C0APPROVE', name: 'coupon-approvals' })
  expect(JSON.stringify(otherChannels)).not.toContain('C0ALERTS1')
  expect((await state('?person=U0GUEST1')).otherChannels).toEqual([])
  expect((await state('?person=U0ALIEN1')).otherChannels).toEqual([])
})
