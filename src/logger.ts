import { createRequire } from 'node:module'
import { type DestinationStream, type Logger, type LoggerOptions, pino, stdTimeFunctions } from 'pino'
import { openidForm, shortOpenid } from './domain/wechatpay-ids.ts'

export type { Logger } from 'pino'

export interface LogOptions {
  level: string
  /** Default: standard output. */
  destination?: DestinationStream
  /** Lines for a person at a terminal; JSON lines if pino-pretty is not installed, as in production. */
  pretty: boolean
  /** Values that must never appear, wherever they turn up. */
  secrets?: readonly string[]
}

const HIDDEN = '[hidden]'
/** Shorter values occur in ordinary words: hiding them would garble lines. */
const MIN_SECRET = 8

/** Keys whose values are never written; compared without case, `_` and `-`. */
const secretKeys = new Set([
  'token',
  'bottoken',
  'apptoken',
  'signingsecret',
  'apiv3key',
  'privatekey',
  'password',
  'secret',
  'authorization',
  'proxyauthorization',
  'cookie',
  'setcookie',
])
/**
 * Fields in which PostgreSQL describes a row, values included:
 * https://www.postgresql.org/docs/current/protocol-error-fields.html
 */
const rowKeys = new Set(['detail', 'where', 'internalquery', 'parameters'])
const openidKeys = new Set(['openid', 'payeropenid'])
const isLookedThrough =
  /"(?:[^"\\]*(?:token|secret|key|password|authorization|cookie|openid_?|detail|where|query|parameters))":/i

/** Secrets recognised by their form in a finished line: tokens of Slack, private keys, WeChat Pay's signatures. */
const secretForms = [
  /\bxox[a-z]?(?:\.xox[a-z])?-[0-9A-Za-z-]{4,}/g,
  /\bxapp-[0-9A-Za-z-]{4,}/g,
  /-----BEGIN (?:\w+ )*PRIVATE KEY-----(?:[^-"]*-----END (?:\w+ )*PRIVATE KEY-----)?/g,
  /(?<=\bsignature=\\*")[^"\\]+/g,
  // A row in PostgreSQL's message, to the end of the text.
  /(?<=\bKey \([^)"]*\)=|\bFailing row contains )\((?:[^"\\]|\\.)*/g,
]

/** Builds the app's log: JSON lines, or readable ones, without secrets or whole openids. */
export function createLogger({ level, destination, pretty, secrets = [] }: LogOptions): Logger {
  // As they appear inside a JSON string.
  const values = longestFirst(secrets).map((secret) => JSON.stringify(secret).slice(1, -1))
  const options: LoggerOptions = {
    level,
    base: { pid: process.pid },
    timestamp: stdTimeFunctions.isoTime,
    formatters: { level: (label) => ({ level: label }) },
    hooks: { streamWrite: (line) => unseen(hide(withoutSecretKeys(line), values), pretty) },
  }
  const stream = pretty ? (prettyStream(destination) ?? destination) : destination
  return stream ? pino(options, stream) : pino(options)
}

/** Hides values by key at any depth: a driver's errors hold other errors, and those hold the data they are about. */
function withoutSecretKeys(line: string): string {
  if (!isLookedThrough.test(line)) return line
  try {
    return `${JSON.stringify(JSON.parse(line, censor))}\n`
  } catch {
    return line
  }
}

function censor(key: string, value: unknown): unknown {
  const plain = key.replace(/[_-]/g, '').toLowerCase()
  if (secretKeys.has(plain)) return HIDDEN
  // PostgreSQL sends strings or lists here. An object is something else, and its own keys are censored one by one.
  if (rowKeys.has(plain)) return typeof value === 'string' || Array.isArray(value) ? HIDDEN : value
  if (!openidKeys.has(plain)) return value
  if (typeof value !== 'string') return HIDDEN
  return value.includes('…') ? value : shortOpenid(value)
}

/** A text for a person, without secrets or whole openids, as in the log. */
export function withoutSecrets(text: string, secrets: readonly string[]): string {
  return hide(text, longestFirst(secrets))
}

/** One secret may contain another. */
function longestFirst(secrets: readonly string[]): string[] {
  return secrets
    .filter((secret) => secret.length >= MIN_SECRET)
    .sort((one, other) => other.length - one.length)
}

function hide(line: string, values: readonly string[]): string {
  let safe = line
  for (const value of values) safe = safe.replaceAll(value, HIDDEN)
  for (const form of secretForms) safe = safe.replace(form, HIDDEN)
  return safe.replace(openidForm, shortOpenid)
}

/** Removes what a terminal would obey: JSON leaves some of it unescaped, and lines for people are no longer JSON. */
function unseen(line: string, pretty: boolean): string {
  const escaped = line.replace(
    /[\u007f-\u009f\u2028-\u202e\u2066-\u2069]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
  if (!pretty) return escaped
  return escaped.replace(/\\(?:u([0-9a-f]{4})|.)/gi, (written: string, code: string | undefined) => {
    const isUnseen =
      code === undefined ? /[bfr]/.test(written.charAt(1)) : isControl(Number.parseInt(code, 16))
    return isUnseen ? '\ufffd' : written
  })
}

function isControl(code: number): boolean {
  return (
    code < 0x20 ||
    (code >= 0x7f && code <= 0x9f) ||
    (code >= 0x2028 && code <= 0x202e) ||
    (code >= 0x2066 && code <= 0x2069)
  )
}

function prettyStream(destination: DestinationStream | undefined): DestinationStream | null {
  try {
    const build = createRequire(import.meta.url)('pino-pretty') as (options: object) => DestinationStream
    return build({
      destination: destination ?? 1,
      sync: true,
      ignore: 'pid',
      translateTime: 'SYS:HH:MM:ss.l',
    })
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'MODULE_NOT_FOUND') return null
    throw error
  }
}
