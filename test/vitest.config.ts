import { defineConfig } from 'vitest/config'

/** What kills processes by the dozen. It waits for them more than it works, as a browser waits for its page: both at once. */
const breaking = ['test/stories/kills.test.ts', 'test/chaos/*.test.ts']
/** What looks at the page in a browser, which is busy by itself. */
const browser = 'test/browser/**/*.test.ts'

export default defineConfig({
  test: {
    root: new URL('..', import.meta.url).pathname,
    globalSetup: ['test/global-setup.ts'],
    pool: 'forks',
    // Every file closes what it opened; loading the app anew for each would be most of the work.
    isolate: false,
    // Nets, not measures: what never comes is told by them, and what comes late on a busy machine passes.
    testTimeout: 120_000,
    hookTimeout: 120_000,
    expect: { poll: { timeout: 60_000 } },
    projects: [
      {
        extends: true,
        test: {
          name: 'plain',
          include: ['test/**/*.test.ts'],
          exclude: [...breaking, browser],
          // Many tests wait rather than work: for the clock, for sockets, for processes.
          maxWorkers: 3,
          sequence: { groupOrder: 0 },
        },
      },
      {
        extends: true,
        test: { name: 'breaking', include: breaking, maxWorkers: 3, sequence: { groupOrder: 1 } },
      },
      {
        extends: true,
        test: {
          name: 'browser',
          globalSetup: ['test/browser/global-setup.ts'],
          include: [browser],
          maxWorkers: 3,
          maxConcurrency: 3,
          sequence: { groupOrder: 1 },
        },
      },
    ],
  },
})
