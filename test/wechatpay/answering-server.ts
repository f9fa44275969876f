import { generateKeyPairSync, sign } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import type { WechatPayOptions } from '../../src/wechatpay/index.ts'

/** Keys of 2048 bits take a moment to make, so each file makes them once, when a test first needs them. */
function onceMade() {
  const make = () =>
    generateKeyPairSync('rsa', {
      modulusLength: 2048,
      publicKeyEncoding: { type: 'spki', format: 'pem' },
      privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
    })
  let pair: ReturnType<typeof make> | undefined
  return () => {
    pair ??= make()
    return pair
  }
}
export const merchant = onceMade()
export const platform = onceMade()

export const MERCHANT_SERIAL = '1DDE55AD98ED71D6EDD4A4A16996DE7B47773A8C'
export const KEY_ID = 'PUB_KEY_ID_0000000000000024101100397200000006'
export const OPENID = 'oCanary-2882656_Xq0vA7bWmR3d'

export const JSON_BODY = {
  mchid: '9800064',
  stock_id: '9865888',
  appid: 'wxd678efh567hg6787',
  send_request_no: '100002322019090134234sfdf',
}
export const QUERY = { mchid: '9800064', stock_id: '9865888', appid: 'wxd678efh567hg6787' }
export const ISSUED = { coupon_id: 'C688134-17-1505164059', expire_time: '2021-05-20T13:29:35.120+08:00' }

/** The options of a client for a server of these tests. */
export function optionsFor(...baseUrls: string[]): WechatPayOptions {
  return {
    mchid: '9800064',
    merchantSerial: MERCHANT_SERIAL,
    privateKey: merchant().privateKey,
    publicKey: { id: KEY_ID, pem: platform().publicKey },
    baseUrls,
  }
}

export interface ReceivedRequest {
  method: string
  url: string
  headers: IncomingMessage['headers']
  body: string
}

export interface AnsweringServer {
  url: string
  requests: ReceivedRequest[]
  /** The opened connections, in order. */
  sockets: Socket[]
  close(): Promise<void>
}

export type Answerer = (
  request: ReceivedRequest,
  response: ServerResponse,
  socket: Socket,
) => void | Promise<void>

/** Starts a server that records requests and lets the test write the answer. */
export async function startAnswering(answer: Answerer): Promise<AnsweringServer> {
  const requests: ReceivedRequest[] = []
  const sockets: Socket[] = []
  const server = createServer(async (message, response) => {
    let body = ''
    for await (const chunk of message.setEncoding('utf8')) body += chunk
    const { method = '', url = '', headers } = message
    const request = { method, url, headers, body }
    requests.push(request)
    await answer(request, response, message.socket)
  })
  server.on('connection', (socket) => sockets.push(socket))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    sockets,
    async close() {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}

/** WeChat Pay's signature headers of an answer, made as the documents say and not by the client's code. */
export function signedHeaders(body: string, changes: Record<string, string> = {}): Record<string, string> {
  const timestamp = changes['Wechatpay-Timestamp'] ?? String(Math.floor(Date.now() / 1000))
  const nonce = 'd824f2e086d3c1df967785d13fcd22ef'
  const message = `${timestamp}\n${nonce}\n${body}\n`
  return {
    'Content-Type': 'application/json; charset=utf-8',
    'Request-ID': '08F78BB5AF0610D302189F8FDC0428-0',
    'Wechatpay-Timestamp': timestamp,
    'Wechatpay-Nonce': nonce,
    'Wechatpay-Serial': KEY_ID,
    'Wechatpay-Signature': sign('sha256', Buffer.from(message), platform().privateKey).toString('base64'),
    'Wechatpay-Signature-Type': 'WECHATPAY2-SHA256-RSA2048',
    ...changes,
  }
}

/** Answers with JSON, signed as WeChat Pay signs it. */
export function answerSigned(response: ServerResponse, status: number, content: unknown): void {
  const body = JSON.stringify(content)
  response.writeHead(status, signedHeaders(body)).end(body)
}
