import { existsSync, statfsSync } from 'node:fs'
import { defineConfig } from 'vitest/config'
import { BaseSequencer, type TestSpecification } from 'vitest/node'

/**
 * Tests that wait for seconds on any machine: for a process that starts or is killed, or for a server that does not
 * answer. Stories are among them.
 */
const waiting = [
  'test/stories/',
  'test/slack/edge/http-requests.test.ts',
  'test/slack/edge/slow-clicks.test.ts',
  'test/grants/attempt-pace.test.ts',
  'test/grants/commit-together.test.ts',
  'test/grants/issue-grant.test.ts',
  'test/grants/reconcile-coupons.test.ts',
  'test/ledger/opening.test.ts',
  'test/wechatpay/network.test.ts',
  'test/doctor/broken-setups.test.ts',
  'test/app.test.ts',
  'test/main.test.ts',
  'test/sandbox/main.test.ts',
  'test/bench/',
]
/** Tests that look at the page in a browser, which is the most work. */
const browser = 'test/browser/'

/** Starts tests that wait first, each beside one that works: at the end nothing would be left to run beside them. */
class WaitingFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files)
    const { waits = [], looks = [], works = [] } = Object.groupBy(sorted, ({ moduleId }) => kindOf(moduleId))
    const beside = [...looks, ...works]
    const pairs = waits.flatMap((one, index) => [one, ...beside.slice(index, index + 1)])
    return [...pairs, ...beside.slice(waits.length)]
  }
}

function kindOf(file: string): 'waits' | 'looks' | 'works' {
  if (waiting.some((path) => file.includes(path))) return 'waits'
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
    sequence: { sequencer: WaitingFirst },
    // A safety net for tests that never end. Tests check time limits themselves; a busy machine takes its own time.
    testTimeout: 120_000,
    hookTimeout: 120_000,
    expect: { poll: { timeout: 60_000 } },
  },
})
