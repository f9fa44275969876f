import { request } from 'node:http'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { SlackSandbox } from '../../../../src/sandbox/slack/index.ts'
import { startSmallApp, startWide } from '../small-app.ts'

let slack: SlackSandbox
let stop: () => Promise<unknown>

beforeAll(async () => {
  slack = await startWide()
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
    ...((await response.json()) as { ok: boolean; result?: unknown; error?: string }),
  }
}

test('a person acts by HTTP as they do by hand', async () => {
  expect(await ask('people/U0AGENT1/command', { command: '/coupon', text: 'curl' })).toMatchObject({
    status: 200,
    result: { ok: true, text: 'Hello curl', response_type: 'ephemeral' },
  })
  expect(await ask('people/U0AGENT1/views')).toMatchObject({ result: [{ title: { text: 'Form' } }] })
  expect(await ask('people/U0AGENT1/suggest', { actionId: 'stock', query: 'w' })).toMatchObject({
    result: [],
  })
  expect(await ask('people/U0AGENT1/suggest', { actionId: 'stock', query: 'wd' })).toMatchObject({
    result: [{ value: 'wd' }],
  })
  expect(await ask('people/U0AGENT1/submit', {})).toMatchObject({ result: { kind: 'errors', local: true } })
  expect(await ask('people/U0AGENT1/fill', { values: { stock: 'wd' } })).toMatchObject({ ok: true })
  expect(await ask('people/U0AGENT1/submit', {})).toMatchObject({ result: { kind: 'closed' } })
  expect(await ask('people/U0AGENT1/messages?channel=C0SUPPORT')).toMatchObject({
    result: [{ text: 'Hello curl' }],
  })
  expect(await ask('traffic')).toMatchObject({
    result: expect.arrayContaining([expect.objectContaining({ name: '/coupon' })]),
  })
  expect(JSON.stringify(await ask('traffic'))).not.toContain(slack.botToken)
})

test('tells in words what no person could do', async () => {
  expect(await ask('people/U0NOBODY/submit', {})).toMatchObject({
    status: 404,
    error: expect.stringContaining('nobody'),
  })
  expect(await ask('people/U0LEAD1/submit', {})).toMatchObject({
    status: 400,
    error: 'U0LEAD1 has no modal open.',
  })
  expect(await ask('people/U0LEAD1/command', { text: 'x' })).toMatchObject({
    status: 400,
    error: 'command must be a text.',
  })
  expect(await ask('people/U0LEAD1/fly', {})).toMatchObject({ status: 404 })
})

test('plants and clears faults', async () => {
  await ask('faults', { name: 'web_api_500', method: 'auth.test', times: 2 })
  expect(await ask('faults')).toMatchObject({
    result: [{ name: 'web_api_500', method: 'auth.test', times: 2 }],
  })
  await ask('faults/clear', {})
  expect(await ask('faults')).toMatchObject({ result: [] })
  expect(await ask('faults', { name: 'nonsense' })).toMatchObject({ status: 400 })
})

test('refuses other hosts, other origins and what is no JSON', async () => {
  expect(await ask('faults', {}, { 'content-type': 'text/plain' })).toMatchObject({ status: 415 })
  expect(
    await ask('faults', {}, { 'content-type': 'application/json', origin: 'http://evil.example' }),
  ).toMatchObject({
    status: 403,
    error: 'foreign_origin',
  })
  // fetch sets Host by itself.
  const status = await new Promise((resolve, reject) => {
    request(`${slack.sandboxUrl}traffic`, { headers: { host: 'evil.example' } }, (response) => {
      response.resume()
      resolve(response.statusCode)
    })
      .on('error', reject)
      .end()
  })
  expect(status).toBe(403)
})

test('streams that something changed', async () => {
  const abort = new AbortController()
  const response = await fetch(`${slack.sandboxUrl}events`, { signal: abort.signal })
  const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader()
  expect((await reader?.read())?.value).toBe('data: changed\n\n')
  await slack.person('U0LEAD1').say('hi', 'C0SUPPORT')
  expect((await reader?.read())?.value).toContain('data: changed')
  abort.abort()
})

test('tells how it is used, truly', async () => {
  const manual = await (await fetch(slack.sandboxUrl)).text()
  const posts = [...manual.matchAll(/^ {2}POST (\/\S+)/gm)].map(([, path]) => path ?? '')
  expect(posts.length).toBeGreaterThan(8)
  const origin = new URL(slack.sandboxUrl).origin
  for (const path of posts) {
    const url = origin + path.replace('{id}', 'U0LEAD2')
    const headers = { 'content-type': 'application/json' }
    const answer = await fetch(url, { method: 'POST', headers, body: '{}' })
    expect([path, answer.status]).not.toEqual([path, 404])
  }
  for (const name of ['web_api_429', 'ack_lost', 'trigger_reused']) expect(manual).toContain(name)
  const [, body = '', url = ''] = /-d '(\S+)' \\\s+(\S+)/.exec(manual) ?? []
  expect(url).toBe(`${origin}/sandbox/people/U0AGENT1/command`)
  const headers = { 'content-type': 'application/json' }
  const answer = await fetch(url, { method: 'POST', headers, body })
  expect(await answer.json()).toMatchObject({ ok: true })
})
