import type { Hold } from './hold.ts'

/** Reasons of holds while WeChat Pay can't be reached, or does not answer, since the app started or for some time. */
export const OUTAGES: readonly string[] = ['no-connection', 'no-answer']

/** How long WeChat Pay may be away before the operators are told, ms: networks fail for moments, and mend themselves. */
export const OUTAGE_TOLD_AFTER = 5 * 60_000

/** Reason of a hold while answers can't be verified. */
export const UNTRUSTED = 'untrusted-answers'

/**
 * Refusals that speak of the stock and not of the user or the request: its budget is used up, it has not begun or is over, or
 * WeChat Pay does not know it. The next grant of the stock would be refused as well.
 */
export const STOCK_FAULTS: readonly string[] = ['NOT_ENOUGH', 'REQUEST_BLOCKED', 'RESOURCE_NOT_EXISTS']

export function isStockFault(code: string): boolean {
  return STOCK_FAULTS.includes(code)
}

/** Whether it makes a stock wait that refuses everybody: operators may end it, as only they know that it was mended. */
export function isStockHold({ kind, reason }: Pick<Hold, 'kind' | 'reason'>): boolean {
  return kind === 'stock' && isStockFault(reason)
}

/** What a hold for untrusted answers says of its cause; null: it says none. */
export function trustFaultOf(message: string): { fault: string; came: string; expected: string } | null {
  const [, fault, came, expected] = /^([a-z-]+): came (\S+), expected (\S+): /.exec(message) ?? []
  return fault && came && expected ? { fault, came, expected } : null
}
