import { afterAll, beforeAll, expect, test } from 'vitest'
import type { SlackSandbox } from '../../../../src/sandbox/slack/index.ts'
import { call, startWide, wideManifest } from '../small-app.ts'

let slack: SlackSandbox
let now = Date.UTC(2026, 10, 24)
beforeAll(async () => {
  slack = await startWide({ now: () => now })
})
afterAll(() => slack.close())

const section = { type: 'section', text: { type: 'mrkdwn', text: 'Hi' } }

test('tells a missing, a wrong and a misplaced token apart', async () => {
  expect(await call(slack, 'auth.test', {}, '')).toEqual({ ok: false, error: 'not_authed' })
  expect(await call(slack, 'auth.test', {}, 'xoxb-no')).toEqual({ ok: false, error: 'invalid_auth' })
  expect(await call(slack, 'apps.connections.open', {})).toEqual({
    ok: false,
    error: 'not_allowed_token_type',
  })
  expect(await call(slack, 'team.info', {}, slack.appToken)).toEqual({
    ok: false,
    error: 'not_allowed_token_type',
  })
  expect(await call(slack, 'auth.test', {})).toMatchObject({
    ok: true,
    user_id: slack.botUserId,
    team_id: slack.teamId,
  })
})

test('does not know a method that Slack has not, nor one that nobody calls', async () => {
  expect(await call(slack, 'chat.postMassage', {})).toMatchObject({ ok: false, error: 'unknown_method' })
})

test('takes form fields with JSON in them as well as JSON', async () => {
  const response = await fetch(`${slack.apiUrl}chat.postMessage`, {
    method: 'POST',
    headers: { authorization: `Bearer ${slack.botToken}` },
    body: new URLSearchParams({ channel: 'C0ALERTS1', text: 'By form', blocks: JSON.stringify([section]) }),
  })
  expect(await response.json()).toMatchObject({
    ok: true,
    channel: 'C0ALERTS1',
    message: { text: 'By form' },
  })
  expect(response.headers.get('x-oauth-scopes')).toContain('chat:write')
})

test('refuses a call without the scope, and names it', async () => {
  const { oauth_config: _scopes, settings: _events, ...manifest } = wideManifest()
  const poor = await startWide({
    manifest: {
      ...manifest,
      oauth_config: { scopes: { bot: ['commands', 'users:read'] } },
      settings: { socket_mode_enabled: true },
    },
  })
  expect(await call(poor, 'chat.postMessage', { channel: 'C0SUPPORT', text: 'x' })).toEqual({
    ok: false,
    error: 'missing_scope',
    needed: 'chat:write',
    provided: 'commands,users:read',
  })
  expect(await call(poor, 'conversations.info', { channel: 'C0SUPPORT' })).toMatchObject({
    needed: 'channels:read',
  })
  const { user } = await call(poor, 'users.info', { user: 'U0AGENT1' })
  expect(user).not.toHaveProperty('profile.email')
  await poor.close()
})

test('asks for what is missing among the arguments', async () => {
  const answer = await call(slack, 'chat.postMessage', { text: 'x' })
  expect(answer).toMatchObject({
    error: 'invalid_arguments',
    response_metadata: { messages: ['[ERROR] missing required field: channel'] },
  })
  expect(await call(slack, 'chat.postMessage', { channel: 'C0SUPPORT' })).toMatchObject({ error: 'no_text' })
})

test('refuses a message with a wrong block and points at it', async () => {
  const answer = await call(slack, 'chat.postMessage', {
    channel: 'C0SUPPORT',
    text: 'x',
    blocks: [{ type: 'section' }],
  })
  expect(answer).toMatchObject({
    error: 'invalid_blocks',
    response_metadata: {
      messages: ['[ERROR] missing required field: text or fields [json-pointer:/blocks/0]'],
    },
  })
})

test('posts only where the bot may', async () => {
  const post = (channel: string) => call(slack, 'chat.postMessage', { channel, text: 'x' })
  expect(await post('C0RANDOM')).toEqual({ ok: false, error: 'not_in_channel' })
  expect(await post('C0NOWHERE')).toEqual({ ok: false, error: 'channel_not_found' })
  expect(await post('U0GONE01')).toEqual({ ok: false, error: 'user_disabled' })
  slack.setChannel('C0RANDOM', { isPrivate: true })
  expect(await post('C0RANDOM')).toEqual({ ok: false, error: 'channel_not_found' })
  slack.setChannel('C0SHARED', { isArchived: true })
  expect(await post('C0SHARED')).toEqual({ ok: false, error: 'is_archived' })
  expect(await post('#support')).toMatchObject({ ok: true, channel: 'C0SUPPORT' })
  const dm = await post('U0LEAD1')
  expect(await call(slack, 'conversations.open', { users: 'U0LEAD1' })).toEqual({
    ok: true,
    channel: { id: dm.channel },
  })
})

test('changes and deletes the own lasting messages only', async () => {
  await slack.person('U0LEAD2').say('By a person', 'C0SUPPORT')
  const theirs = slack.channelMessages('C0SUPPORT').at(-1)
  const update = (ts: unknown) => call(slack, 'chat.update', { channel: 'C0SUPPORT', ts, text: 'New' })
  expect(await update(theirs?.ts)).toEqual({ ok: false, error: 'cant_update_message' })
  expect(await update('1.000001')).toEqual({ ok: false, error: 'message_not_found' })
  const { message_ts } = await call(slack, 'chat.postEphemeral', {
    channel: 'C0SUPPORT',
    user: 'U0AGENT1',
    text: 'x',
  })
  expect(await update(message_ts)).toEqual({ ok: false, error: 'message_not_found' })
  expect(
    await call(slack, 'chat.postEphemeral', { channel: 'C0ALERTS1', user: 'U0AGENT1', text: 'x' }),
  ).toMatchObject({
    error: 'user_not_in_channel',
  })
  const own = await call(slack, 'chat.postMessage', { channel: 'C0SUPPORT', text: 'Old', blocks: [section] })
  expect(await update(own.ts)).toMatchObject({ ok: true, ts: own.ts, text: 'New' })
  const stored = () => slack.channelMessages('C0SUPPORT').find((message) => message.ts === own.ts)
  expect(stored()).toMatchObject({ text: 'New' })
  expect(stored()).not.toHaveProperty('blocks')
  expect(await call(slack, 'chat.getPermalink', { channel: 'C0SUPPORT', message_ts: own.ts })).toMatchObject({
    ok: true,
  })
  expect(await call(slack, 'chat.delete', { channel: 'C0SUPPORT', ts: own.ts })).toMatchObject({ ok: true })
  expect(stored()).toBeUndefined()
})

test('keeps metadata through an update and tells it to whoever asks for it', async () => {
  const metadata = { event_type: 'grant', event_payload: { id: '01J' } }
  const posted = await call(slack, 'chat.postMessage', { channel: 'C0ALERTS1', text: 'Card', metadata })
  await call(slack, 'chat.update', { channel: 'C0ALERTS1', ts: posted.ts, text: 'Card 2' })
  await call(slack, 'chat.postMessage', { channel: 'C0ALERTS1', text: 'Reply', thread_ts: posted.ts })
  const history = (more: object) =>
    call(slack, 'conversations.history', { channel: 'C0ALERTS1', limit: 1, ...more })
  expect(await history({ include_all_metadata: true })).toMatchObject({
    messages: [{ ts: posted.ts, text: 'Card 2', metadata }],
  })
  const plain = await history({})
  expect((plain.messages as { metadata: object }[])[0]?.metadata).toEqual({ event_type: 'grant' })
  expect(plain).toMatchObject({
    has_more: true,
    response_metadata: { next_cursor: expect.stringMatching(/./) },
  })
  const replies = await call(slack, 'conversations.replies', { channel: 'C0ALERTS1', ts: posted.ts })
  expect((replies.messages as { text: string }[]).map(({ text }) => text)).toEqual(['Card 2', 'Reply'])
})

test('tells guests, strangers, bots and those who left apart', async () => {
  const user = async (id: string) =>
    (await call(slack, 'users.info', { user: id, include_locale: true })).user
  expect(await user('U0AGENT2')).toMatchObject({
    locale: 'zh-CN',
    tz: 'Asia/Shanghai',
    tz_offset: 28800,
    is_restricted: false,
  })
  expect(await user('U0GUEST1')).toMatchObject({ is_restricted: true, is_ultra_restricted: false })
  expect(await user('U0ALIEN1')).toMatchObject({ team_id: 'T0OTHER01', is_stranger: true })
  expect(await user('U0GONE01')).toMatchObject({ deleted: true })
  expect(await user('U0BOT001')).toMatchObject({ is_bot: true })
  expect(await call(slack, 'users.info', { user: 'U0NOBODY' })).toEqual({
    ok: false,
    error: 'user_not_found',
  })
  expect(await call(slack, 'users.lookupByEmail', { email: 'OPS@example.com' })).toMatchObject({
    user: { id: 'U0OPS001' },
  })
  expect(await call(slack, 'users.lookupByEmail', { email: 'gone@example.com' })).toEqual({
    ok: false,
    error: 'users_not_found',
  })
})

test('lists user groups and their members, and people by pages', async () => {
  expect(await call(slack, 'usergroups.users.list', { usergroup: 'S0AGENTS' })).toEqual({
    ok: true,
    users: ['U0AGENT1', 'U0AGENT2'],
  })
  expect(await call(slack, 'usergroups.users.list', { usergroup: 'S0NONE' })).toEqual({
    ok: false,
    error: 'no_such_subteam',
  })
  expect(await call(slack, 'usergroups.list', {})).toMatchObject({
    usergroups: [{ id: 'S0AGENTS' }, { id: 'S0LEADS1' }],
  })
  const seen: string[] = []
  for (let cursor = '', isFirst = true; isFirst || cursor !== ''; isFirst = false) {
    const answer = await call(slack, 'users.list', { limit: 4, cursor })
    seen.push(...(answer.members as { id: string }[]).map(({ id }) => id))
    cursor = (answer.response_metadata as { next_cursor: string }).next_cursor
  }
  expect(new Set(seen).size).toBe(11)
  expect(seen).toHaveLength(11)
})

test('limits calls by the published rates, each method for itself, and says when to come again', async () => {
  const limited = await startWide()
  const list = () =>
    fetch(`${limited.apiUrl}usergroups.users.list?usergroup=S0AGENTS`, {
      headers: { authorization: `Bearer ${limited.botToken}` },
    })
  for (let call = 0; call < 20; call += 1) expect((await list()).status).toBe(200)
  const refusal = await list()
  expect(refusal.status).toBe(429)
  expect(Number(refusal.headers.get('retry-after'))).toBe(3)
  expect(await refusal.json()).toEqual({ ok: false, error: 'ratelimited' })
  expect(await call(limited, 'usergroups.list', {})).toMatchObject({ ok: true })
  await limited.close()
  const free = await startWide({ rates: false })
  for (let count = 0; count < 25; count += 1)
    expect(await call(free, 'usergroups.users.list', { usergroup: 'S0AGENTS' })).toMatchObject({ ok: true })
  await free.close()
})

test('fails calls on demand, before or after they took effect', async () => {
  const post = (text: string) =>
    fetch(`${slack.apiUrl}chat.postMessage`, {
      method: 'POST',
      headers: { authorization: `Bearer ${slack.botToken}` },
      body: new URLSearchParams({ channel: 'C0APPROVE', text }),
    })
  const texts = () => slack.channelMessages('C0APPROVE').map(({ text }) => text)
  slack.fault({ name: 'web_api_429', method: 'chat.postMessage', retryAfter: 7 })
  expect(await call(slack, 'auth.test', {})).toMatchObject({ ok: true })
  expect((await post('1')).headers.get('retry-after')).toBe('7')
  slack.fault({ name: 'web_api_500' })
  expect((await post('2')).status).toBe(500)
  expect(texts()).toEqual([])
  slack.fault({ name: 'web_api_reset', acted: true })
  await expect(post('3')).rejects.toThrow('fetch failed')
  expect(texts()).toEqual(['3'])
  slack.fault({ name: 'web_api_error', error: 'internal_error' })
  expect(await (await post('4')).json()).toEqual({ ok: false, error: 'internal_error' })
  slack.fault({ name: 'web_api_hang', times: 5 })
  slack.clearFaults()
  expect((await post('5')).status).toBe(200)
  expect(() => slack.fault({ name: 'web_api_404' as 'web_api_429' })).toThrow(
    'name: expected one of web_api_429',
  )
})

test('gives messages times from the clock that it is given, in order', async () => {
  now = Date.UTC(2027, 0, 1)
  const first = await call(slack, 'chat.postMessage', { channel: 'C0ALERTS1', text: 'a' })
  const second = await call(slack, 'chat.postMessage', { channel: 'C0APPROVE', text: 'b' })
  expect(first.ts).toBe('1798761600.000000')
  expect(second.ts).toBe('1798761600.000001')
})
