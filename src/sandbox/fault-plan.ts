/** A planted fault: what it is, how many more of what fits it meets, how many it met. */
export interface PlannedFault<Spec> {
  id: number
  spec: Spec
  left: number | 'always'
  hits: number
}

export type FaultPlan<Spec extends { name: string }> = ReturnType<typeof createFaultPlan<Spec>>

/**
 * Keeps the faults that were planted, in their order, and hands each out to as many of what fits as it is for.
 *
 * @param read takes what somebody planted; throws for a fault that would never fire, since it would prove nothing
 * @param timesOf how many it meets
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

    /** Uses up once the oldest fault of these names that fits; `before` says how often it was met already. */
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

    /** Every fault that was planted since the last clear, the used-up ones too. */
    list: (): PlannedFault<Spec>[] => faults.map((planned) => ({ ...planned })),

    clear(): void {
      faults = []
    },
  }
}
