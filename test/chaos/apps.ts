import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createWriteStream } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Stage } from './stage.ts'

const root = new URL('../../', import.meta.url)
/** ms until an app that ended is started again, as a supervisor would. */
const AGAIN = 50

/** When a process existed and worked, epoch ms: what it left undone afterwards is nobody's fault. */
export interface Life {
  pid: number
  from: number
  to: number
  stops: { from: number; to: number }[]
}

/** One replica: a process that is restarted whenever it ends. */
export interface App {
  kill(): void
  /** Asks it to shut down. */
  terminate(): void
  /** Suspends it for this many ms, like a machine that stalls. */
  stall(ms: number): Promise<void>
  isReady(): boolean
  /** How long its latest start took, in ms. */
  startedIn(): number
  /** Resolves to whether it became ready within this many ms. */
  ready(within: number): Promise<boolean>
  /** Kills it for good. */
  close(): Promise<void>
}

/**
 * Starts a replica.
 * @param options.lives gets an entry for each process
 * @param options.plant the name of a fault to plant
 */
export function startApp(stage: Stage, options: { name: string; plant: string | null; lives: Life[] }): App {
  const log = createWriteStream(join(stage.folder, `${options.name}.log`))
  const flags = options.plant
    ? ['--import', new URL('plant-hook.ts', import.meta.url).href]
    : ['--import', new URL('src/compile-cache.js', root).href]
  const env = { ...stage.env, ...(options.plant ? { CHAOS_PLANT: options.plant } : {}) }
  let child: ChildProcess | null = null
  let life: Life | null = null
  let isReady = false
  let startedIn = 0
  let isWanted = true
  const over = keepUp()

  async function keepUp(): Promise<void> {
    while (isWanted) {
      await live()
      if (isWanted) await sleep(AGAIN)
    }
  }

  async function live(): Promise<void> {
    const started = spawn(process.execPath, [...flags, new URL('src/main.ts', root).pathname], {
      cwd: stage.folder,
      env,
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    const current: Life = { pid: started.pid ?? 0, from: Date.now(), to: Number.POSITIVE_INFINITY, stops: [] }
    child = started
    life = current
    options.lives.push(current)
    started.stderr.on('data', (chunk) => log.write(chunk))
    started.stdout.on('data', (chunk: Buffer) => {
      log.write(chunk)
      if (!chunk.includes('"msg":"ready"')) return
      isReady = current.to === Number.POSITIVE_INFINITY
      startedIn = Date.now() - current.from
    })
    await once(started, 'close')
    isReady = false
    current.to = Math.min(current.to, Date.now())
  }

  function kill(): void {
    if (life) life.to = Math.min(life.to, Date.now())
    isReady = false
    child?.kill('SIGKILL')
  }

  return {
    kill,
    terminate() {
      isReady = false
      child?.kill('SIGTERM')
    },
    async stall(ms) {
      const stalled = child
      const stop = { from: Date.now(), to: Number.POSITIVE_INFINITY }
      life?.stops.push(stop)
      stalled?.kill('SIGSTOP')
      await sleep(ms)
      stalled?.kill('SIGCONT')
      stop.to = Date.now()
    },
    isReady: () => isReady,
    startedIn: () => startedIn,
    async ready(within) {
      const end = performance.now() + within
      while (!isReady && performance.now() < end) await sleep(10)
      return isReady
    },
    async close() {
      isWanted = false
      kill()
      await over
    },
  }
}
