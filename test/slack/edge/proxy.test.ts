import { createHmac } from 'node:crypto'
import { once } from 'node:events'
import type { IncomingMessage } from 'node:http'
import type { Socket } from 'node:net'
import { text } from 'node:stream/consumers'
import { pino } from 'pino'
import { expect, onTestFinished, test } from 'vitest'
import { type WebSocket, WebSocketServer } from 'ws'
import { createSlack, type Slack } from '../../../src/slack/app.ts'
import { createSlackClients } from '../../../src/slack/edge/clients.ts'
import { createPeople } from '../../../src/slack/edge/people.ts'
import { proxyOf } from '../../../src/web-proxy.ts'
import { startConnectProxy } from '../../wechatpay/connect-proxy.ts'
import { startTlsServer } from '../../wechatpay/tls-server.ts'
import { findsNobody, grantsThat } from '../builders.ts'

const HOSTS = ['slack.com', 'wss-primary.slack.com', 'hooks.slack.com'] as const

/** The Slack of the outside, which only the proxy leads to. */
async function startSlack() {
  const asked: string[] = []
  const open: { tcp: Socket; socket: WebSocket }[] = []
  const sockets = new WebSocketServer({ noServer: true })
  const slack = await startTlsServer(HOSTS, async (request, response) => {
    await text(request)
    asked.push(`${request.headers.host}${request.url}`)
    const answers: Record<string, object> = {
      '/api/auth.test': { user_id: 'U0APP', bot_id: 'B0APP', team_id: 'T0HOME', team: 'home', user: 'app' },
      '/api/apps.connections.open': { url: 'wss://wss-primary.slack.com/link' },
    }
    response.writeHead(200, { 'Content-Type': 'application/json' })
    response.end(JSON.stringify({ ok: true, ...answers[request.url ?? ''] }))
  })
  slack.server.on('upgrade', (request: IncomingMessage, tcp: Socket, head: Buffer) => {
    asked.push(`${request.headers.host}${request.url}`)
    sockets.handleUpgrade(request, tcp, head, (socket) => {
      open.push({ tcp, socket })
      socket.send(JSON.stringify({ type: 'hello', num_connections: 1, connection_info: { app_id: 'A1' } }))
    })
  })
  const proxy = await startConnectProxy(() => slack.port)
  onTestFinished(async () => {
    await proxy.close()
    await slack.close()
  })
  return { proxy, asked, open }
}

async function startApp(
  transport: 'socket' | 'http',
  proxy: { url: string; except?: string },
): Promise<{ edge: Slack; port: number | null }> {
  const logger = pino({ level: 'silent' })
  const tokens =
    transport === 'socket'
      ? { appToken: 'xapp-1' }
      : { signingSecret: 'signing-secret', port: 0, host: '127.0.0.1' }
  const config = { botToken: 'xoxb-1', transport, proxy, ...tokens }
  const clients = createSlackClients({ ...config, logger })
  const grants = grantsThat()
  const people = createPeople({ client: clients.interactions, policy: grants.policy, logger, now: Date.now })
  const edge = createSlack({ config, clients, people, grants, customers: findsNobody, logger, now: Date.now })
  onTestFinished(async () => {
    await edge.stop(200)
    edge.close()
  })
  return { edge, ...(await edge.start()) }
}

test('reaches Slack in Socket Mode through the proxy: the Web API, and the connection itself', async () => {
  const slack = await startSlack()
  const { edge } = await startApp('socket', { url: slack.proxy.url })
  expect(edge.healthy()).toBe(true)
  expect(new Set(slack.asked)).toEqual(
    new Set(['slack.com/api/auth.test', 'slack.com/api/apps.connections.open', 'wss-primary.slack.com/link']),
  )
  expect(new Set(slack.proxy.heads.map((head) => head.split(' ')[1]))).toEqual(
    new Set(['slack.com:443', 'wss-primary.slack.com:443']),
  )
})

test('ends a connection through the proxy whose other side does not say goodbye', async () => {
  const slack = await startSlack()
  const { edge } = await startApp('socket', { url: slack.proxy.url })
  const ends = slack.open.map(({ tcp, socket }) => {
    // It reads nothing more, a goodbye included.
    socket.pause()
    return once(tcp.resume(), 'close')
  })
  expect(ends).toHaveLength(2)
  await edge.stop(200)
  await Promise.all(ends)
})

test('answers people at their response_url through the proxy', async () => {
  const slack = await startSlack()
  const { port } = await startApp('http', { url: slack.proxy.url })
  const body = new URLSearchParams({
    command: '/withdraw-coupon',
    text: 'help',
    user_id: 'U0AGENT1',
    team_id: 'T0HOME',
    channel_id: 'C1',
    trigger_id: '1.2',
    response_url: 'https://hooks.slack.com/commands/1',
  }).toString()
  const time = String(Math.floor(Date.now() / 1000))
  const signature = createHmac('sha256', 'signing-secret').update(`v0:${time}:${body}`).digest('hex')
  const headers = {
    'Content-Type': 'application/x-www-form-urlencoded',
    'X-Slack-Request-Timestamp': time,
    'X-Slack-Signature': `v0=${signature}`,
  }
  const answer = await fetch(`http://127.0.0.1:${port}/slack/events`, { method: 'POST', headers, body })
  expect(answer.status).toBe(200)
  await expect.poll(() => slack.asked).toContain('hooks.slack.com/commands/1')
  expect(slack.proxy.heads.map((head) => head.split(' ')[1])).toContain('hooks.slack.com:443')
})

test('goes past the proxy to the hosts that are excepted', async () => {
  const slack = await startSlack()
  const { interactions } = createSlackClients({
    botToken: 'xoxb-1',
    apiUrl: 'https://slack.invalid/api/',
    proxy: { url: slack.proxy.url, except: '.invalid' },
    logger: pino({ level: 'silent' }),
  })
  await expect(interactions.auth.test()).rejects.toThrow()
  expect(slack.proxy.heads).toEqual([])
})

test.each([
  [undefined, 'http://proxy:3128'],
  ['other.com', 'http://proxy:3128'],
  ['notslack.com', 'http://proxy:3128'],
  ['slack.com', null],
  ['localhost, .SLACK.com', null],
  ['*.slack.com', null],
  ['*', null],
])('names the proxy by which a host is reached, with %s excepted, without its password', (except, origin) => {
  const proxy = { url: 'http://me:canary@proxy:3128/', ...(except === undefined ? {} : { except }) }
  expect(proxyOf(proxy, 'https://files.slack.com/api/')).toBe(origin)
  expect(proxyOf(proxy, 'http://127.0.0.1:8791')).toBe(null)
  expect(proxyOf(undefined, 'https://slack.com')).toBe(null)
})
