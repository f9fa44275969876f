import type { KeyObject } from 'node:crypto'
import type { Dispatcher } from 'undici'
import { isLoopback, type WebProxy } from '../web-proxy.ts'
import { type CallOutcome, type OptionFault, SetupError } from './errors.ts'
import { KeyProblem, readMerchantKey, readSerial, readWechatPayKey } from './keys.ts'

/** Where the client writes its log; pino fits. No line contains a secret or an openid. */
export interface WechatPayLogger {
  debug(fields: object, message: string): void
  info(fields: object, message: string): void
  warn(fields: object, message: string): void
  error(fields: object, message: string): void
}

/** Milliseconds. */
export interface Timeouts {
  /** Until the connection is open, TLS included; default 3,000. Ignored if you pass a `dispatcher`. */
  connect: number
  /** For the whole call, including the second host and repeats of a GET; default 10,000. */
  total: number
}

export interface WechatPayOptions {
  /** The merchant who calls and signs. */
  mchid: string
  /** The serial number of the merchant's API certificate, hexadecimal, in any form that tools print. */
  merchantSerial: string
  /** The merchant's private key (`apiclient_key.pem`), in any of its usual forms. */
  privateKey: string
  /** The WeChat Pay public key with its id, or a platform certificate with its serial. */
  publicKey?: { id: string; pem: string } | undefined
  /** 32 bytes; if set, the client downloads platform certificates. */
  apiv3Key?: string | undefined
  /** Tried in this order; the next only if no connection to the previous one can be opened. https, or loopback. */
  baseUrls?: readonly string[] | undefined
  timeouts?: Partial<Timeouts> | undefined
  /** WeChat Pay refuses calls without one. */
  userAgent?: string | undefined
  /** The proxy for other machines, if there is one. Ignored if you pass a `dispatcher`. */
  proxy?: WebProxy | undefined
  /** Replaces the client's own connection pool. The client doesn't close it. */
  dispatcher?: Dispatcher | undefined
  /** Epoch milliseconds; signatures contain it, so it must be the real time. */
  now?: (() => number) | undefined
  /** At least 16 unguessable letters and digits. */
  nonce?: (() => string) | undefined
  logger?: WechatPayLogger | undefined
  /** Called for every call that has ended; `ms` from its start, including repeats of a GET. */
  onCall?: ((call: { method: 'GET' | 'POST'; outcome: CallOutcome; ms: number }) => void) | undefined
}

/** What `createWechatPay` works with: the options, checked and completed. */
export interface Settings {
  mchid: string
  merchantSerial: string
  merchantKey: KeyObject
  /** `until` in epoch milliseconds: a public key never expires, a platform certificate does. */
  given: { serial: string; key: KeyObject; until: number } | undefined
  apiv3Key: string | undefined
  origins: readonly string[]
  timeouts: Timeouts
  userAgent: string
}

const HOSTS = ['https://api.mch.weixin.qq.com', 'https://api2.mch.weixin.qq.com']
const CONNECT_TIMEOUT = 3_000
const TOTAL_TIMEOUT = 10_000

/**
 * Checks all options before it throws.
 *
 * @throws SetupError that names each wrong option and its remedy, and contains nothing of a key
 */
export function readOptions(options: WechatPayOptions): Settings {
  const faults: OptionFault[] = []
  const wrong = (option: string, problem: string, fault: OptionFault['fault'] = 'form') =>
    faults.push({ option, fault, detail: '', problem })
  const { mchid, apiv3Key, publicKey } = options
  const merchantSerial = readSerial(options.merchantSerial)
  const { baseUrls = HOSTS, userAgent = `withdraw-coupon node/${process.versions.node}` } = options
  const { total = TOTAL_TIMEOUT, connect = CONNECT_TIMEOUT } = options.timeouts ?? {}
  const timeouts: Timeouts = { connect, total }
  if (!/^[0-9A-Za-z]{1,32}$/.test(mchid)) wrong('mchid', 'not 1 to 32 letters and digits')
  if (!/^[0-9A-Fa-f]{8,40}$/.test(merchantSerial)) wrong('merchantSerial', 'not 8 to 40 hexadecimal digits')
  if (!/^[\x20-\x7e]{1,256}$/.test(userAgent)) wrong('userAgent', 'not 1 to 256 visible ASCII characters')
  for (const [name, value] of Object.entries(timeouts)) {
    if (!(value > 0 && value < 2 ** 31)) wrong(`timeouts.${name}`, 'not a number of milliseconds above 0')
  }
  const origins = baseUrls.map((url) => originOf(url))
  if (origins.length === 0 || origins.includes(undefined)) {
    wrong('baseUrls', 'each is https://host or, for tests, http://127.0.0.1:port, without path and query')
  }
  if (apiv3Key !== undefined && Buffer.byteLength(apiv3Key) !== 32) {
    wrong('apiv3Key', `${Buffer.byteLength(apiv3Key)} bytes, it has 32`)
  }
  if (publicKey === undefined && apiv3Key === undefined) {
    wrong(
      'publicKey or apiv3Key',
      'give the WeChat Pay public key with its id (WECHATPAY_PUBLIC_KEY_ID and ' +
        'WECHATPAY_PUBLIC_KEY), or the APIv3 key (WECHATPAY_APIV3_KEY) to download platform certificates with',
      'missing',
    )
  }

  if (options.proxy && !isProxyUrl(options.proxy.url))
    wrong('proxy', 'its url is http://host:port or https://host:port, with user and password if need be')

  const merchantKey = named('privateKey', faults, () => readMerchantKey(options.privateKey))
  let given: Settings['given']
  if (merchantKey) {
    if (publicKey) {
      const { id, pem } = publicKey
      if (!/^(?:PUB_KEY_ID_[0-9A-Za-z]{1,64}|[0-9A-Fa-f]{8,40})$/.test(id)) {
        wrong(
          'publicKey.id',
          'not of the form PUB_KEY_ID_…, nor the serial number of a platform certificate; copy it ' +
            'whole, as pay.weixin.qq.com shows it beside the public key',
        )
      }
      const now = (options.now ?? Date.now)()
      const read = named('publicKey.pem', faults, () =>
        readWechatPayKey(id, pem, { serial: merchantSerial, key: merchantKey }, now),
      )
      if (read) given = { serial: id, ...read }
    }
  }
  if (faults.length > 0 || !merchantKey) {
    const message = faults.map(({ option, problem }) => `${option}: ${problem}`).join('\n')
    throw new SetupError('all', { message }, faults)
  }
  return {
    mchid,
    merchantSerial,
    merchantKey,
    given,
    apiv3Key,
    origins: origins.filter((origin) => origin !== undefined),
    timeouts,
    userAgent,
  }
}

function named<T>(option: string, faults: OptionFault[], read: () => T): T | undefined {
  try {
    return read()
  } catch (error) {
    if (!(error instanceof KeyProblem)) throw error
    const { fault, detail, message: problem } = error
    faults.push({ option, fault, detail, problem })
    return undefined
  }
}

function isProxyUrl(text: string): boolean {
  return URL.canParse(text) && /^https?:$/.test(new URL(text).protocol)
}

/** The origin of an https or loopback address: by anything else, an openid would travel for all to read. */
function originOf(text: string): string | undefined {
  if (!URL.canParse(text)) return undefined
  const url = new URL(text)
  if (url.protocol !== 'https:' && !(url.protocol === 'http:' && isLoopback(url.hostname))) return undefined
  if (url.pathname !== '/' || url.search || url.hash || url.username || url.password) return undefined
  return url.origin
}
