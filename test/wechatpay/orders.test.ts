import { inspect } from 'node:util'
import { afterAll, beforeAll, expect, inject, test } from 'vitest'
import { startWechatPaySandbox, type WechatPaySandbox } from '../../src/sandbox/wechatpay/index.ts'
import {
  createWechatPay,
  InvalidCallError,
  NoAnswerError,
  RefusedError,
  SetupError,
  UnexpectedAnswerError,
  type WechatPay,
} from '../../src/wechatpay/index.ts'

const OPENID = 'oUpF8uMuAJO_M2pxb1Q9zNjWeS6o'
const PAID = '4200001234202611030000008812'
let sandbox: WechatPaySandbox
let client: WechatPay
/** What the client logged. */
const log: unknown[] = []

beforeAll(async () => {
  sandbox = await startWechatPaySandbox({
    keys: inject('wechatpayKeys'),
    orders: [
      {
        openid: OPENID,
        total: 3500,
        transaction_id: PAID,
        out_trade_no: 'SHOP|2026_1*',
        paid_at: '2026-11-03T14:02:00+08:00',
        complaint: { complaint_id: '200201820261103000000000077', detail: '没有发货' },
      },
      { openid: OPENID, total: 200, out_trade_no: 'UNPAID1', state: 'NOTPAY' },
      {
        openid: OPENID,
        transaction_id: '4200000000000000000000000002',
        sub_mchid: '1900007777',
        sub_appid: 'wxsubsubsubsub1234',
        sub_openid: 'oSub_uMuAJO_M2pxb1Q9zNjWeS6o',
      },
    ],
  })
  const { baseUrl, mchid, merchantSerial, publicKeyId } = sandbox.info
  const note = (fields: object, message: string) => void log.push(fields, message)
  client = createWechatPay({
    mchid,
    merchantSerial,
    privateKey: sandbox.privateKey,
    publicKey: { id: publicKeyId, pem: sandbox.publicKey },
    baseUrls: [baseUrl],
    logger: { debug: note, info: note, warn: note, error: note },
  })
})
afterAll(async () => {
  await client.close()
  await sandbox.close()
})

const ofMerchant = () => ({ mchid: sandbox.info.mchid })
const failure = (work: Promise<unknown>) =>
  work.then(
    () => expect.fail('it was answered'),
    (error: unknown) => error as Error,
  )

test('reads an order by its transaction id, by each of the three ways', async () => {
  const input = { transaction_id: PAID, query: ofMerchant() }
  const answers = [
    await client.v3.pay.transactions.id._transaction_id_.get(input),
    await client.chain('v3/pay/transactions/id/{transaction_id}').get(input),
    await client['v3/pay/transactions/id/{transaction_id}'].get(input),
  ]
  for (const answer of answers)
    expect(answer).toEqual({
      appid: sandbox.info.appid,
      mchid: sandbox.info.mchid,
      out_trade_no: 'SHOP|2026_1*',
      transaction_id: PAID,
      trade_state: 'SUCCESS',
      success_time: '2026-11-03T14:02:00+08:00',
      amount: { total: 3500, currency: 'CNY' },
      payer: { openid: OPENID },
    })
})

test("reads an order by the merchant's own number, whose odd characters are signed as they are sent", async () => {
  const paid = await client.v3.pay.transactions.outTradeNo._out_trade_no_.get({
    out_trade_no: 'SHOP|2026_1*',
    query: ofMerchant(),
  })
  expect(paid.payer?.openid).toBe(OPENID)
  const unpaid = await client['v3/pay/transactions/out-trade-no/{out_trade_no}'].get({
    out_trade_no: 'UNPAID1',
    query: ofMerchant(),
  })
  expect(unpaid.trade_state).toBe('NOTPAY')
  expect(unpaid.payer).toBeUndefined()
})

test("reads an order of a service provider's merchant, with both openids", async () => {
  const order = await client['v3/pay/partner/transactions/id/{transaction_id}'].get({
    transaction_id: '4200000000000000000000000002',
    query: { sp_mchid: sandbox.info.mchid, sub_mchid: '1900007777' },
  })
  expect(order).toMatchObject({
    sp_appid: sandbox.info.appid,
    sub_appid: 'wxsubsubsubsub1234',
    payer: { sp_openid: OPENID, sub_openid: 'oSub_uMuAJO_M2pxb1Q9zNjWeS6o' },
  })
})

test('reads a complaint and lists complaints, without the phone number that is in the answer', async () => {
  const one = await client.v3.merchantService.complaintsV2._complaint_id_.get({
    complaint_id: '200201820261103000000000077',
  })
  expect(one).toMatchObject({
    payer_openid: OPENID,
    complaint_state: 'PENDING',
    complaint_order_info: [{ transaction_id: PAID, out_trade_no: 'SHOP|2026_1*', amount: 3500 }],
  })
  expect(one).not.toHaveProperty('payer_phone')
  const page = await client['v3/merchant-service/complaints-v2'].get({
    query: { begin_date: '2026-11-01', end_date: '2026-11-30' },
  })
  // A list tells no openid.
  const { payer_openid: _, ...listed } = one
  expect(page).toMatchObject({ total_count: 1, data: [listed] })
})

test('refuses by name an order that is not there, and tells nobody which number was asked for', async () => {
  log.length = 0
  const transaction_id = '4200009999999999999999999999'
  const missing = await failure(
    client['v3/pay/transactions/id/{transaction_id}'].get({ transaction_id, query: ofMerchant() }),
  )
  expect(missing).toBeInstanceOf(RefusedError)
  expect(missing).toMatchObject({ code: 'ORDER_NOT_EXIST', status: 404, mayHaveBeenExecuted: false })
  const complaint = await failure(
    client['v3/merchant-service/complaints-v2/{complaint_id}'].get({ complaint_id: transaction_id }),
  )
  expect(complaint).toMatchObject({ code: 'RESOURCE_NOT_EXISTS' })
  sandbox.fault({ name: 'refuse', code: 'PARAM_ERROR', message: `输入源"${transaction_id}"映射失败` })
  const refused = await failure(
    client['v3/pay/transactions/id/{transaction_id}'].get({ transaction_id, query: ofMerchant() }),
  )
  expect(refused.message).toContain('映射失败')
  for (const error of [missing, complaint, refused])
    expect(inspect(error, { depth: 9 })).not.toContain('4200009999')
  expect(inspect(log, { depth: 9 })).not.toContain('4200009999')
})

test("can't read the order of another merchant, nor one without the appid that its openid belongs to", async () => {
  const input = { transaction_id: PAID, query: { mchid: '1900000001' } }
  expect(await failure(client['v3/pay/transactions/id/{transaction_id}'].get(input))).toBeInstanceOf(
    SetupError,
  )
  sandbox.fault({ name: 'odd-answer', top: { appid: null } })
  const odd = await failure(
    client['v3/pay/transactions/id/{transaction_id}'].get({ transaction_id: PAID, query: ofMerchant() }),
  )
  expect(odd).toBeInstanceOf(UnexpectedAnswerError)
  sandbox.fault({ name: 'server-error', times: 3 })
  const down = await failure(
    client['v3/pay/transactions/id/{transaction_id}'].get({ transaction_id: PAID, query: ofMerchant() }),
  )
  expect(down).toBeInstanceOf(NoAnswerError)
})

test('sends nothing for a number that can be none', async () => {
  for (const work of [
    client['v3/pay/transactions/out-trade-no/{out_trade_no}'].get({
      out_trade_no: 'a/b/c/d',
      query: ofMerchant(),
    }),
    client['v3/pay/transactions/id/{transaction_id}'].get({ transaction_id: '', query: ofMerchant() }),
    client['v3/merchant-service/complaints-v2/{complaint_id}'].get({ complaint_id: '..' }),
  ]) {
    expect(await failure(work)).toBeInstanceOf(InvalidCallError)
  }
})
