import { once } from 'node:events'
import { request } from 'node:http'
import { connect } from 'node:net'
import { networkInterfaces } from 'node:os'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { SlackSandbox } from '../../../src/sandbox/slack/index.ts'
import { call, startWide } from './small-app.ts'

let slack: SlackSandbox

beforeAll(async () => {
  slack = await startWide()
})
afterAll(() => slack.close())

/** Asks with headers that fetch sets by itself. */
async function ask(path: string, headers: Record<string, string>, { method = 'GET', body = '' } = {}) {
  const outgoing = request(new URL(path, slack.pageUrl), { method, headers, agent: false })
  outgoing.end(body)
  const [response] = await once(outgoing, 'response')
  response.destroy()
  return response.statusCode as number
}

const own = () => new URL(slack.pageUrl).origin
const places = [
  '/',
  '/page/main.js',
  '/sandbox',
  '/sandbox/state',
  '/sandbox/events',
  '/api/auth.test',
  '/response/x',
]

test('refuses a foreign Host everywhere', async () => {
  const { port } = new URL(slack.pageUrl)
  for (const host of [
    'evil.example',
    `evil.example:${port}`,
    '127.0.0.1.evil.example',
    'localhost.evil',
    '10.0.0.1',
  ])
    for (const path of places) expect([host, path, await ask(path, { host })]).toEqual([host, path, 403])
  for (const host of [`127.0.0.1:${port}`, `localhost:${port}`, `LOCALHOST:${port}`])
    expect([host, await ask('/', { host })]).toEqual([host, 200])
})

test('refuses a foreign Origin everywhere', async () => {
  for (const origin of [
    'http://evil.example',
    'null',
    own().replace(/\d+$/, '1'),
    own().replace('http', 'https'),
  ])
    for (const path of places)
      expect([origin, path, await ask(path, { origin })]).toEqual([origin, path, 403])
  expect(await ask('/sandbox/state', { origin: own() })).toBe(200)
  // Under each of its names the page is its own.
  const host = new URL(own()).host.replace('127.0.0.1', 'localhost')
  expect(await ask('/sandbox/state', { host, origin: `http://${host}` })).toBe(200)
  expect(await ask('/sandbox/state', { host, origin: own() })).toBe(403)
})

test('refuses what pages elsewhere embed, and lets links lead here', async () => {
  const from = (site: string, mode: string, dest: string) => ({
    'sec-fetch-site': site,
    'sec-fetch-mode': mode,
    'sec-fetch-dest': dest,
  })
  for (const site of ['cross-site', 'same-site']) {
    expect(await ask('/sandbox/state', from(site, 'no-cors', 'script'))).toBe(403)
    expect(await ask('/', from(site, 'navigate', 'iframe'))).toBe(403)
    expect(await ask('/', from(site, 'navigate', 'document'))).toBe(200)
  }
  expect(await ask('/sandbox/state', from('same-origin', 'cors', 'empty'))).toBe(200)
})

test('refuses sockets of strangers, whatever ticket they hold', async () => {
  const upgrade = async (headers: Record<string, string>) => {
    const { url } = await call(slack, 'apps.connections.open', {}, slack.appToken)
    const { host, pathname, search } = new URL(String(url))
    const socket = connect(Number(new URL(slack.pageUrl).port), '127.0.0.1')
    const all = {
      host,
      connection: 'Upgrade',
      upgrade: 'websocket',
      'sec-websocket-version': '13',
      'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ==',
      ...headers,
    }
    const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`)
    socket.write(`GET ${pathname}${search} HTTP/1.1\r\n${lines.join('')}\r\n`)
    const [answer] = await once(socket, 'data')
    socket.destroy()
    return String(answer).split('\r\n')[0]
  }
  expect(await upgrade({})).toBe('HTTP/1.1 101 Switching Protocols')
  expect(await upgrade({ origin: 'http://evil.example' })).toBe('HTTP/1.1 403 Forbidden')
  expect(await upgrade({ host: 'evil.example' })).toBe('HTTP/1.1 403 Forbidden')
})

test('listens on this machine only', async () => {
  const outside = Object.values(networkInterfaces())
    .flat()
    .filter((one) => one && !one.internal && one.family === 'IPv4')
  for (const { address } of outside as { address: string }[]) {
    const socket = connect(Number(new URL(slack.pageUrl).port), address)
    const outcome = await once(socket, 'connect').then(
      () => 'connected',
      (error) => error.code,
    )
    expect([address, outcome]).toEqual([address, 'ECONNREFUSED'])
  }
})

test('refuses a body of 5 MB in words, whether it says its length or not, and goes on', async () => {
  const body = JSON.stringify({
    person: 'U0LEAD1',
    do: 'say',
    channel: 'C0SUPPORT',
    text: 'x'.repeat(5 * 1024 * 1024),
  })
  const headers = { 'content-type': 'application/json' }
  const url = `${slack.sandboxUrl}act`
  const streamed = new Blob([body]).stream()
  for (const init of [{ body }, { body: streamed, duplex: 'half' as const }]) {
    const response = await fetch(url, { method: 'POST', headers, ...init })
    expect([response.status, await response.json()]).toEqual([413, { ok: false, error: 'too_large' }])
  }
  const form = new URLSearchParams({ text: body })
  expect((await fetch(`${slack.apiUrl}chat.postMessage`, { method: 'POST', body: form })).status).toBe(413)
  expect(slack.channelMessages('C0SUPPORT')).toEqual([])
  expect((await fetch(`${slack.sandboxUrl}state`)).status).toBe(200)
})
