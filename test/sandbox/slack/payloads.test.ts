import type {
  BasicElementAction,
  BlockAction,
  ButtonAction,
  EnvelopedEvent,
  GlobalShortcut,
  MessageShortcut,
  SlashCommand,
  StaticSelectAction,
  ViewClosedAction,
  ViewSubmitAction,
} from '@slack/bolt'
import type { SubteamMembersChangedEvent } from '@slack/types'
import { expect, test } from 'vitest'
import { exampleWorkspace, type TrafficEntry } from '../../../src/sandbox/slack/index.ts'
import type {
  closedPayload,
  commandPayload,
  eventPayload,
  messageActionPayload,
  messageShortcutPayload,
  shortcutPayload,
  submissionPayload,
  viewActionPayload,
} from '../../../src/sandbox/slack/payloads.ts'
import { call, startSmallApp, startWide, wideManifest } from './small-app.ts'

/**
 * These lines hold when this file is compiled: what the stand-in sends is what Bolt's types promise to listeners.
 * Left out: the actions (looked at below), and the response_url of a press in a view, which Slack doesn't send.
 */
type Payloads = [
  Fits<ReturnType<typeof commandPayload>, SlashCommand>,
  Fits<
    Omit<ReturnType<typeof messageActionPayload>, 'actions' | 'enterprise'>,
    Omit<Named<BlockAction>, 'actions' | 'enterprise'>
  >,
  Fits<
    Omit<ReturnType<typeof viewActionPayload>, 'actions' | 'enterprise'>,
    Omit<Named<BlockAction>, 'actions' | 'enterprise' | 'response_url'>
  >,
  Fits<Omit<ReturnType<typeof shortcutPayload>, 'enterprise'>, Omit<GlobalShortcut, 'enterprise'>>,
  Fits<
    Omit<ReturnType<typeof messageShortcutPayload>, 'enterprise'>,
    Omit<Named<MessageShortcut>, 'enterprise'>
  >,
  Fits<Omit<ReturnType<typeof submissionPayload>, 'enterprise'>, Omit<ViewSubmitAction, 'enterprise'>>,
  Fits<Omit<ReturnType<typeof closedPayload>, 'enterprise'>, Omit<ViewClosedAction, 'enterprise'>>,
  Fits<
    ReturnType<typeof eventPayload<SubteamMembersChangedEvent>>,
    EnvelopedEvent<SubteamMembersChangedEvent>
  >,
]
type Fits<Sent extends Promised, Promised> = Sent
type Named<T> = { [K in keyof T as string extends K ? never : K]: T[K] }

test('a press carries the keys that Bolt promises for buttons and selects', async () => {
  const button: Record<
    keyof Pick<ButtonAction, 'type' | 'block_id' | 'action_id' | 'action_ts' | 'text' | 'value'>,
    unknown
  > = {
    type: 'button',
    action_id: 'go',
    block_id: expect.stringMatching(/./),
    value: '1',
    text: { type: 'plain_text', text: 'Go', emoji: true },
    action_ts: expect.stringMatching(/^\d+\.\d{6}$/),
  }
  const select: Record<
    keyof BasicElementAction | keyof Pick<StaticSelectAction, 'selected_option'>,
    unknown
  > = {
    type: 'static_select',
    action_id: 'pick',
    block_id: expect.stringMatching(/./),
    selected_option: { text: { type: 'plain_text', text: 'A', emoji: true }, value: 'a' },
    action_ts: expect.stringMatching(/^\d+\.\d{6}$/),
  }
  const slack = await startWide()
  const { stop } = await startSmallApp(slack, 'socket', (app) => app.action(/./, ({ ack }) => ack()))
  await call(slack, 'chat.postMessage', {
    channel: 'C0SUPPORT',
    text: 'x',
    blocks: [
      {
        type: 'actions',
        elements: [
          { type: 'button', action_id: 'go', value: '1', text: { type: 'plain_text', text: 'Go' } },
          {
            type: 'static_select',
            action_id: 'pick',
            options: [{ text: { type: 'plain_text', text: 'A' }, value: 'a' }],
          },
        ],
      },
    ],
  })
  const ada = slack.person('U0AGENT1')
  expect(await ada.press({ actionId: 'go' })).toEqual({ ok: true })
  expect(await ada.press({ actionId: 'pick', value: 'a' })).toEqual({ ok: true })
  await expect(ada.press({ actionId: 'pick', value: 'b' })).rejects.toThrow('has no option "b"')
  await expect(ada.press({ actionId: 'nothing' })).rejects.toThrow('sees nothing to press')
  const sent = slack.traffic().filter((entry) => entry.name === 'block_actions')
  expect(sent.map(actionOf)).toEqual([button, select])
  expect(sent[0]?.request).toMatchObject({
    user: { id: 'U0AGENT1', team_id: exampleWorkspace.team.id },
    channel: { id: 'C0SUPPORT', name: 'support' },
    message: { type: 'message', text: 'x', user: slack.botUserId },
    container: { type: 'message', channel_id: 'C0SUPPORT', is_ephemeral: false },
    state: { values: expect.anything() },
  })
  await stop()
  await slack.close()
})

function actionOf(entry: TrafficEntry): unknown {
  return (entry.request as { actions: unknown[] }).actions[0]
}

test('a press in an ephemeral message names it by its container only', async () => {
  const slack = await startWide()
  const { stop } = await startSmallApp(slack, 'socket', (app) =>
    app.action('go', async ({ ack, respond }) => {
      await ack()
      await respond({ replace_original: true, response_type: 'in_channel', text: 'Replaced' })
    }),
  )
  const elements = [{ type: 'button', action_id: 'go', text: { type: 'plain_text', text: 'Go' } }]
  await call(slack, 'chat.postEphemeral', {
    channel: 'C0SUPPORT',
    user: 'U0AGENT1',
    text: 'Only you',
    blocks: [{ type: 'actions', elements }],
  })
  const ada = slack.person('U0AGENT1')
  await ada.press({ actionId: 'go' })
  await slack.waitFor(() => ada.messages('C0SUPPORT')[0]?.text === 'Replaced')
  expect(slack.channelMessages('C0SUPPORT')).toEqual([])
  expect(slack.person('U0AGENT2').messages('C0SUPPORT')).toEqual([])
  const press = slack.traffic().find((entry) => entry.name === 'block_actions')?.request
  expect(press).toMatchObject({ container: { is_ephemeral: true } })
  expect(press).not.toHaveProperty('message')
  await stop()
  await slack.close()
})

test('a command says who, where and what, with mentions escaped only where the manifest asks for it', async () => {
  const slack = await startWide()
  const { stop } = await startSmallApp(slack, 'socket', (app) => app.command(/./, ({ ack }) => ack()))
  const text = 'send @lea @leads #random https://example.com/a @nobody'
  await slack.person('U0AGENT2').command('/coupon', text, { channel: 'C0RANDOM' })
  await slack.person('U0AGENT2').command('/raw', text)
  expect(
    slack
      .traffic()
      .filter((entry) => entry.kind === 'command')
      .map((entry) => entry.request),
  ).toMatchObject([
    {
      command: '/coupon',
      channel_id: 'C0RANDOM',
      channel_name: 'random',
      user_id: 'U0AGENT2',
      team_id: exampleWorkspace.team.id,
      text: 'send <@U0LEAD1|lea> <!subteam^S0LEADS1|@leads> <#C0RANDOM|random> <https://example.com/a> @nobody',
    },
    { command: '/raw', text },
  ] satisfies Partial<Payloads[0]>[])
  await stop()
  await slack.close()
})

test('command text has every form that Slack gives it, each typed as people type it', async () => {
  const slack = await startWide()
  const { stop } = await startSmallApp(slack, 'socket', (app) => app.command(/./, ({ ack }) => ack()))
  const ada = slack.person('U0AGENT1')
  const forms: Record<string, string> = {
    'a < b & c > d': 'a &lt; b &amp; c &gt; d',
    'write to lea@example.com, please': 'write to <mailto:lea@example.com|lea@example.com>, please',
    'see www.example.com/a?b&c.': 'see <http://www.example.com/a?b&amp;c|www.example.com/a?b&amp;c>.',
    '(https://example.com/a)': '(<https://example.com/a>)',
    '"@lea", #random: @here': '"<@U0LEAD1|lea>", <#C0RANDOM|random>: <!here>',
    '<@U0LEAD1> a@b lea@ x#random www. oUpF8uMuAJO_M2pxb1Q9zNjWeS6o':
      '&lt;@U0LEAD1&gt; a@b lea@ x#random www. oUpF8uMuAJO_M2pxb1Q9zNjWeS6o',
  }
  for (const typed of Object.keys(forms)) {
    await ada.command('/coupon', typed)
    await ada.command('/raw', typed)
  }
  const texts = slack.traffic().filter(({ kind }) => kind === 'command')
  expect(texts.map(({ request }) => (request as { text: string }).text)).toEqual(
    Object.entries(forms).flatMap(([typed, escaped]) => [escaped, typed]),
  )
  await stop()
  await slack.close()
})

test('offers only what the manifest declares', async () => {
  const { features, oauth_config, display_information } = wideManifest()
  const slack = await startWide({
    manifest: {
      display_information,
      features,
      oauth_config,
      settings: { interactivity: { is_enabled: false }, socket_mode_enabled: true },
    },
  })
  const ada = slack.person('U0AGENT1')
  expect(await ada.command('/cuopon', '')).toEqual({ ok: false, error: 'invalid_command' })
  expect(await slack.person('U0ALIEN1').command('/coupon', '')).toEqual({
    ok: false,
    error: 'invalid_command',
  })
  expect(await ada.command('/coupon', '')).toMatchObject({ ok: false, error: 'dispatch_failed' })
  await slack.setGroup('S0LEADS1', [])
  expect(slack.traffic().filter((entry) => entry.kind === 'event')).toEqual([])
  const elements = [{ type: 'button', action_id: 'go', text: { type: 'plain_text', text: 'Go' } }]
  await call(slack, 'chat.postMessage', {
    channel: 'C0SUPPORT',
    text: 'x',
    blocks: [{ type: 'actions', elements }],
  })
  await expect(ada.press({ actionId: 'go' })).rejects.toThrow('interactivity off')
  await expect(slack.person('U0GONE01').command('/coupon', '')).rejects.toThrow("can't do anything")
  await slack.close()
})
