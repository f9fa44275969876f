import { existsSync, statfsSync } from 'node:fs'
import { defineConfig } from 'vitest/config'
import { BaseSequencer, type TestSpecification } from 'vitest/node'

/** What waits for seconds, whatever the machine: for a process that is killed, and for a Slack that does not answer. */
const long = [
  'test/stories/kills.test.ts',
  'test/stories/slack-away.test.ts',
  'test/stories/dead-token.test.ts',
  'test/slack/edge/http-requests.test.ts',
]
/** What looks at the page in a browser. */
const browser = 'test/browser/'

/** What waits long begins first, each beside one that works: at the end nothing would be left to do beside it. */
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
 * Databases of tests wait for a disk at each commit; where memory serves as one, and has room, they need not. That a
 * commit is on the disk before it is acknowledged is seen in what the system is asked for (`synced.test.ts`), anywhere.
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
    // Most of what a test makes is gone at its end: with room for more of it, less is copied before then.
    execArgv: ['--max-semi-space-size=64', '--min-semi-space-size=16'],
    // Every file closes what it opened; loading the app anew for each would be most of the work. So there is one project,
    // too: each has processes of its own.
    isolate: false,
    // Many tests wait rather than work: for the clock, for sockets, for processes.
    maxWorkers: 6,
    sequence: { sequencer: LongFirst },
    // Nets for what never ends. What is to happen in time is said by the tests; a busy machine takes its own.
    testTimeout: 120_000,
    hookTimeout: 120_000,
    expect: { poll: { timeout: 60_000 } },
  },
})
