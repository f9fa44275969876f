import type { App, BlockAction, ViewResponseAction } from '@slack/bolt'
import type { ModalView } from '@slack/types'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import type { SlackSandbox } from '../../../../src/sandbox/slack/index.ts'
import { call, startSmallApp, startWide } from '../small-app.ts'

const form: ModalView = {
  type: 'modal',
  callback_id: 'form',
  title: { type: 'plain_text', text: 'Form' },
  submit: { type: 'plain_text', text: 'Go' },
  blocks: [
    {
      type: 'input',
      block_id: 'stock',
      dispatch_action: true,
      optional: true,
      label: { type: 'plain_text', text: 'Coupon' },
      element: {
        type: 'static_select',
        action_id: 'stock',
        options: [{ text: { type: 'plain_text', text: 'Ten' }, value: 'ten' }],
      },
    },
    {
      type: 'input',
      block_id: 'note',
      optional: true,
      label: { type: 'plain_text', text: 'Note' },
      element: { type: 'plain_text_input', action_id: 'note', max_length: 5 },
    },
    {
      type: 'input',
      block_id: 'enter',
      dispatch_action: true,
      optional: true,
      label: { type: 'plain_text', text: 'Told on Enter' },
      element: { type: 'plain_text_input', action_id: 'enter' },
    },
    {
      type: 'input',
      block_id: 'keys',
      dispatch_action: true,
      optional: true,
      label: { type: 'plain_text', text: 'Told at each key' },
      element: {
        type: 'plain_text_input',
        action_id: 'keys',
        dispatch_action_config: { trigger_actions_on: ['on_character_entered'] },
      },
    },
  ],
}

let slack: SlackSandbox
let stop: () => Promise<unknown>
let actions: BlockAction[]
let submissions: string[]
let answer: unknown

function listen(app: App): void {
  app.command('/coupon', async ({ ack, client, body }) => {
    await client.views.open({ trigger_id: body.trigger_id, view: form })
    await ack()
  })
  app.action<BlockAction>(/./, async ({ ack, body }) => {
    actions.push(body)
    await ack()
  })
  app.view('form', async ({ ack, view }) => {
    submissions.push(view.id)
    await ack(answer as ViewResponseAction)
  })
}

beforeAll(async () => {
  slack = await startWide({ rates: false })
  stop = (await startSmallApp(slack, 'socket', listen)).stop
})
afterAll(async () => {
  await stop()
  await slack.close()
})
beforeEach(() => {
  actions = []
  submissions = []
  answer = undefined
})

const elements = [
  { type: 'button', action_id: 'approve', value: '1', text: { type: 'plain_text', text: 'Approve' } },
]
const post = (channel: string) =>
  call(slack, 'chat.postMessage', { channel, text: 'x', blocks: [{ type: 'actions', elements }] })

test('a click that arrives twice comes with two triggers', async () => {
  const { ts } = await post('C0APPROVE')
  slack.fault({ name: 'click_twice' })
  expect(await slack.person('U0LEAD1').press({ actionId: 'approve' })).toEqual({ ok: true })
  expect(actions.map((body) => body.message?.ts)).toEqual([ts, ts])
  expect(new Set(actions.map((body) => body.trigger_id)).size).toBe(2)
})

test('a menu tells the option that was chosen; of several alike, that of the block or value that is meant', async () => {
  const option = (value: string) => ({ text: { type: 'plain_text', text: value.toUpperCase() }, value })
  const menu = (block_id: string, ...values: string[]) => ({
    type: 'section',
    block_id,
    text: { type: 'plain_text', text: block_id },
    accessory: {
      type: 'overflow',
      action_id: 'more',
      options: values.map(option),
      confirm: { text: { type: 'plain_text', text: 'Sure?' }, title: { type: 'plain_text', text: 'Menu' } },
    },
  })
  const blocks = [menu('one', 'ids', 'history'), menu('two', 'ids', 'openid')]
  await call(slack, 'chat.postMessage', { channel: 'C0APPROVE', text: 'x', blocks })
  const lea = slack.person('U0LEAD1')
  expect(await lea.press({ actionId: 'more', value: 'openid' })).toMatchObject({
    ok: true,
    confirm: { title: 'Menu', text: 'Sure?', confirm: 'Yes' },
  })
  await lea.press({ actionId: 'more', value: 'ids', blockId: 'two' })
  await lea.press({ actionId: 'more', value: 'ids' })
  expect(actions.map(({ actions: [one] }) => [one?.block_id, one?.type])).toEqual([
    ['two', 'overflow'],
    ['two', 'overflow'],
    ['one', 'overflow'],
  ])
  const [action] = actions[0]?.actions ?? []
  expect(action).toMatchObject({
    type: 'overflow',
    action_id: 'more',
    selected_option: { text: { type: 'plain_text', text: 'OPENID', emoji: true }, value: 'openid' },
    action_ts: expect.any(String),
  })
  expect(action).not.toHaveProperty('options')
  expect(actions[0]?.state?.values).toEqual({})
  await expect(lea.press({ actionId: 'more', value: 'gone' })).rejects.toThrow('sees nothing')
})

test('two people press at once', async () => {
  await post('C0APPROVE')
  const both = ['U0LEAD1', 'U0LEAD2'].map((id) => slack.person(id).press({ actionId: 'approve', value: '1' }))
  expect(await Promise.all(both)).toEqual([{ ok: true }, { ok: true }])
  expect(actions.map((body) => body.user.id).toSorted()).toEqual(['U0LEAD1', 'U0LEAD2'])
})

test('somebody of another workspace can press in a shared channel, and nobody where they are not', async () => {
  await post('C0SHARED')
  expect(await slack.person('U0ALIEN1').press({ actionId: 'approve' })).toEqual({ ok: true })
  expect(actions[0]).toMatchObject({ user: { team_id: 'T0OTHER01' }, team: { id: slack.teamId } })
  await post('C0ALERTS1')
  await expect(slack.person('U0AGENT2').press({ actionId: 'approve', channel: 'C0ALERTS1' })).rejects.toThrow(
    'sees nothing',
  )
})

test('a submission that arrives twice is one view, and the person sees one result', async () => {
  const ada = slack.person('U0AGENT1')
  await ada.command('/coupon', '')
  slack.fault({ name: 'submit_twice' })
  expect(await ada.submit()).toEqual({ kind: 'closed' })
  expect(submissions).toHaveLength(2)
  expect(new Set(submissions).size).toBe(1)
})

test('an input that dispatches tells its choice at once, others only on submit', async () => {
  const guest = slack.person('U0GUEST1')
  await guest.command('/coupon', '')
  guest.fill({ note: 'hello', stock: 'ten' })
  await slack.waitFor(() => actions.length === 1)
  expect(actions[0]?.actions[0]).toMatchObject({
    type: 'static_select',
    action_id: 'stock',
    selected_option: { value: 'ten' },
  })
  expect(actions[0]?.view?.state.values.note).toEqual({ note: { type: 'plain_text_input', value: 'hello' } })
  expect(() => guest.fill({ stock: 'twenty' })).toThrow('has no option "twenty"')
  expect(() => guest.fill({ price: '1' })).toThrow('has no input "price"')
  guest.fill({ note: 'too long' })
  expect(await guest.submit()).toEqual({
    kind: 'errors',
    errors: { note: 'Enter at most 5 characters.' },
    local: true,
  })
  await guest.close()
})

test('a text input tells of typing only where the app asked for every key', async () => {
  const guest = slack.person('U0GUEST1')
  await guest.command('/coupon', '')
  guest.fill({ enter: 'typed', keys: 'typed' })
  await slack.waitFor(() => actions.length > 0)
  expect(actions.map((body) => body.actions[0]?.action_id)).toEqual(['keys'])
  await guest.press({ actionId: 'enter', value: 'typed' })
  expect(actions.map((body) => body.actions[0]?.action_id)).toEqual(['keys', 'enter'])
  await guest.close()
})

test('an answer to a submission that Slack would not take leaves the modal and says why', async () => {
  const ada = slack.person('U0AGENT1')
  await ada.command('/coupon', '')
  const wrong: [unknown, string][] = [
    [{ response_action: 'errors', errors: { nowhere: 'x' } }, 'invalid_errors'],
    [{ response_action: 'errors', errors: {} }, 'invalid_errors'],
    [
      { response_action: 'update', view: { ...form, title: { type: 'plain_text', text: 'x'.repeat(25) } } },
      '/view/title/text',
    ],
    [{ response_action: 'close' }, 'invalid_response_action'],
  ]
  for (const [given, why] of wrong) {
    answer = given
    expect(await ada.submit()).toEqual({
      kind: 'failed',
      error: 'invalid_app_response',
      why: expect.stringContaining(why),
    })
  }
  expect(ada.view()?.title.text).toBe('Form')
  await ada.close()
})

test('a lost acknowledgement leaves the modal open', async () => {
  const hasty = await startWide({ patience: { ackMs: 1500 } })
  const app = await startSmallApp(hasty, 'socket', listen)
  const ada = hasty.person('U0AGENT1')
  await ada.command('/coupon', '')
  await hasty.waitFor(() => ada.view())
  hasty.fault({ name: 'ack_lost', kind: 'interaction' })
  expect(await ada.submit()).toMatchObject({ kind: 'failed', error: 'operation_timeout' })
  expect(submissions).toHaveLength(1)
  expect(ada.view()?.title.text).toBe('Form')
  expect(await ada.submit()).toEqual({ kind: 'closed' })
  await app.stop()
  await hasty.close()
})
