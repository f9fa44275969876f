import { test } from 'vitest'
import { startCustomerLookup } from '../../src/sandbox/customer-lookup.ts'
import { en } from '../../src/slack/blocks/words/en/index.ts'
import { zhCN } from '../../src/slack/blocks/words/zh-cn/index.ts'
import { createWorld, examplePolicy, formOf, textOf, textsOf, type World } from './world.ts'

const OPENID = 'oUpF8uMuAJO_M2pxb1Q9zNjWeS6o'
const OTHER = 'oUpF8uT4vKe_R7mLs2WdYb0JnCxQ'
const PAID = '4200001234202611030000008812'
const COMPLAINT = '200201820261103000000000077'
const PHONE = '13800005678'

/** The example policy with an app, a merchant's look-up, an order and a complaint. */
async function start(
  finished: (end: () => void | Promise<void>) => void,
  policy = examplePolicy,
): Promise<World> {
  const world = await createWorld({ finished, policy })
  const { appid } = world.wechatpay.info
  const lookup = await startCustomerLookup({
    customers: [
      { numbers: { phone: PHONE }, openid: OPENID, appid, label: 'L*** Xiaoyu' },
      { numbers: { phone: PHONE, user: PHONE }, openid: OTHER, appid, label: 'A***' },
    ],
  })
  finished(() => lookup.close())
  Object.assign(world.env, { CUSTOMER_LOOKUP_SECRET: lookup.secret, CUSTOMER_LOOKUP_URL: lookup.url })
  world.wechatpay.order({
    openid: OPENID,
    total: 3500,
    transaction_id: PAID,
    paid_at: '2026-11-03T14:02:00+08:00',
  })
  world.wechatpay.order({ openid: OPENID, total: 990, complaint: { complaint_id: COMPLAINT } })
  world.wechatpay.order({ openid: OPENID, total: 500, out_trade_no: 'SHOP20261103000002', state: 'NOTPAY' })
  await world.start()
  return world
}

/** What a person was answered last in the channel, once it is of this text. */
function answered({ slack }: World, person: string, text: string) {
  return slack.waitFor(
    () =>
      slack
        .person(person)
        .messages('C0SUPPORT')
        .findLast((message) => textOf(message).includes(text)),
    { what: `an answer with “${text}”` },
  )
}

test.concurrent('leads from an order that was typed instead of an openid to a coupon, and keeps how', async ({
  expect,
  onTestFinished: finished,
}) => {
  const world = await start(finished)
  const { slack } = world
  const ada = slack.person('U0AGENT1')
  await ada.command('/withdraw-coupon', `send ${PAID} withdraw-50 outage the parcel was late`, {
    channel: 'C0SUPPORT',
  })
  const found = await answered(world, 'U0AGENT1', '4200…8812')
  expect(textOf(found)).toContain('Paid ¥35.00')
  expect(textOf(found)).toContain('oUpF…jWeS6o')
  expect(textsOf(found).join()).not.toContain(OPENID)
  await ada.press({ messageTs: found.ts, actionId: 'use_found' })
  const form = await formOf(world, ada)
  expect(form.state.values.openid?.openid_input?.value).toBe(OPENID)
  expect(form.state.values.note?.note_input?.value).toBe('the parcel was late')
  await ada.submit()
  const card = await slack.waitFor(() => slack.person('U0LEAD1').messages('C0APPROVE').at(-1), {
    what: 'the approval card',
  })
  // In the language of the channel.
  expect(textOf(card)).toContain('用户：订单 4200…8812 的付款人')
  expect(textOf(card)).toContain('¥35.00')
  const dm = await slack.waitFor(() => ada.dm().at(-1), { what: 'the message to the requester' })
  expect(textOf(dm)).toContain('User: who paid order 4200…8812')
  expect(JSON.stringify(world.log)).not.toContain(PAID)
})

test.concurrent('shows several users of one phone, and says that nobody has a number', async ({
  expect,
  onTestFinished: finished,
}) => {
  const world = await start(finished)
  const { slack } = world
  const lin = slack.person('U0AGENT2')
  await lin.command('/withdraw-coupon', `查找 手机号 ${PHONE}`, { channel: 'C0SUPPORT' })
  const found = await answered(world, 'U0AGENT2', '找到 2 位用户')
  expect(textOf(found)).toContain(zhCN.find.several)
  expect(textOf(found)).toContain('A\\*\\*\\*'.replaceAll('\\', ''))
  await lin.command('/withdraw-coupon', '查找 someone-77', { channel: 'C0SUPPORT' })
  const which = await answered(world, 'U0AGENT2', '没有找到使用该')
  expect(textOf(which)).toContain('用户编号')
})

test.concurrent('leads from a complaint to a coupon in four clicks, beside what was typed in the form already', async ({
  expect,
  onTestFinished: finished,
}) => {
  const world = await start(finished)
  const { slack } = world
  const ada = slack.person('U0AGENT1')
  await ada.command('/withdraw-coupon', 'send')
  await formOf(world, ada)
  // A number of a kind that is known goes along.
  await ada.fill({
    openid_input: COMPLAINT,
    stock_select: 'withdraw-10',
    reason_select: 'outage',
    note_input: 'sorry',
  })
  expect(await ada.submit()).toMatchObject({ kind: 'errors', errors: { openid: en.find.pressFind } })
  await ada.press({ actionId: 'find_user' })
  const asks = await slack.waitFor(() => (ada.view()?.callback_id === 'find' ? ada.view() : null))
  expect(asks.state.values.find_kind?.find_kind_radio?.selected_option?.value).toBe('complaint')
  expect(asks.state.values.find_number?.find_number_input?.value).toBe(COMPLAINT)
  expect(await ada.submit()).toEqual({ kind: 'updated' })
  // On a slow machine the view says first that it looks.
  const found = await slack.waitFor(() => (ada.view()?.callback_id === 'found' ? ada.view() : null))
  expect(textOf(found)).toContain('Paid ¥9.90')
  expect(textOf(found)).toContain('oUpF…jWeS6o')
  expect(await ada.submit()).toEqual({ kind: 'closed' })
  const form = ada.view()
  expect(form?.callback_id).toBe('give')
  expect(JSON.stringify(form?.state.values)).toContain(OPENID)
  expect(form?.state.values.note?.note_input?.value).toBe('sorry')
  expect(textOf(form)).toContain('User: who paid the order of complaint 2002…0077')
  await ada.submit()
  await slack.waitFor(() => (world.recorded()[0]?.state === 'issued' ? true : null), { what: 'the coupon' })
  expect(world.recorded()).toMatchObject([{ openid: OPENID }])
  const dm = await slack.waitFor(() => ada.dm().at(-1), { what: 'the message to the requester' })
  expect(textOf(dm)).toContain('complaint 2002…0077')
})

test.concurrent('keeps a number that leads to nobody in the view, and forgets how a user was found once the openid is another', async ({
  expect,
  onTestFinished: finished,
}) => {
  const world = await start(finished)
  const { slack } = world
  const ada = slack.person('U0AGENT1')
  await ada.command('/withdraw-coupon', 'send')
  await formOf(world, ada)
  await ada.press({ actionId: 'find_user' })
  await slack.waitFor(() => (ada.view()?.callback_id === 'find' ? ada.view() : null))
  await ada.fill({ find_kind_radio: 'merchant-order', find_number_input: 'SHOP20261103000002' })
  const unpaid = en.find.noAnswer.unpaid('waiting for payment')
  const refused = await ada.submit()
  await slack.waitFor(() => (JSON.stringify([refused, ada.view()]).includes(unpaid) ? true : null))
  expect(ada.view()?.callback_id).toBe('find')
  await ada.fill({ find_kind_radio: 'phone', find_number_input: PHONE })
  expect(await ada.submit()).toEqual({ kind: 'updated' })
  await slack.waitFor(() => (textOf(ada.view()).includes(en.find.several) ? true : null))
  await ada.fill({ find_match_radio: '1' })
  expect(await ada.submit()).toEqual({ kind: 'closed' })
  expect(JSON.stringify(ada.view()?.state.values)).toContain(OTHER)
  expect(textOf(ada.view())).toContain('User: found by Phone number …678')
  await ada.fill({ openid_input: OPENID, stock_select: 'withdraw-10', reason_select: 'outage' })
  await slack.waitFor(() => (textOf(ada.view()).includes('User:') ? null : true), {
    what: 'a form without how',
  })
  await ada.submit()
  await slack.waitFor(() => (world.recorded()[0]?.state === 'issued' ? true : null), { what: 'the coupon' })
  const dm = await slack.waitFor(() => ada.dm().at(-1), { what: 'the message to the requester' })
  expect(textOf(dm)).not.toContain('User:')
})

test.concurrent('says why nobody is found, and records nothing that nobody asked for', async ({
  expect,
  onTestFinished: finished,
}) => {
  const world = await start(finished)
  const { slack } = world
  const ada = slack.person('U0AGENT1')
  const type = (text: string) => ada.command('/withdraw-coupon', text, { channel: 'C0SUPPORT' })
  await type('find SHOP20261103000002')
  await answered(world, 'U0AGENT1', en.find.noAnswer.unpaid('waiting for payment'))
  await type('find 4200009999999999999999999999')
  await answered(world, 'U0AGENT1', 'WeChat Pay knows no such')
  await type('find !')
  await answered(world, 'U0AGENT1', 'This doesn’t look like any number that users can be found by')
  await type('find 手机号：138')
  await answered(world, 'U0AGENT1', en.find.malformed('Phone number', null))
  await type('find 订单 420000')
  await answered(world, 'U0AGENT1', en.find.which)
  await type('find order')
  await answered(world, 'U0AGENT1', en.find.numberMissing('WeChat Pay order'))
  await type('find')
  await answered(world, 'U0AGENT1', 'Users are found here by')
  await type(`list ${COMPLAINT}`)
  const found = await answered(world, 'U0AGENT1', '2002…0077')
  await ada.press({ messageTs: found.ts, actionId: 'look_up_found' })
  await answered(world, 'U0AGENT1', `${en.list.title.none} · oUpF…jWeS6o`)
  expect(world.recorded()).toEqual([])
})

test.concurrent('asks which kind a number is of that fits two, and keeps what was typed beside it', async ({
  expect,
  onTestFinished: finished,
}) => {
  const fitsTwo = examplePolicy.replace(
    / {4}user: .*/,
    () => "    user: { en: User id, zh-CN: 用户编号, pattern: '^1\\d+$' }",
  )
  const world = await start(finished, fitsTwo)
  const ada = world.slack.person('U0AGENT1')
  await ada.command('/withdraw-coupon', `send ${PHONE} withdraw-10 outage`, { channel: 'C0SUPPORT' })
  const which = await answered(world, 'U0AGENT1', en.find.which)
  await ada.press({ messageTs: which.ts, actionId: 'find_as_1' })
  const found = await answered(world, 'U0AGENT1', 'oUpF…0JnCxQ')
  // In the place of the question.
  expect(textOf(ada.messages('C0SUPPORT').at(-1))).not.toContain(en.find.which)
  await ada.press({ messageTs: found.ts, actionId: 'use_found' })
  expect(await formOf(world, ada)).toMatchObject({
    state: {
      values: {
        openid: { openid_input: { value: OTHER } },
        stock: { stock_select: { selected_option: { value: 'withdraw-10' } } },
        reason: { reason_select: { selected_option: { value: 'outage' } } },
      },
    },
  })
  expect(world.recorded()).toEqual([])
})

test.concurrent.for([
  ['was refunded', { state: 'REFUND' }, en.find.refunded],
  [
    'was paid under another appid',
    { appid: 'wxother00000000000' },
    en.find.noAnswer.otherAppid('wxother00000000000'),
  ],
  ['is another merchant’s', { mchid: '1900000001' }, 'WeChat Pay knows no such'],
  [
    'was called off after it was paid',
    { state: 'REVOKED' },
    en.find.noAnswer.unpaid(en.find.noAnswer.states.REVOKED),
  ],
  ['was closed', { state: 'CLOSED' }, en.find.noAnswer.unpaid(en.find.noAnswer.states.CLOSED)],
] as const)('says of an order that it %s', async ([, spec, says], { expect, onTestFinished: finished }) => {
  const world = await start(finished)
  const ada = world.slack.person('U0AGENT1')
  const { transaction_id } = world.wechatpay.order({ openid: OTHER, ...spec })
  await ada.command('/withdraw-coupon', `find ${transaction_id}`, { channel: 'C0SUPPORT' })
  const told = await answered(world, 'U0AGENT1', says)
  const offers = JSON.stringify(told.blocks).includes('use_found')
  expect(offers).toBe('state' in spec && spec.state === 'REFUND')
  expect(world.recorded()).toEqual([])
})
