import { type ChildProcess, fork, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'

/** The benchmark's processes: some answer questions, others are the apps as people start them. */

type Answers = Record<string, (input: never) => Promise<unknown>>
type Question = { name: string; input: unknown }
type Reply = { value: unknown } | { error: string }

export interface Answering {
  /** @throws if the process fails or ends */
  ask<T>(name: string, input: unknown): Promise<T>
  end(): Promise<void>
}

/** Starts a file that calls `answerParent`. Questions are asked one at a time. */
export function startAnswering(file: URL): Answering {
  const child = fork(file, { execArgv: [] })
  const failed = failure(child, file)
  return {
    ask: <T>(name: string, input: unknown) =>
      new Promise<T>((resolve, reject) => {
        failed.catch(reject)
        child.once('message', (reply: Reply) => {
          if ('error' in reply) reject(new Error(reply.error))
          else resolve(reply.value as T)
        })
        child.send({ name, input } satisfies Question)
      }),
    end: () => end(child),
  }
}

/** Runs in such a process: answers the parent's questions until the parent disconnects. */
export function answerParent(answers: Answers): void {
  process.on('disconnect', () => process.exit())
  process.on('message', async ({ name, input }: Question) => {
    try {
      const value = await answers[name]?.(input as never)
      process.send?.({ value } satisfies Reply)
    } catch (error) {
      process.send?.({ error: error instanceof Error ? String(error.stack) : String(error) } satisfies Reply)
    }
  })
}

export interface Started {
  pid: number
  /** ms from the start of the process to the line that says so. */
  startedIn: number
  line: string
  end(): Promise<void>
}

/** Starts a program and waits for a line that contains the word; discards its other lines. */
export async function start(
  file: URL,
  options: { flags?: string[]; args?: string[]; cwd?: URL; env?: Record<string, string>; until: string },
): Promise<Started> {
  const began = performance.now()
  const child = spawn(process.execPath, [...(options.flags ?? []), file.pathname, ...(options.args ?? [])], {
    env: options.env ?? {},
    cwd: options.cwd,
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const lines = createInterface(child.stdout)
  const said = new Promise<string>((resolve) => {
    lines.on('line', (line) => {
      if (line.includes(options.until)) resolve(line)
    })
  })
  const line = await Promise.race([said, failure(child, file)])
  return { pid: child.pid ?? 0, startedIn: performance.now() - began, line, end: () => end(child) }
}

/** Rejects when the process ends; nobody has to wait for it. */
function failure(child: ChildProcess, file: URL): Promise<never> {
  const failed = once(child, 'exit').then(([code, signal]) => {
    throw new Error(`${file.pathname} ended with ${code ?? signal}`)
  })
  failed.catch(() => {})
  return failed
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const exited = once(child, 'exit')
  child.kill('SIGTERM')
  await exited
}
