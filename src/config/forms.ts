import { isIP } from 'node:net'
import { z } from 'zod'
import { readPostgresAddress } from '../domain/postgres-address.ts'
import { APPID, MERCHANT_ID } from '../domain/wechatpay-ids.ts'

/** What the values of variables look like. No problem repeats a value that may be a secret. */

/** What is wrong with a value, and what to do; without a remedy, what the variable's row says. */
export interface Wrong {
  problem: string
  remedy?: string | undefined
}

/** A text of which `find` tells what is wrong, or null. */
export function text(find: (text: string) => Wrong | null = () => null) {
  return z.string().superRefine((value, context) => {
    const wrong = find(value)
    if (wrong) context.addIssue({ code: 'custom', message: wrong.problem, params: { remedy: wrong.remedy } })
  })
}

function matching(form: RegExp, problem: string) {
  return text((value) => (form.test(value) ? null : { problem }))
}

export function oneOf<const Choice extends string>(...choices: readonly Choice[]) {
  return text((value) =>
    choices.some((choice) => choice === value)
      ? null
      : { problem: `is ${shown(value)}`, remedy: `write one of: ${choices.join(', ')}` },
  ).transform((value) => value as Choice)
}

export function wholeNumber(min: number, max: number) {
  return text((value) => {
    const number = /^[0-9]{1,9}$/.test(value) ? Number(value) : Number.NaN
    if (number >= min && number <= max) return null
    return { problem: `is ${shown(value)}`, remedy: `write a whole number from ${min} to ${max}` }
  }).transform(Number)
}

/** Seconds in the environment, ms here. */
export const seconds = wholeNumber(1, 60).transform((value) => value * 1000)

const tokenKinds = [
  { form: /^xoxb-/, kind: 'a bot token', variable: 'SLACK_BOT_TOKEN' },
  { form: /^xapp-/, kind: 'an app-level token', variable: 'SLACK_APP_TOKEN' },
  { form: /^xoxp-/, kind: 'a user token', variable: null },
  { form: /^xoxe/, kind: 'a configuration or rotating token', variable: null },
]

/** A token of Slack's, of the kind that belongs into this variable. */
export function slackToken(variable: 'SLACK_BOT_TOKEN' | 'SLACK_APP_TOKEN', remedy: string) {
  return text((value) => {
    const kind = tokenKinds.find(({ form }) => form.test(value))
    if (kind?.variable === variable) return null
    return {
      problem: kind ? `looks like ${kind.kind}` : 'has another form than it should',
      remedy: kind?.variable ? `put it into ${kind.variable}; ${remedy}` : remedy,
    }
  })
}

export const signingSecret = text((value) =>
  /^(?:xox|xapp)/.test(value) ? { problem: 'looks like a token' } : null,
)

/** At least as long as Standard Webhooks wants it: 24 bytes. */
export const webhookSecret = text((value) => {
  const base64 = value.replace(/^whsec_/, '')
  if (!/^[0-9A-Za-z+/]+={0,2}$/.test(base64)) return { problem: 'is not base64' }
  return Buffer.from(base64, 'base64').length < 24 ? { problem: 'is shorter than 24 bytes' } : null
})

/** Why a text is no https address, nor http of this machine: anything else would send secrets in the clear. */
function addressProblem(value: string): Wrong | null {
  const url = URL.canParse(value) ? new URL(value) : null
  if (url?.username || url?.password) return { problem: 'holds a user or password', remedy: 'take them out' }
  if (url?.protocol === 'https:' || (url?.protocol === 'http:' && isLoopback(url.hostname))) return null
  return url?.protocol === 'http:'
    ? { problem: 'is not encrypted', remedy: 'write an https address; http only for 127.0.0.1' }
    : { problem: 'is no https address', remedy: 'write it whole, beginning with https://' }
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '[::1]' || /^127(?:\.[0-9]+){3}$/.test(host)
}

export const address = text(addressProblem)

/** One or more addresses without a path, with commas between them. */
export const origins = text((value) => {
  const problems = splitAtCommas(value).map(
    (one) =>
      addressProblem(one) ??
      (/^https?:\/\/[^/?#]+\/?$/i.test(one)
        ? null
        : { problem: 'has more than a host', remedy: 'write it without path and query' }),
  )
  return problems.find((problem) => problem !== null) ?? null
}).transform(splitAtCommas)

function splitAtCommas(value: string): string[] {
  return value.split(',').map((one) => one.trim())
}

/** A proxy's address as people write it, in whole. @param variable may be set to `none` */
export function proxyUrl(variable: string) {
  return text((value) =>
    readProxyUrl(value) === null
      ? {
          problem: 'is no address of an HTTP proxy',
          remedy: `write http://host:port (https:// if the proxy itself speaks TLS), or http://user:password@host:port with characters such as @ / # in the password as %40 %2F %23; to use no proxy, set ${variable}=none`,
        }
      : null,
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
  isIP(value) || /^[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?$/i.test(value) ? null : { problem: 'is not an address' },
)

export const databaseUrl = text((value) => {
  if (!value.startsWith('file:')) {
    if (!/^postgres(?:ql)?:\/\//.test(value) || !URL.canParse(value))
      return { problem: 'is neither a file: path nor a postgres:// address' }
    const read = readPostgresAddress(value)
    return read.ok ? null : read
  }
  if (/^file:(?:$|.*:memory:)/.test(value))
    return { problem: 'names no file: what was given must survive a restart' }
  // Its path would hold the password.
  if (/^file:\w+:\/\//.test(value)) return { problem: 'is two addresses in one' }
  if (value.includes('?')) return { problem: 'has more than a path' }
  return /^file:\/\/(?!\/|localhost\/)/.test(value)
    ? {
        problem: 'names another machine',
        remedy: 'write file:/var/lib/ledger.sqlite for an absolute path',
      }
    : null
})

export const merchantId = matching(MERCHANT_ID, 'has another form than a merchant id (商户号)')
export const appid = matching(APPID, 'has another form than an appid')

const SERIAL = /^[0-9A-F]{8,40}$/
export const serialNumber = z
  .string()
  .transform(plainSerial)
  .pipe(matching(SERIAL, 'is not a serial number: 8 to 40 hexadecimal digits'))

/** The id of a public key, or the serial number of a certificate; what is neither is left as it is. */
export const keyId = z.string().transform((value) => {
  const [, digits] = /(?:^|[=:])PUB_KEY_ID_([0-9A-Z]+)$/i.exec(plain(value)) ?? []
  if (digits !== undefined) return `PUB_KEY_ID_${digits}`
  const serial = plainSerial(value)
  return SERIAL.test(serial) ? serial : value
})

/** As people copy it: without quotes, blanks and what nobody sees, and the wide forms of Chinese keyboards as the usual. */
function plain(value: string): string {
  return value.normalize('NFKC').replace(/[\s\p{Cf}"'`“”‘’]/gu, '')
}

/** As tools and web pages show it, with its name, colons or dashes. */
function plainSerial(value: string): string {
  return plain(value)
    .replace(/^[^=:]*[^=:0-9a-f][^=:]*[=:]/i, '')
    .replace(/^0x|[:-]/gi, '')
    .toUpperCase()
}

export const privateKey = text((value) =>
  /BEGIN (?:CERTIFICATE|PUBLIC KEY|RSA PUBLIC KEY)/.test(value)
    ? {
        problem: 'is a certificate or a public key',
        remedy: 'use apiclient_key.pem, not apiclient_cert.pem or pub_key.pem',
      }
    : null,
)

export const publicKey = text((value) =>
  /BEGIN (?:\w+ )?PRIVATE KEY/.test(value)
    ? { problem: 'is a private key', remedy: 'use pub_key.pem, which WeChat Pay gives' }
    : null,
)

export const apiv3Key = text((value) => {
  const bytes = Buffer.byteLength(value)
  return bytes === 32 ? null : { problem: `has ${bytes} bytes, not 32` }
})

/** A wrong value, unless it may be a secret that got into the wrong variable. */
function shown(value: string): string {
  const isPlain = /^(?:[a-z ]{1,16}|-?[0-9.]{1,9} ?[a-z/]{0,3})$/i.test(value)
  return isPlain ? JSON.stringify(value) : 'something else, which is not shown as it may be a secret'
}
