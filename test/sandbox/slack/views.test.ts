import { afterAll, beforeAll, expect, test } from 'vitest'
import type { SlackSandbox } from '../../../src/sandbox/slack/index.ts'
import { call, startSmallApp, startWide } from './small-app.ts'

let slack: SlackSandbox
let stop: () => Promise<unknown>
let triggers: string[] = []
let responseUrls: string[] = []
let now = Date.UTC(2026, 10, 24)

beforeAll(async () => {
  slack = await startWide({ patience: { triggerMs: 1500 }, now: () => now })
  const app = await startSmallApp(slack, 'socket', (bolt) => {
    bolt.command('/coupon', async ({ ack, body }) => {
      triggers.push(body.trigger_id)
      responseUrls.push(body.response_url)
      await ack()
    })
    bolt.action('more', async ({ ack, body }) => {
      if ('trigger_id' in body) triggers.push(body.trigger_id)
      await ack()
    })
    bolt.view('form', ({ ack }) => ack())
  })
  stop = app.stop
})
afterAll(async () => {
  await stop()
  await slack.close()
})

async function freshTrigger(person = 'U0AGENT1'): Promise<string> {
  triggers = []
  await slack.person(person).command('/coupon', '')
  return String(triggers[0])
}

const text = (words: string) => ({ type: 'plain_text', text: words })
const modal = (title: string, more: object = {}) => ({
  type: 'modal',
  callback_id: 'form',
  title: text(title),
  submit: text('Go'),
  blocks: [
    { type: 'actions', elements: [{ type: 'button', action_id: 'more', text: text('More') }] },
    {
      type: 'input',
      block_id: 'n',
      label: text('Note'),
      optional: true,
      element: { type: 'plain_text_input', action_id: 'n' },
    },
  ],
  ...more,
})

test('a trigger serves once, within its time, and only a real one', async () => {
  const open = (trigger_id: string, view: object = modal('One')) =>
    call(slack, 'views.open', { trigger_id, view })
  const trigger = await freshTrigger()
  expect(await open(trigger, { type: 'modal' })).toMatchObject({ ok: false, error: 'invalid_arguments' })
  expect(await open(trigger)).toMatchObject({
    ok: true,
    view: { title: { text: 'One' }, callback_id: 'form' },
  })
  expect(await open(trigger)).toEqual({ ok: false, error: 'exchanged_trigger_id' })
  expect(await open('1.2.3')).toEqual({ ok: false, error: 'invalid_trigger_id' })
  const late = await freshTrigger()
  await slack.waitFor(() => false, { timeout: 1600 }).catch(() => {})
  expect(await open(late)).toEqual({ ok: false, error: 'expired_trigger_id' })
  slack.fault({ name: 'trigger_reused' })
  expect(await open(await freshTrigger())).toEqual({ ok: false, error: 'exchanged_trigger_id' })
})

test('an update keeps the id and what was typed, changes the hash, and refuses an old one', async () => {
  const ada = slack.person('U0AGENT1')
  await call(slack, 'views.open', { trigger_id: await freshTrigger(), view: modal('One') })
  const view = await slack.waitFor(() => ada.view())
  ada.fill({ n: 'typed' })
  const update = (more: object) =>
    call(slack, 'views.update', { view_id: view.id, view: modal('Two'), ...more })
  expect(await update({ hash: view.hash })).toMatchObject({
    ok: true,
    view: { id: view.id, title: { text: 'Two' } },
  })
  expect(ada.view()?.hash).not.toBe(view.hash)
  expect(ada.view()?.state.values.n).toEqual({ n: { type: 'plain_text_input', value: 'typed' } })
  expect(await update({ hash: view.hash })).toEqual({ ok: false, error: 'hash_conflict' })
  expect(await ada.submit()).toEqual({ kind: 'closed' })
  expect(await update({})).toEqual({ ok: false, error: 'not_found' })
})

test('at most three views are stacked, pushed by what was pressed inside', async () => {
  const ada = slack.person('U0AGENT1')
  const push = (trigger_id: string, title: string) =>
    call(slack, 'views.push', { trigger_id, view: modal(title) })
  await call(slack, 'views.open', { trigger_id: await freshTrigger(), view: modal('One') })
  expect(await push(await freshTrigger(), 'Two')).toMatchObject({ error: 'invalid_trigger_id' })
  const pressed = async () => {
    triggers = []
    await ada.press({ actionId: 'more' })
    return String(triggers[0])
  }
  expect(await push(await pressed(), 'Two')).toMatchObject({ ok: true })
  expect(await push(await pressed(), 'Three')).toMatchObject({ ok: true })
  expect(await push(await pressed(), 'Four')).toEqual({ ok: false, error: 'push_limit_reached' })
  const [root, second, third] = ada.views()
  expect([second?.root_view_id, second?.previous_view_id, third?.previous_view_id]).toEqual([
    root?.id,
    root?.id,
    second?.id,
  ])
  await ada.cancel()
  expect(ada.views().map((view) => view.title.text)).toEqual(['One', 'Two'])
  await ada.close()
  expect(ada.view()).toBeUndefined()
})

test('an external_id is unique and finds its view', async () => {
  const view = modal('One', { external_id: 'grant-1' })
  await call(slack, 'views.open', { trigger_id: await freshTrigger(), view })
  const other = await freshTrigger('U0LEAD1')
  expect(await call(slack, 'views.open', { trigger_id: other, view })).toEqual({
    ok: false,
    error: 'duplicate_external_id',
  })
  const updated = await call(slack, 'views.update', {
    external_id: 'grant-1',
    view: modal('Two', { external_id: 'grant-1' }),
  })
  expect(updated).toMatchObject({ ok: true, view: { title: { text: 'Two' } } })
  await slack.person('U0AGENT1').close()
})

test('a response_url serves five times within thirty minutes', async () => {
  const respond = async (url: string, body: object) => {
    const response = await fetch(url, {
      method: 'POST',
      body: JSON.stringify(body),
      headers: { 'content-type': 'application/json' },
    })
    return [response.status, await response.text()]
  }
  responseUrls = []
  await freshTrigger()
  const url = String(responseUrls[0])
  expect(await respond(url, {})).toEqual([400, '{"ok":false,"error":"no_text"}'])
  for (let use = 0; use < 5; use += 1) expect(await respond(url, { text: `${use}` })).toEqual([200, 'ok'])
  expect(await respond(url, { text: '5' })).toEqual([404, '{"ok":false,"error":"used_url"}'])
  await freshTrigger()
  now += 31 * 60_000
  expect(await respond(String(responseUrls[1]), { text: 'x' })).toEqual([
    404,
    '{"ok":false,"error":"expired_url"}',
  ])
  expect(await respond(`${url}0`, { text: 'x' })).toEqual([404, '{"ok":false,"error":"invalid_url"}'])
  expect(slack.channelMessages('C0SUPPORT')).toEqual([])
  expect(
    slack
      .person('U0AGENT1')
      .messages('C0SUPPORT')
      .map((message) => message.text),
  ).toEqual(['0', '1', '2', '3', '4'])
})

test('a Home tab is published for a person and shown when it is opened', async () => {
  const home = { type: 'home', blocks: [{ type: 'header', text: text('Today') }] }
  expect(await call(slack, 'views.publish', { user_id: 'U0AGENT1', view: home })).toMatchObject({ ok: true })
  expect((await slack.person('U0AGENT1').openHome())?.blocks[0]).toMatchObject({ type: 'header' })
  expect(slack.traffic().at(-1)).toMatchObject({ kind: 'event', name: 'app_home_opened' })
})
