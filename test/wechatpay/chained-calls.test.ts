import { inspect } from 'node:util'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createWechatPay, InvalidCallError, type WechatPay } from '../../src/wechatpay/index.ts'
import {
  type AnsweringServer,
  answerSigned,
  ISSUED,
  JSON_BODY,
  OPENID,
  optionsFor,
  QUERY,
  startAnswering,
} from './answering-server.ts'

const PATH = 'v3/marketing/withdraw-favor/users/{openid}/coupons'
let server: AnsweringServer
let client: WechatPay

beforeAll(async () => {
  server = await startAnswering((_, response) => answerSigned(response, 200, ISSUED))
  client = createWechatPay(optionsFor(server.url))
})
afterAll(async () => {
  await client.close()
  await server.close()
})

/** The client as code without types sees it. */
// biome-ignore lint/suspicious/noExplicitAny: what has no types is what is tested
const untyped = () => client as any

test('sends the same request by each of the three ways', async () => {
  const input = { openid: 'o1', json: JSON_BODY }
  await client.v3.marketing.withdrawFavor.users._openid_.coupons.post(input)
  await client.chain(PATH).post(input)
  await client[PATH].post(input)
  const [first, ...others] = server.requests.splice(0).map(({ method, url, body }) => ({ method, url, body }))
  expect(first).toEqual({
    method: 'POST',
    url: '/v3/marketing/withdraw-favor/users/o1/coupons',
    body: JSON.stringify(JSON_BODY),
  })
  expect(others).toEqual([first, first])
})

test('sends nothing when the client or a part of it is awaited, printed, compared or inspected', async () => {
  const coupons = client.v3.marketing.withdrawFavor.users._openid_.coupons
  const parts = [client, client.v3, client.v3.marketing, coupons, client.chain(PATH), client[PATH]]
  const unknown = [untyped().v4, untyped().v3.nothing.here, untyped().chain('v3/nothing')]
  for (const part of [...parts, ...unknown]) {
    expect(await part).toBe(part)
    expect(await Promise.resolve(part)).toBe(part)
    expect(await Promise.all([part])).toEqual([part])
    expect(String(part)).toBe('[object Object]')
    expect(`${part}`).toBe('[object Object]')
    expect(JSON.stringify({ part })).toMatch(/^\{"part":\{/)
    expect(inspect(part, { depth: 9, showHidden: true })).toMatch(/^(\[Object|\{)/)
    expect(inspect(part, { showProxy: true })).toContain('Proxy')
    expect(() => expect(part).toEqual({ something: 'else' })).toThrow(/something/)
    expect(Object.keys(part)).not.toContain('then')
    for (const name of ['then', 'toJSON', 'inspect', 'asymmetricMatch', 'nodeType', ''])
      expect(part[name]).toBeUndefined()
    expect(part[Symbol.iterator]).toBeUndefined()
  }
  // A call that went out by accident would be on its way still: this one is behind it.
  await client[PATH].post({ openid: 'o1', json: JSON_BODY })
  expect(server.requests.splice(0)).toHaveLength(1)
})

test.each<[string, () => Promise<unknown>, RegExp]>([
  [
    'a path nobody knows',
    () => untyped().chain('v3/pay/transactions').post({}),
    /no endpoint v3\/pay\/transactions; there are: v3/,
  ],
  [
    'such a path by its name',
    () => untyped()['v3/pay/transactions'].get({}),
    /no endpoint v3\/pay\/transactions/,
  ],
  ['a chain that ends too early', () => untyped().v3.marketing.post({}), /no endpoint v3\/marketing;/],
  [
    'a mistyped chain',
    () => untyped().v3.marketing.withdrawFavour.users._openid_.coupons.post({}),
    /no endpoint v3\/marketing\/withdraw-favour\/users\/\{openid\}\/coupons/,
  ],
  ['a chain that goes on too far', () => untyped()[PATH].more.get({}), /no endpoint .*coupons\/more/],
  [
    'a method the endpoint does not have',
    () => untyped()[PATH].delete({}),
    /has no delete; it has: post, get/,
  ],
  ['no input', () => untyped()[PATH].post(), /openid is missing.*json is missing|json.*missing/],
  ['no openid', () => untyped()[PATH].post({ json: JSON_BODY }), /openid is missing/],
  [
    'an unknown field',
    () => untyped()[PATH].post({ openid: 'o1', json: JSON_BODY, headers: {} }),
    /headers is not a field of this call/,
  ],
  [
    'an unknown field of the body',
    () => untyped()[PATH].post({ openid: 'o1', json: { ...JSON_BODY, coupon_value: 1 } }),
    /json\.coupon_value is not a field/,
  ],
  [
    'a query where a body belongs',
    () => untyped()[PATH].post({ openid: 'o1', query: QUERY }),
    /query is not a field of this call.*json is missing/,
  ],
  ['a path that is no text', () => untyped().chain(undefined).post({}), /no endpoint undefined/],
  ['a path that has no text', () => untyped().chain(Object.create(null)).post({}), /no endpoint object/],
])('refuses %s before anything is sent', async (_, call, words) => {
  const error = await call().then(
    () => expect.fail('it was sent'),
    (error) => error,
  )
  expect(error).toBeInstanceOf(InvalidCallError)
  expect(error).toMatchObject({ name: 'InvalidCallError', mayHaveBeenExecuted: false })
  expect(error.message).toMatch(words)
  expect(server.requests).toEqual([])
})

test('does not take for a path what every object has', async () => {
  await expect(untyped().chain('constructor').post({})).rejects.toThrow(/^no endpoint constructor; there are/)
})

test('does not repeat an openid that was put into the path by hand', async () => {
  const filled = PATH.replace('{openid}', OPENID)
  for (const endpoint of [
    untyped().chain(filled),
    untyped()[filled],
    untyped().v3.users[OPENID.replaceAll('-', '')],
  ]) {
    const error = await endpoint.post({}).catch((error: Error) => error)
    expect(error.message).toMatch(/^no endpoint v3\/(marketing\/withdraw-favor\/)?users\/…/)
    expect(error.message.toLowerCase()).not.toContain('2882656')
  }
  expect(server.requests).toEqual([])
})

test('knows paths, methods and fields by their types', () => {
  // Never run: the type checker is the one that is asked.
  const neverRun = async (typed: WechatPay) => {
    // @ts-expect-error no such path
    await typed.chain('v3/pay/transactions')
    // @ts-expect-error no such branch
    await typed.v3.marketing.withdrawFavour
    // @ts-expect-error no such method
    await typed[PATH].delete({ openid: 'o1' })
    // @ts-expect-error no openid
    await typed[PATH].post({ json: JSON_BODY })
    // @ts-expect-error no body
    await typed[PATH].post({ openid: 'o1' })
    // @ts-expect-error a field that the API does not have
    await typed[PATH].post({ openid: 'o1', json: { ...JSON_BODY, coupon_value: 1 } })
    // @ts-expect-error a field is missing
    await typed[PATH].post({ openid: 'o1', json: { mchid: '1', appid: '2', stock_id: '3' } })
    // @ts-expect-error a query where a body belongs
    await typed[PATH].post({ openid: 'o1', query: QUERY })
    // @ts-expect-error a page is a number
    await typed[PATH].get({ openid: 'o1', query: { ...QUERY, offset: '1' } })
    const issued: { coupon_id: string; expire_time?: string | undefined } = await typed[PATH].post({
      openid: 'o1',
      json: JSON_BODY,
    })
    // @ts-expect-error the answer has no such field
    void issued.send_time
    const { data } = await typed.v3.marketing.withdrawFavor.users._openid_.coupons.get({
      openid: 'o1',
      query: QUERY,
    })
    const quota: number | undefined = data[0]?.send_quota
    void quota
  }
  expect(neverRun).toBeTypeOf('function')
})
