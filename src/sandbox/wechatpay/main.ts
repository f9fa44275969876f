import { explain, UsageError } from '../command-line.ts'
import { createShutdown } from '../shutdown.ts'
import { readFlags, usage } from './flags.ts'
import { startWechatPaySandbox } from './sandbox.ts'

const EXIT_USAGE = 64

try {
  const options = await readFlags(process.argv.slice(2))
  if (options === 'help') {
    process.stdout.write(usage)
  } else {
    const shutdown = createShutdown({ startedByNpm: process.env.npm_lifecycle_event !== undefined })
    const sandbox = await startWechatPaySandbox(options)
    shutdown.onEnd(() => sandbox.close())
    process.stdout.write(`${JSON.stringify(sandbox.info)}\n`)
  }
} catch (error) {
  process.stderr.write(`${explain(error)}\n`)
  if (error instanceof UsageError) process.stderr.write('--help lists the flags\n')
  process.exitCode = error instanceof UsageError ? EXIT_USAGE : 1
}
