import { randomBytes, sign } from 'node:crypto'
import { createServer, type Socket } from 'node:net'
import { answerParent } from '../processes.ts'

/**
 * Answers every request as WeChat Pay answers an issued coupon, with bytes that were made and signed before. Of HTTP,
 * it reads only where a request ends: with few cores, a real server would dominate the measurement.
 */

/** ms; clients refuse an answer signed 300 s ago. */
const SIGN_AGAIN = 60_000
const ANSWERS = 16

let answers: Buffer[] = []
let turn = 0

answerParent({
  async serve({ privateKey, publicKeyId }: { privateKey: string; publicKeyId: string }) {
    const signAll = () => {
      answers = Array.from({ length: ANSWERS }, () => signedAnswer(privateKey, publicKeyId))
    }
    signAll()
    setInterval(signAll, SIGN_AGAIN).unref()
    const server = createServer(answer)
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const address = server.address()
    if (typeof address !== 'object' || !address) throw new Error('no port')
    return `http://127.0.0.1:${address.port}`
  },
})

function answer(socket: Socket): void {
  socket.setNoDelay(true)
  // A client that ends cuts its connections.
  socket.on('error', () => socket.destroy())
  let unread = ''
  socket.on('data', (chunk) => {
    unread += chunk.toString('latin1')
    for (;;) {
      const head = unread.indexOf('\r\n\r\n')
      if (head < 0) return
      const length = Number(/\r\ncontent-length: (\d+)/i.exec(unread.slice(0, head))?.[1] ?? 0)
      const end = head + 4 + length
      if (unread.length < end) return
      unread = unread.slice(end)
      turn += 1
      socket.write(answers[turn % ANSWERS] as Buffer)
    }
  })
}

function signedAnswer(privateKey: string, publicKeyId: string): Buffer {
  const couponId = `${randomBytes(32).toString('hex').toUpperCase()}-17-1505164059`
  const body = JSON.stringify({ coupon_id: couponId, expire_time: '2031-05-20T13:29:35.120+08:00' })
  const timestamp = Math.floor(Date.now() / 1000)
  const nonce = randomBytes(16).toString('hex')
  const signature = sign('sha256', Buffer.from(`${timestamp}\n${nonce}\n${body}\n`), privateKey)
  const head = [
    'HTTP/1.1 200 OK',
    'Content-Type: application/json; charset=utf-8',
    'Content-Language: zh-CN',
    `Content-Length: ${Buffer.byteLength(body)}`,
    `Request-ID: ${randomBytes(16).toString('hex').toUpperCase()}-0`,
    `Wechatpay-Timestamp: ${timestamp}`,
    `Wechatpay-Nonce: ${nonce}`,
    `Wechatpay-Serial: ${publicKeyId}`,
    `Wechatpay-Signature: ${signature.toString('base64')}`,
    'Wechatpay-Signature-Type: WECHATPAY2-SHA256-RSA2048',
  ]
  return Buffer.from(`${head.join('\r\n')}\r\n\r\n${body}`)
}
