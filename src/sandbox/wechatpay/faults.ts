import { z } from 'zod'
import { createFaultPlan, type PlannedFault } from '../fault-plan.ts'
import { readInput } from '../input.ts'

const common = {
  /**
   * How many matching requests it applies to. Default: 1, or "always" for faults
   * that are a habit rather than an accident.
   */
  times: z
    .union([z.int().min(1), z.literal('always')], 'expected a whole number from 1, or "always"')
    .optional(),
  match: z
    .strictObject({
      method: z.enum(['GET', 'POST']).optional(),
      /** The beginning of the path, without the query. */
      path: z.string().startsWith('/').optional(),
      openid: z.string().min(1).optional(),
    })
    .optional(),
}

const fault = <N extends string, S extends z.core.$ZodShape>(name: N, meaning: string, parameters: S) =>
  z.strictObject({ name: z.literal(name), ...common, ...parameters }).describe(meaning)

const after = { after: z.boolean().optional() }

const schemas = [
  fault('no-answer-before', 'nothing happens: no coupon, no answer, the connection stays open', {}),
  fault('no-answer-after', 'the coupon is issued, no answer comes, the connection stays open', {}),
  fault('reset-before', 'the connection is reset before anything happens', {}),
  fault('reset-after', 'the coupon is issued, then the connection is reset', {}),
  fault('too-many-requests', '429 FREQUENCY_LIMITED, not signed', {}),
  fault('server-error', '500 SYSTEM_ERROR, not signed; after (boolean): once the coupon is issued', after),
  fault('bad-gateway-html', '502 with a page of HTML; after (boolean): once the coupon is issued', after),
  fault(
    'refuse',
    'refused with code; status as documented for it unless given; message; detail (object); signed (boolean, true); after (boolean): once the coupon is issued',
    {
      code: z.string().min(1),
      status: z.int().min(400).max(599).optional(),
      message: z.string().optional(),
      detail: z.record(z.string(), z.unknown()).optional(),
      signed: z.boolean().optional(),
      ...after,
    },
  ),
  fault('slow', 'worked on for ms first; other sends to the same openid are refused meanwhile', {
    ms: z.int().min(1).max(600_000),
  }),
  fault('bad-signature', 'answered with a signature of something else', {}),
  fault('missing-signature', 'answered without Wechatpay-Signature; headers "all": without any Wechatpay-*', {
    headers: z.enum(['signature', 'all']).optional(),
  }),
  fault('signtest-signature', 'answered with a signature that begins with WECHATPAY/SIGNTEST/', {}),
  fault('stale-timestamp', 'well signed, but so many seconds ago (301); negative: in the future', {
    seconds: z.int().optional(),
  }),
  fault('unknown-serial', 'answered with a Wechatpay-Serial that nobody knows', {}),
  fault(
    'signed-by',
    'answered with the signature of key, "platform-certificate" or "public-key", whichever the caller asked for',
    { key: z.enum(['platform-certificate', 'public-key']) },
  ),
  fault(
    'certificate-announced',
    'from this request on a new platform certificate is listed; the old one signs until certificate-rotated',
    {},
  ),
  fault(
    'certificate-rotated',
    'from this request on a new platform certificate signs; the old one is listed too',
    {},
  ),
  fault('expire-time-missing', 'the coupon is issued, the answer leaves expire_time out', {}),
  fault('extra-fields', 'a 200 answer has fields that nobody knows, of so many bytes (100)', {
    bytes: z.int().min(1).max(10_000_000).optional(),
  }),
  fault(
    'odd-answer',
    'a 200 answer with other values: top (object) beside data, row (object) in its first row; without: fields left out of that row',
    {
      top: z.record(z.string(), z.unknown()).optional(),
      row: z.record(z.string(), z.unknown()).optional(),
      without: z.array(z.string()).optional(),
    },
  ),
  fault(
    'limits-before-idempotency',
    'a repeat of a known number is judged by the limits first: RULE_LIMIT unless another limit is reached',
    {},
  ),
  fault('total-count-shrinks', 'each list tells a total lower by so many (1) than the one before', {
    by: z.int().min(1).optional(),
  }),
  fault('pages-overlap', 'each page but the first repeats the last rows (1) of the page before', {
    rows: z.int().min(1).optional(),
  }),
  fault('offset-start', 'start 0 or 1: the number of the first page; "row": offset counts rows', {
    start: z.union([z.literal(0), z.literal(1), z.literal('row')], 'expected 0, 1 or "row"'),
  }),
] as const

const faultSchema = z.discriminatedUnion('name', schemas, {
  error: (issue) =>
    issue.code === 'invalid_union'
      ? `expected one of ${schemas.map((schema) => schema.shape.name.value).join(', ')}`
      : undefined,
})

export type FaultSpec = z.input<typeof faultSchema>
export type FaultName = FaultSpec['name']
export type FaultOf<N extends FaultName> = z.output<typeof faultSchema> & { name: N }

export const faultNames: readonly FaultName[] = schemas.map((schema) => schema.shape.name.value)

/** What each fault does and which parameters it takes, for people. */
export const faultMeanings: Readonly<Record<string, string>> = Object.fromEntries(
  schemas.map((schema) => [schema.shape.name.value, schema.description ?? '']),
)

const habits: ReadonlySet<FaultName> = new Set([
  'limits-before-idempotency',
  'total-count-shrinks',
  'pages-overlap',
  'offset-start',
])

export type PendingFault = PlannedFault<FaultOf<FaultName>>

/** The properties of a request that a fault can match. */
export interface FaultTarget {
  method: string
  path: string
  openid: string | undefined
}

export type Faults = ReturnType<typeof createFaults>

/** The planted faults of WeChat Pay. */
export function createFaults() {
  return createFaultPlan<FaultOf<FaultName>>({
    read: (spec) => readInput(faultSchema, spec, 'fault'),
    timesOf: ({ name, times }) => times ?? (habits.has(name) ? 'always' : 1),
  })
}

/** Whether a fault applies to this request. */
export function isFor({ match }: FaultOf<FaultName>, target: FaultTarget): boolean {
  if (!match) return true
  if (match.method !== undefined && match.method !== target.method) return false
  if (match.path !== undefined && !target.path.startsWith(match.path)) return false
  return match.openid === undefined || match.openid === target.openid
}
