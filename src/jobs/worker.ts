/** A repeated job. Its `run` knows what is due. */
export interface Task {
  name: string
  /** @returns how many things it did; above 0, it runs again at once, because more may be due */
  run(): Promise<number>
  /** ms from the end of a run to the next one, unless it is woken. */
  every: number
  /** Only time makes something due for it, so waking doesn't run it. */
  byClock?: true
  /**
   * ms from the end of a run to the next one, however often it is woken: what becomes due meanwhile is done together.
   */
  rest?: number
}

export interface Worker {
  /** Runs every task now, and by its timer from then on. */
  start(): void
  /**
   * Runs every task except those with `byClock` as soon as possible, because something may have become due. Does
   * nothing before start and after stop.
   */
  wake(): void
  /** Begins nothing more and waits up to `deadline` ms for what runs. @returns whether everything ended */
  stop(deadline: number): Promise<boolean>
}

/** ms; the pause doubles with each failure in a row, from the first value up to the second. */
const FIRST_PAUSE = 1000
const LONGEST_PAUSE = 60_000

/**
 * Runs tasks repeatedly, never the same one twice at a time. A failing task is logged and pauses; the others continue.
 * A task that is woken while it runs, runs once more, so that what became due in the meantime doesn't wait for the
 * timer. Waking doesn't shorten the pause after a failure: what wakes a task is often what fails.
 */
export function createWorker(deps: {
  tasks: readonly Task[]
  logger: { error(fields: object, message: string): void; info(fields: object, message: string): void }
  /** ms before a failed task runs again; default: doubles from 1 s to 60 s. */
  pause?: (failures: number) => number
}): Worker {
  let state: 'new' | 'running' | 'stopped' = 'new'
  const isRunning = () => state === 'running'
  const loops = deps.tasks.map((task) =>
    createLoop(task, { ...deps, pause: deps.pause ?? pauseAfter, isRunning }),
  )
  return {
    start() {
      if (state !== 'new') return
      state = 'running'
      for (const loop of loops) loop.wake()
    },
    wake() {
      if (state !== 'running') return
      for (const [index, loop] of loops.entries()) if (!deps.tasks[index]?.byClock) loop.wake()
    },
    async stop(deadline) {
      state = 'stopped'
      const ends = Promise.all(loops.map((loop) => loop.end())).then(() => true)
      let timer: NodeJS.Timeout | undefined
      const late = new Promise<false>((resolve) => {
        timer = setTimeout(resolve, deadline, false)
      })
      const ended = await Promise.race([ends, late])
      clearTimeout(timer)
      return ended
    },
  }
}

function createLoop(
  task: Task,
  deps: Parameters<typeof createWorker>[0] & {
    pause: (failures: number) => number
    isRunning: () => boolean
  },
) {
  let timer: NodeJS.Timeout | undefined
  let current: Promise<void> | null = null
  let isWoken = false
  let failures = 0
  let restsUntil = 0
  const { rest = 0 } = task

  const begin = () => {
    clearTimeout(timer)
    current = runUntilDone().then((wait) => {
      current = null
      restsUntil = performance.now() + rest
      beginIn(wait)
    })
  }
  const beginIn = (wait: number) => {
    clearTimeout(timer)
    if (deps.isRunning()) timer = setTimeout(begin, wait)
  }

  /** @returns ms until the next run; never rejects. */
  async function runUntilDone(): Promise<number> {
    try {
      do {
        isWoken = false
        const done = await task.run()
        if (failures > 0) deps.logger.info({ task: task.name, failures }, 'task works again')
        failures = 0
        isWoken ||= done > 0
      } while (isWoken && rest === 0 && deps.isRunning())
      return isWoken ? rest : task.every
    } catch (error) {
      failures += 1
      const wait = deps.pause(failures)
      deps.logger.error(
        { err: error, task: task.name, failures, retryIn: wait },
        'task failed, it runs again',
      )
      return wait
    }
  }

  return {
    wake() {
      isWoken = true
      if (current || failures > 0) return
      const left = restsUntil - performance.now()
      if (left <= 0) begin()
      else beginIn(left)
    },
    end() {
      clearTimeout(timer)
      return current ?? Promise.resolve()
    },
  }
}

function pauseAfter(failures: number): number {
  return Math.min(FIRST_PAUSE * 2 ** (failures - 1), LONGEST_PAUSE)
}
