import { type KeyObject, verify } from 'node:crypto'
import { type Answer, refusal } from './answers.ts'

export interface SignedRequest {
  method: string
  /** Path and query as they were on the wire. */
  url: string
  authorization: string | undefined
  body: Buffer
}

export interface Credentials {
  mchid: string
  nonce: string
  timestamp: string
  serial: string
  signature: string
}

const SCHEME = 'WECHATPAY2-SHA256-RSA2048'

const FORMS = {
  mchid: /^[0-9A-Za-z]{1,32}$/,
  // The documents ask for 32 characters and name no minimum; wechatpay-node-v3 sends about 11.
  nonce_str: /^[0-9A-Za-z]{8,128}$/,
  timestamp: /^\d{10}$/,
  serial_no: /^[0-9A-Fa-f]{8,40}$/,
  signature: /^[0-9A-Za-z+/]+={0,2}$/,
}

/** Reads the value of an Authorization header; undefined if it is missing or malformed. */
export function readAuthorization(value: string | undefined): Credentials | undefined {
  if (value === undefined) return undefined
  const [scheme, rest] = splitOnce(value.trim(), ' ')
  if (scheme !== SCHEME) return undefined
  const fields = new Map<string, string>()
  for (const part of rest.split(',')) {
    const [, name, text] = /^\s*([a-z_]+)="([^"]*)"\s*$/.exec(part) ?? []
    if (name === undefined || text === undefined || fields.has(name)) return undefined
    fields.set(name, text)
  }
  for (const [name, form] of Object.entries(FORMS)) if (!form.test(fields.get(name) ?? '')) return undefined
  const field = (name: keyof typeof FORMS) => fields.get(name) ?? ''
  return {
    mchid: field('mchid'),
    nonce: field('nonce_str'),
    timestamp: field('timestamp'),
    serial: field('serial_no'),
    signature: field('signature'),
  }
}

/**
 * Checks who sent a request, in the real service's order: form, time, serial, signature.
 *
 * Accepts a nonce that was used before: no document says that the service refuses it.
 *
 * @param nowMs the real clock
 * @returns the refusal, never signed; undefined if the request is good
 */
export function checkAuthorization(
  request: SignedRequest,
  merchant: { mchid: string; serial: string; publicKey: KeyObject },
  nowMs: number,
): Answer | undefined {
  const credentials = readAuthorization(request.authorization)
  if (!credentials) return signError('Http头Authorization值格式错误，请参考《微信支付商户REST API签名规则》')
  if (Math.abs(nowMs / 1000 - Number(credentials.timestamp)) > 300)
    return signError('Http头Authorization中的timestamp与发起请求的时间不得超过5分钟')
  if (credentials.mchid !== merchant.mchid || credentials.serial.toUpperCase() !== merchant.serial)
    return signError('商户证书序列号有误。')
  const head = `${request.method}\n${request.url}\n${credentials.timestamp}\n${credentials.nonce}\n`
  // Node passes the bytes of a URL as one character each.
  const message = Buffer.concat([Buffer.from(head, 'latin1'), request.body, Buffer.from('\n')])
  const signature = Buffer.from(credentials.signature, 'base64')
  if (verify('sha256', message, merchant.publicKey, signature)) return undefined
  return signError('错误的签名，验签失败', {
    detail: { issue: 'sign not match' },
    field: 'signature',
    location: 'authorization',
    sign_information: {
      method: request.method,
      url: request.url,
      sign_message_length: message.length,
      truncated_sign_message: `${head}${request.body.toString('utf8').slice(0, BODY_SHOWN)}\n`,
    },
  })
}

/**
 * Characters of the body that the refusal repeats. The real length is not
 * documented; a few test that a client removes them.
 */
const BODY_SHOWN = 100

function signError(message: string, detail?: unknown): Answer {
  return refusal({ status: 401, code: 'SIGN_ERROR', message, detail, signed: false })
}

function splitOnce(text: string, separator: string): [string, string] {
  const at = text.indexOf(separator)
  return at === -1 ? [text, ''] : [text.slice(0, at), text.slice(at + 1)]
}
