import { randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { setDefaultAutoSelectFamilyAttemptTimeout } from 'node:net'
import { Kysely, PostgresDialect, PostgresDriver, sql } from 'kysely'
import pg from 'pg'
import { type PostgresAddress, readPostgresAddress } from '../domain/postgres-address.ts'
import { type Engine, LedgerSetupError, LedgerUnavailableError, type Rows, type Snapshot } from './engines.ts'
import type { LedgerLogger } from './interface.ts'
import type { SqlWords } from './migrate.ts'
import type { Tables } from './tables.ts'

/** Any number that nothing else in the database uses as a lock. */
const WRITE_LOCK = 7_301_881_204
const READ_WITHIN = 5_000
const MINUTE = 60_000
const CONNECT_WITHIN = 2_000
/** ms for each address of a server; Node's default of 250 is too short for a slow or repeated handshake. */
const EACH_ADDRESS = 1_200
const INT8 = 20
/** Connection names at the server: an app's own name follows this, so the server can tell how many apps there are. */
const APP = 'withdraw-coupon app '
const TOOL = 'withdraw-coupon tool'

const words: SqlWords = {
  int: 'bigint',
  day: (ms) => `cast(to_char(to_timestamp((${ms}) / 1000) at time zone 'UTC', 'YYYYMMDD') as bigint)`,
  id: 'bigint generated always as identity primary key',
  table: '',
  appendOnly: (table) => [
    `create function ${table}_is_append_only() returns trigger language plpgsql
      as $$ begin raise exception '${table} is append-only'; end $$`,
    `create trigger ${table}_append_only before update or delete or truncate on ${table}
      for each statement execute function ${table}_is_append_only()`,
  ],
  changeable: (table) => [
    `drop trigger ${table}_append_only on ${table}`,
    `drop function ${table}_is_append_only()`,
  ],
  json: {
    text: (column, key) => `(${column}::json ->> '${key}')`,
    without: (column, key) => `(${column}::jsonb - '${key}')::text`,
  },
  givenIds: 'overriding system value',
  countOn: (table) => [
    `select setval(pg_get_serial_sequence('${table}', 'id'), coalesce(max(id), 1), max(id) is not null) from ${table}`,
  ],
}

const rows: Rows = (columns, of) => {
  const fields = Object.entries(columns).map(([name, type]) => sql`${sql.ref(name)} ${sql.raw(String(type))}`)
  return sql`jsonb_to_recordset(cast(${JSON.stringify(of)} as jsonb)) as r (${sql.join(fields)})`
}

/**
 * Opens a PostgreSQL database that several replicas may share.
 * @throws LedgerUnavailableError if it can't be reached, LedgerSetupError if it refuses what DATABASE_URL says; no
 *   message contains the password
 */
export async function openPostgres(of: {
  url: string
  role: 'app' | 'tool'
  logger: LedgerLogger | undefined
}): Promise<Engine> {
  const name = of.role === 'app' ? `${APP}${randomBytes(4).toString('hex')}` : TOOL
  const options = { ...of, name }
  const pool = await connect(options)
  const reads = new Kysely<Tables>({ dialect: writingOn(pool) })
  const patient = new Map<number, Kysely<Tables>>()
  /** For migrations and copies, whose statements take longer than the usual time-out. */
  const connectionFor = (each: number) => {
    if (each <= READ_WITHIN) return reads
    const longest = Math.ceil(each / MINUTE) * MINUTE
    const opened =
      patient.get(longest) ?? new Kysely<Tables>({ dialect: writingOn(openPool(options, longest)) })
    patient.set(longest, opened)
    return opened
  }
  return {
    name: 'postgres',
    reads,
    async begin(within, each = within) {
      const ms = Math.max(1, Math.round(within))
      const eachMs = Math.max(1, Math.round(each))
      const transaction = await connectionFor(eachMs).startTransaction().execute()
      try {
        // The lock is a statement of its own, so that later statements see everything committed before it was granted.
        // Every query here has an index that answers it in order, so other plans are forbidden: PostgreSQL may choose
        // one when it has no statistics, as after a batch.
        await sql
          .raw(
            `begin; set local statement_timeout = ${eachMs}; set local lock_timeout = ${ms};
            set local idle_in_transaction_session_timeout = ${Math.min(ms, MINUTE) + 1000}; set local synchronous_commit = on;
            set local enable_seqscan = off; set local enable_bitmapscan = off; set local enable_sort = off;
            set local jit = off;
            select pg_advisory_xact_lock(${WRITE_LOCK})`,
          )
          .execute(transaction)
        return transaction
      } catch (error) {
        await transaction
          .rollback()
          .execute()
          .catch(() => {})
        throw error
      }
    },
    // Not the transaction's time, which is from before the wait for the lock. Stable, so that indexes can be used.
    clock: sql<number>`cast(floor(extract(epoch from statement_timestamp()) * 1000) as bigint)`,
    rows,
    // With `in`, PostgreSQL reads the whole table for as long as it takes it to be small.
    isOneOf: (column, query) => sql`${sql.ref(column)} = any (array(${query}))`,
    words,
    isBusy: (error) => isConnectionLoss(error) || isRolledBack(error),
    isUncertain: isConnectionLoss,
    isAlone: false,
    apps: () => countApps(pool, name),
    async close() {
      for (const connections of patient.values()) await connections.destroy()
      await reads.destroy()
      // Kysely doesn't end a pool that it never used, but opening the ledger has connected it.
      if (!pool.ending) await pool.end()
    },
  }
}

/**
 * Opens a PostgreSQL database to read the whole of it at this moment, while others may write.
 * @throws LedgerUnavailableError, LedgerSetupError
 */
export async function openPostgresSnapshot(url: string): Promise<Snapshot> {
  const pool = await connect({ url, name: TOOL, logger: undefined })
  const reads = new Kysely<Tables>({ dialect: new PostgresDialect({ pool }) })
  const begun = reads.startTransaction().setIsolationLevel('repeatable read').setAccessMode('read only')
  const db = await begun.execute()
  return {
    db,
    async close() {
      await db.rollback().execute()
      await reads.destroy()
    },
  }
}

/**
 * A writing transaction begins with its first statement, which includes `begin`: this saves one round trip each time.
 */
function writingOn(pool: pg.Pool): PostgresDialect {
  return Object.assign(new PostgresDialect({ pool }), {
    createDriver: () => new BegunByFirstMessage({ pool }),
  })
}

class BegunByFirstMessage extends PostgresDriver {
  override async beginTransaction(): Promise<void> {}
}

/** Counts apps by the names of their connections, which end with their process, however it ends. */
async function countApps(pool: pg.Pool, own: string): Promise<number | null> {
  const client = await pool.connect()
  try {
    const { rows } = await client.query<{ name: string; pid: number }>(
      `select distinct application_name as name, pg_backend_pid() as pid from pg_stat_activity
        where datname = current_database() and application_name like '${APP}%'`,
    )
    // Behind a pooler such as PgBouncer, apps share connections; and DATABASE_URL may give all of them one name.
    const { processID } = client as pg.PoolClient & { processID?: unknown }
    const isDirect = rows.some(({ name, pid }) => name === own && pid === processID)
    return isDirect ? rows.length : null
  } finally {
    client.release()
  }
}

interface Opened {
  url: string
  /** Name of its connections. */
  name: string
  logger: LedgerLogger | undefined
}

async function connect(options: Opened): Promise<pg.Pool> {
  const pool = openPool(options)
  try {
    await pool.query('select 1')
  } catch (error) {
    await pool.end()
    throw unavailable(error, options.url)
  }
  return pool
}

/** @param longest ms that a statement may take if it sets its own limit; any other gets READ_WITHIN */
function openPool({ url, name, logger }: Opened, longest = READ_WITHIN): pg.Pool {
  const pool = createPool(url, name, longest)
  // Without a listener, a lost connection would end the process.
  // The error object itself holds the whole client, so log only its message.
  const onError = (error: Error) => logger?.warn({ reason: error.message }, 'lost a connection to the ledger')
  pool.on('error', onError)
  pool.on('connect', (client) => client.on('error', onError))
  return pool
}

function createPool(text: string, name: string, longest: number): pg.Pool {
  const read = readPostgresAddress(text)
  // The message leaves out the address, which contains the password.
  if (!read.ok)
    throw new LedgerSetupError(
      `DATABASE_URL is not an address like postgres://user:password@host:5432/database (${read.code}): npm run doctor says what to write`,
    )
  const { url, tls } = read.address
  // For the whole process, because `pg` passes no such option to its sockets.
  setDefaultAutoSelectFamilyAttemptTimeout(EACH_ADDRESS)
  return new pg.Pool({
    connectionString: url,
    application_name: name,
    ssl: tls === 'none' ? false : tlsOptions(read.address),
    max: 10,
    connectionTimeoutMillis: CONNECT_WITHIN,
    statement_timeout: READ_WITHIN,
    // For a server that has gone silent.
    query_timeout: longest + 1000,
    keepAlive: true,
    types: {
      getTypeParser: ((oid: number, format?: 'text') =>
        oid === INT8 ? Number : pg.types.getTypeParser(oid, format)) as typeof pg.types.getTypeParser,
    },
  })
}

function tlsOptions({ host, tls, ca, cert, key }: PostgresAddress): NonNullable<pg.PoolConfig['ssl']> {
  return {
    // The name that the certificate must have: `pg` leaves it out if the host is an IP address.
    host,
    rejectUnauthorized: tls === 'verified',
    ...(ca === null ? {} : { ca: readPem('sslrootcert', ca) }),
    ...(cert === null ? {} : { cert: readPem('sslcert', cert) }),
    ...(key === null ? {} : { key: readPem('sslkey', key) }),
  }
}

function readPem(name: string, path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    const code = (error as { code?: string }).code ?? 'no code'
    throw new LedgerSetupError(
      `the file of ${name} in DATABASE_URL can not be read (${code}): check its path`,
    )
  }
}

/** What PostgreSQL or TLS reports, and what a person must do about it: trying again doesn't help. */
const SETUP: readonly [RegExp, string][] = [
  [
    /does not support SSL/,
    'it does not speak TLS, so nothing was sent: switch TLS on there (ssl = on), or, only where nobody else can read what goes over that network, write sslmode=disable into DATABASE_URL',
  ],
  [
    /^\S*(?:CERT|SELF_SIGNED|UNABLE_TO_|ERR_TLS)/,
    'its certificate can not be verified, so nothing was sent: name the file of its authority by sslrootcert=PATH in DATABASE_URL, and the host as the certificate does',
  ],
  [
    /^ERR_OSSL_/,
    'a file that DATABASE_URL names by sslrootcert, sslcert or sslkey can not be used: check that each is the PEM file that it should be',
  ],
  [
    /^28000.*no encryption/,
    'it takes this user by TLS only: write sslmode=require into DATABASE_URL, or let the user in without (pg_hba.conf)',
  ],
  [
    /^(?:28P01|28000)|SASL|password must be/,
    'check the user and the password in DATABASE_URL, and that the server lets the user in (pg_hba.conf)',
  ],
  [/^3D000/, 'create the database, or name another in DATABASE_URL'],
  [/^42501/, 'let the user of DATABASE_URL connect to the database'],
]

/** Describes an error without the password, and says what to do. */
function unavailable(error: unknown, url: string): LedgerUnavailableError | LedgerSetupError {
  const { code, message } = error as { code?: string; message?: string }
  const text = `${code ?? 'no code'}: ${message || 'no answer'}`
  const what = `the PostgreSQL server of the ledger can not be used (${withoutPassword(text, url)})`
  const [, remedy] = SETUP.find(([says]) => says.test(text)) ?? []
  if (remedy !== undefined) return new LedgerSetupError(`${what}: ${remedy}`)
  const read = readPostgresAddress(url)
  const isByTls = read.ok && read.address.tls !== 'none'
  const hungUp = isByTls && /before secure TLS|Connection terminated|ECONNRESET|EPIPE/.test(text)
  return new LedgerUnavailableError(
    hungUp
      ? `${what}: it hung up where TLS begins; check that what listens at this host and port is PostgreSQL with TLS, or, only where nobody else can read what goes over that network, write sslmode=disable into DATABASE_URL`
      : `${what}: check DATABASE_URL, and that the server runs and can be reached`,
  )
}

function withoutPassword(text: string, url: string): string {
  const { password, searchParams } = new URL(url)
  const written = [
    password,
    password.replace(/%[0-9a-f]{2}/gi, (byte) => String.fromCharCode(Number.parseInt(byte.slice(1), 16))),
  ]
  return [...written, ...searchParams.getAll('password')]
    .filter((secret) => secret.length > 3)
    .reduce((safe, secret) => safe.replaceAll(secret, '[hidden]'), text)
}

/** Classes 08 and 57P of https://www.postgresql.org/docs/current/errcodes-appendix.html, and errors without a class. */
function isConnectionLoss(error: unknown): boolean {
  const { code, message } = error as { code?: unknown; message?: unknown }
  if (typeof code === 'string' && /^(08...|57P0.|25P03|E[A-Z]+)$/.test(code)) return true
  return (
    typeof message === 'string' &&
    /^(Connection terminated|Client has encountered a connection error|Query read timeout|timeout exceeded when trying to connect|Client was closed|Postgres connection has been discarded)/.test(
      message,
    )
  )
}

/**
 * Cancelled by a time-out, lock not granted, deadlock, serialization; class 53: disk full, too many connections; 25006:
 * a read-only server, as after a switch to a standby.
 */
function isRolledBack(error: unknown): boolean {
  const { code } = error as { code?: unknown }
  return typeof code === 'string' && /^(57014|55P03|40P01|40001|53...|25006)$/.test(code)
}
