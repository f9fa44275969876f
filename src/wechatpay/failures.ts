import { setTimeout } from 'node:timers/promises'
import { causesOf } from '../web-proxy.ts'
import { type Asked, requestIdOf, type Scrubber } from './answers.ts'
import {
  NoAnswerError,
  type NoAnswerReason,
  RefusedError,
  SetupError,
  type TrustFault,
  UnexpectedAnswerError,
  UntrustedAnswerError,
  type UntrustedReason,
  type WechatPayError,
} from './errors.ts'
import { headerOf } from './signatures.ts'
import type { Deadline, TransportFailure, WireAnswer } from './transport.ts'

const NO_ANSWER: Record<Exclude<NoAnswerReason, 'busy' | 'server'>, string> = {
  connect: 'no connection could be made',
  timeout: 'no whole answer in time',
  aborted: 'given up by the caller',
  broken: 'the connection broke before the answer was whole',
}

/** The error for a failed exchange. undici's own error becomes its cause, scrubbed. */
export function transportError(failure: TransportFailure, asked: Asked, scrub: Scrubber): WechatPayError {
  const mayHaveBeenExecuted = failure.hasStarted && asked.method === 'POST'
  const cause = scrub.error(failure.cause, asked.openid)
  const reason = connectionReason(failure.cause)
  const told = (what: string) => {
    const why = reason === undefined ? what : `${what}: ${reason}`
    const message = `${asked.method} ${asked.path}: ${why}${afterthought(mayHaveBeenExecuted)}`
    return { message, why, mayHaveBeenExecuted, cause }
  }
  const { kind, hasStarted } = failure
  if (kind === 'too large') return new UnexpectedAnswerError(told('the answer is larger than any should be'))
  const what = kind === 'timeout' && !hasStarted ? 'no connection in time' : NO_ANSWER[kind]
  // Once a request has begun, the tunnel is open.
  const way = failure.proxy === null || hasStarted ? '' : ` through the proxy ${failure.proxy}`
  return new NoAnswerError(kind, told(`${what}${kind === 'aborted' ? '' : way}`))
}

const UNTRUSTED: Record<UntrustedReason, string> = {
  headers: 'without a whole signature',
  serial: 'signed by a key that is not known',
  time: 'signed five minutes or more away from now',
  signature: 'with a signature that does not fit',
}

/** What the client verifies with, to describe a mismatch. */
interface Expected {
  /** The serial with which WeChat Pay was asked to sign. */
  serial: string | undefined
  hasPublicKey: boolean
  /** Whether the client downloads certificates. */
  downloads: boolean
}

const CONSOLE = 'pay.weixin.qq.com (账户中心 > API安全)'
const REMEDIES: Record<TrustFault, string> = {
  'headers-stripped':
    'the answer has no Wechatpay-* headers: a proxy in between takes them out, or answers in place of WeChat Pay; let ' +
    'it pass them on, or go round it',
  'headers-incomplete':
    'some of the Wechatpay-* headers are missing or contradict each other: a proxy in between changes them; let it ' +
    'pass them on, or go round it',
  'switch-not-begun':
    'answers are signed by a platform certificate, but only the WeChat Pay public key is configured: check ' +
    `WECHATPAY_PUBLIC_KEY_ID; if it is right, begin the switch to it at ${CONSOLE} (微信支付公钥 > 开始更换), or set WECHATPAY_APIV3_KEY as well until it is done`,
  'public-key-missing':
    'answers are signed by the WeChat Pay public key, but only platform certificates are configured: set ' +
    `WECHATPAY_PUBLIC_KEY_ID and WECHATPAY_PUBLIC_KEY_FILE, both from ${CONSOLE}`,
  'other-public-key':
    `answers are signed by another public key than the configured one: copy its id and pub_key.pem from ${CONSOLE}, as ` +
    'the merchant of WECHATPAY_MCHID, into WECHATPAY_PUBLIC_KEY_ID and WECHATPAY_PUBLIC_KEY_FILE',
  'unknown-certificate':
    'answers are signed by a platform certificate that is neither configured nor among the downloaded: set ' +
    'WECHATPAY_APIV3_KEY, with which the current ones are downloaded',
  'other-key':
    'the serial is the expected one, but the signature does not fit: the key is not the one of this serial (another ' +
    `merchant's pub_key.pem?), so download it anew from ${CONSOLE}; or a proxy in between changes the answers`,
  clock: 'the answer was signed five minutes or more away from now: set the clock of this machine',
}

/** The error for an answer whose origin isn't proved. */
export function untrustedError(
  reason: UntrustedReason,
  answer: WireAnswer,
  asked: Asked,
  scrub: Scrubber,
  expected: Expected,
): UntrustedAnswerError {
  const mayHaveBeenExecuted = asked.method === 'POST'
  const serial = headerOf(answer.headers, 'wechatpay-serial')
  const came = serial && (/^\w{1,80}$/.test(serial) ? scrub.text(serial, asked.openid) : 'odd')
  const fault = trustFaultOf(reason, answer, came, expected)
  const seen = { fault, came: came ?? 'none', expected: expected.serial ?? 'none' }
  const remedy = REMEDIES[fault]
  const why = `${fault}: came ${seen.came}, expected ${seen.expected}: ${remedy}`
  const what = `an answer ${UNTRUSTED[reason]}, so it is not read`
  return new UntrustedAnswerError(reason, seen, remedy, {
    message: `${asked.method} ${asked.path}: ${what}${afterthought(mayHaveBeenExecuted)}: ${why}`,
    why,
    status: answer.status,
    requestId: requestIdOf(answer, asked, scrub),
    mayHaveBeenExecuted,
  })
}

function trustFaultOf(
  reason: UntrustedReason,
  { headers }: WireAnswer,
  came: string | undefined,
  { hasPublicKey, downloads }: Expected,
): TrustFault {
  if (reason === 'headers') {
    const isStripped = !Object.keys(headers).some((name) => name.toLowerCase().startsWith('wechatpay-'))
    return isStripped ? 'headers-stripped' : 'headers-incomplete'
  }
  if (reason === 'time') return 'clock'
  if (reason === 'signature') return 'other-key'
  const isByPublicKey = came?.startsWith('PUB_KEY_ID_') === true
  if (isByPublicKey) return hasPublicKey ? 'other-public-key' : 'public-key-missing'
  return hasPublicKey && !downloads ? 'switch-not-begun' : 'unknown-certificate'
}

/**
 * What a failed download of certificates means for the call that waits for them.
 *
 * A refused download is never a refusal of that call: taken for one, it would end a grant that nobody refused.
 */
export function ofCertificates(error: WechatPayError): WechatPayError {
  if (!(error instanceof RefusedError || error instanceof SetupError)) return error
  const { status, code, requestId, message } = error
  const why =
    code === 'RESOURCE_NOT_EXISTS'
      ? 'this merchant has no platform certificates but a WeChat Pay public key: ' +
        'configure WECHATPAY_PUBLIC_KEY_ID and WECHATPAY_PUBLIC_KEY'
      : `platform certificates can not be had: ${message}`
  return new SetupError('all', {
    message: why,
    status,
    code,
    requestId,
    isVerified: error.isVerified,
    cause: error,
  })
}

function afterthought(mayHaveBeenExecuted: boolean): string {
  return mayHaveBeenExecuted ? '; it may have been executed' : ''
}

/** Explanations of Node's and undici's codes for the person on call; the code follows, to be searched for. */
const MEANINGS: Readonly<Record<string, string>> = {
  ENOTFOUND: 'the name of the host is not known: check DNS and the network',
  EAI_AGAIN: 'the name of the host could not be looked up: DNS does not answer',
  ECONNREFUSED: 'the connection was refused',
  ECONNRESET: 'the connection was reset',
  EPIPE: 'the connection was closed while the request was written',
  ETIMEDOUT: 'no connection in time',
  UND_ERR_CONNECT_TIMEOUT: 'no connection in time',
  UND_ERR_HEADERS_TIMEOUT: 'connected, but no answer in time',
  ENETUNREACH: 'there is no way to the network of the host',
  EHOSTUNREACH: 'there is no way to the host',
  ENETDOWN: 'the network is down',
  EADDRNOTAVAIL: 'this machine has no free port or address for it',
  EMFILE: 'this process has too many files and connections open',
  EPROTO: 'the TLS handshake failed',
  ERR_SSL_WRONG_VERSION_NUMBER: 'what answers does not speak TLS',
  ERR_SSL_PACKET_LENGTH_TOO_LONG: 'what answers does not speak TLS',
  ERR_SSL_HTTP_REQUEST: 'what answers does not speak TLS',
  ERR_TLS_CERT_ALTNAME_INVALID: 'the TLS certificate is that of another host',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'the TLS certificate is self-signed, as a proxy that reads along has it',
  SELF_SIGNED_CERT_IN_CHAIN: 'the TLS certificate is self-signed, as a proxy that reads along has it',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'the issuer of the TLS certificate is not known',
  UNABLE_TO_GET_ISSUER_CERT: 'the issuer of the TLS certificate is not known',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'the issuer of the TLS certificate is not known',
  CERT_HAS_EXPIRED: 'the TLS certificate has expired: check the clock too',
  CERT_NOT_YET_VALID: 'the TLS certificate is not valid yet: check the clock',
  UND_ERR_SOCKET: 'the connection was closed before the answer was whole',
  UND_ERR_RES_CONTENT_LENGTH_MISMATCH: 'the answer has another length than it says',
}

/** Why a connection failed, in words, from the innermost error that says more than its name; undefined: unknown. */
function connectionReason(error: unknown): string | undefined {
  let said: string | undefined
  for (const one of causesOf(error)) {
    const { code } = one as { code?: unknown }
    const name = typeof code === 'string' && /^[A-Z0-9_]{2,60}$/.test(code) ? code : undefined
    said = wordsOf(one, name) ?? said ?? name
  }
  return said
}

function wordsOf({ name, message }: Error, code: string | undefined): string | undefined {
  if (name === 'HTTPParserError') return 'what answers does not speak HTTP'
  if (/wrong version number|packet length too long|http request/i.test(message))
    return 'what answers does not speak TLS'
  if (code === undefined) return undefined
  // For TLS, the message says it; the socket's code only says that it was closed.
  if (/before secure TLS connection/i.test(message)) return `the TLS handshake was cut off (${code})`
  const meaning = Object.hasOwn(MEANINGS, code) ? MEANINGS[code] : undefined
  if (meaning !== undefined) return `${meaning} (${code})`
  return /^(?:ERR_SSL_|ERR_TLS_|CERT_)/.test(code) ? `the TLS handshake failed (${code})` : undefined
}

/** Milliseconds before the second and the third try. */
const PAUSES = [50, 200]

/**
 * Runs a GET up to three times within its deadline. A POST never comes here: only the ledger repeats one.
 *
 * @throws the last error, also when the time is up
 */
export async function withRepeats<T>(get: () => Promise<T>, deadline: Deadline): Promise<T> {
  for (let tries = 0; ; tries++) {
    try {
      return await get()
    } catch (error) {
      const pause = PAUSES[tries]
      if (pause === undefined || !isWorthAnotherTry(error)) throw error
      await deadline.inTime(setTimeout(pause))
      if (deadline.over) throw error
    }
  }
}

/** Problems that may be gone in a moment: WeChat Pay sends bad signatures on purpose now and then. */
function isWorthAnotherTry(error: unknown): boolean {
  if (error instanceof NoAnswerError) return error.reason === 'broken' || error.reason === 'server'
  if (error instanceof UntrustedAnswerError) return error.reason === 'signature' || error.reason === 'headers'
  return false
}
