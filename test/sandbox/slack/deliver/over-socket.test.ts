import { afterEach, expect, test } from 'vitest'
import { WebSocket } from 'ws'
import type { SlackSandbox } from '../../../../src/sandbox/slack/index.ts'
import { call, startWide } from '../small-app.ts'

type Envelope = {
  type: string
  envelope_id?: string
  reason?: string
  num_connections?: number
  payload?: Record<string, unknown>
}

let slack: SlackSandbox
afterEach(() => slack.close())

async function address(): Promise<string> {
  return String((await call(slack, 'apps.connections.open', {}, slack.appToken)).url)
}

/** A raw client: keeps what it got, acknowledges when told to. */
async function connect(url?: string) {
  const ws = new WebSocket(url ?? (await address()))
  const got: Envelope[] = []
  const closed = new Promise<void>((resolve) => ws.on('close', () => resolve()))
  await new Promise<void>((resolve, reject) => {
    ws.on('error', reject)
    ws.on('message', (data) => {
      got.push(JSON.parse(String(data)))
      resolve()
    })
  })
  const next = () =>
    new Promise<Envelope>((resolve) => ws.once('message', (data) => resolve(JSON.parse(String(data)))))
  const ack = (envelope: Envelope, payload?: unknown) =>
    ws.send(JSON.stringify({ envelope_id: envelope.envelope_id, ...(payload ? { payload } : {}) }))
  return { ws, got, next, ack, closed }
}

test('says hello, and an address serves for one connection', async () => {
  slack = await startWide()
  const url = await address()
  const { got } = await connect(url)
  expect(got).toMatchObject([{ type: 'hello', num_connections: 1, connection_info: { app_id: 'A0COUPON1' } }])
  expect(slack.sockets()).toBe(1)
  await expect(connect(url)).rejects.toThrow('401')
  await expect(connect(url.replace(/ticket=[^&]+/, 'ticket=made-up'))).rejects.toThrow('401')
})

test('tells who waits that a connection opened, and that it closed', async () => {
  slack = await startWide()
  const opened = slack.waitFor(() => slack.sockets() === 1, { timeout: 10_000 })
  const url = await address()
  await new Promise((resolve) => setTimeout(resolve, 100))
  const { ws } = await connect(url)
  const started = performance.now()
  await opened
  const closed = slack.waitFor(() => slack.sockets() === 0, { timeout: 10_000 })
  ws.terminate()
  await closed
  expect(performance.now() - started).toBeLessThan(9000)
})

test('sends each envelope to one of the connections and takes the acknowledgement by its id', async () => {
  slack = await startWide()
  const clients = [await connect(), await connect()]
  const ada = slack.person('U0AGENT1')
  const turns: number[] = []
  for (let round = 0; round < 4; round += 1) {
    const arriving = clients.map(async (client, index) => ({ client, index, envelope: await client.next() }))
    const answered = ada.command('/coupon', `${round}`)
    const { client, index, envelope } = await Promise.race(arriving)
    turns.push(index)
    expect(envelope).toMatchObject({
      type: 'slash_commands',
      accepts_response_payload: true,
      payload: { command: '/coupon', text: `${round}` },
    })
    client.ack({ type: '', envelope_id: 'another' }, { text: 'wrong' })
    client.ack(envelope, { text: `answer ${round}` })
    expect(await answered).toMatchObject({ ok: true, text: `answer ${round}` })
  }
  expect(turns.toSorted()).toEqual([0, 0, 1, 1])
  expect(clients.map(({ got }) => got.length)).toEqual([3, 3])
})

test('takes ten connections and no eleventh', async () => {
  slack = await startWide()
  for (let count = 0; count < 10; count += 1) await connect()
  await expect(connect()).rejects.toThrow('429')
  expect(slack.sockets()).toBe(10)
})

test('warns before it closes the connections, and delivers meanwhile', async () => {
  slack = await startWide({ patience: { refreshWarningMs: 200 } })
  const client = await connect()
  slack.refreshSockets()
  expect(await client.next()).toMatchObject({ type: 'disconnect', reason: 'warning' })
  const answered = slack.person('U0AGENT1').command('/coupon', '')
  client.ack(await client.next())
  expect(await answered).toEqual({ ok: true })
  expect(await client.next()).toMatchObject({ type: 'disconnect', reason: 'refresh_requested' })
  await client.closed
  expect(await slack.person('U0AGENT1').command('/coupon', '')).toMatchObject({
    ok: false,
    error: 'dispatch_failed',
  })
})

test('an unanswered command times out and is not sent again, an event is', async () => {
  slack = await startWide({ patience: { ackMs: 100, eventRetryMs: [0, 0, 0] } })
  const client = await connect()
  expect(await slack.person('U0AGENT1').command('/coupon', '')).toMatchObject({
    ok: false,
    error: 'operation_timeout',
  })
  await slack.setGroup('S0LEADS1', ['U0LEAD1'])
  await slack.waitFor(() => client.got.filter((one) => one.type === 'events_api').length >= 5, {
    what: 'repeated events',
  })
  const commands = client.got.filter((one) => one.type === 'slash_commands')
  const changes = client.got.filter(
    (one) => (one.payload?.event as { type?: string })?.type === 'subteam_members_changed',
  )
  expect(commands).toHaveLength(1)
  expect(changes[0]).toMatchObject({ retry_attempt: 0, retry_reason: '', accepts_response_payload: false })
  expect(changes[1]).toMatchObject({
    retry_attempt: 1,
    retry_reason: 'http_timeout',
    payload: changes[0]?.payload as object,
  })
})

test('cuts the sockets on demand right after a delivery', async () => {
  slack = await startWide({ patience: { ackMs: 200 } })
  const client = await connect()
  slack.fault({ name: 'socket_cut' })
  expect(await slack.person('U0AGENT1').command('/coupon', '')).toMatchObject({
    ok: false,
    error: 'operation_timeout',
  })
  await client.closed
  expect(client.got.map(({ type }) => type)).toEqual(['hello', 'slash_commands'])
})
