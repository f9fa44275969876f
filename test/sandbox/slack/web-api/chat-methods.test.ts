import { afterAll, beforeAll, expect, test } from 'vitest'
import type { SlackSandbox } from '../../../../src/sandbox/slack/index.ts'
import { call, startWide } from '../small-app.ts'

let slack: SlackSandbox
beforeAll(async () => {
  slack = await startWide({ rates: false })
})
afterAll(() => slack.close())

const section = { type: 'section', text: { type: 'mrkdwn', text: 'Hi' } }

test('takes metadata away where an update gives an empty one', async () => {
  const metadata = { event_type: 'grant', event_payload: { id: '01J' } }
  const { ts } = await call(slack, 'chat.postMessage', { channel: 'C0ALERTS1', text: 'Card', metadata })
  const stored = () => slack.channelMessages('C0ALERTS1').find((message) => message.ts === ts)
  const update = (more: object) => call(slack, 'chat.update', { channel: 'C0ALERTS1', ts, ...more })
  expect(await update({ metadata: { event_type: '' } })).toMatchObject({ error: 'invalid_metadata_format' })
  expect(stored()).toMatchObject({ text: 'Card', metadata })
  expect(await update({ metadata: {} })).toMatchObject({ ok: true, text: 'Card' })
  expect(stored()).not.toHaveProperty('metadata')
  expect(await call(slack, 'chat.postMessage', { channel: 'C0ALERTS1', text: 'x', metadata: {} })).toEqual({
    ok: false,
    error: 'invalid_metadata_format',
  })
})

test('keeps what an update says nothing of, and takes blocks away where it gives a text or an empty list', async () => {
  const post = { channel: 'C0ALERTS1', text: 'Card', blocks: [section] }
  const { ts } = await call(slack, 'chat.postMessage', post)
  const stored = () => slack.channelMessages('C0ALERTS1').find((message) => message.ts === ts)
  const update = (more: object) => call(slack, 'chat.update', { channel: 'C0ALERTS1', ts, ...more })
  const metadata = { event_type: 'grant', event_payload: {} }
  expect(await update({ metadata })).toMatchObject({ ok: true, text: 'Card' })
  expect(stored()).toMatchObject({ text: 'Card', blocks: [section], metadata })
  expect(stored()).not.toHaveProperty('edited')
  expect(await update({ text: '' })).toMatchObject({ ok: false, error: 'no_text' })
  expect(await update({ blocks: [] })).toMatchObject({ ok: true, text: 'Card' })
  expect(stored()).not.toHaveProperty('blocks')
  expect(stored()).toMatchObject({ text: 'Card', metadata })
})

test('sends blocks back as Slack does: with ids, and with what the app left to its defaults', async () => {
  const plain = (text: string, more: object = {}) => ({ type: 'plain_text', text, ...more })
  const preformatted = { type: 'rich_text_preformatted', elements: [{ type: 'text', text: 'copy' }] }
  const blocks = [
    { type: 'header', text: plain('A', { emoji: false }) },
    { type: 'section', text: { type: 'mrkdwn', text: '*B*' } },
    { type: 'actions', elements: [{ type: 'button', action_id: 'go', text: plain('Go') }] },
    { type: 'rich_text', elements: [preformatted] },
    { type: 'input', label: plain('L'), element: { type: 'plain_text_input', action_id: 't' } },
  ]
  const { message } = await call(slack, 'chat.postMessage', { channel: 'C0ALERTS1', text: 'x', blocks })
  const block_id = expect.stringMatching(/^\S+$/)
  expect((message as { blocks: object }).blocks).toEqual([
    { type: 'header', block_id, text: plain('A', { emoji: false }) },
    { type: 'section', block_id, text: { type: 'mrkdwn', text: '*B*', verbatim: false } },
    {
      type: 'actions',
      block_id,
      elements: [{ type: 'button', action_id: 'go', text: plain('Go', { emoji: true }) }],
    },
    { type: 'rich_text', block_id, elements: [{ ...preformatted, border: 0 }] },
    {
      type: 'input',
      block_id,
      optional: false,
      dispatch_action: false,
      label: plain('L', { emoji: true }),
      element: {
        type: 'plain_text_input',
        action_id: 't',
        dispatch_action_config: { trigger_actions_on: ['on_enter_pressed'] },
      },
    },
  ])
  // What came back can be sent again.
  const again = { channel: 'C0ALERTS1', text: 'x', blocks: (message as { blocks: object }).blocks }
  expect(await call(slack, 'chat.postMessage', again)).toMatchObject({ ok: true })
})

test('refuses more text than Slack takes, and cuts the rest with a warning', async () => {
  const sections = (count: number, length: number) =>
    Array.from({ length: count }, () => ({
      type: 'section',
      text: { type: 'mrkdwn', text: 'x'.repeat(length) },
    }))
  const post = (more: object) => call(slack, 'chat.postMessage', { channel: 'C0ALERTS1', text: 'x', ...more })
  const { ts } = await post({ blocks: sections(4, 3000) })
  expect(ts).toBeTruthy()
  const tooLong = { ok: false, error: 'msg_blocks_too_long' }
  const blocks = [...sections(4, 3000), ...sections(1, 1)]
  expect(await post({ blocks })).toMatchObject(tooLong)
  const update = (more: object) =>
    call(slack, 'chat.update', { channel: 'C0ALERTS1', ts, text: 'x', ...more })
  expect(await update({ blocks })).toMatchObject(tooLong)
  expect(await update({ text: 'x'.repeat(4001) })).toMatchObject({ ok: false, error: 'msg_too_long' })
  expect(await update({ text: 'x'.repeat(4000) })).toMatchObject({ ok: true })
  expect(await post({ blocks: [...sections(1, 1), { type: 'divider', nothing: 1 }] })).toMatchObject({
    error: 'invalid_blocks',
  })
  const cut = await post({ text: 'x'.repeat(40_001) })
  expect(cut).toMatchObject({ ok: true, warning: 'message_truncated' })
  expect((cut.message as { text: string }).text).toHaveLength(40_000)
})
