import type { z } from 'zod'
import type { WechatPayError } from './errors.ts'
import type { Call, ListQuery, Method, Routes } from './routes.ts'

/** What may stand beside the data of a call. */
export interface CallControl {
  signal?: AbortSignal | undefined
  /** Milliseconds for the whole call, instead of the client's own. */
  timeout?: number | undefined
}

type Part<C, K extends string> = C extends { [P in K]: infer S extends z.ZodType }
  ? { [P in K]: z.input<S> }
  : unknown
type Flat<T> = { [K in keyof T]: T[K] }

type CallInput<C extends Call> = Flat<z.input<C['path']> & Part<C, 'json'> & Part<C, 'query'> & CallControl>

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
export type Chain = Together<{ [P in keyof Routes]: Tree<P, Routes[P]> }[keyof Routes]>

/** Whose coupons a proof asks for. */
export interface ProofInput {
  openid: string
  query: ListQuery
}

/** The client: three ways to address an endpoint, all of the one table. */
export type WechatPay = Chain & { readonly [P in keyof Routes]: Endpoint<Routes[P]> } & {
  /** Addresses an endpoint by its path as the documents write it. */
  chain<P extends keyof Routes>(path: P): Endpoint<Routes[P]>
  /**
   * Makes sure that answers can be verified: downloads certificates where none is known that is valid now.
   * @throws SetupError, NoAnswerError and what else a call throws
   */
  prepare(): Promise<void>
  /** Whether the last answer that tells anything about keys was verified; `fault`: why not, where one was not. */
  trust(): { isProven: boolean; fault: WechatPayError | undefined }
  /**
   * Shows by a GET, which changes nothing, that answers can be verified; a refusal that is signed proves it too.
   * @param list whose coupons are asked for; without it, or where its answer has no signature, the certificates
   * @throws WechatPayError why no answer was verified
   */
  prove(list?: ProofInput, control?: CallControl): Promise<void>
  /** Ends the background work and, once the running calls are answered, the connections. */
  close(): Promise<void>
}

/** Carries a call out, or rejects with an `InvalidCallError`; `path` and `method` may be ones that nobody knows. */
export type Caller = (path: string, method: string, input: unknown) => Promise<unknown>

/**
 * Builds the client's chain from the paths of the table.
 *
 * The known part is made of plain objects, so awaiting, printing, comparing or inspecting any of it finds nothing to
 * call. Round each object lies a proxy whose only work is to answer a mistyped name with a branch whose calls are
 * refused in words, where a plain object would give "undefined is not a function".
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

/** Wraps an object so that a name it does not have is an unknown path or method, not undefined. */
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
