import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import { startPostgres } from '../../src/sandbox/postgres.ts'

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

test('starts on another port where the one that it found free was taken meanwhile', async () => {
  const portOf = (server: ReturnType<typeof createServer>) => (server.address() as { port: number }).port
  const listen = async () => {
    const server = createServer().listen(0, '127.0.0.1')
    await once(server, 'listening')
    return server
  }
  const other = await listen()
  onTestFinished(() => void other.close())
  let isFirst = true
  const nextPort = async () => {
    const server = isFirst ? other : await listen()
    const port = portOf(server)
    if (!isFirst) server.close()
    isFirst = false
    return port
  }
  const postgres = await startPostgres({ nextPort })
  onTestFinished(() => postgres.stop())
  expect((await postgres.query('select 1 as one')).rows).toEqual([{ one: 1 }])
})
