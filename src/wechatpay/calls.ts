import type { z } from 'zod'
import { InvalidCallError } from './errors.ts'
import type { Call, Method } from './routes.ts'
import type { Scrubber } from './scrubbing.ts'
import { requestTarget } from './urls.ts'

/** A call that passed every check, ready to be signed and sent. */
export interface PreparedCall {
  method: 'GET' | 'POST'
  /** The path as the documents write it, for messages and logs: it names nobody. */
  path: string
  target: string
  body: string
  openid: string | undefined
  signal: AbortSignal | undefined
  timeout: number | undefined
  answer: z.ZodType
}

/**
 * Checks the input of a call and builds what is sent.
 *
 * The body is built from the checked fields in the order of the table, so that the same call has the same bytes
 * each time.
 *
 * @throws InvalidCallError that names every field which is wrong
 */
export function prepareCall(
  path: string,
  method: Method,
  call: Call,
  input: unknown,
  scrub: Scrubber,
): PreparedCall {
  const given = fieldsOf(input)
  const openid = typeof given.openid === 'string' ? given.openid : undefined
  const scrubbed = (name: string) => scrub.text(name, openid)
  const problems: string[] = []
  const values: Record<string, unknown> = {}
  for (const name of Object.keys(call.path.shape)) values[name] = given[name]
  const known = new Set([...Object.keys(values), 'signal', 'timeout'])
  for (const part of ['json', 'query'] as const) if (call[part]) known.add(part)
  for (const name of Object.keys(given)) {
    if (!known.has(name)) problems.push(`${scrubbed(name)} is not a field of this call`)
  }

  const checked = check('', call.path, values, problems, scrubbed)
  const json = call.json && check('json.', call.json, given.json, problems, scrubbed)
  const query = call.query && check('query.', call.query, given.query, problems, scrubbed)
  const { signal, timeout } = given
  if (signal !== undefined && !(signal instanceof AbortSignal)) problems.push('signal is not an AbortSignal')
  if (timeout !== undefined && !(typeof timeout === 'number' && timeout > 0 && timeout < 2 ** 31)) {
    problems.push('timeout is not a number of milliseconds above 0')
  }
  if (problems.length > 0) throw new InvalidCallError(`${method} ${path}: ${problems.join('; ')}`)
  return {
    method: method === 'post' ? 'POST' : 'GET',
    path,
    target: requestTarget(path, checked ?? {}, query),
    body: json ? JSON.stringify(json) : '',
    openid,
    signal: signal as AbortSignal | undefined,
    timeout: timeout as number | undefined,
    answer: call.answer,
  }
}

function fieldsOf(input: unknown): Record<string, unknown> {
  return typeof input === 'object' && input !== null ? (input as Record<string, unknown>) : {}
}

function check(
  prefix: string,
  schema: z.ZodObject,
  given: unknown,
  problems: string[],
  scrubbed: (name: string) => string,
): Record<string, unknown> | undefined {
  let hasForeign = false
  for (const name of Object.keys(schema.shape)) {
    const value = fieldsOf(given)[name]
    const foreign = typeof value === 'string' ? foreignCharacter(value) : undefined
    if (foreign === undefined) continue
    hasForeign = true
    problems.push(
      `${prefix}${name} has an emoji or another character that WeChat Pay does not take (more than three bytes of ` +
        `UTF-8), at position ${foreign + 1}: take it out`,
    )
  }
  if (hasForeign) return undefined
  const result = schema.safeParse(given)
  if (result.success) return result.data
  for (const issue of result.error.issues) problems.push(inWords(prefix, issue, given, scrubbed))
  return undefined
}

function inWords(
  prefix: string,
  issue: z.core.$ZodIssue,
  given: unknown,
  scrubbed: (name: string) => string,
): string {
  if (issue.code === 'unrecognized_keys') {
    const words = issue.keys.filter((key) => /^\w{1,24}$/.test(key))
    const names = words.map((key) => `${prefix}${scrubbed(key)}`)
    return `${names.join(', ') || `a field of ${prefix.slice(0, -1)}`} is not a field of this call`
  }
  const name = `${prefix}${issue.path.join('.')}`.replace(/\.$/, '')
  const value = issue.path.length === 0 ? given : fieldsOf(given)[String(issue.path[0])]
  if (value === undefined) return `${name} is missing`
  if (issue.code === 'too_big') return `${name} is longer or larger than ${issue.maximum}`
  if (issue.code === 'too_small') return `${name} is shorter or smaller than ${issue.minimum}`
  if (issue.code === 'invalid_type') return `${name} is not of the type ${issue.expected}`
  return `${name} ${issue.message}`
}

/** The index of the first character outside the Basic Multilingual Plane, or of half a one. */
function foreignCharacter(text: string): number | undefined {
  const at = text.search(/[\ud800-\udfff]/)
  return at === -1 ? undefined : at
}
