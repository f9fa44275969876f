import type { z } from 'zod'
import type { Scrubber } from './answers.ts'
import { InvalidCallError, type WechatPayError } from './errors.ts'
import { type Call, type ListQuery, type Method, type Routes, requestTarget } from './routes.ts'

/** Options beside the data of a call. */
export interface CallControl {
  signal?: AbortSignal | undefined
  /** Milliseconds for the whole call, instead of the client's default. */
  timeout?: number | undefined
}

type Part<C, K extends string> = C extends { [P in K]: infer S extends z.ZodType }
  ? { [P in K]: z.input<S> }
  : unknown
type Flat<T> = { [K in keyof T]: T[K] }

/** A path without variables has the type of any object, which would forbid the other parts. */
type PathPart<C extends Call> = string extends keyof z.input<C['path']> ? unknown : z.input<C['path']>

type CallInput<C extends Call> = Flat<PathPart<C> & Part<C, 'json'> & Part<C, 'query'> & CallControl>

/** The calls of one row of the table. */
export type Endpoint<Row> = {
  readonly [M in keyof Row & Method]: Row[M] extends Call
    ? (input: CallInput<Row[M]>) => Promise<z.output<Row[M]['answer']>>
    : never
}

type Camel<S extends string> = S extends `${infer Head}-${infer Tail}`
  ? `${Head}${Capitalize<Camel<Tail>>}`
  : S
type Segment<S extends string> = S extends `{${infer Name}}` ? `_${Name}_` : Camel<S>
type Tree<Path extends string, Row> = Path extends `${infer Head}/${infer Tail}`
  ? { readonly [K in Segment<Head>]: Tree<Tail, Row> }
  : { readonly [K in Segment<Path>]: Endpoint<Row> }
type Together<U> = (U extends unknown ? (part: U) => void : never) extends (part: infer All) => void
  ? All
  : never

/** Every endpoint as a chain of properties: `v3.marketing.withdrawFavor.users._openid_.coupons`. */
type Chain = Together<{ [P in keyof Routes]: Tree<P, Routes[P]> }[keyof Routes]>

/** Whose coupons a proof lists. */
export interface ProofInput {
  openid: string
  query: ListQuery
}

/** The client: three ways to address an endpoint, all from the one table. */
export type WechatPay = Chain & { readonly [P in keyof Routes]: Endpoint<Routes[P]> } & {
  /** Addresses an endpoint by its path as documented. */
  chain<P extends keyof Routes>(path: P): Endpoint<Routes[P]>
  /**
   * Makes sure that answers can be verified: downloads certificates if no known one is valid now.
   * @throws SetupError, NoAnswerError and any other error of a call
   */
  prepare(): Promise<void>
  /** Whether the last answer that says anything about keys was verified; `fault`: why not. */
  trust(): { isProven: boolean; fault: WechatPayError | undefined }
  /**
   * Proves by a GET, which changes nothing, that answers can be verified; a signed refusal proves it too.
   * @param list whose coupons to ask for; without it, or if its answer is unsigned, asks for the certificates
   * @throws WechatPayError why no answer was verified
   */
  prove(list?: ProofInput, control?: CallControl): Promise<void>
  /** Ends the background work and, once running calls have their answers, the connections. */
  close(): Promise<void>
}

/** Makes a call, or rejects with an `InvalidCallError`; `path` and `method` may be unknown. */
type Caller = (path: string, method: string, input: unknown) => Promise<unknown>

/**
 * Builds the client's chain from the paths of the table.
 *
 * The known part consists of plain objects, so awaiting, printing, comparing or inspecting any of it finds nothing to
 * call. A proxy around each object only answers a mistyped name with a branch whose calls are refused in words; a plain
 * object would give "undefined is not a function".
 */
export function createChain(paths: readonly string[], methodsOf: (path: string) => string[], call: Caller) {
  const chain = (path: unknown) => {
    if (typeof path !== 'string') return unknownBranch(typeof path, call)
    return paths.includes(path) ? endpoint(path) : unknownBranch(path, call)
  }

  function endpoint(path: string): object {
    return guarded(callsOf(path), path, call)
  }

  function callsOf(path: string): Record<string, unknown> {
    return Object.fromEntries(
      methodsOf(path).map((method) => [method, (input: unknown) => call(path, method, input)]),
    )
  }

  function branch(prefix: string): Record<string, object> {
    const heads = new Map<string, string>()
    for (const path of paths) {
      const head = path.startsWith(prefix) ? path.slice(prefix.length).split('/')[0] : undefined
      if (head) heads.set(head, `${prefix}${head}`)
    }
    const children = [...heads].map(([head, path]) => {
      const inner = branch(`${path}/`)
      const own = paths.includes(path) ? callsOf(path) : {}
      return [propertyOf(head), guarded({ ...inner, ...own }, path, call)]
    })
    return Object.fromEntries(children)
  }

  const byPath = Object.fromEntries(paths.map((path) => [path, endpoint(path)]))
  return { tree: branch(''), byPath, chain }
}

/** Names by which the language and its tools ask an object what it is; they must find nothing here. */
const ASKED_BY_TOOLS = wordsOf(
  'then catch finally toJSON inspect asymmetricMatch nodeType tagName length name prototype calls mock default cause',
)
const VERBS = wordsOf('get post put patch delete head options')

function wordsOf(text: string): ReadonlySet<string> {
  return new Set(text.split(' '))
}

/** Wraps an object so that a name that it doesn't have is an unknown path or method, not undefined. */
export function guarded<T extends object>(target: T, path: string, call: Caller): T {
  return new Proxy(target, {
    get(target, name, receiver) {
      if (typeof name === 'symbol' || name in target) return Reflect.get(target, name, receiver)
      if (ASKED_BY_TOOLS.has(name) || !/^[A-Za-z][\w/{}-]*$|^_\w+_$/.test(name)) return undefined
      if (VERBS.has(name)) return (input: unknown) => call(path, name, input)
      return unknownBranch(path === '' ? segmentOf(name) : `${path}/${segmentOf(name)}`, call)
    },
  })
}

function unknownBranch(path: string, call: Caller): object {
  return guarded({}, path, call)
}

function propertyOf(segment: string): string {
  return segment.startsWith('{')
    ? `_${segment.slice(1, -1)}_`
    : segment.replace(/-(\w)/g, (_, letter: string) => letter.toUpperCase())
}

function segmentOf(property: string): string {
  return /^_\w+_$/.test(property)
    ? `{${property.slice(1, -1)}}`
    : property.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)
}

/** A call that passed every check, ready to be signed and sent. */
export interface PreparedCall {
  method: 'GET' | 'POST'
  /** The path as documented, for messages and logs: it names nobody. */
  path: string
  target: string
  body: string
  /** The user of the call: the openid or number in its path, if it has one. */
  openid: string | undefined
  signal: AbortSignal | undefined
  timeout: number | undefined
  answer: z.ZodType
}

/**
 * Checks the input of a call and builds what to send.
 *
 * It builds the body from the checked fields in the order of the table,
 * so that the same call always has the same bytes.
 *
 * @throws InvalidCallError that names every wrong field
 */
export function prepareCall(
  path: string,
  method: Method,
  call: Call,
  input: unknown,
  scrub: Scrubber,
): PreparedCall {
  const given = fieldsOf(input)
  const named = given[Object.keys(call.path.shape)[0] ?? '']
  const openid = typeof named === 'string' ? named : undefined
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

/** The index of the first character outside the Basic Multilingual Plane, or of half a character. */
function foreignCharacter(text: string): number | undefined {
  const at = text.search(/[\ud800-\udfff]/)
  return at === -1 ? undefined : at
}
