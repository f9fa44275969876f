import { expect, test } from 'vitest'
import { isSigned, OPENID, openSandbox } from './caller.ts'

const orderPath = (mchid: string, id: string) => `/v3/pay/transactions/id/${id}?mchid=${mchid}`

const str = 'string'
const num = 'number'
/** The fields of each document, with their types. */
const order = {
  out_trade_no: str,
  trade_state: str,
  trade_state_desc: str,
  attach: str,
  amount: { total: num, payer_total: num, currency: str, payer_currency: str },
  scene_info: { device_id: str },
  promotion_detail: [
    {
      coupon_id: str,
      name: str,
      scope: str,
      type: str,
      amount: num,
      stock_id: str,
      wechatpay_contribute: num,
      merchant_contribute: num,
      other_contribute: num,
      currency: str,
      goods_detail: [
        { goods_id: str, quantity: num, unit_price: num, discount_amount: num, goods_remark: str },
      ],
    },
  ],
  transaction_id: str,
  trade_type: str,
  bank_type: str,
  success_time: str,
}
const direct = { appid: str, mchid: str, ...order, payer: { openid: str } }
const partner = {
  ...{ sp_appid: str, sp_mchid: str, sub_appid: str, sub_mchid: str, ...order },
  payer: { sp_openid: str, sub_openid: str },
}
const complaint = {
  complaint_id: str,
  complaint_time: str,
  complaint_detail: str,
  complaint_state: str,
  complainted_mchid: str,
  payer_phone: str,
  complaint_order_info: [{ transaction_id: str, out_trade_no: str, amount: num }],
  service_order_info: [{ order_id: str, out_order_no: str, state: str }],
  complaint_media_list: [{ media_type: str, media_url: [str] }],
  complaint_full_refunded: 'boolean',
  incoming_user_response: 'boolean',
  problem_description: str,
  user_complaint_times: num,
  problem_type: str,
  apply_refund_amount: num,
  user_tag_list: [str],
  additional_info: {
    type: str,
    share_power_info: {
      return_time: str,
      return_address_info: { return_address: str, longitude: str, latitude: str },
      is_returned_to_same_machine: 'boolean',
    },
  },
  in_platform_service: 'boolean',
  need_immediate_service: 'boolean',
}
const coupon = { send_time: str, send_quota: num, coupon_id: str, use_quota: num, coupon_state: str }

/** What stands where, by its type. */
function shapeOf(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(shapeOf)
  if (typeof value !== 'object') return typeof value
  return value && Object.fromEntries(Object.entries(value).map(([name, one]) => [name, shapeOf(one)]))
}

const transactions = '/v3/pay/transactions'
const partnerTransactions = '/v3/pay/partner/transactions'
const complaints = '/v3/merchant-service/complaints-v2'
const users = '/v3/marketing/withdraw-favor/users'
test.each([
  ['an order by WeChat Pay’s number', `${transactions}/id/42001?mchid={mchid}`, direct],
  ['an order by the merchant’s number', `${transactions}/out-trade-no/SHOP-1_%7C*?mchid={mchid}`, direct],
  [
    'an order of a provider’s merchant',
    `${partnerTransactions}/id/42002?sp_mchid={mchid}&sub_mchid=1900000109`,
    partner,
  ],
  [
    'the same by its own number',
    `${partnerTransactions}/out-trade-no/PARTNER1?sp_mchid={mchid}&sub_mchid=1900000109`,
    partner,
  ],
  ['a complaint', `${complaints}/200201`, { ...complaint, payer_openid: str }],
  [
    'complaints, without their openids',
    `${complaints}?begin_date=2026-11-01&end_date=2026-11-30&limit=1&offset=0`,
    { data: [complaint], limit: num, offset: num, total_count: num },
  ],
  [
    'coupons',
    `${users}/${OPENID}/coupons?mchid={mchid}&stock_id={stock}&appid={appid}`,
    { data: [coupon], offset: num, limit: num, total_count: num },
  ],
])('answers %s with every field of the document', async (_, path, shape) => {
  const { sandbox, call } = await openSandbox()
  const { mchid, appid, stockId } = sandbox.info
  const paid_at = '2026-11-03T14:02:00+08:00'
  sandbox.order({
    ...{ openid: OPENID, total: 3500, discount: 600, paid_at, transaction_id: '42001' },
    ...{ out_trade_no: 'SHOP-1_|*', complaint: { complaint_id: '200201' } },
  })
  sandbox.order({
    ...{ openid: OPENID, total: 3500, discount: 600, transaction_id: '42002', out_trade_no: 'PARTNER1' },
    ...{ sub_mchid: '1900000109', sub_appid: 'wxsub', sub_openid: 'oSub' },
  })
  const json = { mchid, appid, stock_id: stockId, send_request_no: '1' }
  const issued = await call('POST', `${users}/${OPENID}/coupons`, { json })
  expect(shapeOf(issued.json)).toEqual({ coupon_id: str, expire_time: str })
  const asked = path.replace('{mchid}', mchid).replace('{stock}', stockId).replace('{appid}', appid)
  const reply = await call('GET', asked)
  expect([reply.status, isSigned(sandbox, reply)]).toEqual([200, true])
  expect(shapeOf(reply.json)).toEqual(shape)
})

test('tells who paid how much of an order, and when', async () => {
  const { sandbox, call, control } = await openSandbox()
  const planted = await control('POST', '/sandbox/orders', {
    ...{ openid: OPENID, total: 3500, discount: 500, paid_at: '2026-11-03T14:02:00+08:00' },
  })
  expect(planted.status).toBe(201)
  const { transaction_id, out_trade_no } = planted.json
  expect(transaction_id).toMatch(/^42\d{26}$/)
  const { mchid, appid } = sandbox.info
  const reply = await call('GET', orderPath(mchid, transaction_id))
  expect(reply.json).toMatchObject({
    ...{ appid, mchid, out_trade_no, transaction_id, trade_state: 'SUCCESS', trade_state_desc: '支付成功' },
    success_time: '2026-11-03T14:02:00+08:00',
    payer: { openid: OPENID },
    amount: { total: 3500, payer_total: 3000, currency: 'CNY', payer_currency: 'CNY' },
    promotion_detail: [{ amount: 500, merchant_contribute: 500 }],
  })
  const byOwn = await call('GET', `${transactions}/out-trade-no/${out_trade_no}?mchid=${mchid}`)
  expect(byOwn.json).toEqual(reply.json)
  expect((await control('GET', '/sandbox/orders')).json.orders).toHaveLength(1)
})

test('tells neither payer nor payment of an order that was not paid, and knows no order of others', async () => {
  const { sandbox, call } = await openSandbox()
  const { mchid } = sandbox.info
  sandbox.order({ openid: OPENID, out_trade_no: 'UNPAID1', state: 'NOTPAY' })
  const unpaid = await call('GET', `/v3/pay/transactions/out-trade-no/UNPAID1?mchid=${mchid}`)
  expect(unpaid.json).toMatchObject({ trade_state: 'NOTPAY', trade_state_desc: '订单未支付' })
  for (const field of ['payer', 'transaction_id', 'success_time', 'trade_type', 'bank_type'])
    expect(unpaid.json).not.toHaveProperty(field)
  const others = sandbox.order({ openid: OPENID, mchid: '1900000001' })
  const replies = [
    await call('GET', orderPath(mchid, others.transaction_id)),
    await call('GET', orderPath('1900000001', others.transaction_id)),
    await call('GET', orderPath(mchid, '')),
    await call('GET', orderPath('', others.transaction_id)),
  ]
  expect(replies.map(({ status, json }) => [status, json?.code])).toEqual([
    [404, 'ORDER_NOT_EXIST'],
    [403, 'NO_AUTH'],
    [404, undefined],
    [400, 'PARAM_ERROR'],
  ])
})

test('tells what a complaint about several orders says, and lists it by its day', async () => {
  const { sandbox, call } = await openSandbox()
  const about = { complaint_id: '2002018', detail: '没有发货', times: 2 }
  const paid_at = '2026-11-03T14:02:00+08:00'
  const first = sandbox.order({ openid: OPENID, total: 3500, complaint: about, paid_at })
  const second = sandbox.order({ openid: 'other', total: 100, state: 'REFUND', complaint: about, paid_at })
  const reply = await call('GET', `${complaints}/2002018`)
  expect(reply.json).toMatchObject({
    complaint_time: '2026-11-03T14:02:00.000+08:00',
    ...{ complaint_detail: '没有发货', complaint_state: 'PENDING', user_complaint_times: 2 },
    complainted_mchid: sandbox.info.mchid,
    payer_phone: expect.stringMatching(/^[\w+/]{340,}={0,2}$/),
    payer_openid: OPENID,
    complaint_order_info: [first, second].map(({ transaction_id, out_trade_no, total }) => ({
      transaction_id,
      out_trade_no,
      amount: total,
    })),
    complaint_full_refunded: false,
  })
  expect((await call('GET', `${complaints}/2009`)).json.code).toBe('RESOURCE_NOT_EXISTS')
  const list = await call('GET', `${complaints}?begin_date=2026-11-04&end_date=2026-11-30`)
  expect(list.json).toEqual({ data: [], total_count: 0, limit: 10, offset: 0 })
  expect((await call('GET', complaints)).json.code).toBe('PARAM_ERROR')
})

test('refuses numbers that no order can have', async () => {
  const { sandbox, call } = await openSandbox()
  const { mchid } = sandbox.info
  const paths = [
    `${transactions}/out-trade-no/SHOP1?mchid=${mchid}`,
    `${transactions}/out-trade-no/SHOP%201?mchid=${mchid}`,
    `${partnerTransactions}/out-trade-no/${'A'.repeat(33)}?sp_mchid=${mchid}&sub_mchid=1900000109`,
    orderPath(mchid, '42-1'),
    orderPath(mchid, '%E4%BA'),
    orderPath(mchid, '4'.repeat(32)),
  ]
  const replies = await Promise.all(paths.map((path) => call('GET', path)))
  expect(replies.map(({ json }) => [json.code, json.detail?.location, json.detail?.field])).toEqual([
    ['PARAM_ERROR', 'path', 'out_trade_no'],
    ['PARAM_ERROR', 'path', 'out_trade_no'],
    ['PARAM_ERROR', 'path', 'out_trade_no'],
    ['PARAM_ERROR', 'path', 'transaction_id'],
    ['PARAM_ERROR', 'path', 'transaction_id'],
    ['ORDER_NOT_EXIST', undefined, undefined],
  ])
})

test('lists a complaint about an order that was just paid, late in the evening', async () => {
  const evening = '2026-11-03T23:40:00+08:00'
  const { sandbox, call } = await openSandbox({ now: () => Date.parse(evening) })
  sandbox.order({ openid: OPENID, complaint: { complaint_id: '2002018' } })
  const list = await call('GET', `${complaints}?begin_date=2026-11-03&end_date=2026-11-03`)
  expect(list.json.data).toMatchObject([{ complaint_time: '2026-11-03T23:40:00.000+08:00' }])
})

test.each([
  ['limit', '0'],
  ['limit', '51'],
  ['limit', '1.5'],
  ['offset', '-1'],
  ['offset', 'x'],
  ['begin_date', '2026-11-31'],
  ['end_date', '2026-10-31'],
  ['end_date', '2026-12-02'],
])('lists no complaints by a %s of %s', async (field, value) => {
  const { call } = await openSandbox()
  const query = new URLSearchParams({ begin_date: '2026-11-01', end_date: '2026-12-01' })
  expect((await call('GET', `${complaints}?${query}`)).status).toBe(200)
  query.set(field, value)
  const refused = await call('GET', `${complaints}?${query}`)
  expect([refused.status, refused.json.code, refused.json.detail?.field]).toEqual([400, 'PARAM_ERROR', field])
})

test('tells what is wrong with an order', async () => {
  const { control } = await openSandbox()
  const wrong = await control('POST', '/sandbox/orders', { openid: OPENID, total: 0.5, state: 'LOST' })
  expect(wrong.status).toBe(400)
  expect(wrong.json.message).toMatch(/total: .*state: /)
  const free = await control('POST', '/sandbox/orders', { openid: OPENID, total: 100, discount: 100 })
  expect(free.json.message).toContain('discount: expected less than the total')
  expect((await control('GET', '/sandbox/orders')).json.orders).toEqual([])
})
