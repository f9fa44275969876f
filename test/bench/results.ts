import { median, type Pairs, ratioOf } from './rounds.ts'

/**
 * What a figure should reach (goal), and what no change may miss (floor), with room for other work on
 * the machine. Missing a floor fails the run.
 */
export interface Bound {
  is: 'at least' | 'at most'
  goal: number
  floor: number
  /** The bound is for our own figure, not for the ratio. */
  absolute?: boolean
}

/** One line of the table. */
export interface Result {
  part: string
  name: string
  unit: string
  /** Medians over the rounds. */
  ours: number
  other: number
  /** Median of the rounds' ratios, ours divided by the other's, with the lowest and the highest. */
  ratio: number
  lowest: number
  highest: number
  /** A line without one is only for information. */
  bound?: Bound
}

export function resultOf(about: Pick<Result, 'part' | 'name' | 'unit' | 'bound'>, pairs: Pairs): Result {
  return { ...about, ours: median(pairs.ours), other: median(pairs.other), ...ratioOf(pairs) }
}

export type Verdict = 'goal met' | 'floor met, goal missed' | 'FLOOR MISSED' | 'for information'

export function verdictOf({ bound, ratio, ours }: Result): Verdict {
  if (!bound) return 'for information'
  const value = bound.absolute ? ours : ratio
  const holds = (limit: number) => (bound.is === 'at least' ? value >= limit : value <= limit)
  if (holds(bound.goal)) return 'goal met'
  return holds(bound.floor) ? 'floor met, goal missed' : 'FLOOR MISSED'
}

/** The results as a table for a person. */
export function tableOf(results: readonly Result[]): string {
  const head = ['', 'ours', 'other', 'ratio', 'of the rounds', 'goal', 'floor', '']
  const rows = results.map((result) => {
    const { bound, unit } = result
    const limit = (value: number | undefined) =>
      bound && value !== undefined
        ? `${bound.is === 'at least' ? '≥' : '≤'} ${bound.absolute ? `${value} ${unit}` : `${value}×`}`
        : ''
    return [
      `${result.part}: ${result.name}`,
      `${figure(result.ours)} ${unit}`,
      `${figure(result.other)} ${unit}`,
      `${result.ratio.toFixed(2)}×`,
      `${result.lowest.toFixed(2)}–${result.highest.toFixed(2)}`,
      limit(bound?.goal),
      limit(bound?.floor),
      verdictOf(result),
    ]
  })
  const widths = head.map((_, column) => Math.max(...[head, ...rows].map((row) => row[column]?.length ?? 0)))
  const isText = (column: number) => column === 0 || column === head.length - 1
  return [head, ...rows]
    .map((row) =>
      row
        .map((cell, column) => {
          const width = widths[column] ?? 0
          return isText(column) ? cell.padEnd(width) : cell.padStart(width)
        })
        .join('  ')
        .trimEnd(),
    )
    .join('\n')
}

function figure(value: number): string {
  if (value >= 100) return Math.round(value).toString()
  return value.toFixed(value >= 10 ? 1 : 2)
}
