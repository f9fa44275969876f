import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { inject } from 'vitest'

const main = new URL('../src/main.ts', import.meta.url).pathname

export interface Running {
  process: ChildProcess
  /** Log lines so far. */
  log: { level: string; msg: string; [key: string]: unknown }[]
  /** All output, log and errors. */
  written(): string
  /** Resolves to the first log line with this message. @throws if the process ends first */
  logged(message: string): Promise<unknown>
  /** The exit code, once all output is read. */
  ended: Promise<number | null>
}

/**
 * Runs `main.ts` with only this environment, plus the cache of compiled code; kills it
 * at the end of the test if it still runs.
 */
export function runMain(options: {
  env: Record<string, string>
  cwd: string
  nodeOptions?: string[]
  /** A command that runs its arguments in its own place. */
  through?: string[]
  finished: (end: () => void) => void
}): Running {
  const words = [...(options.through ?? []), process.execPath, ...(options.nodeOptions ?? []), main]
  const child = spawn(words[0] ?? '', words.slice(1), {
    cwd: options.cwd,
    env: { NODE_COMPILE_CACHE: inject('compiled'), ...options.env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  options.finished(() => {
    child.kill('SIGKILL')
  })
  const log: Running['log'] = []
  let written = ''
  const lines = createInterface(child.stdout)
  lines.on('line', (line) => {
    written += `${line}\n`
    log.push(JSON.parse(line))
  })
  child.stderr.on('data', (chunk) => {
    written += chunk
  })
  const ended = once(child, 'close').then(([code]) => code)
  const logged = async (message: string) => {
    for (;;) {
      const found = log.find(({ msg }) => msg === message)
      if (found) return found
      if ((await Promise.race([once(lines, 'line'), ended.then(() => 'ended')])) === 'ended')
        throw new Error(`ended before it logged ${message}:\n${written}`)
    }
  }
  return { process: child, log, written: () => written, logged, ended }
}
