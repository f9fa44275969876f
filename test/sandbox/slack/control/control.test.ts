import { afterAll, beforeAll, expect, test } from 'vitest'
import type { SlackSandbox } from '../../../../src/sandbox/slack/index.ts'
import { startSmallApp, startWide } from '../small-app.ts'

let slack: SlackSandbox
let stop: () => Promise<unknown>

beforeAll(async () => {
  // Its first command makes Bolt load much.
  slack = await startWide({ patience: { ackMs: 60_000, triggerMs: 60_000 } })
  const app = await startSmallApp(slack, 'socket', (bolt) => {
    bolt.command('/coupon', async ({ ack, client, body }) => {
      await client.views.open({
        trigger_id: body.trigger_id,
        view: {
          type: 'modal',
          callback_id: 'form',
          title: { type: 'plain_text', text: 'Form' },
          submit: { type: 'plain_text', text: 'Go' },
          blocks: [
            {
              type: 'input',
              block_id: 'stock',
              label: { type: 'plain_text', text: 'Coupon' },
              element: { type: 'external_select', action_id: 'stock', min_query_length: 2 },
            },
          ],
        },
      })
      await ack({ text: `Hello ${body.text}` })
    })
    bolt.options('stock', ({ ack, payload }) =>
      ack({ options: [{ text: { type: 'plain_text', text: payload.value }, value: payload.value }] }),
    )
    bolt.view('form', ({ ack }) => ack())
  })
  stop = app.stop
})
afterAll(async () => {
  await stop()
  await slack.close()
})

async function ask(
  path: string,
  body?: unknown,
  headers: Record<string, string> = { 'content-type': 'application/json' },
) {
  const response = await fetch(
    slack.sandboxUrl + path,
    body === undefined ? {} : { method: 'POST', headers, body: JSON.stringify(body) },
  )
  return {
    status: response.status,
    ...((await response.json()) as { ok: boolean; result?: unknown; error?: string; field?: string }),
  }
}

/** What a person does. */
const act = (person: string, what: string, fields = {}) => ask('act', { person, do: what, ...fields })

test('a person acts by HTTP as they do by hand', async () => {
  expect(await act('U0AGENT1', 'command', { command: '/coupon', text: 'curl' })).toMatchObject({
    status: 200,
    result: { ok: true, text: 'Hello curl', response_type: 'ephemeral' },
  })
  const state = () => ask('state?person=U0AGENT1')
  expect(await state()).toMatchObject({ result: { views: { U0AGENT1: [{ title: { text: 'Form' } }] } } })
  const suggest = (query: string) => act('U0AGENT1', 'suggest', { actionId: 'stock', query })
  expect(await suggest('w')).toMatchObject({ result: [] })
  expect(await suggest('wd')).toMatchObject({ result: [{ value: 'wd' }] })
  expect(await act('U0AGENT1', 'submit')).toMatchObject({ result: { kind: 'errors', local: true } })
  expect(await act('U0AGENT1', 'fill', { values: { stock: 'wd' } })).toMatchObject({ ok: true })
  expect(await act('U0AGENT1', 'submit')).toMatchObject({ result: { kind: 'closed' } })
  expect(await state()).toMatchObject({
    result: { views: {}, messages: { C0SUPPORT: [{ text: 'Hello curl', onlyFor: 'U0AGENT1' }] } },
  })
  expect(await ask('traffic')).toMatchObject({
    result: expect.arrayContaining([expect.objectContaining({ name: '/coupon' })]),
  })
  expect(JSON.stringify(await ask('traffic'))).not.toContain(slack.botToken)
})

test('tells in words, with the field, what no person could do', async () => {
  const refusals = [
    [{ person: 'U0NOBODY', do: 'submit' }, 404, 'person', 'nobody with the id U0NOBODY'],
    [{ do: 'submit' }, 400, 'person', 'person: missing'],
    [{ person: 7, do: 'submit' }, 400, 'person', 'person: Invalid input: expected string'],
    [{ person: 'U0LEAD1' }, 400, 'do', 'do: expected one of command, shortcut, fill,'],
    [{ person: 'U0LEAD1', do: 'fly' }, 400, 'do', 'do: expected one of command, shortcut, fill,'],
    [{ person: 'U0LEAD1', do: 'toString' }, 400, 'do', 'do: expected one of'],
    [{ person: 'U0LEAD1', do: 'command', text: 'x' }, 400, 'command', 'command: missing'],
    [{ person: 'U0LEAD1', do: 'press', action_id: 'x' }, 400, 'action_id', 'action_id: no such field here'],
    [{ person: 'U0LEAD1', do: 'fill', values: [] }, 400, 'values', 'values: Invalid input: expected record'],
    [
      { person: 'U0LEAD1', do: 'fill', values: { note: 7 } },
      400,
      'values.note',
      'values.note: expected a text, a list',
    ],
    [{ person: 'U0LEAD1', do: 'submit' }, 400, undefined, 'U0LEAD1 has no modal open.'],
    [{ person: 'U0GONE01', do: 'say', text: 'x' }, 400, undefined, "U0GONE01 can't do anything here."],
    [{ person: 'U0GUEST1', do: 'say', text: 'x', channel: 'C0RANDOM' }, 400, undefined, 'is not in C0RANDOM'],
  ] as const
  for (const [body, status, field, error] of refusals) {
    const answer = await ask('act', body)
    expect(answer).toMatchObject({ ok: false, status, error: expect.stringContaining(error) })
    expect([body, answer.field]).toEqual([body, field])
  }
  expect(await ask('fly')).toMatchObject({
    status: 404,
    error: expect.stringContaining('GET /sandbox tells'),
  })
})

test('refuses what is no JSON object, by name', async () => {
  const post = async (body: string, type = 'application/json') => {
    const headers = { 'content-type': type }
    const response = await fetch(`${slack.sandboxUrl}act`, { method: 'POST', headers, body })
    return { status: response.status, ...((await response.json()) as object) }
  }
  for (const text of ['{"person": "U0LEAD1"', '[]', '"text"', 'null', '\u0000'])
    expect(await post(text)).toEqual({
      status: 400,
      ok: false,
      error: 'The body is no JSON object.',
      field: 'body',
    })
  expect(await post('person=U0LEAD1&do=submit', 'application/x-www-form-urlencoded')).toMatchObject({
    status: 415,
  })
  expect(await post('{}', 'text/plain')).toMatchObject({ status: 415 })
})

test('plants and clears faults, and refuses those that would never fire', async () => {
  const planted = await ask('faults', { name: 'web_api_500', method: 'auth.test', times: 2 })
  expect(planted).toMatchObject({ result: [{ name: 'web_api_500', method: 'auth.test', times: 2 }] })
  expect((await ask('faults')).result).toEqual(planted.result)
  await ask('faults/clear', {})
  expect(await ask('faults')).toMatchObject({ result: [] })
  const refusals = [
    [{ name: 'nonsense' }, 'name'],
    [{ name: 'ack_lost', times: 0 }, 'times'],
    [{ name: 'ack_lost', times: '2' }, 'times'],
    [{ name: 'ack_lost', kind: 'dance' }, 'kind'],
    [{ name: 'web_api_429', retry_after: 3 }, 'retry_after'],
    [{ name: 'web_api_500', acted: 'yes' }, 'acted'],
    [{ name: 'web_api_500', method: 7 }, 'method'],
  ] as const
  for (const [spec, field] of refusals)
    expect(await ask('faults', spec)).toMatchObject({ status: 400, field })
  expect(await ask('faults')).toMatchObject({ result: [] })
})

test('moves the clock of message times, forward only', async () => {
  const day = 86_400_000
  await act('U0AGENT2', 'say', { text: 'today', channel: 'C0RANDOM' })
  expect(await ask('clock', { forwardMs: day })).toMatchObject({ result: { ahead: day } })
  expect((await ask('clock')).result).toMatchObject({ ahead: day })
  await act('U0AGENT2', 'say', { text: 'tomorrow', channel: 'C0RANDOM' })
  const [first, second] = slack.channelMessages('C0RANDOM')
  expect(Number(second?.ts) - Number(first?.ts)).toBeGreaterThanOrEqual(day / 1000)
  for (const forwardMs of [-1, 0, 1.5, '1', 1e15])
    expect(await ask('clock', { forwardMs })).toMatchObject({ status: 400, field: 'forwardMs' })
  expect(await ask('clock', { shift_ms: 1 })).toMatchObject({ status: 400, field: 'shift_ms' })
})

test('streams that something changed', async () => {
  const abort = new AbortController()
  const response = await fetch(`${slack.sandboxUrl}events`, { signal: abort.signal })
  const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader()
  expect((await reader?.read())?.value).toContain('data: changed\n\n')
  await slack.person('U0LEAD1').say('hi', 'C0SUPPORT')
  expect((await reader?.read())?.value).toContain('data: changed')
  abort.abort()
})

test('tells how it is used, truly', async () => {
  const response = await fetch(slack.sandboxUrl)
  const manual = await response.text()
  expect(await (await fetch(slack.sandboxUrl.replace(/\/$/, ''))).text()).toBe(manual)
  const origin = new URL(slack.sandboxUrl).origin
  const addresses = [...manual.matchAll(/^ {2}(GET|POST) +(\/\S+)/gm)].map(([, method, path]) => [
    method,
    path,
  ])
  expect(addresses.length).toBeGreaterThan(12)
  const headers = { 'content-type': 'application/json' }
  for (const [method = '', path] of addresses.filter(([, path]) => path !== '/sandbox/events')) {
    const answer = await fetch(origin + path, method === 'GET' ? {} : { method, headers, body: '{}' })
    // Nothing runs beside this one; that is said in other words than that there is no such address.
    expect([path, await answer.text()]).not.toEqual([path, expect.stringContaining('tells what there is')])
  }
  for (const name of ['web_api_429', 'ack_lost', 'trigger_reused']) expect(manual).toContain(name)
  for (const name of ['command', 'fill', 'press', 'submit', 'say'])
    expect(manual).toMatch(new RegExp(`^ {4}${name} `, 'm'))
  const [, body = '', url = ''] = /-d '(\S+)' \\\s+(\S+)/.exec(manual) ?? []
  expect(url).toBe(`${origin}/sandbox/act`)
  const answer = await fetch(url, { method: 'POST', headers, body })
  expect(await answer.json()).toMatchObject({ ok: true })
  expect(manual.split('\n').filter((line) => line.length > 120)).toEqual([])
})
