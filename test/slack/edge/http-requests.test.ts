import { createHmac } from 'node:crypto'
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { afterAll, beforeAll, expect, onTestFinished, test, vi } from 'vitest'
import { startEdge } from '../start-edge.ts'

const FORM = 'application/x-www-form-urlencoded'
const now = () => Math.floor(Date.now() / 1000)
/** Well-formed, and of nobody. */
const FORGED = `v0=${'a'.repeat(64)}`

async function start(finished: (close: () => Promise<void>) => void = onTestFinished) {
  const started = await startEdge({ transport: 'http', finished })
  const { slack, port, log } = started
  async function open(): Promise<Socket> {
    const socket = connect(port ?? 0, '127.0.0.1')
    onTestFinished(() => void socket.destroy())
    socket.on('error', () => {})
    await once(socket, 'connect')
    return socket
  }
  return {
    ...started,
    open,
    warnings: () => log.filter(({ level }) => Number(level) >= 40).map(({ msg }) => msg),
    /** Signed as Slack signs, of this or another time. */
    async post(body: string, { type = FORM, at = now() } = {}) {
      const digest = createHmac('sha256', slack.signingSecret).update(`v0:${at}:${body}`).digest('hex')
      const answer = await fetch(`http://127.0.0.1:${port}/slack/events`, {
        method: 'POST',
        headers: {
          'content-type': type,
          'x-slack-request-timestamp': String(at),
          'x-slack-signature': `v0=${digest}`,
        },
        body,
      })
      return { status: answer.status, text: await answer.text() }
    },
  }
}

/** One for all tests that leave it as it was: what came before, and what is told only once a minute, disturbs none. */
let shared: Awaited<ReturnType<typeof start>>
const closers: (() => Promise<void>)[] = []
beforeAll(async () => {
  shared = await start((close) => void closers.push(close))
})
afterAll(async () => {
  for (const close of closers) await close()
})

function head(...lines: string[]): string {
  return `${['POST /slack/events HTTP/1.1', 'Host: x', `Content-Type: ${FORM}`, ...lines].join('\r\n')}\r\n\r\n`
}
const time = (at: unknown) => `X-Slack-Request-Timestamp: ${at}`
const signature = (text: string) => `X-Slack-Signature: ${text}`

test.each([
  ['no headers', []],
  ['no signature', [time(now())]],
  ['no timestamp', [signature(FORGED)]],
  ['an old timestamp', [time(now() - 400), signature(FORGED)]],
  ['a timestamp of the future', [time(now() + 400), signature(FORGED)]],
  ['a timestamp that is no number', [time('NaN'), signature(FORGED)]],
  ['a timestamp in ms', [time(Date.now()), signature(FORGED)]],
  ['two timestamps', [time(now()), time(now()), signature(FORGED)]],
  ['two signatures', [time(now()), signature(FORGED), signature(FORGED)]],
  ['a signature of another version', [time(now()), signature(FORGED.replace('v0', 'v1'))]],
  ['a short signature', [time(now()), signature('v0=abc')]],
  ['an empty signature', [time(now()), signature('')]],
])('refuses a request with %s before its body comes', async (_what, headers) => {
  const { open, warnings } = shared
  const socket = await open()
  socket.write(head('Content-Length: 1000', ...headers))
  const [answer] = await once(socket, 'data')
  expect(String(answer)).toMatch(/^HTTP\/1\.1 401 /)
  await once(socket, 'close')
  expect(warnings()).toContain('a request was refused: it bears no signature of now')
})

test('asks for a body that waits to be asked for only where the headers bear a signature of now', async () => {
  const { open } = shared
  const expecting = ['Content-Length: 1000', 'Expect: 100-continue']
  const answerTo = async (...headers: string[]) => {
    const socket = await open()
    socket.write(head(...expecting, ...headers))
    return String((await once(socket, 'data'))[0])
  }
  expect(await answerTo()).toMatch(/^HTTP\/1\.1 401 /)
  expect(await answerTo(time(now()), signature(FORGED))).toMatch(/^HTTP\/1\.1 100 /)
})

test('tells of requests that it refuses, but not of every one', async () => {
  const { port, warnings } = await start()
  for (let count = 0; count < 20; count++)
    expect((await fetch(`http://127.0.0.1:${port}/slack/events`, { method: 'POST', body: 'a' })).status).toBe(
      401,
    )
  expect(warnings()).toHaveLength(1)
})

test('refuses what says that it is larger than 1 MB before it comes', async () => {
  const { open } = shared
  const socket = await open()
  socket.write(head('Content-Length: 1048577', time(now()), signature(FORGED)))
  const [answer] = await once(socket, 'data')
  expect(String(answer)).toMatch(/^HTTP\/1\.1 413 /)
  await once(socket, 'close')
})

test('takes no more than 1 MB of what does not say how large it is, and closes that connection', async () => {
  const { open } = shared
  const socket = await open()
  let answer = ''
  socket.on('data', (text) => {
    answer += String(text)
  })
  const closed = new Promise((resolve) => socket.once('close', resolve))
  socket.write(head('Transfer-Encoding: chunked', time(now()), signature(FORGED)))
  const chunk = `10000\r\n${'a'.repeat(0x10000)}\r\n`
  while (!socket.destroyed) {
    if (!socket.write(chunk))
      await Promise.race([new Promise((drained) => socket.once('drain', drained)), closed])
  }
  await closed
  expect(answer).toMatch(/^HTTP\/1\.1 413 /)
})

test('takes what says less of its length than it sends for what it says', async () => {
  const { open, warnings } = await start()
  const socket = await open()
  let answer = ''
  socket.on('data', (text) => {
    answer += String(text)
  })
  socket.write(`${head('Content-Length: 3', time(now()), signature(FORGED))}aaa${'b'.repeat(1000)}`)
  await once(socket, 'close')
  expect(answer).toMatch(/^HTTP\/1\.1 40[01] /)
  expect(warnings()).toEqual(['a request was refused: it is not signed with SLACK_SIGNING_SECRET'])
})

// How much is held meanwhile: `bodies.test.ts`.
test('closes the largest of many unsigned bodies that do not end, and answers Slack meanwhile', async () => {
  const { open, slack } = await start()
  const one = Buffer.from('1\r\na\r\n'.repeat(200))
  const large = Buffer.from(`dbba0\r\n${'a'.repeat(0xdbba0)}\r\n`)
  const sockets = await Promise.all(Array.from({ length: 80 }, open))
  let closed = 0
  for (const [index, socket] of sockets.entries()) {
    const isLarge = index % 2 === 0
    socket.resume()
    socket.once('close', () => {
      if (isLarge) closed += 1
    })
    socket.write(head('Transfer-Encoding: chunked', time(now()), signature(FORGED)))
    // 900 kB at once, or byte by byte, and then nothing more.
    for (let count = 0; count < 5; count++)
      socket.write(isLarge ? large.subarray(0, count ? 0 : undefined) : one)
  }
  // All but those that fit into 16 MB.
  await vi.waitUntil(() => closed >= 24, { timeout: 60_000 })
  // As soon as this process, which is both sides, comes to it.
  await vi.waitUntil(async () => (await slack.person('U0AGENT1').command('/withdraw-coupon', 'help')).ok, {
    timeout: 60_000,
  })
})

test.each(
  [
    ['payload=null', FORM],
    ['payload=[]', FORM],
    ['payload="x"', FORM],
    ['payload=1', FORM],
    ['payload={}', FORM],
    ['payload={"type":5}', FORM],
    ['payload={"type":"nothing_known"}', FORM],
    ['payload={"type":"block_actions"}', FORM],
    ['payload={"type":"block_actions","actions":[]}', FORM],
    ['payload={"type":"block_actions","actions":[null]}', FORM],
    ['payload={"type":"block_actions","actions":[{}],"channel":null}', FORM],
    ['payload={"type":"view_submission","view":null}', FORM],
    ['payload={"type":"view_submission"}', FORM],
    ['payload={"type":"shortcut","trigger_id":{}}', FORM],
    ['payload=%7B%7D&payload=%7B%7D', FORM],
    ['', FORM],
    ['a=b', FORM],
    ['__proto__=1&constructor=2', FORM],
    ['command=/withdraw-coupon', FORM],
    ['command=/withdraw-coupon&command=/withdraw-coupon', FORM],
    ['command=/withdraw-coupon&text=a&text=b', FORM],
    ['command=/withdraw-coupon&text=pause&user_id=', FORM],
    ['command=/withdraw-coupon&response_url=ftp://x', FORM],
    ['null', 'application/json'],
    ['[]', 'application/json'],
    ['1', 'application/json'],
    ['"x"', 'application/json'],
    ['{}', 'application/json'],
    ['{"type":"app_rate_limited","minute_rate_limited":1}', 'application/json'],
    ['{"type":"event_callback","event":null}', 'application/json'],
    ['{"type":"event_callback","event":{}}', 'application/json'],
    ['{"type":"event_callback","event":5}', 'application/json'],
    ['{"type":"event_callback","event":{"type":"message","item":null}}', 'application/json'],
    [`${'['.repeat(200_000)}${']'.repeat(200_000)}`, 'application/json'],
    [`{"type":"event_callback","event":${'{"a":'.repeat(50_000)}1${'}'.repeat(50_000)}}`, 'application/json'],
  ].map(([body = '', type]) => [body.slice(0, 80), { body, type }] as const),
)('acknowledges %s and tells it in the log once, and goes on', async (_what, { body, type }) => {
  const { post, slack, log } = shared
  const before = log.length
  const { status } = await post(body, { type })
  expect(status).toBe(200)
  // Later may follow that one of those before got no answer.
  const told = () =>
    log.slice(before).filter(({ level, msg }) => Number(level) >= 40 && !/got no answer/.test(String(msg)))
  if (!body.includes('"event":{')) await vi.waitUntil(() => told().length > 0, { timeout: 60_000 })
  expect(await slack.person('U0AGENT1').command('/withdraw-coupon', 'help')).toMatchObject({ ok: true })
  expect(told().length).toBeLessThanOrEqual(1)
})

test.each([
  ['payload=', FORM],
  ['payload={', FORM],
  ['{', 'application/json'],
  ['', 'application/json'],
  ['payload={}', 'text/plain'],
  ['payload={}', ''],
])('refuses %s as %s, and tells why once', async (body, type) => {
  const { post, warnings } = shared
  expect((await post(body, { type })).status).toBe(400)
  const why = 'a request was refused: its content can’t be read'
  expect(warnings().filter((told) => told === why)).toEqual([why])
})

test('takes a form whose type names its characters, and answers the question whether this is the address', async () => {
  const { post } = shared
  expect(
    await post('payload={"type":"url_verification","challenge":"abc"}', { type: `${FORM}; charset=utf-8` }),
  ).toEqual({
    status: 200,
    text: '{"challenge":"abc"}',
  })
})

test('takes nothing that was signed at another time', async () => {
  const { post } = shared
  expect((await post('payload={}', { at: now() - 290 })).status).toBe(200)
  expect((await post('payload={}', { at: now() + 290 })).status).toBe(200)
  expect((await post('payload={}', { at: now() - 310 })).status).toBe(401)
  expect((await post('payload={}', { at: now() + 310 })).status).toBe(401)
})
