import { z } from 'zod'
import { readInput } from './input.ts'

const common = {
  /** How many matching requests it is for. Without it: 1, or "always" for what is more a habit than an accident. */
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

const fault = <N extends string, S extends z.core.$ZodShape>(name: N, parameters: S) =>
  z.strictObject({ name: z.literal(name), ...common, ...parameters })

/** Whether a coupon is issued before the failure shows. */
const after = { after: z.boolean().optional() }

const schemas = [
  /** The request is taken and nothing happens: no coupon, no answer, the connection stays open. */
  fault('no-answer-before', {}),
  /** The coupon is issued, the connection stays open, no answer comes. */
  fault('no-answer-after', {}),
  /** The connection is reset before anything happens. */
  fault('reset-before', {}),
  /** The coupon is issued, then the connection is reset. */
  fault('reset-after', {}),
  /** 429 FREQUENCY_LIMITED, not signed. */
  fault('too-many-requests', {}),
  /** 500 SYSTEM_ERROR, not signed. */
  fault('server-error', after),
  /** 502 with a page of HTML, as from a proxy. */
  fault('bad-gateway-html', after),
  /** Any refusal: the status follows from the code unless given; signed unless `signed` is false. */
  fault('refuse', {
    code: z.string().min(1),
    status: z.int().min(400).max(599).optional(),
    message: z.string().optional(),
    signed: z.boolean().optional(),
    ...after,
  }),
  /** Being worked on for so long before the coupon is issued; other sends to the same openid are refused meanwhile. */
  fault('slow', { ms: z.int().min(1).max(600_000) }),
  fault('bad-signature', {}),
  /** The header Wechatpay-Signature alone, or every Wechatpay header, as a proxy does that strips them. */
  fault('missing-signature', { headers: z.enum(['signature', 'all']).optional() }),
  fault('signtest-signature', {}),
  /** A good signature of that many seconds ago (301 unless given; negative: in the future). */
  fault('stale-timestamp', { seconds: z.int().optional() }),
  fault('unknown-serial', {}),
  /** From the matching request on a new platform certificate signs; the old one is still listed. */
  fault('certificate-rotated', {}),
  fault('expire-time-missing', {}),
  /** Fields nobody knows in every object of a 200 answer; `bytes` is their size. */
  fault('extra-fields', { bytes: z.int().min(1).max(10_000_000).optional() }),
  /** A repeat of a known number is judged by the limits first, and so may be refused. */
  fault('limits-before-idempotency', {}),
  /** Each list answer tells a total lower by `by` (1 unless given) than the one before. */
  fault('total-count-shrinks', { by: z.int().min(1).optional() }),
  /** Every page but the first begins with the last `rows` (1 unless given) coupons of the page before. */
  fault('pages-overlap', { rows: z.int().min(1).optional() }),
  /** The first page is 0, the first page is 1, or `offset` counts rows. */
  fault('offset-start', { start: z.union([z.literal(0), z.literal(1), z.literal('row')]) }),
] as const

const faultSchema = z.discriminatedUnion('name', schemas, {
  error: (issue) =>
    issue.code === 'invalid_union'
      ? `expected one of ${schemas.map((schema) => schema.shape.name.value).join(', ')}`
      : undefined,
})

export type FaultSpec = z.input<typeof faultSchema>
export type FaultName = FaultSpec['name']
export type FaultOf<N extends FaultName> = Extract<z.output<typeof faultSchema>, { name: N }>

export const faultNames: readonly FaultName[] = schemas.map((schema) => schema.shape.name.value)

const habits: ReadonlySet<FaultName> = new Set([
  'limits-before-idempotency',
  'total-count-shrinks',
  'pages-overlap',
  'offset-start',
])

/** A fault that was set: what it is, how many requests it still waits for, how many it met. */
export interface PendingFault {
  id: number
  spec: FaultSpec
  left: number | 'always'
  hits: number
}

/** What a fault can be matched by. */
export interface FaultTarget {
  method: string
  path: string
  openid: string | undefined
}

export type Faults = ReturnType<typeof createFaults>

/** Keeps the faults that were set, in their order, and hands each out to as many requests as it is for. */
export function createFaults() {
  let faults: PendingFault[] = []
  let lastId = 0

  return {
    /**
     * Sets a fault.
     *
     * @throws SandboxInputError when the spec is not valid
     */
    add(spec: unknown): PendingFault {
      const valid = readInput(faultSchema, spec, 'fault')
      lastId += 1
      const left = valid.times ?? (habits.has(valid.name) ? 'always' : 1)
      const pending: PendingFault = { id: lastId, spec: valid, left, hits: 0 }
      faults.push(pending)
      return { ...pending }
    },

    /** Hands out the oldest fault of these names that matches, with how often it was handed out before. */
    take<N extends FaultName>(names: readonly N[], target: FaultTarget) {
      const found = faults.find(
        ({ spec, left }) => left !== 0 && isOneOf(spec.name, names) && matches(spec, target),
      )
      if (!found) return undefined
      const before = found.hits
      found.hits += 1
      if (found.left !== 'always') found.left -= 1
      return { ...(found.spec as FaultOf<N>), before }
    },

    /** Every fault that was set since the last clear, the used-up ones too. */
    list: (): PendingFault[] => faults.map((pending) => ({ ...pending })),

    clear(): void {
      faults = []
    },
  }
}

function isOneOf<N extends FaultName>(name: FaultName, names: readonly N[]): boolean {
  return (names as readonly FaultName[]).includes(name)
}

function matches({ match }: FaultSpec, target: FaultTarget): boolean {
  if (!match) return true
  if (match.method !== undefined && match.method !== target.method) return false
  if (match.path !== undefined && !target.path.startsWith(match.path)) return false
  return match.openid === undefined || match.openid === target.openid
}
