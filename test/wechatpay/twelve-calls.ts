/**
 * Calls the two endpoints for withdraw-favor coupons in each of the three ways to address them, each awaited (the
 * document's synchronous style) and as a bare Promise (its asynchronous one): twelve calls.
 *
 *   npm run -s sandbox:wechatpay | npm run -s twelve-calls
 *   npm run -s twelve-calls sandbox.json      a file with the output of `npm run sandbox:wechatpay`
 *
 * Repeating the same `send_request_no` with the same body is the same request: six sends, one coupon.
 */
import { createReadStream } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { createInterface } from 'node:readline'
import { createWechatPay, WechatPayError } from '../../src/wechatpay/index.ts'

const sandbox = await readSandboxLine(process.argv[2])

const wechatpay = createWechatPay({
  mchid: sandbox.mchid,
  merchantSerial: sandbox.merchantSerial,
  privateKey: await readFile(`${sandbox.keys}/apiclient_key.pem`, 'utf8'),
  publicKey: {
    id: sandbox.publicKeyId,
    pem: await readFile(`${sandbox.keys}/pub_key.pem`, 'utf8'),
  },
  baseUrls: [sandbox.baseUrl],
})

// Send a coupon: POST /v3/marketing/withdraw-favor/users/{openid}/coupons

const first = await wechatpay.v3.marketing.withdrawFavor.users._openid_.coupons.post({
  openid: 'openid',
  json: {
    mchid: '1230000109',
    stock_id: '1304490000000059',
    appid: 'wxd678efh567hg6787',
    send_request_no: '100002322019090134234sfdf',
  },
})
print(1, first)

const second = await wechatpay.chain('v3/marketing/withdraw-favor/users/{openid}/coupons').post({
  openid: 'openid',
  json: {
    mchid: '1230000109',
    stock_id: '1304490000000059',
    appid: 'wxd678efh567hg6787',
    send_request_no: '100002322019090134234sfdf',
  },
})
print(2, second)

const third = await wechatpay['v3/marketing/withdraw-favor/users/{openid}/coupons'].post({
  openid: 'openid',
  json: {
    mchid: '1230000109',
    stock_id: '1304490000000059',
    appid: 'wxd678efh567hg6787',
    send_request_no: '100002322019090134234sfdf',
  },
})
print(3, third)

const fourth = wechatpay.v3.marketing.withdrawFavor.users._openid_.coupons
  .post({
    openid: 'openid',
    json: {
      mchid: '1230000109',
      stock_id: '1304490000000059',
      appid: 'wxd678efh567hg6787',
      send_request_no: '100002322019090134234sfdf',
    },
  })
  .then((issued) => print(4, issued))
  .catch((error) => fail(4, error))

const fifth = wechatpay
  .chain('v3/marketing/withdraw-favor/users/{openid}/coupons')
  .post({
    openid: 'openid',
    json: {
      mchid: '1230000109',
      stock_id: '1304490000000059',
      appid: 'wxd678efh567hg6787',
      send_request_no: '100002322019090134234sfdf',
    },
  })
  .then((issued) => print(5, issued))
  .catch((error) => fail(5, error))

const sixth = wechatpay['v3/marketing/withdraw-favor/users/{openid}/coupons']
  .post({
    openid: 'openid',
    json: {
      mchid: '1230000109',
      stock_id: '1304490000000059',
      appid: 'wxd678efh567hg6787',
      send_request_no: '100002322019090134234sfdf',
    },
  })
  .then((issued) => print(6, issued))
  .catch((error) => fail(6, error))

// List a user's coupons of a stock: GET /v3/marketing/withdraw-favor/users/{openid}/coupons
// Without `offset`, the page: the document does not say which number the first page has. `allCoupons` finds out.

const seventh = await wechatpay.v3.marketing.withdrawFavor.users._openid_.coupons.get({
  openid: 'openid',
  query: { mchid: '1230000109', stock_id: '1304490000000059', appid: 'wxd678efh567hg6787', limit: 10 },
})
print(7, seventh)

const eighth = await wechatpay.chain('v3/marketing/withdraw-favor/users/{openid}/coupons').get({
  openid: 'openid',
  query: { mchid: '1230000109', stock_id: '1304490000000059', appid: 'wxd678efh567hg6787', limit: 10 },
})
print(8, eighth)

const ninth = await wechatpay['v3/marketing/withdraw-favor/users/{openid}/coupons'].get({
  openid: 'openid',
  query: { mchid: '1230000109', stock_id: '1304490000000059', appid: 'wxd678efh567hg6787', limit: 10 },
})
print(9, ninth)

const tenth = wechatpay.v3.marketing.withdrawFavor.users._openid_.coupons
  .get({
    openid: 'openid',
    query: { mchid: '1230000109', stock_id: '1304490000000059', appid: 'wxd678efh567hg6787', limit: 10 },
  })
  .then((page) => print(10, page))
  .catch((error) => fail(10, error))

const eleventh = wechatpay
  .chain('v3/marketing/withdraw-favor/users/{openid}/coupons')
  .get({
    openid: 'openid',
    query: { mchid: '1230000109', stock_id: '1304490000000059', appid: 'wxd678efh567hg6787', limit: 10 },
  })
  .then((page) => print(11, page))
  .catch((error) => fail(11, error))

const twelfth = wechatpay['v3/marketing/withdraw-favor/users/{openid}/coupons']
  .get({
    openid: 'openid',
    query: { mchid: '1230000109', stock_id: '1304490000000059', appid: 'wxd678efh567hg6787', limit: 10 },
  })
  .then((page) => print(12, page))
  .catch((error) => fail(12, error))

await Promise.all([fourth, fifth, sixth, tenth, eleventh, twelfth])
await wechatpay.close()

function print(call: number, answer: object): void {
  process.stdout.write(`${call} ${JSON.stringify(answer)}\n`)
}

/** After a failure one question matters: may a coupon have been issued anyway? */
function fail(call: number, error: unknown): void {
  const open = error instanceof WechatPayError && error.mayHaveBeenExecuted
  process.stderr.write(`${call} ${String(error)}${open ? ' (it may have been executed)' : ''}\n`)
  process.exitCode = 1
}

/** Reads the one line of JSON that the stand-in prints, from a file or from standard input. */
async function readSandboxLine(file: string | undefined) {
  const input = file === undefined || file === '-' ? process.stdin : createReadStream(file)
  for await (const line of createInterface({ input })) {
    if (!line.startsWith('{')) continue
    input.destroy()
    return JSON.parse(line) as Record<'mchid' | 'merchantSerial' | 'publicKeyId' | 'keys' | 'baseUrl', string>
  }
  throw new Error('give the line that `npm run sandbox:wechatpay` prints, in a file or on standard input')
}
