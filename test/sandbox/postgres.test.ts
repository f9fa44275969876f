import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { expect, test } from 'vitest'

test('leaves the exit code of the process that started it alone, as that of failing tests', async () => {
  const { href } = new URL('../../src/sandbox/postgres.ts', import.meta.url)
  const script = `const { startPostgres } = await import('${href}')
    const postgres = await startPostgres()
    await postgres.stop()
    process.exitCode = 3`
  const child = spawn(process.execPath, ['--input-type=module', '-e', script], { stdio: 'inherit' })
  const [code] = await once(child, 'exit')
  expect(code).toBe(3)
})
