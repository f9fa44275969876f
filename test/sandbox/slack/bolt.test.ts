import type { App } from '@slack/bolt'
import type { ModalView } from '@slack/types'
import { afterEach, expect, test } from 'vitest'
import type { SlackSandbox } from '../../../src/sandbox/slack/index.ts'
import { startSmallApp, startWide } from './small-app.ts'

const form: ModalView = {
  type: 'modal',
  callback_id: 'give',
  title: { type: 'plain_text', text: 'Give a coupon' },
  submit: { type: 'plain_text', text: 'Give' },
  notify_on_close: true,
  blocks: [
    {
      type: 'input',
      block_id: 'openid',
      label: { type: 'plain_text', text: 'openid' },
      element: { type: 'plain_text_input', action_id: 'openid' },
    },
    {
      type: 'input',
      block_id: 'stock',
      label: { type: 'plain_text', text: 'Coupon' },
      element: {
        type: 'static_select',
        action_id: 'stock',
        options: [{ text: { type: 'plain_text', text: '¥10' }, value: 'withdraw-10' }],
      },
    },
    {
      type: 'input',
      block_id: 'note',
      optional: true,
      label: { type: 'plain_text', text: 'Note' },
      element: { type: 'plain_text_input', action_id: 'note', multiline: true },
    },
  ],
}

const closing: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const close of closing.splice(0).toReversed()) await close()
})

async function start(
  transport: 'socket' | 'http',
  listen: (app: App) => void,
  patience = {},
): Promise<SlackSandbox> {
  const slack = await startWide({ transport, patience })
  closing.push(slack.close)
  const { stop } = await startSmallApp(slack, transport, listen)
  closing.push(stop)
  return slack
}

for (const transport of ['socket', 'http'] as const) {
  test(`a command opens a modal and its submission is answered with a DM over ${transport}`, async () => {
    const states: unknown[] = []
    const slack = await start(transport, (app) => {
      app.command('/coupon', async ({ ack, client, body }) => {
        await ack({ response_type: 'ephemeral', text: `Got ${body.text}` })
        await client.views.open({ trigger_id: body.trigger_id, view: form })
      })
      app.view('give', async ({ ack, view, body, client }) => {
        states.push(view.state.values)
        await ack()
        await client.chat.postMessage({ channel: body.user.id, text: 'Recorded' })
      })
    })
    const ada = slack.person('U0AGENT1')
    expect(await ada.command('/coupon', 'send')).toMatchObject({ ok: true, text: 'Got send' })
    expect(ada.messages('C0SUPPORT').map((message) => message.text)).toEqual(['Got send'])
    expect(slack.channelMessages('C0SUPPORT')).toEqual([])
    const view = await slack.waitFor(() => ada.view())
    expect(view.title.text).toBe('Give a coupon')
    ada.fill({ openid: 'oUpF8uMuAJO_M2pxb1Q9zNjWeS6o' })
    expect(await ada.submit()).toMatchObject({
      kind: 'errors',
      local: true,
      errors: { stock: expect.any(String) },
    })
    ada.fill({ stock: 'withdraw-10' })
    expect(await ada.submit()).toEqual({ kind: 'closed' })
    expect(ada.view()).toBeUndefined()
    await slack.waitFor(() => ada.dm().length === 1)
    expect(ada.dm()[0]).toMatchObject({ text: 'Recorded', user: slack.botUserId })
    expect(states).toEqual([
      {
        openid: { openid: { type: 'plain_text_input', value: 'oUpF8uMuAJO_M2pxb1Q9zNjWeS6o' } },
        stock: {
          stock: {
            type: 'static_select',
            selected_option: {
              text: { type: 'plain_text', text: '¥10', emoji: true },
              value: 'withdraw-10',
            },
          },
        },
        note: { note: { type: 'plain_text_input', value: null } },
      },
    ])
  })

  test(`field errors, an update, a push and clearing are shown over ${transport}`, async () => {
    const answers = [
      { response_action: 'errors', errors: { openid: 'Not an openid' } },
      {
        response_action: 'push',
        view: { ...form, callback_id: 'give', title: { type: 'plain_text', text: 'Sure?' } },
      },
      { response_action: 'update', view: { ...form, title: { type: 'plain_text', text: 'Again' } } },
      { response_action: 'clear' },
    ] as const
    let turn = 0
    const slack = await start(transport, (app) => {
      app.command('/coupon', async ({ ack, client, body }) => {
        await ack()
        await client.views.open({ trigger_id: body.trigger_id, view: form })
      })
      app.view('give', ({ ack }) => ack(answers[turn++] as (typeof answers)[0]))
    })
    const ada = slack.person('U0AGENT1')
    await ada.command('/coupon', 'send')
    await slack.waitFor(() => ada.view())
    const filled = { openid: 'o1', stock: 'withdraw-10' }
    ada.fill(filled)
    expect(await ada.submit()).toEqual({ kind: 'errors', errors: { openid: 'Not an openid' }, local: false })
    expect(ada.view()?.errors).toEqual({ openid: 'Not an openid' })
    expect(await ada.submit()).toEqual({ kind: 'pushed' })
    expect(ada.views().map((view) => view.title.text)).toEqual(['Give a coupon', 'Sure?'])
    ada.fill(filled)
    expect(await ada.submit()).toEqual({ kind: 'updated' })
    expect(ada.view()?.title.text).toBe('Again')
    expect(ada.view()?.state.values.openid).toEqual({ openid: { type: 'plain_text_input', value: 'o1' } })
    expect(await ada.submit()).toEqual({ kind: 'cleared' })
    expect(ada.views()).toEqual([])
  })

  test(`a button in a message is confirmed, answered by response_url and the message updated over ${transport}`, async () => {
    const slack = await start(transport, (app) => {
      app.action('approve', async ({ ack, respond, body, client }) => {
        await ack()
        if (body.type !== 'block_actions' || !body.message || !body.channel)
          throw new Error('not from a message')
        await respond({ response_type: 'ephemeral', replace_original: false, text: 'Thank you' })
        await client.chat.update({ channel: body.channel.id, ts: body.message.ts, text: 'Approved' })
      })
      app.command('/coupon', async ({ ack, client }) => {
        await ack()
        await client.chat.postMessage({
          channel: 'C0APPROVE',
          text: 'Approve?',
          metadata: { event_type: 'grant', event_payload: { id: '1' } },
          blocks: [
            {
              type: 'actions',
              elements: [
                {
                  type: 'button',
                  action_id: 'approve',
                  value: '1',
                  text: { type: 'plain_text', text: 'Approve' },
                  confirm: {
                    title: { type: 'plain_text', text: 'Sure?' },
                    text: { type: 'plain_text', text: 'It cannot be taken back.' },
                    confirm: { type: 'plain_text', text: 'Give' },
                    deny: { type: 'plain_text', text: 'Back' },
                  },
                },
              ],
            },
          ],
        })
      })
    })
    await slack.person('U0AGENT1').command('/coupon', '')
    await slack.waitFor(() => slack.channelMessages('C0APPROVE').length === 1)
    const lea = slack.person('U0LEAD1')
    expect(await lea.press({ actionId: 'approve' })).toEqual({
      ok: true,
      confirm: { title: 'Sure?', text: 'It cannot be taken back.', confirm: 'Give', deny: 'Back' },
    })
    await slack.waitFor(() => slack.channelMessages('C0APPROVE')[0]?.text === 'Approved')
    expect(slack.channelMessages('C0APPROVE')[0]?.blocks).toBeUndefined()
    expect(lea.messages('C0APPROVE').map(({ text }) => text)).toEqual(['Approved', 'Thank you'])
    expect(
      slack
        .person('U0LEAD2')
        .messages('C0APPROVE')
        .map(({ text }) => text),
    ).toEqual(['Approved'])
    const post = slack.traffic().find((entry) => entry.name === 'chat.postMessage')
    expect(post?.request).toMatchObject({ channel: 'C0APPROVE', text: 'Approve?' })
  })

  test(`closing tells the app, with the view for the close button and the root for the X, over ${transport}`, async () => {
    const closed: unknown[] = []
    const slack = await start(transport, (app) => {
      app.command('/coupon', async ({ ack, client, body }) => {
        await ack()
        await client.views.open({ trigger_id: body.trigger_id, view: form })
      })
      app.view({ callback_id: 'give', type: 'view_closed' }, async ({ ack, body }) => {
        closed.push([body.view.id, 'is_cleared' in body && body.is_cleared])
        await ack()
      })
    })
    const ada = slack.person('U0AGENT1')
    await ada.command('/coupon', '')
    const first = await slack.waitFor(() => ada.view())
    await ada.cancel()
    await ada.command('/coupon', '')
    const second = await slack.waitFor(() => ada.view())
    await ada.close()
    expect(closed).toEqual([
      [first.id, false],
      [second.id, true],
    ])
  })

  test(`a subscribed event arrives and is retried until it is acknowledged over ${transport}`, async () => {
    const seen: unknown[] = []
    const slack = await start(
      transport,
      (app) => {
        app.event('subteam_members_changed', async ({ event, body }) => {
          seen.push([event.subteam_id, event.added_users, body.event_id])
        })
      },
      { ackMs: 1500, eventRetryMs: [0, 0, 0] },
    )
    slack.fault({ name: 'ack_lost', kind: 'event' })
    await slack.setGroup('S0LEADS1', ['U0LEAD1', 'U0LEAD2', 'U0AGENT1'])
    await slack.waitFor(() => slack.traffic().some((entry) => entry.retry === 1 && entry.ms !== undefined))
    expect(seen).toHaveLength(2)
    expect(seen[0]).toEqual(seen[1])
    expect(seen[0]).toEqual(['S0LEADS1', ['U0AGENT1'], expect.stringMatching(/^Ev/)])
  })

  test(`a person sees a time-out when the acknowledgement is lost, and the app did its work, over ${transport}`, async () => {
    let count = 0
    const slack = await start(
      transport,
      (app) => {
        app.command('/coupon', async ({ ack }) => {
          count += 1
          await ack('Done')
        })
      },
      { ackMs: 1500 },
    )
    slack.fault({ name: 'ack_lost' })
    const ada = slack.person('U0AGENT1')
    expect(await ada.command('/coupon', '')).toMatchObject({ ok: false, error: 'operation_timeout' })
    expect(ada.messages('C0SUPPORT')).toEqual([])
    expect(count).toBe(1)
    slack.fault({ name: 'command_twice' })
    expect(await ada.command('/coupon', '')).toMatchObject({ ok: true, text: 'Done' })
    expect(count).toBe(3)
  })
}

test('an app that checks signatures does nothing for what is not signed by Slack, or long ago', async () => {
  let count = 0
  const slack = await start('http', (app) => {
    app.command('/coupon', async ({ ack }) => {
      count += 1
      await ack()
    })
  })
  const ada = slack.person('U0AGENT1')
  for (const name of ['unsigned', 'bad_signature', 'stale_signature'] as const) {
    slack.fault({ name })
    expect(await ada.command('/coupon', '')).toMatchObject({
      ok: false,
      error: 'dispatch_failed',
      why: 'http_error 401',
    })
  }
  expect(count).toBe(0)
  expect(await ada.command('/coupon', '')).toEqual({ ok: true })
  expect(count).toBe(1)
})
