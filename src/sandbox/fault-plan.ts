/** A planted fault: what it is, how many more matching requests it will meet, how many it has met. */
export interface PlannedFault<Spec> {
  id: number
  spec: Spec
  left: number | 'always'
  hits: number
}

export type FaultPlan<Spec extends { name: string }> = ReturnType<typeof createFaultPlan<Spec>>

/**
 * Keeps planted faults in order, and hands each out to as many matching requests as it was planted for.
 *
 * @param read reads what somebody planted; throws for a fault that would never fire, since it would prove nothing
 * @param timesOf how many requests the fault meets
 */
export function createFaultPlan<Spec extends { name: string }>({
  read,
  timesOf,
}: {
  read: (spec: unknown) => Spec
  timesOf: (spec: Spec) => number | 'always'
}) {
  type Named<N extends Spec['name']> = Spec & { name: N }
  let faults: PlannedFault<Spec>[] = []
  let lastId = 0

  return {
    /** @throws what `read` throws */
    plant(given: unknown): PlannedFault<Spec> {
      const spec = read(given)
      lastId += 1
      const planned = { id: lastId, spec, left: timesOf(spec), hits: 0 }
      faults.push(planned)
      return { ...planned }
    },

    /**
     * Takes the oldest matching fault of these names, and uses it up once; `before` is how often it was met already.
     */
    take<N extends Spec['name']>(
      names: readonly N[],
      fits: (spec: Spec) => boolean = () => true,
    ): (Named<N> & { before: number }) | undefined {
      const found = faults.find(
        ({ spec, left }) => left !== 0 && (names as readonly string[]).includes(spec.name) && fits(spec),
      )
      if (!found) return undefined
      const before = found.hits
      found.hits += 1
      if (found.left !== 'always') found.left -= 1
      return { ...(found.spec as Named<N>), before }
    },

    /** Every fault planted since the last clear, used-up ones included. */
    list: (): PlannedFault<Spec>[] => faults.map((planned) => ({ ...planned })),

    clear(): void {
      faults = []
    },
  }
}
