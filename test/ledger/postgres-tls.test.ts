import dns from 'node:dns'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { TLSSocket } from 'node:tls'
import { beforeEach, expect, onTestFinished, test, vi } from 'vitest'
import { backUp, openLedger, restore } from '../../src/ledger/ledger.ts'
import { certificateOf } from '../wechatpay/tls-server.ts'
import { openOn, placeOn } from './engines.ts'
import { record } from './grants.ts'

/** Both names lead here; for the app they are machines elsewhere. */
const [HOST, OTHER] = ['ledger.example', 'other.example']
beforeEach(() => {
  const lookup = (_: string, options: { all?: boolean }, done: (...all: unknown[]) => void) =>
    options.all ? done(null, [{ address: '127.0.0.1', family: 4 }]) : done(null, '127.0.0.1', 4)
  vi.spyOn(dns, 'lookup').mockImplementation(lookup as typeof dns.lookup)
  onTestFinished(() => void vi.restoreAllMocks())
})

/** The address of a database on a machine elsewhere, in the clear unless a port of a server with TLS is given. */
async function placeElsewhere(port?: number) {
  const place = await placeOn('postgres')
  const url = new URL(place.url)
  url.hostname = HOST
  if (port !== undefined) url.port = String(port)
  return { url: url.href, password: url.password, port: Number(new URL(place.url).port) }
}

/** A server that speaks TLS before the real one, as a database service does. @returns what came in the clear, too */
async function startTlsBefore(port: number, name: string) {
  const { key, cert } = certificateOf(name)
  const sockets: Socket[] = []
  let clear = ''
  const server = createServer((socket) => {
    sockets.push(socket.on('error', () => {}))
    socket.once('data', (request) => {
      clear += request.toString('latin1')
      // The request for TLS: https://www.postgresql.org/docs/current/protocol-message-formats.html
      if (request.readInt32BE(4) !== 80_877_103) return void socket.destroy()
      const inside = new TLSSocket(socket, { isServer: true, key, cert }).on('error', () => {})
      socket.write('S')
      const onward = connect(port, '127.0.0.1').on('error', () => {})
      sockets.push(onward)
      inside.pipe(onward).pipe(inside)
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const folder = mkdtempSync(join(tmpdir(), 'tls-'))
  const ca = join(folder, 'ca.pem')
  writeFileSync(ca, cert)
  onTestFinished(async () => {
    for (const socket of sockets) socket.destroy()
    server.close()
    await once(server, 'close')
    rmSync(folder, { recursive: true })
  })
  return { port: (server.address() as AddressInfo).port, ca, clear: () => clear }
}

async function open(url: string) {
  const ledger = await openLedger({ url })
  onTestFinished(() => ledger.close())
  return ledger
}
const failure = (work: Promise<unknown>) =>
  work.then(
    () => expect.fail('it was done'),
    (error) => error,
  )

test('speaks TLS to a server elsewhere without being told, and believes the authority that is named', async () => {
  const there = await placeElsewhere()
  const before = await startTlsBefore(there.port, HOST)
  const url = there.url.replace(`:${there.port}/`, `:${before.port}/`)
  const ledger = await open(`${url}?sslrootcert=${before.ca}`)
  const { id } = await record(ledger)
  expect((await ledger.grant(id))?.id).toBe(id)
  expect((await open(`${url}?sslmode=require&sslrootcert=${before.ca}`)).engine).toBe('postgres')
  expect((await open(`${url}?sslmode=no-verify`)).engine).toBe('postgres')
})

test.each([
  ['whose certificate nobody vouches for', HOST, () => ''],
  ['whose certificate is of another name', OTHER, (ca: string) => `?sslrootcert=${ca}`],
  ['whose certificate nobody vouches for, with sslmode=require', HOST, () => '?sslmode=require'],
])('tells nothing to a server %s', async (_, name, more) => {
  const there = await placeElsewhere()
  const before = await startTlsBefore(there.port, name)
  const url = `${there.url.replace(`:${there.port}/`, `:${before.port}/`)}${more(before.ca)}`
  const error = await failure(openLedger({ url }))
  expect(error).toMatchObject({ name: 'LedgerSetupError' })
  expect(error.message).toMatch(
    /its certificate can not be verified, so nothing was sent: .*sslrootcert=PATH/,
  )
  expect(error.message).not.toContain(there.password)
  expect(before.clear()).toHaveLength(8)
})

test('tells nothing to a server elsewhere that speaks no TLS, unless sslmode=disable says so', async () => {
  const { url } = await placeElsewhere()
  const error = await failure(openLedger({ url }))
  expect(error).toMatchObject({ name: 'LedgerSetupError' })
  expect(error.message).toMatch(/does not speak TLS, so nothing was sent: .*sslmode=disable/)
  expect((await open(`${url}?sslmode=disable`)).engine).toBe('postgres')
})

test('holds a backup and a restore to the same', async () => {
  const { url } = await placeElsewhere()
  const folder = mkdtempSync(join(tmpdir(), 'tls-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const file = join(folder, 'copy.sqlite')
  expect((await failure(backUp({ url, file }))).message).toContain('sslmode=disable')
  const { url: from, ledger } = await openOn('sqlite')
  await record(ledger)
  await backUp({ url: from, file })
  expect((await failure(restore({ url, file }))).message).toContain('sslmode=disable')
  expect((await restore({ url: `${url}?sslmode=disable`, file })).rows.grants).toBe(1)
})

test('says which file of an address can not be read', async () => {
  const error = await failure(openLedger({ url: `postgres://me:canary@${HOST}/x?sslrootcert=/no/such.pem` }))
  expect(error.name).toBe('LedgerSetupError')
  expect(error.message).toBe(
    'the file of sslrootcert in DATABASE_URL can not be read (ENOENT): check its path',
  )
})

test('says of an authority that is none which file it is', async () => {
  const there = await placeElsewhere()
  const before = await startTlsBefore(there.port, HOST)
  writeFileSync(before.ca, 'not a certificate')
  const url = there.url.replace(`:${there.port}/`, `:${before.port}/`)
  const error = await failure(openLedger({ url: `${url}?sslrootcert=${before.ca}` }))
  expect(error).toMatchObject({ name: 'LedgerSetupError' })
  expect(error.message).toContain('sslrootcert')
})

test.each([
  ['at once', (socket: Socket) => void socket.destroy()],
  ['in the handshake', (socket: Socket) => void socket.write('S', () => socket.destroy())],
])('says of a server elsewhere that hangs up %s that TLS was wanted', async (_, hangUp) => {
  const server = createServer(
    (socket) => void socket.on('error', () => {}).once('data', () => hangUp(socket)),
  )
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => void server.close())
  const { port } = server.address() as AddressInfo
  const error = await failure(openLedger({ url: `postgres://me:canary@${HOST}:${port}/x` }))
  expect(error).toMatchObject({ name: 'LedgerUnavailableError' })
  expect(error.message).toMatch(/hung up where TLS begins.*sslmode=disable/)
  expect(error.message).not.toContain('canary')
})

test('says what a person must put right: the password, the user, the database, what the user may do', async () => {
  const place = await placeOn('postgres')
  const changed = (change: (url: URL) => void) => {
    const url = new URL(place.url)
    change(url)
    return failure(openLedger({ url: url.href }))
  }
  const password = await changed((url) => {
    url.password = 'canary'
  })
  expect(password).toMatchObject({ name: 'LedgerSetupError', message: expect.stringContaining('28P01') })
  expect(password.message).toMatch(/check the user and the password in DATABASE_URL/)
  expect(password.message).not.toContain('canary')
  const none = await changed((url) => {
    url.password = ''
  })
  expect(none).toMatchObject({ name: 'LedgerSetupError', message: expect.stringContaining('the password') })
  const database = await changed((url) => {
    url.pathname = '/nowhere'
  })
  expect(database).toMatchObject({ name: 'LedgerSetupError', message: expect.stringContaining('3D000') })
  expect(database.message).toMatch(/create the database, or name another in DATABASE_URL/)
  await place.sql("create role stranger login password 'stranger-canary'")
  onTestFinished(async () => void (await place.sql('drop role stranger')))
  const forbidden = await changed((url) => {
    url.username = 'stranger'
    url.password = 'stranger-canary'
  })
  expect(forbidden).toMatchObject({ name: 'LedgerSetupError', message: expect.stringContaining('42501') })
  expect(forbidden.message).toMatch(/let the user of DATABASE_URL make tables/)
})
