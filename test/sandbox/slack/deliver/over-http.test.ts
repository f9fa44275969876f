import { createHmac } from 'node:crypto'
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { SlackSandbox } from '../../../../src/sandbox/slack/index.ts'
import { startWide } from '../small-app.ts'

type Arrival = { url: string | undefined; headers: IncomingHttpHeaders; body: string }

let slack: SlackSandbox
let server: Server
let arrivals: Arrival[]
let answer: { status: number; type?: string; body: string } | undefined

beforeEach(async () => {
  arrivals = []
  answer = { status: 200, body: '' }
  server = createServer(async (request, response) => {
    let body = ''
    for await (const chunk of request) body += chunk
    arrivals.push({ url: request.url, headers: request.headers, body })
    if (!answer) return
    response.writeHead(answer.status, { 'content-type': answer.type ?? 'text/plain' }).end(answer.body)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  slack = await startWide({ transport: 'http', patience: { ackMs: 1200, eventRetryMs: [0, 0, 0] } })
  slack.connectApp(`http://127.0.0.1:${(server.address() as AddressInfo).port}`)
})
afterEach(async () => {
  await slack.close()
  server.closeAllConnections()
  await new Promise((resolve) => server.close(resolve))
})

const run = () => slack.person('U0AGENT1').command('/coupon', 'list 券 & more')

function signed({ headers, body }: Arrival): boolean {
  const base = `v0:${headers['x-slack-request-timestamp']}:${body}`
  return (
    headers['x-slack-signature'] ===
    `v0=${createHmac('sha256', slack.signingSecret).update(base).digest('hex')}`
  )
}

test('posts a command as a signed form', async () => {
  answer = { status: 200, type: 'application/json', body: '{"text":"Here","response_type":"ephemeral"}' }
  expect(await run()).toMatchObject({ ok: true, text: 'Here' })
  const [arrival] = arrivals
  expect(arrival?.url).toBe('/slack/events')
  expect(arrival?.headers['content-type']).toBe('application/x-www-form-urlencoded')
  expect(new URLSearchParams(arrival?.body).get('text')).toBe('list 券 &amp; more')
  expect(arrival && signed(arrival)).toBe(true)
  expect(Math.abs(Date.now() / 1000 - Number(arrival?.headers['x-slack-request-timestamp']))).toBeLessThan(5)
})

test('leaves out, spoils or dates back the signature on demand', async () => {
  slack.fault({ name: 'unsigned' })
  slack.fault({ name: 'bad_signature' })
  slack.fault({ name: 'stale_signature' })
  for (let count = 0; count < 3; count += 1) await run()
  const [unsigned, bad, stale] = arrivals as [Arrival, Arrival, Arrival]
  expect(unsigned.headers).not.toHaveProperty('x-slack-signature')
  expect(signed(bad)).toBe(false)
  expect(signed(stale)).toBe(true)
  expect(Date.now() / 1000 - Number(stale.headers['x-slack-request-timestamp'])).toBeGreaterThan(300)
})

test('shows the person what went wrong with the acknowledgement', async () => {
  answer = { status: 404, body: '' }
  expect(await run()).toMatchObject({ ok: false, error: 'dispatch_failed' })
  answer = { status: 200, type: 'application/json', body: '{"text"' }
  expect(await run()).toMatchObject({ ok: false, error: 'dispatch_failed' })
  answer = { status: 200, type: 'application/json', body: '{"blocks":[{"type":"section"}]}' }
  expect(await run()).toMatchObject({ ok: false, error: 'invalid_app_response' })
  answer = undefined
  expect(await run()).toMatchObject({ ok: false, error: 'operation_timeout' })
  expect(arrivals).toHaveLength(4)
  slack.connectApp('http://127.0.0.1:1')
  expect(await run()).toMatchObject({ ok: false, error: 'dispatch_failed' })
})

test('repeats an event with its number and reason', async () => {
  answer = { status: 500, body: '' }
  await slack.setGroup('S0AGENTS', ['U0AGENT1'])
  await slack.waitFor(
    () => slack.traffic().filter((entry) => entry.ms !== undefined && entry.retry === 3).length === 2,
  )
  const changed = arrivals.filter(({ body }) => JSON.parse(body).event.type === 'subteam_updated')
  expect(changed.map(({ headers }) => headers['x-slack-retry-num'])).toEqual([undefined, '1', '2', '3'])
  expect(changed[1]?.headers['x-slack-retry-reason']).toBe('http_error')
  expect(changed[1]?.headers['content-type']).toBe('application/json')
  expect(new Set(changed.map(({ body }) => body)).size).toBe(1)
  expect(changed.every(signed)).toBe(true)
})

test('a late acknowledgement reaches nobody: the app gets the command when Slack has given up', async () => {
  answer = { status: 200, body: 'Too late' }
  slack.fault({ name: 'late_ack', kind: 'command' })
  expect(await run()).toMatchObject({ ok: false, error: 'operation_timeout' })
  await expect.poll(() => arrivals.length).toBe(1)
  expect(slack.person('U0AGENT1').messages('C0SUPPORT')).toEqual([])
})
