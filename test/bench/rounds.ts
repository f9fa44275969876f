/** How often, and for how long, each of a pair is measured in turn. */
export interface Pace {
  rounds: number
  /** Turns that are measured like the others and then dropped: code that was not compiled yet says nothing. */
  warmUps: number
  /** Shrinks every turn; below 1 only to try out the benchmark itself. */
  scale: number
}

export function median(values: readonly number[]): number {
  return quantile(values, 0.5)
}

/** By linear interpolation between the two nearest values. */
export function quantile(values: readonly number[], part: number): number {
  if (values.length === 0) throw new Error('nothing was measured')
  const sorted = [...values].sort((a, b) => a - b)
  const at = (sorted.length - 1) * part
  const below = sorted[Math.floor(at)] as number
  const above = sorted[Math.ceil(at)] as number
  return below + (above - below) * (at - Math.floor(at))
}

/** Figures of two sides, measured in turn, round by round. */
export interface Pairs {
  ours: number[]
  other: number[]
}

/** Measures each in turn, and reverses the order in every second round. */
export async function inTurns<T, Who extends string>(
  { rounds, warmUps }: Pace,
  measure: Record<Who, () => Promise<T>>,
): Promise<Record<Who, T[]>> {
  const all = Object.keys(measure) as Who[]
  const kept = Object.fromEntries(all.map((who) => [who, []])) as unknown as Record<Who, T[]>
  for (let round = -warmUps; round < rounds; round++) {
    for (const who of round % 2 === 0 ? all : all.toReversed()) {
      const measured = await measure[who]()
      if (round >= 0) kept[who].push(measured)
    }
  }
  return kept
}

/**
 * The median of the rounds' ratios, not the ratio of the medians: a disturbance that slows a whole round cancels out.
 */
export function ratioOf({ ours, other }: Pairs): { ratio: number; lowest: number; highest: number } {
  const ratios = ours.map((value, round) => value / (other[round] as number))
  return { ratio: median(ratios), lowest: Math.min(...ratios), highest: Math.max(...ratios) }
}
