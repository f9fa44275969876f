import { createCipheriv, sign } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { startWechatPaySandbox, type WechatPaySandbox } from '../../src/sandbox/wechatpay/index.ts'
import {
  createWechatPay,
  SetupError,
  type WechatPay,
  type WechatPayOptions,
} from '../../src/wechatpay/index.ts'
import {
  type AnsweringServer,
  ISSUED,
  JSON_BODY,
  KEY_ID,
  merchant,
  OPENID,
  optionsFor,
  platform,
  signedHeaders,
  startAnswering,
} from './answering-server.ts'

const PATH = 'v3/marketing/withdraw-favor/users/{openid}/coupons'
const POST = { openid: OPENID, json: JSON_BODY }
const APIV3_KEY = 'canary0123456789canary0123456789'
let sandbox: WechatPaySandbox
let pem: string
let privateKey: string
let server: AnsweringServer
let client: WechatPay | undefined
let badLists = 0
/** Headers of the next answer to a POST, instead of its own. */
let strange: Record<string, string> | undefined
let list: { status: number; body: string; headers: Record<string, string> }

beforeAll(async () => {
  sandbox = await startWechatPaySandbox()
  pem = await readFile(join(sandbox.info.keys, 'wechatpay_cert.pem'), 'utf8')
  privateKey = await readFile(join(sandbox.info.keys, 'wechatpay_key.pem'), 'utf8')
  server = await startAnswering((request, response) => {
    const issued = JSON.stringify(ISSUED)
    const { status, body, headers } =
      request.method === 'GET' ? list : { status: 200, body: issued, headers: strange ?? bySelf(issued) }
    if (request.method === 'POST') strange = undefined
    const isBad = request.method === 'GET' && badLists > 0
    if (isBad) badLists -= 1
    response.writeHead(status, isBad ? bySelf(body, merchant().privateKey) : headers).end(body)
  })
})
afterAll(async () => {
  await sandbox.close()
  await server.close()
})
afterEach(async () => {
  await client?.close()
  server.requests.length = 0
})

function locked(text: string, key = APIV3_KEY, algorithm = 'AEAD_AES_256_GCM') {
  const nonce = '61f9c719728a'
  const cipher = createCipheriv('aes-256-gcm', key, nonce).setAAD(Buffer.from('certificate'))
  const bytes = Buffer.concat([cipher.update(text), cipher.final(), cipher.getAuthTag()])
  return { algorithm, nonce, associated_data: 'certificate', ciphertext: bytes.toString('base64') }
}

/** Headers signed by the platform certificate of the list. */
function bySelf(body: string, key = privateKey): Record<string, string> {
  const headers = signedHeaders(body, { 'Wechatpay-Serial': sandbox.info.platformSerial })
  const message = `${headers['Wechatpay-Timestamp']}\n${headers['Wechatpay-Nonce']}\n${body}\n`
  return { ...headers, 'Wechatpay-Signature': sign('sha256', Buffer.from(message), key).toString('base64') }
}

function serveList(
  encrypt_certificate: object,
  serial_no = sandbox.info.platformSerial,
  more: object[] = [],
): string {
  const body = JSON.stringify({ data: [{ serial_no, encrypt_certificate, effective_time: 'x' }, ...more] })
  list = { status: 200, body, headers: bySelf(body) }
  return body
}

function open(changes: Partial<WechatPayOptions> = {}): WechatPay {
  client = createWechatPay({
    ...optionsFor(server.url),
    publicKey: undefined,
    apiv3Key: APIV3_KEY,
    ...changes,
  })
  return client
}

async function failure(work: Promise<unknown>): Promise<SetupError> {
  return work.then(
    () => expect.fail('it did not fail'),
    (error) => error,
  )
}

const postsSent = () => server.requests.filter(({ method }) => method === 'POST').length

test('unlocks the certificates, believes them by themselves, and asks for answers by the newest', async () => {
  serveList(locked(pem), undefined, [
    { serial_no: 'AA', encrypt_certificate: locked('x', APIV3_KEY, 'AEAD_SM4_128_GCM') },
  ])
  expect(await open()[PATH].post(POST)).toEqual(ISSUED)
  const [download, post] = server.requests
  expect(download).toMatchObject({ method: 'GET', url: '/v3/certificates' })
  expect(download?.headers).not.toHaveProperty('wechatpay-serial')
  expect(post?.headers['wechatpay-serial']).toBe(sandbox.info.platformSerial)
})

test('does not send the POST when the certificates do not open, and names the key to check', async () => {
  serveList(locked(pem, 'another-key-another-key-another!'))
  const error = await failure(open()[PATH].post(POST))
  expect(error).toBeInstanceOf(SetupError)
  expect(error.message).toMatch(/check WECHATPAY_APIV3_KEY/)
  expect(postsSent()).toBe(0)
})

test('does not take a certificate of which a bit was changed, or whose tag is cut', async () => {
  const whole = locked(pem)
  const bytes = Buffer.from(whole.ciphertext, 'base64')
  bytes[20] = (bytes[20] ?? 0) ^ 1
  for (const ciphertext of [
    bytes.toString('base64'),
    Buffer.from(whole.ciphertext, 'base64').subarray(0, -4).toString('base64'),
    '',
  ]) {
    serveList({ ...whole, ciphertext })
    expect(await failure(open()[PATH].post(POST))).toMatchObject({
      name: 'SetupError',
      mayHaveBeenExecuted: false,
    })
    await client?.close()
  }
  expect(postsSent()).toBe(0)
})

test('does not take a certificate that is listed under the serial of another', async () => {
  serveList(locked(pem), 'ABCDEF0123456789')
  expect((await failure(open()[PATH].post(POST))).message).toMatch(/listed as ABCDEF0123456789/)
})

test.each<[string, () => typeof list, object]>([
  [
    'is signed by another key',
    () => ({ ...list, headers: bySelf(list.body, merchant().privateKey) }),
    { name: 'UntrustedAnswerError', reason: 'signature' },
  ],
  ['is not signed', () => ({ ...list, headers: {} }), { name: 'UntrustedAnswerError', reason: 'headers' }],
  [
    'is signed by a key that it does not bring',
    () => ({ ...list, headers: { ...list.headers, 'Wechatpay-Serial': 'AA' } }),
    { name: 'UntrustedAnswerError', reason: 'serial' },
  ],
  [
    'is no list',
    () => ({ status: 200, body: '{}', headers: bySelf('{}') }),
    { name: 'UnexpectedAnswerError' },
  ],
  [
    'is a 401',
    () => ({ status: 401, body: '{"code":"SIGN_ERROR"}', headers: {} }),
    { name: 'SetupError', scope: 'all' },
  ],
  [
    'is refused, which refuses no coupon',
    () => ({ status: 400, body: '{"code":"PARAM_ERROR","message":"x"}', headers: {} }),
    { name: 'SetupError', scope: 'all', status: 400, code: 'PARAM_ERROR', cause: { name: 'RefusedError' } },
  ],
  [
    'is not granted, which stops every stock',
    () => ({ status: 403, body: '{"code":"NO_AUTH","message":"x"}', headers: {} }),
    { name: 'SetupError', scope: 'all', status: 403, code: 'NO_AUTH' },
  ],
  ['is a 500', () => ({ status: 500, body: '', headers: {} }), { name: 'NoAnswerError', reason: 'server' }],
])('does not send the POST when the download %s', async (_, change, told) => {
  serveList(locked(pem))
  list = change()
  expect(await failure(open()[PATH].post(POST))).toMatchObject({ mayHaveBeenExecuted: false, ...told })
  expect(postsSent()).toBe(0)
})

test('downloads once more when the signature of the list is a bad one, which WeChat Pay sends on purpose', async () => {
  serveList(locked(pem))
  badLists = 2
  expect(await open()[PATH].post(POST)).toEqual(ISSUED)
  expect(server.requests.map(({ method }) => method)).toEqual(['GET', 'GET', 'GET', 'POST'])
})

test('tells a merchant who has only a public key what to configure, signed or not', async () => {
  const body =
    '{"code":"RESOURCE_NOT_EXISTS","message":"无可用的平台证书，请在商户平台-API安全申请使用微信支付公钥"}'
  for (const headers of [{}, signedHeaders(body)]) {
    list = { status: 404, body, headers }
    const error = await failure(open()[PATH].post(POST))
    expect(error).toMatchObject({
      name: 'SetupError',
      scope: 'all',
      status: 404,
      code: 'RESOURCE_NOT_EXISTS',
    })
    expect(error.message).toMatch(/WECHATPAY_PUBLIC_KEY_ID and WECHATPAY_PUBLIC_KEY/)
    await client?.close()
  }
})

test('gives up waiting for certificates in time, with nothing sent and nothing executed', async () => {
  const silent = await startAnswering(() => {})
  try {
    const error = await failure(open({ baseUrls: [silent.url] })[PATH].post({ ...POST, timeout: 2000 }))
    expect(error).toMatchObject({ name: 'NoAnswerError', reason: 'timeout', mayHaveBeenExecuted: false })
    expect(silent.requests.map(({ method }) => method)).toEqual(['GET'])
  } finally {
    await client?.close()
    await silent.close()
  }
})

test('ends at close, at once, a call that waits for certificates', async () => {
  const asked = Promise.withResolvers<void>()
  const silent = await startAnswering(() => asked.resolve())
  try {
    const client = open({ baseUrls: [silent.url] })
    const work = failure(client[PATH].post({ ...POST, timeout: 60_000 }))
    await asked.promise
    await client.close()
    expect(await work).toMatchObject({ name: 'NoAnswerError', reason: 'aborted', mayHaveBeenExecuted: false })
  } finally {
    await silent.close()
  }
})

test('leaves a POST open whose answer has an unknown serial when new certificates do not come in time', async () => {
  const silent = await startAnswering((request, response) => {
    const body = JSON.stringify(ISSUED)
    if (request.method === 'POST') response.writeHead(200, bySelf(body)).end(body)
  })
  try {
    const publicKey = { id: KEY_ID, pem: platform().publicKey }
    const error = await failure(
      open({ baseUrls: [silent.url], publicKey })[PATH].post({ ...POST, timeout: 3000 }),
    )
    expect(error).toMatchObject({ name: 'UntrustedAnswerError', reason: 'serial', mayHaveBeenExecuted: true })
  } finally {
    await client?.close()
    await silent.close()
  }
})

test('believes a certificate beside the public key, once it is downloaded', async () => {
  serveList(locked(pem))
  list.headers = signedHeaders(list.body)
  expect(await open({ publicKey: { id: KEY_ID, pem: platform().publicKey } })[PATH].post(POST)).toEqual(
    ISSUED,
  )
  expect(server.requests.map(({ method }) => method)).toEqual(['POST', 'GET'])
})

test('names the key that it knows when it asks for certificates again', async () => {
  serveList(locked(pem))
  const client = open()
  await client[PATH].post(POST)
  const { platformSerial } = sandbox.info
  const body = JSON.stringify(ISSUED)
  strange = { ...bySelf(body), 'Wechatpay-Serial': 'AB12CD34' }
  expect(await failure(client[PATH].post(POST))).toMatchObject({
    reason: 'serial',
    mayHaveBeenExecuted: true,
  })
  expect(server.requests.map(({ method, headers }) => [method, headers['wechatpay-serial']])).toEqual([
    ['GET', undefined],
    ['POST', platformSerial],
    ['POST', platformSerial],
    ['GET', platformSerial],
  ])
})

test.each<[string, object[]]>([
  ['is empty', []],
  ['has none of RSA', [{ serial_no: 'AA', encrypt_certificate: locked('x', APIV3_KEY, 'AEAD_SM4_128_GCM') }]],
])('says that there is no certificate when the list %s, and keeps those it knows', async (_, data) => {
  const body = JSON.stringify({ data })
  list = { status: 200, body, headers: bySelf(body) }
  const error = await failure(open()[PATH].post(POST))
  expect(error).toMatchObject({ name: 'SetupError', mayHaveBeenExecuted: false })
  expect(error.message).toMatch(/no platform certificate.*WECHATPAY_PUBLIC_KEY_ID/)
  await client?.close()

  serveList(locked(pem))
  const knowing = open()
  await knowing[PATH].post(POST)
  list = { status: 200, body, headers: bySelf(body) }
  const issued = JSON.stringify(ISSUED)
  strange = { ...bySelf(issued), 'Wechatpay-Serial': 'AB12CD34' }
  expect(await failure(knowing[PATH].post(POST))).toMatchObject({ reason: 'serial' })
  expect(await knowing[PATH].post(POST)).toEqual(ISSUED)
})
