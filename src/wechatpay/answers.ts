import type { z } from 'zod'
import {
  NoAnswerError,
  RefusedError,
  SetupError,
  UnexpectedAnswerError,
  type WechatPayError,
} from './errors.ts'
import { headerOf } from './signatures.ts'
import type { WireAnswer } from './transport.ts'

/** The facts about a call that its answer must be read with. */
export interface Asked {
  method: 'GET' | 'POST'
  path: string
  /** The user of the call, to be removed from every text: an openid, or the number by which a user is looked for. */
  openid: string | undefined
}

/** With these codes, WeChat Pay looked at the call and didn't execute it. */
const REFUSED = new Set([
  'PARAM_ERROR',
  'INVALID_REQUEST',
  'RULE_LIMIT',
  'RULELIMIT',
  'USER_ACCOUNT_ABNORMAL',
  'NOT_ENOUGH',
  'REQUEST_BLOCKED',
  'USER_AL_GET_COUPON',
  'RESOURCE_NOT_EXISTS',
  'USER_NOT_EXISTS',
])
/** There is no such order. Only for a GET: as the answer to an attempt, these aren't documented. */
const NOT_FOUND = new Set(['ORDER_NOT_EXIST', 'ORDERNOTEXIST'])
/** With these codes, something was executed under this number before, with other data. */
const EXISTS = new Set(['ALREADY_EXISTS', 'RESOURCE_ALREADY_EXISTS'])
const STOCK_SETUP = new Set(['APPID_MCHID_NOT_MATCH', 'MCH_NOT_EXISTS', 'NO_AUTH', 'NOAUTH'])
const BUSY = new Set(['FREQUENCY_LIMITED', 'RATELIMIT_EXCEEDED'])

/**
 * The error for an answer other than 2xx. Its signature, if it has one, is already verified.
 * @param isVerified whether it had one
 *
 * A refusal may be unsigned, so it counts only with a code from the table. Any other 4xx stays open, because taking an
 * existing coupon for refused is the worse of the two failures.
 */
export function errorOf(
  answer: WireAnswer,
  asked: Asked,
  scrub: Scrubber,
  isVerified = false,
): WechatPayError {
  const { status } = answer
  const body = errorBody(answer.body)
  const words = scrub.text(body.words, asked.openid)
  const requestId = requestIdOf(answer, asked, scrub)
  const mayHaveBeenExecuted = asked.method === 'POST'
  const { code } = body
  const why = [status, code, words].filter(Boolean).join(' ')
  const says = `${asked.method} ${asked.path}: ${why}`
  const facts = { status, code, requestId, why, isVerified }
  const isOfTheTable = status >= 400 && status < 500 && code !== undefined

  if (status === 429 || (isOfTheTable && BUSY.has(code))) {
    return new NoAnswerError('busy', {
      ...facts,
      message: `${says}; not accepted, slow down`,
      mayHaveBeenExecuted: false,
    })
  }
  if (status === 401 || (isOfTheTable && code === 'SIGN_ERROR')) {
    const remedy = 'check the merchant id, the certificate serial, the private key and the clock'
    return new SetupError('all', { ...facts, message: `${says}; ${remedy}` })
  }
  if (isOfTheTable && STOCK_SETUP.has(code)) {
    const remedy = 'check that mchid, appid and stock belong together and that the product is granted'
    return new SetupError('stock', { ...facts, message: `${says}; ${remedy}` })
  }
  const part = isOfTheTable && code === 'PARAM_ERROR' ? setUpPart(body) : null
  if (part !== null) {
    const remedy = 'it is refused for a part that does not change with the user: check the set-up'
    return new SetupError(part, { ...facts, message: `${says}; ${remedy}` })
  }
  if (isOfTheTable && (REFUSED.has(code) || (asked.method === 'GET' && NOT_FOUND.has(code)))) {
    return new RefusedError({ ...facts, message: says, mayHaveBeenExecuted: false })
  }
  if (isOfTheTable && EXISTS.has(code)) {
    return new RefusedError({ ...facts, message: says, mayHaveBeenExecuted })
  }
  if (status >= 500) {
    return new NoAnswerError('server', { ...facts, message: says, mayHaveBeenExecuted })
  }
  return new UnexpectedAnswerError({
    ...facts,
    message: code === undefined && words === '' ? `${says} (no words of WeChat Pay)` : says,
    mayHaveBeenExecuted,
  })
}

/**
 * Reads the body of an answer.
 *
 * @param isVerified whether its signature was good; for the first download of certificates, that is only known later
 * @throws UnexpectedAnswerError that names the fields, not their contents
 */
export function readAnswer<S extends z.ZodType>(
  answer: WireAnswer,
  schema: S,
  asked: Asked,
  scrub: Scrubber,
  isVerified: boolean,
): { data: z.output<S>; dropped: string[] } {
  const unexpected = (what: string) =>
    new UnexpectedAnswerError({
      message: `${asked.method} ${asked.path}: ${answer.status} with ${what}`,
      why: `${answer.status} with ${what}`,
      isVerified,
      status: answer.status,
      requestId: requestIdOf(answer, asked, scrub),
      mayHaveBeenExecuted: asked.method === 'POST',
    })
  let raw: unknown
  try {
    raw = JSON.parse(answer.body.toString())
  } catch {
    throw unexpected('a body that is not JSON')
  }
  const result = schema.safeParse(raw)
  if (!result.success) {
    const fields = result.error.issues.map(
      ({ path, message }) => `${path.join('.') || 'the body'}: ${message}`,
    )
    throw unexpected(scrub.text(fields.slice(0, 5).join('; '), asked.openid))
  }
  return { data: result.data, dropped: droppedFields(raw, result.data) }
}

/**
 * What a refused parameter belongs to, if it isn't specific to this call: then the next call would be refused too.
 * WeChat Pay names a field of the body by a JSON Pointer (`/stock_id`).
 */
function setUpPart({ field, location }: Pick<ReadBody, 'field' | 'location'>): 'all' | 'stock' | null {
  if (/^(?:header|authorization)$/i.test(String(location))) return 'all'
  return /^\/?(?:stock_id|mchid|appid)$/.test(String(field)) ? 'stock' : null
}

/** WeChat Pay's `Request-ID`, if it looks like one. */
export function requestIdOf(answer: WireAnswer, { openid }: Asked, scrub: Scrubber): string | undefined {
  const id = headerOf(answer.headers, 'request-id')
  return id !== undefined && /^[\w.:-]{1,128}$/.test(id) ? scrub.text(id, openid) : undefined
}

interface ErrorBody {
  code?: string
  message?: unknown
  detail?: { field?: unknown; issue?: unknown; location?: unknown }
}

interface ReadBody {
  code: string | undefined
  words: string
  field?: unknown
  location?: unknown
}

/**
 * The code and the words of an error body. Of `detail`, only field and issue are passed on: `value`, `url` and
 * `truncated_sign_message` repeat what was sent.
 */
function errorBody(body: Buffer): ReadBody {
  let parsed: ErrorBody | null
  try {
    parsed = JSON.parse(body.toString()) as ErrorBody | null
  } catch {
    return { code: undefined, words: '' }
  }
  if (typeof parsed !== 'object' || parsed === null) return { code: undefined, words: '' }
  const { detail } = parsed
  const told = [parsed.message, detail?.field, detail?.issue].filter((part) => typeof part === 'string')
  const code =
    typeof parsed.code === 'string' && /^[A-Z0-9_]{1,64}$/.test(parsed.code) ? parsed.code : undefined
  const words = told.map((part) => part.slice(0, 500)).join(', ')
  return { code, words, field: detail?.field, location: detail?.location }
}

function droppedFields(raw: unknown, data: unknown): string[] {
  if (typeof raw !== 'object' || raw === null || typeof data !== 'object' || data === null) return []
  const given = raw as Record<string, unknown>
  return Object.entries(data)
    .filter(([name, value]) => value === undefined && given[name] !== undefined && given[name] !== null)
    .map(([name]) => name)
}

/** Removes secrets and openids from texts that others wrote. */
export interface Scrubber {
  /** A text without the client's secrets and without this openid, however it is written. */
  text(text: string, openid?: string): string
  /** What an error says, as a new error: those of undici and WeChat Pay contain paths, sockets and bodies. */
  error(error: unknown, openid?: string): Error | undefined
}

/** WeChat Pay truncates texts, so a long beginning of an openid is removed too. */
const LONG_BEGINNING = 10
const MOST_CAUSES = 3

/**
 * Makes a scrubber for one client. It works by value: where others put an openid is unknown,
 * but the openid itself is known.
 */
export function createScrubber(secrets: readonly string[]): Scrubber {
  const lines = secrets.flatMap((secret) => [secret, ...secret.split(/(?:\\r|\\n|\s)+/)])
  const known = [...new Set(lines.filter((line) => line.length >= 16 && !line.startsWith('-----')))]

  function text(text: string, openid?: string): string {
    let clean = text
    for (const secret of known) clean = clean.replaceAll(secret, '[secret]')
    if (openid === undefined) return clean
    const forms = [...formsOf(openid)].sort((one, other) => other.length - one.length)
    for (const form of forms) clean = clean.replace(anyCase(form), '[openid]')
    for (const form of forms) clean = withoutBeginnings(clean, form)
    return clean
  }

  function error(error: unknown, openid?: string, depth = MOST_CAUSES): Error | undefined {
    if (error === undefined || error === null || depth === 0) return undefined
    if (!(error instanceof Error)) return new Error(text(String(error), openid))
    const inner = error instanceof AggregateError ? error.errors[0] : error.cause
    const cause = inner === error ? undefined : clean(inner)
    const copy = new Error(text(error.message, openid), cause && { cause })
    copy.name = text(error.name, openid)
    if (error.stack !== undefined) copy.stack = text(error.stack, openid)
    const code = (error as { code?: unknown }).code
    if (typeof code === 'string') Object.assign(copy, { code: text(code, openid) })
    return copy

    function clean(inner: unknown): Error | undefined {
      return scrubError(inner, openid, depth - 1)
    }
  }
  const scrubError = error

  return { text, error: (found, openid) => error(found, openid) }
}

function formsOf(openid: string): Set<string> {
  // Half a character has no encoding. Such an openid is refused before sending, by a message that is scrubbed too.
  const encoded = encodeURIComponent(openid.toWellFormed())
  const strict = encoded.replace(/[!'()*]/g, (sign) => `%${sign.charCodeAt(0).toString(16)}`)
  return new Set([openid, encoded, strict, encodeURIComponent(encoded), JSON.stringify(openid).slice(1, -1)])
}

function anyCase(form: string): RegExp {
  return new RegExp(form.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'), 'gi')
}

function withoutBeginnings(text: string, form: string): string {
  const beginning = form.slice(0, LONG_BEGINNING)
  if (form.length <= LONG_BEGINNING || !text.includes(beginning)) return text
  let clean = text
  for (let length = form.length - 1; length >= LONG_BEGINNING; length--) {
    clean = clean.replaceAll(form.slice(0, length), '[openid]')
  }
  return clean
}
