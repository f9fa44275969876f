import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createWriteStream } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Stage } from './stage.ts'

const root = new URL('../../', import.meta.url)
/** ms after which an app that ended is started again, as whatever watches over it would. */
const AGAIN = 50

/** When a process was there and working, epoch ms: what it left undone afterwards is nobody's fault. */
export interface Life {
  pid: number
  from: number
  to: number
  stops: { from: number; to: number }[]
}

/** One replica: a process that is started again whenever it ends. */
export interface App {
  kill(): void
  /** Asks it to end by itself. */
  terminate(): void
  /** Holds it for so many ms, as a machine that stalls. */
  stall(ms: number): Promise<void>
  isReady(): boolean
  /** How long its latest start took, ms. */
  startedIn(): number
  /** Resolves when it is ready, or has not become so in this many ms. */
  ready(within: number): Promise<boolean>
  /** Kills it for good. */
  close(): Promise<void>
}

/** @param options.lives is added to @param options.plant a fault to plant in it */
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
