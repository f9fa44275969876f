import { execFileSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Writable } from 'node:stream'
import { fileURLToPath } from 'node:url'
import { expect, onTestFinished, test } from 'vitest'
import { createLogger, type LogOptions } from '../src/logger.ts'

const openid = 'oUpF8uMuAJO_M2pxb1Q9zNjWeS6o'
const botToken = 'xoxb-1111-2222-canary'
const privateKey = `-----BEGIN ${'PRIVATE'} KEY-----\nMIIcanary\n-----END ${'PRIVATE'} KEY-----\n`

function logging(options: Partial<LogOptions> = {}) {
  const lines: string[] = []
  const destination = new Writable({
    write(chunk, _, done) {
      lines.push(String(chunk))
      done()
    },
  })
  const logger = createLogger({ level: 'info', pretty: false, destination, ...options })
  return { logger, lines, last: () => JSON.parse(lines.at(-1) ?? '{}') }
}

test('writes JSON lines with the level as a word and the time in UTC', () => {
  const { logger, last } = logging()
  logger.child({ grantId: 'G1' }).info({ attempt: 2 }, 'issued')
  expect(last()).toMatchObject({ level: 'info', grantId: 'G1', attempt: 2, msg: 'issued' })
  expect(last().time).toMatch(/^\d{4}-\d\d-\d\dT.*Z$/)
})

test('leaves out what is below its level', () => {
  const { logger, lines } = logging({ level: 'warn' })
  logger.info('nothing to see')
  expect(lines).toEqual([])
})

test('shortens openids under their key, at any of the depths in use', () => {
  const { logger, last } = logging()
  const odd = 'test_user-0001'
  logger.info({ openid: odd, call: { openid: odd, body: { openid: odd, more: { openid: odd } } } }, 'x')
  expect(JSON.stringify(last())).not.toContain(odd)
  expect(last().call.body.more.openid).toBe('te…001')
})

test('leaves an openid that is short already as it is', () => {
  const { logger, last } = logging()
  logger.info({ openid: 'oUpF…jWeS6o' }, 'x')
  expect(last().openid).toBe('oUpF…jWeS6o')
})

test('shortens openids in bindings of a child, in messages, addresses and errors', () => {
  const { logger, lines } = logging()
  logger.child({ openid }).info(`called /users/${openid}/coupons?openid=${openid}`)
  logger.error({ err: new Error(`no answer for ${openid}`, { cause: new Error(openid) }) }, 'failed')
  expect(lines.join('')).not.toContain(openid)
  expect(lines[0]).toContain('/users/oUpF…jWeS6o/coupons')
  expect(lines[1]).toContain('no answer for oUpF…jWeS6o')
})

test('hides what secret keys hold, whatever it is', () => {
  const { logger, lines } = logging()
  logger.info({ token: ['canary'], request: { headers: { authorization: 'canary', cookie: 'canary' } } }, 'x')
  logger.child({ password: 'canary' }).info({ config: { slack: { signingSecret: 'canary' } } }, 'x')
  expect(lines.join('')).not.toContain('canary')
})

/** As `pg` throws it. */
function rowError(): Error {
  return Object.assign(new Error('duplicate key value violates unique constraint "grants_one"'), {
    severity: 'ERROR',
    code: '23505',
    detail: 'Key (appid, openid)=(wx1, canary-openid) already exists.',
    where: 'COPY grants, line 1: "canary"',
    internalQuery: "select 'canary'",
    table: 'grants',
  })
}

test('hides what PostgreSQL says of a row, in errors within errors under any key', () => {
  const { logger, lines, last } = logging()
  const nested = new Error('outer', { cause: new Error('inner', { cause: rowError() }) })
  const all = new AggregateError([rowError(), new AggregateError([nested, rowError()])], 'all of them')
  logger.error({ err: rowError() }, 'x')
  expect(last().err).toMatchObject({ code: '23505', table: 'grants', detail: '[hidden]', where: '[hidden]' })
  logger.error({ err: nested }, 'x')
  logger.error({ err: all }, 'x')
  logger.error({ error: rowError(), failures: [{ of: { reason: rowError() } }] }, 'x')
  logger.child({ last: { of: { all: { four: { five: rowError() } } } } }).error(rowError())
  logger.error(
    Object.assign(new Error('x'), { original: Object.assign(new Error('y'), { parameters: ['canary'] }) }),
  )
  logger.error(rowError().message.concat(': ', 'Key (openid, note)=(canary, "a (canary) b") already exists.'))
  logger.error('Failing row contains (1, canary, "canary").')
  expect(lines.join('')).not.toContain('canary')
  expect(lines).toHaveLength(8)
})

test('hides secret keys at any depth and in any way of writing', () => {
  const { logger, lines, last } = logging()
  const deep = {
    a: { b: { c: { d: { e: [{ bot_token: 'canary', 'Set-Cookie': 'canary', PASSWORD: 'canary' }] } } } },
  }
  logger.info(
    { ...deep, err: Object.assign(new Error('x'), { request: { headers: { Authorization: 'canary' } } }) },
    'x',
  )
  logger.info({ a: { b: { c: { d: { openid: 'test_user-0001' } } } } }, 'x')
  expect(lines.join('')).not.toMatch(/canary|test_user-0001/)
  expect(last().a.b.c.d.openid).toBe('te…001')
})

test('hides tokens, private keys and signatures by their form', () => {
  const { logger, lines } = logging()
  logger.warn(`posted with ${botToken} and xapp-1-A1-canary`)
  logger.warn({ err: new Error(`bad key ${privateKey}`) }, 'x')
  logger.warn({ header: 'WECHATPAY2-SHA256-RSA2048 mchid="1",signature="canary=="' }, 'x')
  expect(lines.join('')).not.toContain('canary')
  expect(lines).toHaveLength(3)
})

test('hides given secrets wherever they turn up, quotes and line breaks included', () => {
  const secret = 'so "very"\nsecret'
  const { logger, lines, last } = logging({ secrets: [secret, 'so ', 'abcd1234'] })
  logger.info({ detail: { text: `[${secret}]` }, other: 'abcd1234' }, secret)
  expect(lines.join('')).not.toMatch(/very|secret|abcd1234/)
  expect(last()).toMatchObject({ detail: { text: '[[hidden]]' }, other: '[hidden]', msg: '[hidden]' })
})

test('writes readable lines for a terminal, as safe as the others', () => {
  const { logger, lines } = logging({ pretty: true })
  logger.info({ openid, grantId: 'G1' }, `with ${botToken}`)
  const text = lines.join('')
  expect(text).toContain('grantId')
  expect(() => JSON.parse(text)).toThrow()
  expect(text).not.toContain(openid)
  expect(text).not.toContain(botToken)
})

test('writes JSON lines at a terminal where pino-pretty is not installed', () => {
  const folder = mkdtempSync(join(tmpdir(), 'logger-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const root = fileURLToPath(new URL('..', import.meta.url))
  for (const path of ['package.json', 'src/logger.ts', 'src/domain'])
    cpSync(join(root, path), join(folder, path), { recursive: true })
  mkdirSync(join(folder, 'node_modules'))
  for (const name of ['pino', 're2js'])
    symlinkSync(join(root, 'node_modules', name), join(folder, 'node_modules', name))
  const script = `import { createLogger } from './src/logger.ts'
    createLogger({ level: 'info', pretty: true }).info('plain')`
  const written = execFileSync(process.execPath, ['--input-type=module', '-e', script], { cwd: folder })
  expect(JSON.parse(String(written))).toMatchObject({ level: 'info', msg: 'plain' })
})
