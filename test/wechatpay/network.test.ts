import { type ChildProcess, spawn } from 'node:child_process'
import dns from 'node:dns'
import { once } from 'node:events'
import type { RequestListener } from 'node:http'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { text } from 'node:stream/consumers'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, onTestFinished, test, vi } from 'vitest'
import { createWechatPay, type WechatPay, type WechatPayOptions } from '../../src/wechatpay/index.ts'
import { answerSigned, ISSUED, JSON_BODY, OPENID, optionsFor, signedHeaders } from './answering-server.ts'
import { startConnectProxy, type Treatment } from './connect-proxy.ts'
import { startTlsServer } from './tls-server.ts'

const PATH = 'v3/marketing/withdraw-favor/users/{openid}/coupons'
const POST = { openid: OPENID, json: JSON_BODY }

function clientOf(urls: string[], more: Partial<WechatPayOptions> = {}): WechatPay {
  const client = createWechatPay({ ...optionsFor(...urls), ...more })
  onTestFinished(() => client.close())
  return client
}
const failure = (work: Promise<unknown>) =>
  work.then(
    () => expect.fail('it did not fail'),
    (error) => error,
  )

function answer(content: unknown): string {
  const body = JSON.stringify(content)
  const headers = Object.entries({
    ...signedHeaders(body),
    'Content-Length': String(Buffer.byteLength(body)),
  })
  return `HTTP/1.1 200 OK\r\n${headers.map(([name, value]) => `${name}: ${value}\r\n`).join('')}\r\n${body}`
}

/** A server of bare connections that answers each request with these pieces, one by one. */
async function serveRaw(pieces: (request: number) => string[], after: (socket: Socket) => void = () => {}) {
  const bytes: string[] = []
  const sockets: Socket[] = []
  const server = createServer({ noDelay: true }, (socket) => {
    sockets.push(socket.on('error', () => {}))
    let read = ''
    socket.on('data', async (chunk) => {
      read += chunk
      const [head = '', body] = read.split('\r\n\r\n')
      const length = Number(/content-length: (\d+)/i.exec(head)?.[1] ?? 0)
      if (body === undefined || Buffer.byteLength(body) < length) return
      read = ''
      bytes.push(`${head}\r\n\r\n${body}`)
      for (const piece of pieces(bytes.length)) {
        socket.write(piece)
        await sleep(5)
      }
      after(socket)
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(async () => {
    for (const socket of sockets) socket.destroy()
    server.close()
    await once(server, 'close')
  })
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, bytes, sockets }
}

const CONTINUE = 'HTTP/1.1 100 Continue\r\n\r\n'

test.each<[string, string[]]>([
  ['100 that nobody asked for', [CONTINUE]],
  ['100 with headers, twice', [CONTINUE, 'HTTP/1.1 100 Continue\r\nServer: gateway\r\nDate: now\r\n\r\n']],
  ['100 without a reason, in HTTP/1.0', ['HTTP/1.0 100\r\n\r\n']],
  ['100 that comes byte by byte', [...CONTINUE]],
  [
    '100, 102 and 103',
    [CONTINUE, 'HTTP/1.1 102 Processing\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n'],
  ],
  ['an informational answer of a number not known yet', ['HTTP/1.1 199 Whatever\r\n\r\n']],
])('passes over %s', async (_, before) => {
  const server = await serveRaw(() => [...before, answer(ISSUED)])
  const client = clientOf([server.url])
  for (let call = 0; call < 3; call++) expect(await client[PATH].post(POST)).toEqual(ISSUED)
  expect(server.bytes).toHaveLength(3)
  expect(server.sockets).toHaveLength(1)
})

test('passes over a 100 in the same packet as the answer', async () => {
  const server = await serveRaw(() => [`${CONTINUE}${CONTINUE}${answer(ISSUED)}`])
  expect(await clientOf([server.url])[PATH].post(POST)).toEqual(ISSUED)
})

test('leaves an answer whole whose body looks like one', async () => {
  const told = { ...ISSUED, coupon_id: CONTINUE.trim() }
  const whole = answer(told)
  const at = whole.indexOf('HTTP/1.1 100')
  const server = await serveRaw(() => [CONTINUE, whole.slice(0, at), whole.slice(at)])
  expect(await clientOf([server.url])[PATH].post(POST)).toEqual(told)
})

test.each<[string, string[]]>([
  ['only a 100', [CONTINUE]],
  ['half a 100', ['HTTP/1.1 100 Cont']],
  [
    'a 101, which would be no HTTP any more',
    ['HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n'],
  ],
  ['a 100 that does not end', [`HTTP/1.1 100 Continue\r\nX: ${'x'.repeat(70_000)}`]],
])('leaves the outcome open after %s, and does not try another host', async (_, pieces) => {
  const first = await serveRaw(
    () => pieces,
    (socket) => void socket.end(),
  )
  const second = await serveRaw(() => [answer(ISSUED)])
  const error = await failure(clientOf([first.url, second.url])[PATH].post(POST))
  expect(error).toMatchObject({ name: 'NoAnswerError', reason: 'broken', mayHaveBeenExecuted: true })
  expect(first.bytes).toHaveLength(1)
  expect(second.bytes).toEqual([])
})

/** What a name leads to, as from a resolver. */
function resolve(...addresses: string[]): void {
  const answer = addresses.map((address) => ({ address, family: 4 }))
  const lookup = (_: string, options: { all?: boolean }, done: (...all: unknown[]) => void) =>
    options.all ? done(null, answer) : done(null, answer[0]?.address, 4)
  vi.spyOn(dns, 'lookup').mockImplementation(lookup as typeof dns.lookup)
  onTestFinished(() => void vi.restoreAllMocks())
}

/**
 * A server whose queue of connections is full until it is let go, so that the system repeats the first packet of a
 * handshake after a second, as when it was lost on its way.
 */
async function serveSlowly(): Promise<{ port: number; letGo: () => void }> {
  const script = `
    const { createServer } = require('node:net')
    const server = createServer((socket) => {
      socket.on('error', () => {}).once('data', () => socket.end(process.argv[1]))
    })
    server.listen({ port: 0, host: '127.0.0.1', backlog: 1 }, () => console.log(server.address().port))`
  const child: ChildProcess = spawn(process.execPath, ['-e', script, answer(ISSUED)])
  onTestFinished(() => void child.kill('SIGKILL'))
  const [line] = await once(child.stdout as NodeJS.ReadableStream, 'data')
  const port = Number(line)
  child.kill('SIGSTOP')
  for (;;) {
    const socket = connect(port, '127.0.0.1').on('error', () => {})
    onTestFinished(() => void socket.destroy())
    if ((await Promise.race([once(socket, 'connect'), sleep(300, 'full')])) === 'full') break
  }
  return { port, letGo: () => void child.kill('SIGCONT') }
}

test('waits for a slow handshake with the first of two addresses', async () => {
  const { port, letGo } = await serveSlowly()
  // Nobody listens at the second.
  resolve('127.0.0.1', '127.0.0.2')
  // The system repeats the packet after 1 s, and after 3.
  const client = clientOf([`http://localhost:${port}`], { timeouts: { connect: 8000, total: 20_000 } })
  const issued = client[PATH].post(POST)
  await sleep(600)
  letGo()
  expect(await issued).toEqual(ISSUED)
})

test('goes on to the second address while there is time, when the first is silent', async () => {
  const { port } = await serveSlowly()
  const second = createServer((socket) => void socket.once('data', () => socket.end(answer(ISSUED))))
  second.listen(port, '127.0.0.2')
  await once(second, 'listening')
  onTestFinished(() => void second.close())
  resolve('127.0.0.1', '127.0.0.2')
  expect(await clientOf([`http://localhost:${port}`])[PATH].post(POST)).toEqual(ISSUED)
})

const HOSTS = ['https://api.mch.weixin.qq.com', 'https://api2.mch.weixin.qq.com'] as const

/** WeChat Pay behind TLS. */
async function serveTls(
  name: string,
  answer: RequestListener = (_, response) => answerSigned(response, 200, ISSUED),
) {
  const bodies: string[] = []
  const server = await startTlsServer([name], async (message, response) => {
    bodies.push(await text(message))
    answer(message, response)
  })
  onTestFinished(() => server.close())
  return { port: server.port, bodies }
}

async function proxyTo(treat: (target: string) => Treatment) {
  const proxy = await startConnectProxy(treat)
  onTestFinished(() => proxy.close())
  return proxy
}

test('goes through a proxy by a tunnel, with TLS from end to end, and uses it again', async () => {
  const host = await serveTls('api.mch.weixin.qq.com')
  const proxy = await proxyTo(() => host.port)
  const url = proxy.url.replace('//', '//me:p%40ss@')
  const client = clientOf([HOSTS[0]], { proxy: { url } })
  for (let call = 0; call < 3; call++) expect(await client[PATH].post(POST)).toEqual(ISSUED)
  expect(host.bodies).toHaveLength(3)
  expect(proxy.heads).toHaveLength(1)
  expect(proxy.heads[0]).toMatch(/^CONNECT api\.mch\.weixin\.qq\.com:443 HTTP\/1\.1\r\n/)
  expect(proxy.heads[0]).toContain(`Basic ${Buffer.from('me:p@ss').toString('base64')}`)
})

test('goes through a proxy that is itself spoken to by TLS', async () => {
  const host = await serveTls('api.mch.weixin.qq.com')
  const proxy = await startTlsServer(['localhost'], (_, response) => void response.writeHead(405).end())
  onTestFinished(() => proxy.close())
  proxy.server.on('connect', (_, socket: Socket) => {
    const onward = connect(host.port, '127.0.0.1').on('error', () => {})
    socket.on('error', () => {}).write('HTTP/1.1 200 Connection established\r\n\r\n')
    socket.once('close', () => onward.destroy())
    socket.pipe(onward).pipe(socket)
  })
  const client = clientOf([HOSTS[0]], { proxy: { url: `https://localhost:${proxy.port}` } })
  expect(await client[PATH].post(POST)).toEqual(ISSUED)
  await client.close()
})

const refusing = (line: string) => (socket: Socket) =>
  void socket.end(`HTTP/1.1 ${line}\r\nContent-Length: 0\r\n\r\n`)
test.each<[string, Treatment]>([
  ['refuses (403)', refusing('403 Forbidden')],
  ['wants a password (407)', refusing('407 Proxy Authentication Required')],
  ['can not reach it (502)', refusing('502 Bad Gateway')],
  ['hangs up', (socket) => void socket.destroy()],
  ['resets', (socket) => void socket.resetAndDestroy()],
  ['is silent', () => {}],
  ['says no HTTP', (socket) => void socket.end('hello\r\n\r\n')],
  ['opens the tunnel and hangs up', (socket) => void socket.end('HTTP/1.1 200 OK\r\n\r\n')],
  [
    'opens the tunnel and resets',
    (socket) => void socket.write('HTTP/1.1 200 OK\r\n\r\n', () => socket.resetAndDestroy()),
  ],
  ['opens the tunnel to nobody', (socket) => void socket.write('HTTP/1.1 200 OK\r\n\r\n')],
])('takes the second host when the proxy %s for the first, as nothing was written', async (_, treatment) => {
  const second = await serveTls('api2.mch.weixin.qq.com')
  const proxy = await proxyTo((target) => (target.startsWith('api2.') ? second.port : treatment))
  const options = { proxy: { url: proxy.url }, timeouts: { connect: 2000, total: 20_000 } }
  const [issued, failed] = await Promise.all([
    clientOf([...HOSTS], options)[PATH].post(POST),
    failure(clientOf([HOSTS[0]], options)[PATH].post(POST)),
  ])
  expect(issued).toEqual(ISSUED)
  expect(second.bodies).toHaveLength(1)
  expect(failed).toMatchObject({ name: 'NoAnswerError', reason: 'connect', mayHaveBeenExecuted: false })
})

test('says that nothing was executed when the proxy itself refuses', async () => {
  const proxy = await proxyTo(() => () => {})
  await proxy.close()
  const url = proxy.url.replace('//', '//me:canary@')
  const error = await failure(clientOf([...HOSTS], { proxy: { url } })[PATH].post(POST))
  expect(error.message).toContain(
    `no connection could be made through the proxy ${proxy.url}: the connection was refused (ECONNREFUSED)`,
  )
  expect(error.message).not.toContain('canary')
  expect(error).toMatchObject({
    reason: 'connect',
    mayHaveBeenExecuted: false,
    cause: { code: 'ECONNREFUSED' },
  })
})

test('leaves the outcome open when a proxy cuts the tunnel after the request, and does not try the second host', async () => {
  const second = await serveTls('api2.mch.weixin.qq.com')
  const first = await serveTls('api.mch.weixin.qq.com', () => {
    for (const socket of proxy.sockets) socket.resetAndDestroy()
  })
  const proxy = await proxyTo((target) => (target.startsWith('api2.') ? second.port : first.port))
  const error = await failure(clientOf([...HOSTS], { proxy: { url: proxy.url } })[PATH].post(POST))
  expect(error).toMatchObject({ name: 'NoAnswerError', reason: 'broken', mayHaveBeenExecuted: true })
  expect(first.bodies).toHaveLength(1)
  expect(second.bodies).toEqual([])
})

test('passes over a 100 that comes through a tunnel', async () => {
  const host = await serveTls('api.mch.weixin.qq.com', (_, response) => {
    response.writeContinue()
    answerSigned(response, 200, ISSUED)
  })
  const proxy = await proxyTo(() => host.port)
  expect(await clientOf([HOSTS[0]], { proxy: { url: proxy.url } })[PATH].post(POST)).toEqual(ISSUED)
})

test('reaches this machine and excepted hosts without the proxy', async () => {
  const proxy = await proxyTo(() => () => {})
  const here = await serveRaw(() => [answer(ISSUED)])
  const client = clientOf([here.url], { proxy: { url: proxy.url } })
  expect(await client[PATH].post(POST)).toEqual(ISSUED)
  resolve('127.0.0.1')
  const excepted = clientOf([HOSTS[0]], { proxy: { url: proxy.url, except: 'localhost,.weixin.qq.com' } })
  await failure(excepted[PATH].post(POST))
  expect(proxy.heads).toEqual([])
})
