import { type ParseArgsOptionsConfig, parseArgs } from 'node:util'

/** The command line is not usable; the message says why. */
export class UsageError extends Error {
  override readonly name = 'UsageError'
}

/** Parses the command line by these options. @throws UsageError for an unknown flag */
export function parseFlags<const O extends ParseArgsOptionsConfig>(args: string[], options: O) {
  try {
    return parseArgs<{ args: string[]; options: O }>({ args, options }).values
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error))
  }
}

/** Reads a port number. @throws UsageError */
export function readPort(text: string): number {
  const port = /^\d{1,5}$/.test(text) ? Number(text) : Number.NaN
  if (port <= 65_535) return port
  throw new UsageError(`--port takes a number from 0 to 65535, not ${JSON.stringify(text)}`)
}

/** Says in words for the user why a stand-in could not start. */
export function explain(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  const { code, port } = error as { code?: string; port?: number }
  return code === 'EADDRINUSE'
    ? `port ${port} of 127.0.0.1 is in use, perhaps by a sandbox that is still running: stop that one, or choose another port with --port (without it, any free one is used)`
    : error.message
}
