import { once } from 'node:events'
import { type AddressInfo, createServer, type Socket } from 'node:net'
import { expect, type TestContext, test } from 'vitest'
import { createWechatPay, type WechatPayOptions } from '../../src/wechatpay/index.ts'
import {
  type Answerer,
  answerSigned,
  ISSUED,
  JSON_BODY,
  OPENID,
  optionsFor,
  startAnswering,
} from './answering-server.ts'

// Side by side, as undici takes its time with short time-outs.

const PATH = 'v3/marketing/withdraw-favor/users/{openid}/coupons'
const POST = { openid: OPENID, json: JSON_BODY }

function clientOf({ onTestFinished }: TestContext, urls: string[], options: Partial<WechatPayOptions>) {
  const client = createWechatPay({ ...optionsFor(...urls), ...options })
  onTestFinished(() => client.close())
  return client
}

async function serve({ onTestFinished }: TestContext, answer: Answerer) {
  const server = await startAnswering(answer)
  onTestFinished(() => server.close())
  return server
}

test.concurrent.for<[string, Partial<WechatPayOptions>, Answerer]>([
  ['total', { timeouts: { total: 3000 } }, () => {}],
  [
    'total, amid the body',
    { timeouts: { total: 3000 } },
    (_, response) => void response.writeHead(200).write('{'),
  ],
])('gives up in time by the time-out for %s and leaves the outcome open', async ([
  ,
  options,
  answer,
], context) => {
  const server = await serve(context, answer)
  const error = await clientOf(context, [server.url], options)
    [PATH].post(POST)
    .catch((error) => error)
  expect(error).toMatchObject({ name: 'NoAnswerError', reason: 'timeout', mayHaveBeenExecuted: true })
  expect(server.requests).toHaveLength(1)
})

test.concurrent('sends a POST to the second host when the first does not finish its handshake in time', async (context) => {
  const sockets: Socket[] = []
  const silent = createServer((socket) => sockets.push(socket.on('error', () => {})))
  silent.listen(0, '127.0.0.1')
  await once(silent, 'listening')
  context.onTestFinished(async () => {
    for (const socket of sockets) socket.destroy()
    silent.close()
    await once(silent, 'close')
  })
  const first = `https://127.0.0.1:${(silent.address() as AddressInfo).port}`
  const second = await serve(context, (_, response) => answerSigned(response, 200, ISSUED))
  const client = clientOf(context, [first, second.url], { timeouts: { connect: 2000 } })
  expect(await client[PATH].post(POST)).toEqual(ISSUED)
  expect(sockets).toHaveLength(1)
})
