import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    root: new URL('..', import.meta.url).pathname,
    include: ['test/**/*.test.ts'],
    pool: 'forks',
    // Many tests wait rather than work: for the clock, for sockets, for processes.
    maxWorkers: 3,
    testTimeout: 15_000,
    hookTimeout: 30_000,
  },
})
