import { z } from 'zod'
import { readInput } from '../input.ts'
import { type Answer, refusal, statusOf } from './answers.ts'

const MOMENT = 'expected a time such as "2026-01-31T00:00:00+08:00", or epoch milliseconds'

/** A moment: RFC 3339 with an offset, or epoch milliseconds. */
const moment = z
  .union([z.int(MOMENT), z.iso.datetime({ offset: true, error: MOMENT })], MOMENT)
  .transform((value) => (typeof value === 'number' ? value : Date.parse(value)))

const fen = z.int('expected a whole number of fen').min(1)

const stockSchema = z.strictObject({
  stock_id: z.string().regex(/^[0-9A-Za-z_-]{1,20}$/, 'expected 1 to 20 letters and digits'),
  /** The merchant who created the stock; by default the sandbox's own. */
  mchid: z
    .string()
    .regex(/^[0-9A-Za-z]{1,32}$/, 'expected 1 to 32 letters and digits')
    .optional(),
  /** What one coupon covers, in fen. */
  quota: fen,
  /** What all coupons together may cover, in fen; by default unlimited. */
  budget: fen.optional(),
  /** How many coupons one user may get; by default unlimited. */
  per_user: z.int().min(1).optional(),
  starts_at: moment.optional(),
  ends_at: moment.optional(),
  /** How long a coupon is valid after it was sent, in days, fractions allowed; by default 30. */
  valid_days: z.number().positive().max(36_500).optional(),
})

export const stocksSchema = z
  .array(stockSchema)
  .refine((all) => new Set(all.map((one) => one.stock_id)).size === all.length, {
    error: 'expected every stock_id once',
  })

/** One stock as a person describes it. */
export type StockSpec = z.input<typeof stockSchema>

/** One stock as the sandbox keeps it; times are epoch milliseconds, amounts fen. */
export interface Stock {
  stockId: string
  mchid: string
  quota: number
  budget: number
  perUser: number
  startsAt: number
  endsAt: number
  validMs: number
}

/**
 * Reads the stocks, and adds the default stock unless it is among them.
 *
 * @throws SandboxInputError if a description is not valid or a stock is described twice
 */
export function readStocks(specs: unknown, defaults: { mchid: string; stockId: string }): Map<string, Stock> {
  const described = readInput(stocksSchema, specs, 'stocks')
  const all = described.some((one) => one.stock_id === defaults.stockId)
    ? described
    : [{ stock_id: defaults.stockId, quota: 1000 }, ...described]
  return new Map(all.map((one) => [one.stock_id, toStock(one, defaults.mchid)]))
}

function toStock(spec: z.output<typeof stockSchema>, mchid: string): Stock {
  return {
    stockId: spec.stock_id,
    mchid: spec.mchid ?? mchid,
    quota: spec.quota,
    budget: spec.budget ?? Number.POSITIVE_INFINITY,
    perUser: spec.per_user ?? Number.POSITIVE_INFINITY,
    startsAt: spec.starts_at ?? Number.NEGATIVE_INFINITY,
    endsAt: spec.ends_at ?? Number.POSITIVE_INFINITY,
    validMs: (spec.valid_days ?? 30) * 24 * 60 * 60 * 1000,
  }
}

/** The members of this world: merchants, the app, stocks. */
export type Members = ReturnType<typeof createMembers>

export function createMembers(deps: {
  mchid: string
  /** The appids that belong to the merchant. */
  appids: readonly string[]
  stocks: ReadonlyMap<string, Stock>
}) {
  const merchants = new Set([deps.mchid, ...[...deps.stocks.values()].map((stock) => stock.mchid)])

  return {
    /** The stock that a request names, or a refusal if its ids don't belong together. */
    stockFor(named: { mchid: string; appid: string; stock_id: string }): Stock | Answer {
      if (!merchants.has(named.mchid)) return refused('MCH_NOT_EXISTS', '商户号不存在')
      if (!deps.appids.includes(named.appid)) return refused('APPID_MCHID_NOT_MATCH', '商户号与AppID不匹配')
      const stock = deps.stocks.get(named.stock_id)
      return stock?.mchid === named.mchid ? stock : refused('RESOURCE_NOT_EXISTS', '批次不存在')
    },
  }
}

function refused(code: string, message: string): Answer {
  return refusal({ status: statusOf(code), code, message })
}
