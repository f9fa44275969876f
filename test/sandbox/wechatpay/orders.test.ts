import { expect, test } from 'vitest'
import { isSigned, OPENID, openSandbox } from './caller.ts'

const order = (mchid: string, id: string) => `/v3/pay/transactions/id/${id}?mchid=${mchid}`

test('answers an order with every field of the document', async () => {
  const { sandbox, call, control } = await openSandbox()
  const planted = await control('POST', '/sandbox/orders', {
    openid: OPENID,
    total: 3500,
    paid_at: '2026-11-03T14:02:00+08:00',
  })
  expect(planted.status).toBe(201)
  const { transaction_id, out_trade_no } = planted.json
  expect(transaction_id).toMatch(/^42\d{26}$/)
  const { mchid, appid } = sandbox.info
  const reply = await call('GET', order(mchid, transaction_id))
  expect(isSigned(sandbox, reply)).toBe(true)
  expect(reply.json).toEqual({
    appid,
    mchid,
    out_trade_no,
    transaction_id,
    trade_type: 'JSAPI',
    trade_state: 'SUCCESS',
    trade_state_desc: '支付成功',
    bank_type: 'OTHERS',
    attach: '',
    success_time: '2026-11-03T14:02:00+08:00',
    payer: { openid: OPENID },
    amount: { total: 3500, payer_total: 3500, currency: 'CNY', payer_currency: 'CNY' },
    scene_info: { device_id: '013467007045764' },
    promotion_detail: [],
  })
  const byOwn = await call('GET', `/v3/pay/transactions/out-trade-no/${out_trade_no}?mchid=${mchid}`)
  expect(byOwn.json).toEqual(reply.json)
  expect((await control('GET', '/sandbox/orders')).json.orders).toHaveLength(1)
})

test('tells neither payer nor payment of an order that was not paid, and knows no order of others', async () => {
  const { sandbox, call } = await openSandbox()
  const { mchid } = sandbox.info
  sandbox.order({ openid: OPENID, out_trade_no: 'UNPAID1', state: 'NOTPAY' })
  const unpaid = await call('GET', `/v3/pay/transactions/out-trade-no/UNPAID1?mchid=${mchid}`)
  expect(unpaid.json).toMatchObject({ trade_state: 'NOTPAY', trade_state_desc: '订单未支付' })
  for (const field of ['payer', 'transaction_id', 'success_time'])
    expect(unpaid.json).not.toHaveProperty(field)
  const others = sandbox.order({ openid: OPENID, mchid: '1900000001' })
  const replies = [
    await call('GET', order(mchid, others.transaction_id)),
    await call('GET', order('1900000001', others.transaction_id)),
    await call('GET', order(mchid, '')),
    await call('GET', order('', others.transaction_id)),
  ]
  expect(replies.map(({ status, json }) => [status, json?.code])).toEqual([
    [404, 'ORDER_NOT_EXIST'],
    [403, 'NO_AUTH'],
    [404, undefined],
    [400, 'PARAM_ERROR'],
  ])
})

test('answers a complaint about several orders with every field of the document', async () => {
  const { sandbox, call } = await openSandbox()
  const complaint = { complaint_id: '2002018', detail: '没有发货', times: 2 }
  const paid_at = '2026-11-03T14:02:00+08:00'
  const first = sandbox.order({ openid: OPENID, total: 3500, complaint, paid_at })
  const second = sandbox.order({ openid: 'somebody', total: 100, state: 'REFUND', complaint, paid_at })
  const reply = await call('GET', '/v3/merchant-service/complaints-v2/2002018')
  expect(reply.json).toEqual({
    complaint_id: '2002018',
    complaint_time: '2026-11-03T15:02:00.000+08:00',
    complaint_detail: '没有发货',
    complaint_state: 'PENDING',
    complainted_mchid: sandbox.info.mchid,
    payer_phone: expect.stringMatching(/^[\w+/]{340,}={0,2}$/),
    payer_openid: OPENID,
    complaint_order_info: [first, second].map(({ transaction_id, out_trade_no, total }) => ({
      transaction_id,
      out_trade_no,
      amount: total,
    })),
    complaint_full_refunded: false,
    incoming_user_response: true,
    user_complaint_times: 2,
    complaint_media_list: [],
    problem_description: '服务问题',
    problem_type: 'OTHERS',
    apply_refund_amount: 0,
    user_tag_list: [],
    service_order_info: [],
    additional_info: { type: 'SHARE_POWER_TYPE', share_power_info: {} },
    in_platform_service: false,
    need_immediate_service: false,
  })
  expect((await call('GET', '/v3/merchant-service/complaints-v2/2009')).json.code).toBe('RESOURCE_NOT_EXISTS')
  const days = 'begin_date=2026-11-01&end_date=2026-11-30'
  const list = await call('GET', `/v3/merchant-service/complaints-v2?${days}&limit=5&offset=0`)
  expect(list.json).toMatchObject({ total_count: 1, limit: 5, offset: 0 })
  expect((await call('GET', '/v3/merchant-service/complaints-v2')).json.code).toBe('PARAM_ERROR')
})

test('tells what is wrong with an order', async () => {
  const { control } = await openSandbox()
  const wrong = await control('POST', '/sandbox/orders', { openid: OPENID, total: 0.5, state: 'LOST' })
  expect(wrong.status).toBe(400)
  expect(wrong.json.message).toMatch(/total: .*state: /)
  expect((await control('GET', '/sandbox/orders')).json.orders).toEqual([])
})
