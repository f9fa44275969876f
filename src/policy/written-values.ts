import type { MistakeCode, Values } from './words/index.ts'

/** The contents of the policy file before its shape has been checked. */
export type Written = Record<string, unknown>

/** A mistake between places of the file. */
export interface RuleMistake {
  path: (string | number)[]
  code: MistakeCode
  values?: Values
  /** The word probably meant by a mistyped one. */
  meant?: string | null
}

/** The quotas of some stocks, or of all; fen. */
export function quotasOf(top: Written, keys: unknown): number[] {
  return Object.entries(asRecord(top.stocks))
    .filter(([key]) => keys === undefined || asList(keys).includes(key))
    .flatMap(([, stock]) => {
      const { quota } = asRecord(stock)
      return typeof quota === 'number' ? [quota] : []
    })
}

export function isRecord(value: unknown): value is Written {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

export function asRecord(value: unknown): Written {
  return isRecord(value) ? value : {}
}

export function asList(value: unknown): unknown[] {
  return Array.isArray(value) ? value : []
}
