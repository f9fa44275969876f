/** Something to be done again and again; what is due is known by `run` itself. */
export interface Task {
  name: string
  /** @returns how many things were done; above 0, it is asked again at once, as more may be due. */
  run(): Promise<number>
  /** ms from the end of a run to the next one when nobody wakes it. */
  every: number
  /** Nothing but time makes something due for it, so that waking leaves it alone. */
  byClock?: true
  /** ms from the end of a run to the next one, however often it is woken: what becomes due meanwhile is done together. */
  rest?: number
}

export interface Worker {
  /** Runs every task now, and from then on by its timer. */
  start(): void
  /**
   * Runs every task that does not go by the clock as soon as possible, as something may have become due. Does nothing
   * before start and after stop.
   */
  wake(): void
  /** Begins nothing more and waits for what runs, at most so many ms. @returns whether all of it ended */
  stop(deadline: number): Promise<boolean>
}

/** ms; the waiting time doubles with each failure in a row, from the first to the second. */
const FIRST_PAUSE = 1000
const LONGEST_PAUSE = 60_000

/**
 * Runs tasks over and over, none of them twice at the same time. A failing task is logged and pauses; the others go on.
 * Woken while it runs, a task runs once more, so that what became due in the meantime is not left to the timer.
 * A pause after a failure is not cut short by waking: what wakes it is often what fails.
 */
export function createWorker(deps: {
  tasks: readonly Task[]
  logger: { error(fields: object, message: string): void; info(fields: object, message: string): void }
  /** ms before a task that failed runs again; default: from 1 s doubling to 60 s. */
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
