import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, beforeEach, expect, inject, onTestFinished, test } from 'vitest'
import { startWechatPaySandbox, type WechatPaySandbox } from '../../src/sandbox/wechatpay/index.ts'

const TWELVE_CALLS = fileURLToPath(new URL('twelve-calls.ts', import.meta.url))
const PATH = '/v3/marketing/withdraw-favor/users/openid/coupons'

let standIn: WechatPaySandbox
let line: string

beforeAll(async () => {
  standIn = await startWechatPaySandbox({ keys: inject('wechatpayKeys') })
  line = `${JSON.stringify(standIn.info)}\n`
})
afterAll(() => standIn.close())
beforeEach(() => standIn.clearFaults())

async function run(input: string, ...args: string[]) {
  const child = spawn(process.execPath, [TWELVE_CALLS, ...args], {
    stdio: ['pipe', 'pipe', 'pipe'],
    env: { ...process.env, NODE_COMPILE_CACHE: inject('compiled') },
  })
  const ended = once(child, 'close')
  child.stdin.end(input)
  const [out, err, [code]] = await Promise.all([text(child.stdout), text(child.stderr), ended])
  return { out, err, code }
}

function answersIn(out: string): Map<number, unknown> {
  const lines = out.trimEnd().split('\n')
  return new Map(lines.map((line) => [Number(line.split(' ', 1)), JSON.parse(line.slice(line.indexOf('{')))]))
}

test("the document's twelve calls come back from the stand-in, six sends with the one coupon that six lists show", async () => {
  const { out, err, code } = await run(`\n> withdraw-coupon\n\n${line}`)
  expect([err, code]).toEqual(['', 0])

  const coupons = standIn.coupons()
  expect(coupons).toMatchObject([
    {
      openid: 'openid',
      appid: 'wxd678efh567hg6787',
      mchid: '1230000109',
      stock_id: '1304490000000059',
      send_request_no: '100002322019090134234sfdf',
    },
  ])
  const { coupon_id, expire_time } = coupons[0] ?? {}
  const page = { data: [{ coupon_id, coupon_state: 'VALID' }], limit: 10, total_count: 1 }
  const answers = answersIn(out)
  for (const call of [1, 2, 3, 4, 5, 6]) expect(answers.get(call)).toEqual({ coupon_id, expire_time })
  for (const call of [7, 8, 9, 10, 11, 12]) expect(answers.get(call)).toMatchObject(page)
  expect(answers.size).toBe(12)

  const seen = standIn
    .calls()
    .map(({ method, path, verified, status }) => [method, path, verified, status].join(' '))
  expect(seen.sort()).toEqual([
    ...Array(6).fill(`GET ${PATH} true 200`),
    ...Array(6).fill(`POST ${PATH} true 200`),
  ])
})

test('the twelve calls read a file as well, and a second run gives no second coupon', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'twelve-calls-'))
  onTestFinished(() => rm(folder, { recursive: true }))
  const file = join(folder, 'sandbox.json')
  await writeFile(file, line)
  // Unless the test before has run them.
  if (standIn.coupons().length === 0) await run(line)
  const { out, code } = await run('', file)
  expect([answersIn(out).size, code]).toEqual([12, 0])
  expect(standIn.coupons()).toHaveLength(1)
})

test('the twelve calls end with 1 when one of them is refused, and say why', async () => {
  standIn.fault({ name: 'refuse', code: 'RULE_LIMIT', match: { method: 'POST' } })
  const { err, code } = await run(line)
  expect(code).toBe(1)
  expect(err).toMatch(/RefusedError: POST .* 403 RULE_LIMIT/)
})

test('the twelve calls show each way of addressing twice for each endpoint, awaited and as a Promise', async () => {
  const source = await readFile(TWELVE_CALLS, 'utf8')
  const calls = [
    ...source.matchAll(/= (await )?wechatpay\s*(\.v3|\.chain|\['v3)[^(]*(?:\([^)]*\)\s*)?\.(post|get)\(/g),
  ]
  const shown = calls.map(([, awaited = 'Promise', way, method]) => `${method} ${way} ${awaited.trim()}`)
  const wanted = ['post', 'get'].flatMap((method) =>
    ['await', 'Promise'].flatMap((style) =>
      ['.v3', '.chain', "['v3"].map((way) => `${method} ${way} ${style}`),
    ),
  )
  expect(shown).toEqual(wanted)
})
