import {
  createHash,
  createPublicKey,
  createSign,
  createVerify,
  type KeyObject,
  randomUUID,
  X509Certificate,
} from 'node:crypto'
import { readFileSync } from 'node:fs'
import { type IncomingHttpHeaders, request } from 'node:http'
import { join } from 'node:path'
import { inject, onTestFinished } from 'vitest'
import {
  startWechatPaySandbox,
  type WechatPaySandbox,
  type WechatPaySandboxOptions,
} from '../../../src/sandbox/wechatpay/index.ts'

/** A caller of a few lines that signs and verifies by itself, so that it can't repeat a mistake of the stand-in. */

export interface Reply {
  status: number
  headers: IncomingHttpHeaders
  text: string
  // biome-ignore lint/suspicious/noExplicitAny: the tests compare it as a whole
  json: any
}

export interface CallOptions {
  json?: unknown
  body?: string | Buffer
  /** Omits a header that is undefined. */
  headers?: Record<string, string | undefined>
  timestamp?: number
  nonce?: string
  serial?: string
  mchid?: string
  /** The body to sign instead of the one that is sent. */
  signedBody?: string
  signal?: AbortSignal
}

export const OPENID = 'oUpF8uMuAJO_M2pxb1Q9zNjWeS6o'

/** Starts a sandbox that closes when the test ends. */
export async function openSandbox(options: WechatPaySandboxOptions = {}) {
  const sandbox = await startWechatPaySandbox({ keys: inject('wechatpayKeys'), ...options })
  onTestFinished(() => sandbox.close())
  return { sandbox, ...callerOf(sandbox) }
}

export function callerOf(sandbox: Pick<WechatPaySandbox, 'info' | 'privateKey'>) {
  const { info, privateKey } = sandbox

  const call = (method: string, url: string, options: CallOptions = {}): Promise<Reply> => {
    const body = Buffer.from(options.body ?? (options.json === undefined ? '' : JSON.stringify(options.json)))
    const timestamp = options.timestamp ?? Math.floor(Date.now() / 1000)
    const nonce = options.nonce ?? randomUUID().replaceAll('-', '')
    const message = `${method}\n${url}\n${timestamp}\n${nonce}\n${options.signedBody ?? body.toString()}\n`
    const signature = createSign('RSA-SHA256').update(message).sign(privateKey, 'base64')
    const mchid = options.mchid ?? info.mchid
    const serial = options.serial ?? info.merchantSerial
    return send(info.baseUrl, method, url, body, options.signal, {
      accept: 'application/json',
      'user-agent': 'sandbox-test/1',
      'wechatpay-serial': info.publicKeyId,
      ...(body.length > 0 ? { 'content-type': 'application/json' } : {}),
      authorization: `WECHATPAY2-SHA256-RSA2048 mchid="${mchid}",serial_no="${serial}",nonce_str="${nonce}",timestamp="${timestamp}",signature="${signature}"`,
      ...options.headers,
    })
  }

  const ids = { mchid: info.mchid, appid: info.appid, stock_id: info.stockId }
  const couponsPath = (openid: string) =>
    `/v3/marketing/withdraw-favor/users/${encodeURIComponent(openid)}/coupons`

  return {
    call,
    ids,
    couponsPath,
    issue: (
      number: string,
      { openid = OPENID, ...changes }: Record<string, string> = {},
      options: CallOptions = {},
    ) =>
      call('POST', couponsPath(openid), {
        json: { ...ids, send_request_no: number, ...changes },
        ...options,
      }),
    list: (query: Record<string, string | number> = {}, openid = OPENID, options: CallOptions = {}) => {
      const all = Object.entries({ ...ids, ...query }).map(
        ([key, value]) => `${key}=${encodeURIComponent(value)}`,
      )
      return call('GET', `${couponsPath(openid)}?${all.join('&')}`, options)
    },
    control: (
      method: string,
      path: string,
      json?: unknown,
      headers: Record<string, string | undefined> = {},
    ) => {
      const body = json === undefined ? '' : typeof json === 'string' ? json : JSON.stringify(json)
      return send(info.baseUrl, method, path, Buffer.from(body), undefined, {
        ...(body === '' ? {} : { 'content-type': 'application/json' }),
        ...headers,
      })
    },
  }
}

function send(
  baseUrl: string,
  method: string,
  path: string,
  body: Buffer,
  signal: AbortSignal | undefined,
  headers: Record<string, string | undefined>,
): Promise<Reply> {
  const { hostname, port } = new URL(baseUrl)
  const given = Object.entries(headers).flatMap(([name, value]) =>
    value === undefined ? [] : [[name, value] as const],
  )
  return new Promise((resolve, reject) => {
    const outgoing = request(
      {
        method,
        path,
        hostname,
        port,
        agent: false,
        headers: { ...Object.fromEntries(given), 'content-length': body.length },
        ...(signal === undefined ? {} : { signal }),
      },
      (incoming) => {
        const parts: Buffer[] = []
        incoming.on('data', (part: Buffer) => parts.push(part))
        incoming.on('error', reject)
        incoming.on('end', () => {
          const text = Buffer.concat(parts).toString()
          const json = incoming.headers['content-type']?.startsWith('application/json')
            ? JSON.parse(text)
            : undefined
          resolve({ status: incoming.statusCode ?? 0, headers: incoming.headers, text, json })
        })
      },
    )
    outgoing.on('error', reject)
    outgoing.end(body)
  })
}

/** The message that an answer's signature covers. */
export function signedMessage({ headers, text }: Reply): string {
  return `${headers['wechatpay-timestamp']}\n${headers['wechatpay-nonce']}\n${text}\n`
}

/** Whether the answer's signature verifies with this key. */
export function isSignedBy(key: KeyObject, reply: Reply): boolean {
  const signature = reply.headers['wechatpay-signature']
  return (
    typeof signature === 'string' &&
    createVerify('RSA-SHA256').update(signedMessage(reply)).verify(key, signature, 'base64')
  )
}

/** Whether the answer has a good signature by the WeChat Pay public key. */
export function isSigned(sandbox: WechatPaySandbox, reply: Reply): boolean {
  return (
    reply.headers['wechatpay-serial'] === sandbox.info.publicKeyId &&
    isSignedBy(createPublicKey(sandbox.publicKey), reply)
  )
}

export function platformKey(sandbox: WechatPaySandbox): KeyObject {
  return new X509Certificate(readFileSync(join(sandbox.info.keys, 'wechatpay_cert.pem'))).publicKey
}

export function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}
