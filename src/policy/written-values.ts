/** What stands in the policy file, before it is known to have the right shape. */
export type Values = Record<string, unknown>

/** What does not fit together between places of the file. */
export interface RuleMistake {
  path: (string | number)[]
  message: string
  remedy: string
}

/** The quotas of some stocks, or of all; fen. */
export function quotasOf(top: Values, keys: unknown): number[] {
  return Object.entries(asRecord(top.stocks))
    .filter(([key]) => keys === undefined || asList(keys).includes(key))
    .flatMap(([, stock]) => {
      const { quota } = asRecord(stock)
      return typeof quota === 'number' ? [quota] : []
    })
}

export function isRecord(value: unknown): value is Values {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

export function asRecord(value: unknown): Values {
  return isRecord(value) ? value : {}
}

export function asList(value: unknown): unknown[] {
  return Array.isArray(value) ? value : []
}
