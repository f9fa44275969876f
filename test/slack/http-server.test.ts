import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { pino } from 'pino'
import { expect, onTestFinished, test } from 'vitest'
import { createHttpServer } from '../../src/slack/http-server.ts'
import { grantsThat, grantWith, OPENID } from './builders.ts'
import { startEdge } from './start-edge.ts'

const FORM = 'POST /slack/events HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-www-form-urlencoded\r\n'

async function open(port: number | null): Promise<Socket> {
  const socket = connect(port ?? 0, '127.0.0.1')
  onTestFinished(() => {
    socket.destroy()
  })
  socket.on('error', () => {})
  await once(socket, 'connect')
  return socket
}

/** However it ends: a connection that is cut while it is written to ends with an error first. */
function closing(socket: Socket): Promise<void> {
  return new Promise((resolve) => socket.once('close', () => resolve()))
}

test.each([
  ['the head', 'POST /slack/events HTTP/1.1\r\nHost:'],
  ['the body', `${FORM}Content-Length: 100\r\n\r\na`],
])('closes a connection on which %s does not come', async (_what, sent) => {
  const server = createHttpServer({
    port: 0,
    host: '127.0.0.1',
    variable: 'PORT',
    pages: {},
    listener: (request) => request.resume(),
    logger: pino({ level: 'silent' }),
    requestTimeout: 200,
  })
  const port = await server.listen()
  onTestFinished(() => server.close())
  const socket = await open(port)
  socket.write(sent)
  const closed = closing(socket)
  const [answer] = await once(socket, 'data')
  expect(String(answer)).toMatch(/^HTTP\/1\.1 408 /)
  await closed
})

test('takes no more than 4 MB, and closes the connection on which more comes', async () => {
  const { port, log } = await startEdge({ transport: 'http', finished: onTestFinished })
  const socket = await open(port)
  const closed = closing(socket)
  let answer = ''
  socket.on('data', (text) => {
    answer += String(text)
  })
  socket.write(`${FORM}Transfer-Encoding: chunked\r\n\r\n`)
  const chunk = `10000\r\n${'a'.repeat(0x10000)}\r\n`
  while (!socket.destroyed) {
    if (!socket.write(chunk))
      await Promise.race([new Promise((drained) => socket.once('drain', drained)), closed])
  }
  await closed
  expect(answer).toMatch(/^HTTP\/1\.1 413 /)
  expect(log.filter(({ level }) => Number(level) >= 50)).toEqual([])
})

test('finishes what is under way over HTTP before it stops, takes what is on its way, and then nothing new', async () => {
  let finish: () => void = () => {}
  const gate = new Promise<void>((resolve) => {
    finish = resolve
  })
  let isUnderWay: () => void = () => {}
  const underWay = new Promise<void>((resolve) => {
    isUnderWay = resolve
  })
  const grants = grantsThat({
    request: async () => {
      isUnderWay()
      await gate
      return { kind: 'recorded', grant: grantWith(), repeated: false }
    },
    grant: () => Promise.resolve(grantWith()),
  })
  const { slack, edge } = await startEdge({ grants, transport: 'http', finished: onTestFinished })
  const ada = slack.person('U0AGENT1')
  await ada.command('/withdraw-coupon', `send ${OPENID} withdraw-10 outage`)
  await slack.waitFor(() => ada.view())
  const submitted = ada.submit()
  await underWay
  const stopped = edge.stop(5000)
  expect(await ada.command('/withdraw-coupon', 'help')).toMatchObject({ ok: true })
  await expect
    .poll(async () => (await ada.command('/withdraw-coupon', 'help')).ok, { interval: 50, timeout: 2000 })
    .toBe(false)
  finish()
  expect(await submitted).toEqual({ kind: 'updated' })
  await stopped
  expect(edge.healthy()).toBe(false)
})

test('tells with Socket Mode whether commands can arrive, and takes no requests', async () => {
  const { slack, port } = await startEdge({ port: 0, finished: onTestFinished })
  const health = async () => (await fetch(`http://127.0.0.1:${port}/healthz`)).status
  expect(await health()).toBe(200)
  expect((await fetch(`http://127.0.0.1:${port}/slack/events`, { method: 'POST' })).status).toBe(404)
  slack.fault({ name: 'web_api_500', method: 'apps.connections.open', times: 100 })
  slack.cutSockets()
  await expect.poll(health, { interval: 20 }).toBe(503)
  slack.clearFaults()
  await expect.poll(health, { interval: 50, timeout: 8000 }).toBe(200)
})
