import { existsSync, statfsSync } from 'node:fs'
import { defineConfig } from 'vitest/config'
import { BaseSequencer, type TestSpecification } from 'vitest/node'

/** What waits for seconds, whatever the machine: for processes that are killed, and for a Slack that does not answer. */
const long = [
  'test/chaos/chaos.test.ts',
  'test/stories/kills.test.ts',
  'test/stories/slack-away.test.ts',
  'test/stories/dead-token.test.ts',
  'test/slack/edge/http-requests.test.ts',
]
/** What looks at the page in a browser. */
const browser = 'test/browser/**/*.test.ts'

/** What waits long begins first: at the end nothing would be left to do beside it. */
class LongFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const order = ['long', 'browser', 'plain']
    const sorted = await super.sort(files)
    return sorted.toSorted((a, b) => order.indexOf(a.project.name) - order.indexOf(b.project.name))
  }
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
    globalSetup: ['test/global-setup.ts'],
    pool: 'forks',
    // Every file closes what it opened; loading the app anew for each would be most of the work.
    isolate: false,
    // Many tests wait rather than work: for the clock, for sockets, for processes.
    maxWorkers: 5,
    sequence: { sequencer: LongFirst },
    // Nets for what never ends. What is to happen in time is said by the tests; a busy machine takes its own.
    testTimeout: 120_000,
    hookTimeout: 120_000,
    expect: { poll: { timeout: 60_000 } },
    projects: [
      {
        extends: true,
        test: { name: 'plain', include: ['test/**/*.test.ts'], exclude: [...long, browser] },
      },
      { extends: true, test: { name: 'long', include: long } },
      {
        extends: true,
        test: {
          name: 'browser',
          globalSetup: ['test/browser/global-setup.ts'],
          include: [browser],
          maxConcurrency: 3,
        },
      },
    ],
  },
})
