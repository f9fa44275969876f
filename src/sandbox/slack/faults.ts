import type { FaultName, FaultSpec } from './types.ts'

const NAMES: Record<FaultName, true> = {
  web_api_429: true,
  web_api_500: true,
  web_api_hang: true,
  web_api_reset: true,
  web_api_error: true,
  ack_lost: true,
  late_ack: true,
  click_twice: true,
  submit_twice: true,
  command_twice: true,
  event_twice: true,
  socket_cut: true,
  unsigned: true,
  bad_signature: true,
  stale_signature: true,
  trigger_expired: true,
  trigger_reused: true,
}

export const faultNames = Object.keys(NAMES)

export type Faults = ReturnType<typeof createFaults>

/** The planted faults; each serves its number of times, the oldest first. */
export function createFaults() {
  let planted: { spec: FaultSpec; left: number }[] = []

  /** @throws Error for a name that does not exist: a fault that never fires makes a test that can't fail. */
  function plant(spec: FaultSpec): void {
    if (!Object.hasOwn(NAMES, spec.name)) throw new Error(`There is no fault named ${String(spec.name)}.`)
    const left = spec.times ?? 1
    if (!(left > 0)) throw new Error('times must be at least 1.')
    planted.push({ spec: { ...spec }, left })
  }

  /** Takes the first planted fault of these names that fits, using it up once. */
  function take(names: FaultName[], fits: (spec: FaultSpec) => boolean = () => true): FaultSpec | undefined {
    const found = planted.find(({ spec }) => names.includes(spec.name) && fits(spec))
    if (!found) return undefined
    found.left -= 1
    if (found.left <= 0) planted = planted.filter((one) => one !== found)
    return found.spec
  }

  return {
    plant,
    take,
    clear: () => {
      planted = []
    },
    all: () => planted.map(({ spec, left }) => ({ ...spec, times: left })),
  }
}
