import { isIP } from 'node:net'
import { z } from 'zod'
import { readPostgresAddress } from '../domain/postgres-address.ts'
import { APPID, MERCHANT_ID } from '../domain/wechatpay-ids.ts'
import type { ProblemCode, Values as ProblemValues } from './words/index.ts'

/** The formats of variables. No problem repeats a value that may be a secret. */

/** What is wrong with a value; the words and the remedy are in `words/`. */
export interface Wrong {
  code: ProblemCode
  values?: ProblemValues
}

/** A text. @param find says what is wrong with it, or null */
export function text(find: (text: string) => Wrong | null = () => null) {
  return z.string().superRefine((value, context) => {
    const wrong = find(value)
    if (wrong) context.addIssue({ code: 'custom', message: wrong.code, params: wrong.values ?? {} })
  })
}

function matching(form: RegExp, code: ProblemCode) {
  return text((value) => (form.test(value) ? null : { code }))
}

/** One of these words. */
export function oneOf<const Choice extends string>(...choices: readonly Choice[]) {
  return text((value) =>
    choices.some((choice) => choice === value)
      ? null
      : { code: 'not-one-of', values: { value: shown(value), known: choices.join(', ') } },
  ).transform((value) => value as Choice)
}

/** A whole number from `min` to `max`. */
export function wholeNumber(min: number, max: number) {
  return text((value) => {
    const number = /^[0-9]{1,9}$/.test(value) ? Number(value) : Number.NaN
    if (number >= min && number <= max) return null
    return { code: 'not-in-range', values: { value: shown(value), min, max } }
  }).transform(Number)
}

/** Seconds in the environment, ms in the app. */
export const seconds = wholeNumber(1, 60).transform((value) => value * 1000)

const tokenKinds = [
  { form: /^xoxb-/, kind: 'bot', variable: 'SLACK_BOT_TOKEN' },
  { form: /^xapp-/, kind: 'app', variable: 'SLACK_APP_TOKEN' },
  { form: /^xoxp-/, kind: 'user', variable: '' },
  { form: /^xoxe/, kind: 'configuration', variable: '' },
]

/** A Slack token of the kind that belongs in this variable. */
export function slackToken(variable: 'SLACK_BOT_TOKEN' | 'SLACK_APP_TOKEN') {
  return text((value) => {
    const kind = tokenKinds.find(({ form }) => form.test(value))
    if (kind?.variable === variable) return null
    if (!kind) return { code: 'not-a-token' }
    return { code: 'other-token', values: { kind: kind.kind, variable: kind.variable } }
  })
}

export const signingSecret = text((value) => (/^(?:xox|xapp)/.test(value) ? { code: 'is-a-token' } : null))

/** At least 24 bytes, as Standard Webhooks requires. */
export const webhookSecret = text((value) => {
  const base64 = value.replace(/^whsec_/, '')
  if (!/^[0-9A-Za-z+/]+={0,2}$/.test(base64)) return { code: 'not-base64' }
  return Buffer.from(base64, 'base64').length < 24 ? { code: 'short-secret' } : null
})

/** Why a text isn't an https address, or http on this machine: anything else would send secrets in the clear. */
function addressProblem(value: string): Wrong | null {
  const url = URL.canParse(value) ? new URL(value) : null
  if (url?.username || url?.password) return { code: 'has-password' }
  if (url?.protocol === 'https:' || (url?.protocol === 'http:' && isLoopback(url.hostname))) return null
  return { code: url?.protocol === 'http:' ? 'not-encrypted' : 'not-https' }
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '[::1]' || /^127(?:\.[0-9]+){3}$/.test(host)
}

export const address = text(addressProblem)

/** One or more addresses without a path, separated by commas. */
export const origins = text((value) => {
  const problems = splitAtCommas(value).map(
    (one): Wrong | null =>
      addressProblem(one) ?? (/^https?:\/\/[^/?#]+\/?$/i.test(one) ? null : { code: 'more-than-a-host' }),
  )
  return problems.find((problem) => problem !== null) ?? null
}).transform(splitAtCommas)

function splitAtCommas(value: string): string[] {
  return value.split(',').map((one) => one.trim())
}

/** A proxy's full address, as people write it. @param variable may be set to `none` */
export function proxyUrl(variable: string) {
  return text((value) =>
    readProxyUrl(value) === null ? { code: 'not-a-proxy', values: { variable } } : null,
  ).transform((value) => readProxyUrl(value) ?? value)
}

function readProxyUrl(value: string): string | null {
  const whole = /^[a-z][a-z0-9+.-]*:\/\//i.test(value) ? value : `http://${value}`
  if (!URL.canParse(whole)) return null
  const { protocol, hostname, pathname, search, hash, username, password, href } = new URL(whole)
  const isPlain =
    /^https?:$/.test(protocol) && hostname !== '' && `${search}${hash}` === '' && pathname === '/'
  return isPlain && isEncoded(username) && isEncoded(password) ? href : null
}

function isEncoded(value: string): boolean {
  try {
    decodeURIComponent(value)
    return true
  } catch {
    return false
  }
}

export const host = text((value) =>
  isIP(value) || /^[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?$/i.test(value) ? null : { code: 'not-a-host' },
)

export const databaseUrl = text((value) => {
  if (!value.startsWith('file:')) {
    if (!/^postgres(?:ql)?:\/\//.test(value)) return { code: 'not-a-database' }
    const read = readPostgresAddress(value)
    return read.ok ? null : read
  }
  if (/^file:(?:$|.*:memory:)/.test(value)) return { code: 'no-file' }
  // Its path would contain the password.
  if (/^file:\w+:\/\//.test(value)) return { code: 'two-addresses' }
  if (value.includes('?')) return { code: 'more-than-a-path' }
  return /^file:\/\/(?!\/|localhost\/)/.test(value) ? { code: 'other-machine' } : null
})

export const merchantId = matching(MERCHANT_ID, 'not-a-merchant-id')
export const appid = matching(APPID, 'not-an-appid')

const SERIAL = /^[0-9A-F]{8,40}$/
export const serialNumber = z.string().transform(plainSerial).pipe(matching(SERIAL, 'not-a-serial'))

/** The id of a public key, or the serial number of a certificate; anything else stays as it is. */
export const keyId = z.string().transform((value) => {
  const [, digits] = /(?:^|[=:])PUB_KEY_ID_([0-9A-Z]+)$/i.exec(plain(value)) ?? []
  if (digits !== undefined) return `PUB_KEY_ID_${digits}`
  const serial = plainSerial(value)
  return SERIAL.test(serial) ? serial : value
})

/**
 * A copied text without quotes, blanks and invisible characters,
 * and with the full-width forms of Chinese keyboards made plain.
 */
function plain(value: string): string {
  return value.normalize('NFKC').replace(/[\s\p{Cf}"'`“”‘’]/gu, '')
}

/** A serial number as tools and web pages show it: with its name, colons or dashes. */
function plainSerial(value: string): string {
  return plain(value)
    .replace(/^[^=:]*[^=:0-9a-f][^=:]*[=:]/i, '')
    .replace(/^0x|[:-]/gi, '')
    .toUpperCase()
}

export const privateKey = text((value) =>
  /BEGIN (?:CERTIFICATE|PUBLIC KEY|RSA PUBLIC KEY)/.test(value) ? { code: 'not-a-private-key' } : null,
)

export const publicKey = text((value) =>
  /BEGIN (?:\w+ )?PRIVATE KEY/.test(value) ? { code: 'not-a-public-key' } : null,
)

export const apiv3Key = text((value) => {
  const bytes = Buffer.byteLength(value)
  return bytes === 32 ? null : { code: 'not-32-bytes', values: { bytes } }
})

/** A wrong value to show; empty if it may be a secret in the wrong variable. */
function shown(value: string): string {
  const isPlain = /^(?:[a-z ]{1,16}|-?[0-9.]{1,9} ?[a-z/]{0,3})$/i.test(value)
  return isPlain ? JSON.stringify(value) : ''
}
