import { createRequire } from 'node:module'
import { type DestinationStream, type Logger, type LoggerOptions, pino, stdTimeFunctions } from 'pino'
import { shortOpenid } from './domain/openid.ts'

export type { Logger } from 'pino'

export interface LogOptions {
  level: string
  /** Default: standard output. */
  destination?: DestinationStream
  /** Lines for a person at a terminal; JSON lines where pino-pretty is not installed, as in production. */
  pretty: boolean
  /** Values that must never appear, wherever they turn up. */
  secrets?: readonly string[]
}

const HIDDEN = '[hidden]'
/** Shorter values are part of ordinary words: hiding them would break lines. */
const MIN_SECRET = 8

/** What these keys hold is never written. */
const secretKeys = [
  'token',
  'botToken',
  'appToken',
  'signingSecret',
  'apiv3Key',
  'privateKey',
  'password',
  'secret',
  'authorization',
  'Authorization',
  'cookie',
]

/** In a finished line, by their form: tokens of Slack, private keys, WeChat Pay's signatures. */
const secretForms = [
  /\bxox[a-z]?(?:\.xox[a-z])?-[0-9A-Za-z-]{4,}/g,
  /\bxapp-[0-9A-Za-z-]{4,}/g,
  /-----BEGIN (?:\w+ )*PRIVATE KEY-----(?:[^-"]*-----END (?:\w+ )*PRIVATE KEY-----)?/g,
  /(?<=\bsignature=\\*")[^"\\]+/g,
]
/** Openids as WeChat gives them out today, in any text, also within an address. */
const openidForm = /(?<![0-9A-Za-z_-])o[0-9A-Za-z_-]{27}(?![0-9A-Za-z_-])/g

/** Builds the app's log: JSON lines, or readable ones, without secrets and whole openids. */
export function createLogger({ level, destination, pretty, secrets = [] }: LogOptions): Logger {
  // As they look inside of a JSON string.
  const values = longestFirst(secrets).map((secret) => JSON.stringify(secret).slice(1, -1))
  const options: LoggerOptions = {
    level,
    base: { pid: process.pid },
    timestamp: stdTimeFunctions.isoTime,
    formatters: { level: (label) => ({ level: label }) },
    redact: { paths: anywhere([...secretKeys, 'openid', '_openid_']), censor },
    hooks: { streamWrite: (line) => hide(line, values) },
  }
  const stream = pretty ? (prettyStream(destination) ?? destination) : destination
  return stream ? pino(options, stream) : pino(options)
}

/** Paths of a key at the top and in up to three objects around it; deeper ones are only known by their form. */
function anywhere(keys: readonly string[]): string[] {
  return ['', '*.', '*.*.', '*.*.*.'].flatMap((around) => keys.map((key) => `${around}${key}`))
}

function censor(value: unknown, path: string[]): unknown {
  if (!/openid/.test(String(path.at(-1)))) return HIDDEN
  if (typeof value !== 'string') return HIDDEN
  return value.includes('…') ? value : shortOpenid(value)
}

/** A text for a person without secrets and whole openids, as log lines are. */
export function withoutSecrets(text: string, secrets: readonly string[]): string {
  return hide(text, longestFirst(secrets))
}

/** One may hold another. */
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
