import { once } from 'node:events'
import { type AddressInfo, createServer, type Socket } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import { createWechatPay, type WechatPayOptions } from '../../src/wechatpay/index.ts'
import { JSON_BODY, OPENID, optionsFor, startAnswering } from './answering-server.ts'

const PATH = 'v3/marketing/withdraw-favor/users/{openid}/coupons'

async function whyOf(baseUrl: string, change: Partial<WechatPayOptions> = {}): Promise<string> {
  const client = createWechatPay({ ...optionsFor(baseUrl), ...change })
  onTestFinished(() => client.close())
  const error = await client[PATH].post({ openid: OPENID, json: JSON_BODY }).catch((error) => error)
  expect(error.message).toContain(error.why)
  expect(error.why).not.toContain(OPENID)
  return error.why
}

/** A server of bare sockets. */
async function startRaw(onSocket: (socket: Socket) => void): Promise<number> {
  const sockets = new Set<Socket>()
  const server = createServer((socket) => {
    sockets.add(socket.on('error', () => {}))
    onSocket(socket)
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy()
    server.close()
  })
  return (server.address() as AddressInfo).port
}

test('says that nothing listens', async () => {
  expect(await whyOf('http://127.0.0.1:1')).toBe(
    'no connection could be made: the connection was refused (ECONNREFUSED)',
  )
})

test('says that the name of the host is not known', async () => {
  const why = await whyOf('https://withdraw-coupon.invalid')
  expect(why).toMatch(/^no connection could be made: the name of the host .*\((ENOTFOUND|EAI_AGAIN)\)$/)
})

test('says that what answers does not speak TLS', async () => {
  const { url, close } = await startAnswering((_, response) => void response.end())
  onTestFinished(close)
  expect(await whyOf(url.replace('http:', 'https:'))).toMatch(/what answers does not speak TLS/)
})

test('says that the TLS handshake was cut off', async () => {
  const port = await startRaw((socket) => socket.once('data', () => socket.destroy()))
  expect(await whyOf(`https://127.0.0.1:${port}`)).toMatch(
    /^no connection could be made: the (TLS handshake was cut off|connection was reset) \(ECONNRESET\)$/,
  )
})

test('says that the connection was reset, or closed, after the request', async () => {
  const reset = await startRaw((socket) => socket.once('data', () => socket.resetAndDestroy()))
  expect(await whyOf(`http://127.0.0.1:${reset}`)).toMatch(/: the connection was (reset|closed)/)
  const closed = await startRaw((socket) => socket.once('data', () => socket.end()))
  expect(await whyOf(`http://127.0.0.1:${closed}`)).toMatch(/: the connection was closed/)
})

test('says that what answers does not speak HTTP', async () => {
  const port = await startRaw((socket) => socket.once('data', () => socket.end('SSH-2.0-OpenSSH\r\n\r\n')))
  expect(await whyOf(`http://127.0.0.1:${port}`)).toMatch(/: what answers does not speak HTTP$/)
})

test('says that it was connected but got no answer in time', async () => {
  const port = await startRaw(() => {})
  expect(await whyOf(`http://127.0.0.1:${port}`, { timeouts: { total: 600 } })).toBe(
    'no whole answer in time',
  )
})

test('tells a 500 with its code and words', async () => {
  const { url, close } = await startAnswering((_, response) => {
    response.writeHead(500).end(`{"code":"SYSTEM_ERROR","message":"系统异常 ${OPENID}"}`)
  })
  onTestFinished(close)
  expect(await whyOf(url)).toBe('500 SYSTEM_ERROR 系统异常 [openid]')
})
