import type { z } from 'zod'
import type { Call, Method, Routes } from './routes.ts'

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

/** The client: three ways to address an endpoint, all of the one table. */
export type WechatPay = Chain & { readonly [P in keyof Routes]: Endpoint<Routes[P]> } & {
  /** Addresses an endpoint by its path as the documents write it. */
  chain<P extends keyof Routes>(path: P): Endpoint<Routes[P]>
  /** Ends the background work and, once the running calls are answered, the connections. */
  close(): Promise<void>
}
