import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { pino } from 'pino'
import { expect, onTestFinished, test } from 'vitest'
import { type WebSocket, WebSocketServer } from 'ws'
import { createSlack } from '../../../src/slack/app.ts'
import { createSlackClients } from '../../../src/slack/edge/clients.ts'
import { createPeople } from '../../../src/slack/edge/people.ts'
import { findsNobody, grantsThat } from '../builders.ts'

/** A Slack whose frames the test writes, byte for byte. */
async function start() {
  const calls: string[] = []
  const posted: { url: string; body: string }[] = []
  let isTaken = (_url: string) => true
  const acks: { envelope_id: string; payload: unknown }[] = []
  const sockets: WebSocket[] = []
  const server = createServer((request, response) => {
    calls.push(request.url ?? '')
    const { port } = server.address() as AddressInfo
    const us = { team_id: 'T0HOME01', user_id: 'U0APP001', bot_id: 'B0APP001' }
    const { url = '' } = request
    let body = ''
    request.on('data', (text) => {
      body += String(text)
    })
    request.on('end', () => posted.push({ url, body: decodeURIComponent(body) }))
    response.setHeader('content-type', 'application/json')
    response.end(
      JSON.stringify({ ok: isTaken(url), error: 'refused', ...us, url: `ws://127.0.0.1:${port}/link` }),
    )
  })
  new WebSocketServer({ server }).on('connection', (socket) => {
    sockets.push(socket)
    socket.on('message', (data) => acks.push(JSON.parse(String(data))))
    socket.send(JSON.stringify({ type: 'hello', num_connections: 1 }))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo

  const log: Record<string, unknown>[] = []
  const logger = pino({ level: 'info' }, { write: (line: string) => log.push(JSON.parse(line)) })
  const config = {
    botToken: 'xoxb-1',
    appToken: 'xapp-1',
    apiUrl: `http://127.0.0.1:${port}/api/`,
    transport: 'socket' as const,
  }
  const clients = createSlackClients({ ...config, logger })
  const grants = grantsThat()
  const people = createPeople({ client: clients.interactions, policy: grants.policy, logger, now: Date.now })
  const edge = createSlack({ config, clients, people, grants, customers: findsNobody, logger, now: Date.now })
  await edge.start()
  onTestFinished(async () => {
    for (const socket of sockets) socket.close()
    await edge.stop(0)
    server.close()
    server.closeAllConnections()
  })
  return {
    edge,
    acks,
    calls,
    posted,
    address: `http://127.0.0.1:${port}`,
    refuse: (part: string) => {
      isTaken = (url) => !url.includes(part)
    },
    warnings: () => log.filter(({ level }) => Number(level) >= 40),
    send: (frame: string | Buffer) => sockets[0]?.send(frame),
  }
}

const NEXT =
  '{"type":"events_api","envelope_id":"next","payload":{"type":"event_callback","event":{"type":"x"}}}'
const interactive = (payload: unknown) => JSON.stringify({ type: 'interactive', envelope_id: 'odd', payload })
const deep = `${'{"a":'.repeat(50_000)}1${'}'.repeat(50_000)}`

test.each(
  [
    ['{"type":"events_api","envelope_id":"odd","payload":{"type":"app_rate_limited"}}', true],
    ['{"type":"events_api","envelope_id":"odd","payload":{"type":"event_callback","event":null}}', true],
    ['{"type":"events_api","envelope_id":"odd","payload":{"type":"event_callback","event":[]}}', true],
    ['{"type":"events_api","envelope_id":"odd","payload":null}', true],
    ['{"type":"events_api","envelope_id":"odd","payload":"x"}', true],
    ['{"type":"events_api","envelope_id":"odd"}', true],
    ['{"type":"events_api","envelope_id":"odd","retry_attempt":"x","payload":[]}', true],
    ['{"type":"slash_commands","envelope_id":"odd","payload":null}', true],
    ['{"type":"slash_commands","envelope_id":"odd","payload":{"command":5}}', true],
    ['{"type":"slash_commands","envelope_id":"odd","payload":{"command":"/withdraw-coupon"}}', true],
    [
      '{"type":"slash_commands","envelope_id":"odd","payload":{"command":"/withdraw-coupon","text":[]}}',
      true,
    ],
    ['{"type":"interactive","envelope_id":"odd"}', true],
    [interactive(null), true],
    [interactive([]), true],
    [interactive({ type: 'view_submission' }), true],
    [interactive({ type: 'block_actions', actions: [null] }), true],
    [interactive({ type: 'block_actions', actions: [{}], channel: null }), true],
    ['{"type":"nothing_known","envelope_id":"odd","payload":{}}', true],
    // Names that the SDK uses for its own events.
    ['{"type":"close","envelope_id":"odd","payload":{}}', true],
    ['{"type":"disconnected","envelope_id":"odd","payload":{}}', true],
    ['{"type":"error","envelope_id":"odd","payload":{}}', true],
    ['{"type":"slack_event","envelope_id":"odd","payload":{}}', true],
    ['{"type":"ws_message","envelope_id":"odd","payload":{}}', true],
    [`{"type":"interactive","envelope_id":"odd","payload":${deep}}`, true],
    ['null', false],
    ['[]', false],
    ['1', false],
    ['"x"', false],
    ['', false],
    ['{', false],
    ['not JSON', false],
    ['{}', false],
    ['{"type":null}', false],
    ['{"type":"interactive","payload":{}}', false],
    ['{"type":"interactive","envelope_id":5,"payload":{}}', false],
    ['{"type":"events_api","envelope_id":"","payload":{"event":{"type":"x"}}}', false],
    [`${'['.repeat(100_000)}${']'.repeat(100_000)}`, false],
  ].map(
    ([frame, isAcknowledged]) =>
      [String(frame).slice(0, 100), { frame: String(frame), isAcknowledged }] as const,
  ),
)('goes on after the frame %s, which it tells once and acknowledges where it can', async (_what, {
  frame,
  isAcknowledged,
}) => {
  const { send, acks, warnings, edge, calls } = await start()
  send(frame)
  send(NEXT)
  await expect
    .poll(() => acks.map(({ envelope_id }) => envelope_id).toSorted())
    .toEqual(isAcknowledged ? ['next', 'odd'] : ['next'])
  expect(warnings()).toHaveLength(1)
  expect(edge.healthy()).toBe(true)
  expect(calls.filter((url) => url.endsWith('apps.connections.open'))).toHaveLength(2)
})

test('goes on after a frame of bytes', async () => {
  const { send, acks, warnings } = await start()
  send(Buffer.from([0, 255, 254]))
  send(NEXT)
  await expect.poll(() => acks).toEqual([{ envelope_id: 'next', payload: {} }])
  expect(warnings()).toHaveLength(1)
})

const click = {
  type: 'block_actions',
  user: { id: 'U1' },
  trigger_id: '1.2.3',
  actions: [{ type: 'button', action_id: 'future' }],
}

test.each([
  [
    'shortcut',
    { type: 'shortcut', callback_id: 'future', trigger_id: '1.2.3', user: { id: 'U1' } },
    'views.open',
  ],
  ['button in the Home tab', { ...click, view: { type: 'home' } }, 'views.open'],
  ['button in a form', { ...click, view: { type: 'modal' } }, 'views.push'],
  ['button without a trigger', { ...click, trigger_id: undefined }, 'chat.postMessage'],
])('answers a %s that this version does not know', async (_what, payload, method) => {
  const { send, acks, posted } = await start()
  send(interactive(payload))
  await expect
    .poll(() => posted.find(({ url }) => url.endsWith(method))?.body)
    .toContain('当前版本的应用不认识')
  expect(acks).toEqual([{ envelope_id: 'odd', payload: {} }])
})

test('writes to whoever clicked where no form can be opened any more', async () => {
  const { send, posted, refuse } = await start()
  refuse('views.')
  send(interactive({ ...click, view: { type: 'modal' } }))
  await expect
    .poll(() => posted.find(({ url }) => url.endsWith('chat.postMessage'))?.body)
    .toContain('channel=U1')
})

test('answers a shortcut of a message and a command that this version does not know', async () => {
  const { send, acks, posted, address } = await start()
  const action = { type: 'message_action', callback_id: 'future', user: { id: 'U1' } }
  send(interactive({ ...action, trigger_id: '1.2.3', response_url: `${address}/respond` }))
  await expect
    .poll(() => posted.find(({ url }) => url === '/respond')?.body)
    .toContain('当前版本的应用不认识')
  const payload = { command: '/future', user_id: 'U1' }
  send(JSON.stringify({ type: 'slash_commands', envelope_id: 'typed', payload }))
  await expect
    .poll(() => acks.at(-1))
    .toMatchObject({
      envelope_id: 'typed',
      payload: { response_type: 'ephemeral', text: expect.stringContaining('当前版本的应用不认识') },
    })
})
