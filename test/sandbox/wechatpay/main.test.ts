import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readdirSync } from 'node:fs'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { type AddressInfo, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, inject, onTestFinished, test } from 'vitest'
import { readFlags, usage } from '../../../src/sandbox/wechatpay/flags.ts'
import { callerOf } from './caller.ts'

const MAIN = new URL('../../../src/sandbox/wechatpay/main.ts', import.meta.url).pathname

async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'sandbox-main-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  return folder
}

function launch(...args: string[]): ChildProcess {
  return launchIn(tmpdir(), ...args)
}

function launchIn(temporary: string, ...args: string[]): ChildProcess {
  const env = { ...process.env, TMPDIR: temporary, NODE_COMPILE_CACHE: inject('compiled') }
  const child = spawn(process.execPath, [MAIN, ...args], { stdio: ['ignore', 'pipe', 'pipe'], env })
  onTestFinished(() => {
    child.kill('SIGKILL')
  })
  return child
}

async function firstLine(child: ChildProcess): Promise<string> {
  let text = ''
  for await (const part of child.stdout ?? []) {
    text += part
    if (text.includes('\n')) break
  }
  return text
}

async function finish(child: ChildProcess): Promise<{ code: number | null; out: string; err: string }> {
  let [out, err] = ['', '']
  child.stdout?.on('data', (part) => {
    out += part
  })
  child.stderr?.on('data', (part) => {
    err += part
  })
  const [code] = await once(child, 'close')
  return { code, out, err }
}

const callFaults = ({ faults }: { faults: string[] }) => faults

test('prints one line that a client can be configured with, serves, and ends at SIGTERM', async () => {
  const folder = await temporaryFolder()
  const stocks = join(folder, 'stocks.json')
  await writeFile(stocks, JSON.stringify([{ stock_id: 'S2', quota: 500, per_user: 1 }]))
  const keys = join(folder, 'keys')
  const flags = ['--port', '0', '--keys', keys, '--mchid', '1900000001', '--appid', 'wx1', '--stock-id', 'S1']
  const child = launch(...flags, '--stocks', stocks)
  const line = await firstLine(child)
  expect(line.endsWith('}\n')).toBe(true)
  const info = JSON.parse(line)
  expect(info).toEqual({
    baseUrl: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+$/),
    mchid: '1900000001',
    appid: 'wx1',
    stockId: 'S1',
    merchantSerial: expect.stringMatching(/^[0-9A-F]{40}$/),
    platformSerial: expect.stringMatching(/^[0-9A-F]{40}$/),
    publicKeyId: expect.stringMatching(/^PUB_KEY_ID_/),
    apiV3Key: expect.stringMatching(/^.{32}$/),
    keys,
  })
  const privateKey = await readFile(join(keys, 'apiclient_key.pem'), 'utf8')
  const { issue, control } = callerOf({ info, privateKey })
  expect((await issue('A1')).status).toBe(200)
  expect((await issue('A2', { stock_id: 'S2' })).status).toBe(200)
  expect((await issue('A3', { stock_id: 'S2' })).json.code).toBe('RULE_LIMIT')
  await control('POST', '/sandbox/faults', { name: 'no-answer-after', match: { openid: 'silent' } })
  await control('POST', '/sandbox/faults', { name: 'slow', ms: 60_000, match: { openid: 'slow' } })
  const hanging = ['silent', 'slow'].map((openid) => issue(`for${openid}`, { openid }).catch(() => 'cut off'))
  const faultsOf = async () => (await control('GET', '/sandbox/calls')).json.calls.flatMap(callFaults)
  await expect.poll(async () => (await faultsOf()).sort()).toEqual(['no-answer-after', 'slow'])

  const ended = once(child, 'close')
  child.kill('SIGTERM')
  // With 1 if it waited for them.
  expect(await ended).toEqual([0, null])
  expect(await Promise.all(hanging)).toEqual(['cut off', 'cut off'])
  expect(existsSync(join(keys, 'apiclient_key.pem'))).toBe(true)
})

test('ends with the npm that started it, and lets go of its port', async () => {
  const env = {
    ...process.env,
    npm_lifecycle_event: 'sandbox:wechatpay',
    NODE: process.execPath,
    MAIN,
    NODE_COMPILE_CACHE: inject('compiled'),
  }
  const keys = inject('wechatpayKeys')
  const shell = spawn('sh', ['-c', `"$NODE" "$MAIN" --port 0 --keys ${keys}; exit`], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env,
  })
  let text = ''
  for await (const part of shell.stdout) {
    text += part
    // npm's shell, which passes no signal on.
    if (text.includes('\n')) shell.kill('SIGKILL')
  }
  // Its output is open as long as any process writes to it.
  const { baseUrl } = JSON.parse(text)
  await expect(fetch(baseUrl)).rejects.toMatchObject({ cause: { code: 'ECONNREFUSED' } })
})

test('says what is wrong with the command line and ends with 64', async () => {
  const broken = join(await temporaryFolder(), 'stocks.json')
  await writeFile(broken, '\uFEFF[{ "stock_id": "S2", "quota": "much" }]')
  const cases: [string[], string][] = [
    [['--prot', '1'], "'--prot'"],
    [['--port', '99999'], '--port takes a number from 0 to 65535, not "99999"'],
    [['--mchid', 'no spaces please'], '--mchid does not take "no spaces please"'],
    [['--stocks', broken], '0.quota: expected a whole number of fen, got "much"'],
    [['extra'], "'extra'"],
  ]
  for (const [args, says] of cases)
    await expect(readFlags(args)).rejects.toMatchObject({
      name: 'UsageError',
      message: expect.stringContaining(says),
    })
  const { code, out, err } = await finish(launch('--prot', '1'))
  expect([code, out]).toEqual([64, ''])
  expect(err).toContain("'--prot'")
  expect(err).toMatch(/\n--help lists the flags\n$/)
  expect(err).not.toContain('    at ')
})

test('says that the folder of keys is none and ends with 1', async () => {
  const file = join(await temporaryFolder(), 'keys')
  await writeFile(file, '')
  const { code, out, err } = await finish(launch('--keys', file))
  expect([code, out]).toEqual([1, ''])
  expect(err).toMatch(/^.*keys can't be used as the folder of keys: EEXIST.*\n$/)
})

test('lists its flags', async () => {
  const { code, out } = await finish(launch('--help'))
  expect([code, out]).toEqual([0, usage])
  for (const flag of ['--port', '--keys', '--mchid', '--appid', '--stock-id', '--stocks'])
    expect(out).toContain(flag)
})

test('says when the port is taken, ends with 1 and leaves no keys of its own behind', async () => {
  const first = createServer().listen(0, '127.0.0.1')
  onTestFinished(() => void first.close())
  await once(first, 'listening')
  const port = String((first.address() as AddressInfo).port)
  const temporary = await temporaryFolder()
  const { code, err } = await finish(launchIn(temporary, '--port', port))
  expect(code).toBe(1)
  expect(err).toContain(
    `port ${port} of 127.0.0.1 is in use, perhaps by a sandbox that is still running: stop that one, or choose another`,
  )
  expect(err).not.toContain('    at ')
  expect(readdirSync(temporary)).toEqual([])
})
