import { getEventListeners, once } from 'node:events'
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net'
import { setImmediate } from 'node:timers/promises'
import { Agent, RetryAgent } from 'undici'
import { afterEach, expect, onTestFinished, test, vi } from 'vitest'
import {
  createWechatPay,
  InvalidCallError,
  NoAnswerError,
  type WechatPay,
  type WechatPayOptions,
} from '../../src/wechatpay/index.ts'
import {
  type Answerer,
  answerSigned,
  ISSUED,
  JSON_BODY,
  OPENID,
  optionsFor,
  QUERY,
  signedHeaders,
  startAnswering,
} from './answering-server.ts'

const PATH = 'v3/marketing/withdraw-favor/users/{openid}/coupons'
const POST = { openid: OPENID, json: JSON_BODY }
const GET = { openid: OPENID, query: QUERY }
const closers: (() => Promise<unknown>)[] = []

afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close()
})

function clientOf(urls: string[], more: Partial<WechatPayOptions> = {}): WechatPay {
  const client = createWechatPay({ ...optionsFor(...urls), ...more })
  closers.push(() => client.close())
  return client
}

async function serve(answer: Answerer) {
  const server = await startAnswering(answer)
  closers.push(() => server.close())
  return server
}
const serveIssued = () => serve((_, response) => answerSigned(response, 200, ISSUED))

/** A server of bare connections, for what no HTTP server would do. */
async function serveRaw(connected: (socket: Socket) => void) {
  const sockets: Socket[] = []
  const server: Server = createServer((socket) => {
    sockets.push(socket.on('error', () => {}))
    connected(socket)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  closers.push(async () => {
    for (const socket of sockets) socket.destroy()
    server.close()
    await once(server, 'close')
  })
  return `127.0.0.1:${(server.address() as AddressInfo).port}`
}

/** An address that nobody listens on any more. */
async function deadUrl(): Promise<string> {
  const server = await startAnswering(() => {})
  await server.close()
  return server.url
}

async function failure(work: Promise<unknown>): Promise<NoAnswerError> {
  return work.then(
    () => expect.fail('it did not fail'),
    (error) => error,
  )
}

test('sends a POST to the second host when the first refuses the connection', async () => {
  const second = await serveIssued()
  expect(await clientOf([await deadUrl(), second.url])[PATH].post(POST)).toEqual(ISSUED)
  expect(second.requests).toHaveLength(1)
})

test('sends a POST to the second host when the name of the first is not found', async () => {
  const second = await serveIssued()
  const lookup = (_: string, __: unknown, done: (error: Error, address: string, family: number) => void) =>
    done(Object.assign(new Error('getaddrinfo ENOTFOUND'), { code: 'ENOTFOUND' }), '', 4)
  const dispatcher = new Agent({ connect: { lookup } })
  closers.push(() => dispatcher.close())
  const client = clientOf(['https://first.invalid', second.url], { dispatcher })
  expect(await client[PATH].post(POST)).toEqual(ISSUED)
})

test('sends a POST to the second host when the first does not speak TLS', async () => {
  const first = await serveIssued()
  const second = await serveIssued()
  const client = clientOf([first.url.replace('http:', 'https:'), second.url])
  expect(await client[PATH].post(POST)).toEqual(ISSUED)
  expect(first.requests).toEqual([])
})

test("tries WeChat Pay's two hosts in their order unless told otherwise", async () => {
  const tried: unknown[] = []
  const lookup = (
    host: string,
    _: unknown,
    done: (error: Error, address: string, family: number) => void,
  ) => {
    tried.push(host)
    done(Object.assign(new Error('getaddrinfo ENOTFOUND'), { code: 'ENOTFOUND' }), '', 4)
  }
  const dispatcher = new Agent({ connect: { lookup } })
  closers.push(() => dispatcher.close())
  const error = await failure(clientOf([], { dispatcher, baseUrls: undefined })[PATH].post(POST))
  expect(error).toMatchObject({ reason: 'connect', mayHaveBeenExecuted: false })
  expect(tried).toEqual(['api.mch.weixin.qq.com', 'api2.mch.weixin.qq.com'])
})

test('says that nothing was executed when no connection to any host can be made', async () => {
  const error = await failure(clientOf([await deadUrl(), await deadUrl()])[PATH].post(POST))
  expect(error).toBeInstanceOf(NoAnswerError)
  expect(error).toMatchObject({
    reason: 'connect',
    mayHaveBeenExecuted: false,
    cause: { code: 'ECONNREFUSED' },
  })
})

test.each<[string, Answerer]>([
  ['cuts the connection', (_, __, socket) => void socket.destroy()],
  ['resets the connection', (_, __, socket) => void socket.resetAndDestroy()],
  ['answers 500', (_, response) => void response.writeHead(500).end()],
  ['answers no HTTP', (_, __, socket) => void socket.end('hello\r\n\r\n')],
  [
    'ends amid the body',
    (_, response, socket) =>
      void response.writeHead(200, { 'Content-Length': 99 }).write('{', () => socket.destroy()),
  ],
])('does not send a POST again, nor to the second host, when the first %s', async (_, answer) => {
  const first = await serve(answer)
  const second = await serveIssued()
  const error = await failure(clientOf([first.url, second.url])[PATH].post(POST))
  expect(error).toBeInstanceOf(NoAnswerError)
  expect(error.mayHaveBeenExecuted).toBe(true)
  expect(first.requests).toHaveLength(1)
  expect(second.requests).toEqual([])
})

test('sends a GET again when the connection breaks', async () => {
  const page = { data: [], offset: 0, limit: 20, total_count: 0 }
  let calls = 0
  const server = await serve((_, response, socket) => {
    calls += 1
    if (calls < 3) socket.destroy()
    else answerSigned(response, 200, page)
  })
  expect(await clientOf([server.url])[PATH].get(GET)).toEqual(page)
  expect(server.requests).toHaveLength(3)
})

test('gives up by the time-out of the call itself', async () => {
  const server = await serve(() => {})
  const error = await failure(clientOf([server.url])[PATH].get({ ...GET, timeout: 50 }))
  expect(error).toMatchObject({ reason: 'timeout', mayHaveBeenExecuted: false })
})

test('says that nothing was executed when time runs out before the connection stands, and sends nothing later', async () => {
  const server = await serveIssued()
  const waiting: (() => void)[] = []
  const agent = new Agent()
  const dispatcher = agent.compose((dispatch) => (options, handler) => {
    waiting.push(() => dispatch(options, handler))
    vi.runAllTimers()
    return true
  })
  const client = clientOf([server.url], { dispatcher })
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
  onTestFinished(() => void vi.useRealTimers())
  const error = await failure(client[PATH].post({ ...POST, timeout: 50 }))
  vi.useRealTimers()
  expect(error).toMatchObject({ reason: 'timeout', mayHaveBeenExecuted: false })
  for (const go of waiting) go()
  await agent.close()
  expect(waiting).toHaveLength(1)
  expect(server.requests).toEqual([])
})

test('sends nothing when the signal is aborted already', async () => {
  const server = await serveIssued()
  const error = await failure(clientOf([server.url])[PATH].post({ ...POST, signal: AbortSignal.abort() }))
  expect(error).toMatchObject({ reason: 'aborted', mayHaveBeenExecuted: false })
  expect(server.requests).toEqual([])
})

test('leaves the outcome open when the signal aborts after the request was sent', async () => {
  const aborting = new AbortController()
  const server = await serve(() => aborting.abort())
  const error = await failure(clientOf([server.url])[PATH].post({ ...POST, signal: aborting.signal }))
  expect(error).toMatchObject({ reason: 'aborted', mayHaveBeenExecuted: true })
})

test('sends nothing when the signal aborts while the call is being signed', async () => {
  const server = await serveIssued()
  const aborting = new AbortController()
  const work = failure(clientOf([server.url])[PATH].post({ ...POST, signal: aborting.signal }))
  aborting.abort()
  expect(await work).toMatchObject({ reason: 'aborted', mayHaveBeenExecuted: false })
  expect(server.sockets).toEqual([])
})

test('drops the connection of a call that is given up, and lets go of its signal', async () => {
  const aborting = new AbortController()
  const dropped = Promise.withResolvers<void>()
  const server = await serve((_, __, socket) => {
    socket.once('close', () => dropped.resolve())
    aborting.abort()
  })
  const { signal } = aborting
  await failure(clientOf([server.url])[PATH].post({ ...POST, signal }))
  await dropped.promise

  const answering = await serveIssued()
  const unused = new AbortController().signal
  await clientOf([answering.url])[PATH].post({ ...POST, signal: unused })
  expect([signal, unused].map((one) => getEventListeners(one, 'abort'))).toEqual([[], []])
})

test('says that nothing was executed, at whatever moment it is aborted, only if nothing arrived', async () => {
  const arrived = new Set<string>()
  const server = await serve((request, response) => {
    arrived.add(JSON.parse(request.body).send_request_no)
    answerSigned(response, 200, ISSUED)
  })
  let client = clientOf([server.url])
  const told = new Map<string, boolean>()
  for (let round = 0; round < 120; round++) {
    if (round % 2) client = clientOf([server.url])
    const send_request_no = `round${round}`
    const aborting = new AbortController()
    const json = { ...JSON_BODY, send_request_no }
    const work = client[PATH].post({ ...POST, json, signal: aborting.signal }).catch((error) => error)
    for (let turn = 0; turn < round % 30; turn++) await setImmediate()
    aborting.abort()
    const result = await work
    told.set(send_request_no, result instanceof NoAnswerError && !result.mayHaveBeenExecuted)
  }
  // Behind whatever was still on its way.
  await client[PATH].post(POST)
  for (const [number, isUnexecuted] of told) if (isUnexecuted) expect(arrived).not.toContain(number)
  expect([...told.values()]).toContain(true)
  expect([...told.values()]).toContain(false)
})

test('uses a connection again', async () => {
  const server = await serveIssued()
  const client = clientOf([server.url])
  for (let call = 0; call < 5; call++) await client[PATH].post(POST)
  expect(server.sockets).toHaveLength(1)
})

test('takes a new connection when the server has closed the old one', async () => {
  const server = await serveIssued()
  const client = clientOf([server.url])
  await client[PATH].post(POST)
  const [socket] = server.sockets
  socket?.destroy()
  if (socket && !socket.closed) await once(socket, 'close')
  await setImmediate()
  expect(await client[PATH].post(POST)).toEqual(ISSUED)
  expect(server.sockets).toHaveLength(2)
})

test('does not send a POST again that went into a connection which the server was closing', async () => {
  const bytes: string[] = []
  const host = await serveRaw((socket) => {
    socket.once('data', (first) => {
      bytes.push(first.toString())
      const body = JSON.stringify(ISSUED)
      const headers = Object.entries({ ...signedHeaders(body), 'Content-Length': String(body.length) })
      const head = headers.map(([name, value]) => `${name}: ${value}\r\n`).join('')
      socket.write(`HTTP/1.1 200 OK\r\n${head}\r\n${body}`)
      // The next request arrives just as the connection is closed: nobody can tell whether it was read.
      socket.once('data', (second) => {
        bytes.push(second.toString())
        socket.destroy()
      })
    })
  })
  const client = clientOf([`http://${host}`])
  await client[PATH].post(POST)
  const error = await failure(client[PATH].post(POST))
  expect(error).toMatchObject({ reason: 'broken', mayHaveBeenExecuted: true })
  expect(bytes.filter((text) => text.startsWith('POST '))).toHaveLength(2)
})

test('sends each POST once at most while connections are closed under it', async () => {
  const seen = new Map<string, number>()
  const server = await serve((request, response) => {
    const { send_request_no } = JSON.parse(request.body)
    seen.set(send_request_no, (seen.get(send_request_no) ?? 0) + 1)
    answerSigned(response, 200, ISSUED)
  })
  const client = clientOf([server.url])
  for (let round = 0; round < 60; round++) {
    const send_request_no = `round${round}`
    const work = client[PATH]
      .post({ ...POST, json: { ...JSON_BODY, send_request_no } })
      .catch((error) => error)
    for (let turn = 0; turn < round % 12; turn++) await setImmediate()
    server.sockets.at(-1)?.destroy()
    const result = await work
    if (result instanceof Error) expect(result).toMatchObject({ reason: 'broken', mayHaveBeenExecuted: true })
    else expect(seen.get(send_request_no)).toBe(1)
    expect(seen.get(send_request_no) ?? 0).toBeLessThanOrEqual(1)
  }
})

test('does not let a dispatcher that retries make two attempts of one', async () => {
  const server = await serve((_, __, socket) => void socket.destroy())
  const agent = new Agent()
  closers.push(() => agent.close())
  const dispatcher = new RetryAgent(agent, { methods: ['POST'], maxRetries: 3, minTimeout: 1 })
  const error = await failure(clientOf([server.url], { dispatcher })[PATH].post(POST))
  expect(error).toMatchObject({ mayHaveBeenExecuted: true })
  expect(server.requests).toHaveLength(1)
})

test('passes over hints that come before the answer', async () => {
  const server = await serve((_, response) => {
    response.writeEarlyHints({ link: '</style.css>; rel=preload' })
    answerSigned(response, 200, ISSUED)
  })
  expect(await clientOf([server.url])[PATH].post(POST)).toEqual(ISSUED)
})

test('reads an answer that comes in pieces, split within a character', async () => {
  const body = JSON.stringify({ ...ISSUED, words: '提现免费券' })
  const bytes = Buffer.from(body)
  const server = await serve(async (_, response) => {
    response.writeHead(200, signedHeaders(body))
    for (let at = 0; at < bytes.length; at += 7) {
      response.write(bytes.subarray(at, at + 7))
      await setImmediate()
    }
    response.end()
  })
  expect(await clientOf([server.url])[PATH].post(POST)).toEqual(ISSUED)
})

test('waits at close for what is running, and takes nothing more', async () => {
  let answer = () => {}
  const arrived = Promise.withResolvers<void>()
  const server = await serve((_, response) => {
    answer = () => answerSigned(response, 200, ISSUED)
    arrived.resolve()
  })
  const client = clientOf([server.url])
  const running = client[PATH].post(POST)
  await arrived.promise
  const closed = client.close()
  expect(await failure(client[PATH].post(POST))).toBeInstanceOf(InvalidCallError)
  answer()
  expect(await running).toEqual(ISSUED)
  await closed
  await client.close()
  expect(server.requests).toHaveLength(1)
})

test('uses the dispatcher that it is given, and leaves it open', async () => {
  const server = await serveIssued()
  const dispatcher = new Agent()
  closers.push(() => dispatcher.close())
  const client = clientOf([server.url], { dispatcher })
  await client[PATH].post(POST)
  await client.close()
  expect(dispatcher.closed).toBe(false)
})
