import { existsSync, statfsSync } from 'node:fs'
import { defineConfig } from 'vitest/config'
import { BaseSequencer, type TestSpecification } from 'vitest/node'

/** Tests that wait for seconds on any machine: for a process that is killed, or for a Slack that does not answer. */
const long = [
  'test/stories/kills.test.ts',
  'test/stories/slack-away.test.ts',
  'test/stories/dead-token.test.ts',
  'test/slack/edge/http-requests.test.ts',
]
/** Tests that look at the page in a browser. */
const browser = 'test/browser/'

/**
 * Starts tests that wait long first, each beside one that works: at the end nothing would be left to run beside them.
 */
class LongFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files)
    const { waits = [], looks = [], works = [] } = Object.groupBy(sorted, ({ moduleId }) => kindOf(moduleId))
    const pairs = waits.flatMap((one, index) => [one, ...looks.slice(index, index + 1)])
    return [...pairs, ...looks.slice(waits.length), ...works]
  }
}

function kindOf(file: string): 'waits' | 'looks' | 'works' {
  if (long.some((path) => file.endsWith(path))) return 'waits'
  return file.includes(browser) ? 'looks' : 'works'
}

/**
 * Test databases wait for a disk at each commit. If memory can serve as a disk and has room, they
 * need not. `synced.test.ts` proves that a commit is on the disk before it is acknowledged: it
 * watches the system calls, wherever the files are.
 */
const MEMORY = '/dev/shm'
const ROOM = 4 * 2 ** 30
if (process.env.TMPDIR === undefined && existsSync(MEMORY)) {
  const { bavail, bsize } = statfsSync(MEMORY)
  if (bavail * bsize > ROOM) process.env.TMPDIR = MEMORY
}

export default defineConfig({
  test: {
    root: new URL('..', import.meta.url).pathname,
    include: ['test/**/*.test.ts'],
    globalSetup: ['test/global-setup.ts', 'test/browser/global-setup.ts'],
    pool: 'forks',
    // Most of what a test allocates is garbage when it ends: with more room for it, less is copied before then.
    execArgv: ['--max-semi-space-size=64', '--min-semi-space-size=16'],
    // Every file closes what it opened; loading the app again for each would be most of the work. That is also why
    // there is only one project: each project has its own processes.
    isolate: false,
    // Many tests wait rather than work: for the clock, for sockets, for processes.
    maxWorkers: 6,
    sequence: { sequencer: LongFirst },
    // A safety net for tests that never end. Tests check time limits themselves; a busy machine takes its own time.
    testTimeout: 120_000,
    hookTimeout: 120_000,
    expect: { poll: { timeout: 60_000 } },
  },
})
