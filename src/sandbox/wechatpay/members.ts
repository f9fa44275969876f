import { type Answer, type FieldFault, refusal, statusOf } from './answers.ts'
import type { Stock } from './stocks.ts'

/** Who and what exists here: merchants, the app, stocks. */
export type Members = ReturnType<typeof createMembers>

export function createMembers(deps: { mchid: string; appid: string; stocks: ReadonlyMap<string, Stock> }) {
  const merchants = new Set([deps.mchid, ...[...deps.stocks.values()].map((stock) => stock.mchid)])

  return {
    /** The stock that a request names, or the refusal of ids that don't belong together. */
    stockFor(named: { mchid: string; appid: string; stock_id: string }): Stock | Answer {
      if (!merchants.has(named.mchid)) return refused('MCH_NOT_EXISTS', '商户号不存在')
      if (named.appid !== deps.appid) return refused('APPID_MCHID_NOT_MATCH', '商户号与AppID不匹配')
      const stock = deps.stocks.get(named.stock_id)
      return stock?.mchid === named.mchid ? stock : refused('RESOURCE_NOT_EXISTS', '批次不存在')
    },
  }
}

/** What is wrong with a required text field, if something is. */
export function fieldFault(
  field: string,
  value: unknown,
  form: RegExp,
  location: FieldFault['location'],
): FieldFault | undefined {
  if (value === undefined || value === null) return { field, value: '', issue: '必填字段缺失', location }
  if (typeof value !== 'string') return { field, value, issue: '字段类型不是字符串', location }
  return form.test(value) ? undefined : { field, value, issue: '字段值的长度或字符不符合要求', location }
}

const OPENID = /^[0-9A-Za-z_-]{1,128}$/

/** The openid of a path segment as it stood on the wire. */
export function readOpenid(segment: string): { openid: string } | FieldFault {
  let openid: string | undefined
  try {
    openid = decodeURIComponent(segment)
  } catch {
    openid = undefined
  }
  return (
    fieldFault('openid', openid ?? segment, openid === undefined ? /^$/ : OPENID, 'path') ?? {
      openid: openid ?? '',
    }
  )
}

function refused(code: string, message: string): Answer {
  return refusal({ status: statusOf(code), code, message })
}
