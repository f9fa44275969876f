import { type Answer, refusal, statusOf } from './answers.ts'
import type { Stock } from './stocks.ts'

/** Who and what exists here: merchants, the app, stocks. */
export type Members = ReturnType<typeof createMembers>

export function createMembers(deps: {
  mchid: string
  /** Bound to the merchant. */
  appids: readonly string[]
  stocks: ReadonlyMap<string, Stock>
}) {
  const merchants = new Set([deps.mchid, ...[...deps.stocks.values()].map((stock) => stock.mchid)])

  return {
    /** The stock that a request names, or the refusal of ids that don't belong together. */
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
