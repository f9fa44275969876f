import { once } from 'node:events'
import type { ServerResponse } from 'node:http'
import { connect, type Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { pino } from 'pino'
import { expect, onTestFinished, test } from 'vitest'
import { createHttpServer } from '../../src/http/server.ts'
import { grantsThat, grantWith, OPENID } from '../slack/builders.ts'
import { startEdge, viewOf } from '../slack/start-edge.ts'

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

/** A server that shows one page, and answers what is posted when the test does. */
async function serve(limits: { requestTimeout?: number; mostConnections?: number }) {
  const answered: ServerResponse[] = []
  const server = createHttpServer({
    port: 0,
    host: '127.0.0.1',
    variable: 'PORT',
    pages: { '/healthz': () => ({ status: 200, type: 'text/plain', body: 'ok' }) },
    listener: (request, response) => {
      request.resume()
      answered.push(response)
    },
    logger: pino({ level: 'silent' }),
    ...limits,
  })
  const port = await server.listen()
  onTestFinished(() => server.close())
  return { server, port, answered }
}

/** However it ends: a connection that is cut while it is written to ends with an error first. */
function closing(socket: Socket): Promise<void> {
  return new Promise((resolve) => socket.once('close', () => resolve()))
}

test.each([
  ['the head', 'POST /slack/events HTTP/1.1\r\nHost:'],
  ['the body', `${FORM}Content-Length: 100\r\n\r\na`],
])('closes a connection on which %s does not come', async (_what, sent) => {
  const { port } = await serve({ requestTimeout: 200 })
  const socket = await open(port)
  socket.write(sent)
  const closed = closing(socket)
  const [answer] = await once(socket, 'data')
  expect(String(answer)).toMatch(/^HTTP\/1\.1 408 /)
  await closed
})

test('cuts off whoever keeps its side open after it was refused', async () => {
  const { port } = await serve({ requestTimeout: 200 })
  const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true })
  socket.on('error', () => {})
  onTestFinished(() => void socket.destroy())
  socket.write('POST / HTTP/1.1\r\nHost:')
  socket.resume()
  await once(socket, 'end')
  // Ours is closed both ways: what is written to it is answered by a reset.
  const closed = closing(socket)
  const writing = setInterval(() => socket.write('x'), 50)
  onTestFinished(() => clearInterval(writing))
  await closed
})

test('keeps idle connections for longer than any balancer does, and closes them at once when it is closed', async () => {
  const { server, port } = await serve({ requestTimeout: 200 })
  const socket = await open(port)
  const ask = async () => {
    socket.write('GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n')
    return String((await once(socket, 'data'))[0])
  }
  expect(await ask()).toMatch(/^HTTP\/1\.1 200 .*Keep-Alive: timeout=620\r\n/s)
  // Longer than the head of a request may take, and than its looks for late ones.
  await sleep(1500)
  expect(await ask()).toMatch(/^HTTP\/1\.1 200 /)
  const closed = closing(socket)
  server.close()
  await closed
})

test('closes the connection that was idle longest for a new one above the most, and refuses it where all are busy', async () => {
  const { port, answered } = await serve({ mostConnections: 3 })
  const idle = [await open(port), await open(port), await open(port)] as const
  const firstGone = closing(idle[0])
  const fourth = await open(port)
  await firstGone
  const post = 'POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n'
  for (const socket of [idle[1], idle[2], fourth]) socket.write(post)
  await expect.poll(() => answered.length).toBe(3)
  await closing(await open(port))
  expect(idle[1].destroyed || idle[2].destroyed || fourth.destroyed).toBe(false)
  answered[0]?.end('done')
  await once(idle[1], 'data')
  const secondGone = closing(idle[1])
  idle[1].write('x')
  const fifth = await open(port)
  await secondGone
  fifth.write('GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n')
  expect(String((await once(fifth, 'data'))[0])).toMatch(/^HTTP\/1\.1 200 /)
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
  await viewOf(slack, ada)
  const submitted = ada.submit()
  await underWay
  const stopped = edge.stop(5000)
  expect(await ada.command('/withdraw-coupon', 'help')).toMatchObject({ ok: true })
  await expect
    .poll(async () => (await ada.command('/withdraw-coupon', 'help')).ok, { interval: 50 })
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
  await expect.poll(health, { interval: 50 }).toBe(200)
})
