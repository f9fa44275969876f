import { expect, test } from 'vitest'
import { clock, openForm, startWorld, textOf, textsOf, told, transports } from './world.ts'

const OPENID = 'oUpF8uMuAJO_M2pxb1Q9zNjWeS6o'

test.concurrent.for(
  transports,
)('gives a coupon by typed words and tells the requester all of it (%s)', async (transport, {
  onTestFinished: finished,
}) => {
  const world = await startWorld({ finished, transport, now: clock().now })
  const { slack, wechatpay } = world
  const ada = slack.person('U0AGENT1')

  const form = await openForm(world, ada, `${OPENID} withdraw-10 outage SUP-12 the app was down`)
  expect(form.title.text).toBe('Give a coupon')
  expect(form.submit?.text).toBe('Give coupon')
  expect(textOf(form)).toContain('It cannot be taken back.')
  expect(textOf(form)).toContain('*Approved by itself*: the coupon is given as soon as you submit.')
  expect(form.state.values.note?.note_input?.value).toBe('the app was down')
  expect(await ada.submit()).toEqual({ kind: 'updated' })

  const message = await told(world, ada, 'Coupon issued')
  const coupon = wechatpay.coupons()[0]
  const expires = Math.floor(Date.parse(coupon?.expire_time ?? '') / 1000)
  const [grant] = world.recorded()
  const shown = [
    'Coupon issued to oUpF…jWeS6o',
    '*Fee-free withdrawal ¥10* · up to ¥10.00 free of withdrawal fee',
    `Expires <!date^${expires}^{date_short_pretty} {time}|24 Dec 2026, 14:00 (GMT+8)>`,
    'To pass on to the user:',
    'We have added a fee-free withdrawal coupon to your WeChat Pay. You can withdraw up to ¥10.00 to your bank card without a fee until 24 Dec 2026, 14:00 (GMT+8).',
    'Reason: Outage',
    'approved by the policy (small-goodwill)',
    'Ticket: SUP-12',
    `\`${coupon?.coupon_id}\``,
    `\`${grant?.id}\``,
  ]
  expect(message.text).toBe('Coupon issued to oUpF…jWeS6o')
  expect(textsOf(message)).toEqual([...shown, 'Look up this user', 'Give another'])
  await slack.waitFor(() => textOf(ada.view()).includes('Coupon issued'))
  expect(textsOf(ada.view())).toEqual(shown)
  expect(ada.dm()).toHaveLength(1)
  expect(slack.channelMessages('C0APPROVE')).toEqual([])
})

test.concurrent('gives a coupon in Chinese', async ({ onTestFinished: finished }) => {
  const world = await startWorld({ finished, now: clock().now })
  const { slack, wechatpay } = world
  const xiaoyu = slack.person('U0AGENT2')

  await xiaoyu.command('/withdraw-coupon', `发放 ${OPENID} "10 元提现免费券" 服务中断`)
  const form = await slack.waitFor(() => xiaoyu.view())
  expect(form.title.text).toBe('发放提现券')
  expect(form.submit?.text).toBe('发放')
  expect(await xiaoyu.submit()).toEqual({ kind: 'updated' })

  const message = await told(world, xiaoyu, '优惠券已发放')
  const coupon = wechatpay.coupons()[0]
  const expires = Math.floor(Date.parse(coupon?.expire_time ?? '') / 1000)
  expect(textsOf(message)).toEqual([
    '优惠券已发放给 oUpF…jWeS6o',
    '*10 元提现免费券* · 免手续费提现额度 ¥10.00',
    `有效期至 <!date^${expires}^{date_short_pretty} {time}|2026年12月24日 14:00 (GMT+8)>`,
    '可转告用户：',
    '我们已向您的微信支付账户发放一张银行提现免费券，在 2026年12月24日 14:00 (GMT+8) 之前，将零钱提现到银行卡可免手续费，免费额度最高 ¥10.00。',
    '原因：服务中断',
    '由策略自动批准（small-goodwill）',
    `\`${coupon?.coupon_id}\``,
    `\`${world.recorded()[0]?.id}\``,
    '查询该用户',
    '再发一张',
  ])
  await slack.waitFor(() => textOf(xiaoyu.view()).includes('优惠券已发放给'))
})

test.concurrent.for(
  transports,
)('records what needs an approval as waiting, for the requester and for others (%s)', async (transport, {
  onTestFinished: finished,
}) => {
  const world = await startWorld({ finished, transport, now: clock().now })
  const { slack, wechatpay } = world
  const ada = slack.person('U0AGENT1')

  const form = await openForm(world, ada, `${OPENID} withdraw-50 apology`)
  expect(form.submit?.text).toBe('Ask for approval')
  expect(textOf(form)).toContain('*Needs 1 approval* in <#C0APPROVE>.')
  expect(await ada.submit()).toEqual({ kind: 'updated' })
  expect(textOf(ada.view())).toContain('Waiting for approval: coupon to oUpF…jWeS6o')

  const message = await told(world, ada, 'Waiting for approval')
  const [title, quota, sent] = textsOf(message)
  expect(title).toBe('Waiting for approval: coupon to oUpF…jWeS6o')
  expect(quota).toBe('*Fee-free withdrawal ¥50* · up to ¥50.00 free of withdrawal fee')
  expect(sent).toMatch(/^Sent for approval to <#C0APPROVE>\. Open until <!date\^\d+\^.*\|25 Nov 2026, 14:00/)
  expect(textsOf(message)).not.toContain('Give another')

  const xiaoyu = slack.person('U0AGENT2')
  await xiaoyu.command('/withdraw-coupon', `list ${OPENID}`)
  const list = await slack.waitFor(() => xiaoyu.messages('C0SUPPORT').at(-1))
  expect(list.text).toBe('oUpF…jWeS6o 没有优惠券')
  expect(textOf(list)).toContain('*等待审批*  50 元提现免费券 · 由 <@U0AGENT1> 于')

  expect(world.recorded()).toMatchObject([{ state: 'pending', attempts: 0 }])
  expect(wechatpay.calls().filter(({ method }) => method === 'POST')).toEqual([])
})

test.concurrent('asks for approval once the policy has approved as often as it may by itself', async ({
  onTestFinished: finished,
}) => {
  const world = await startWorld({ finished, now: clock().now })
  const ada = world.slack.person('U0AGENT1')
  for (const last of ['1', '2', '3']) {
    await openForm(world, ada, `oUpF8uMuAJO_M2pxb1Q9zNjWeS6${last} withdraw-10 outage`)
    await ada.submit()
    await told(world, ada, 'Coupon issued', `NjWeS6${last}`.slice(-6))
    await ada.close()
  }
  const form = await openForm(world, ada, `${OPENID} withdraw-10 outage`)
  expect(form.submit?.text).toBe('Ask for approval')
  await ada.submit()
  await told(world, ada, 'Waiting for approval: coupon to oUpF…jWeS6o')
  expect(world.wechatpay.coupons()).toHaveLength(3)
})

test.concurrent.for(
  transports,
)('asks "another one?", gives none when that is cancelled, and one more when it is confirmed (%s)', async (transport, {
  onTestFinished: finished,
}) => {
  const world = await startWorld({ finished, transport, now: clock().now })
  const { slack, wechatpay } = world
  const xiaoyu = slack.person('U0AGENT2')
  await openForm(world, xiaoyu, `${OPENID} withdraw-10 outage`)
  await xiaoyu.submit()
  await told(world, xiaoyu, '优惠券已发放')

  const ada = slack.person('U0AGENT1')
  await openForm(world, ada, `${OPENID} withdraw-10 apology`)
  expect(await ada.submit()).toEqual({ kind: 'pushed' })
  expect(ada.view()?.title.text).toBe('Another one?')
  expect(textsOf(ada.view())[0]).toMatch(/^<@U0AGENT2> gave this user the same coupon <!date\^/)
  expect(textsOf(ada.view())[1]).toBe(
    'Give `oUpF…jWeS6o` another “Fee-free withdrawal ¥10”? It cannot be taken back.',
  )
  await ada.cancel()
  expect(ada.view()?.callback_id).toBe('give')
  expect(world.recorded()).toHaveLength(1)

  expect(await ada.submit()).toEqual({ kind: 'pushed' })
  expect(await ada.submit()).toEqual({ kind: 'updated' })
  await told(world, ada, 'Coupon issued', 'Reason: Apology')
  await slack.waitFor(() => textOf(ada.view()).includes('Coupon issued'))
  expect(wechatpay.coupons().map(({ openid }) => openid)).toEqual([OPENID, OPENID])
  expect(ada.dm()).toHaveLength(1)
  await ada.cancel()
  expect(ada.views()).toEqual([])
})

test.concurrent('opens the form filled in again by "Give another" in the message', async ({
  onTestFinished: finished,
}) => {
  const world = await startWorld({ finished, now: clock().now })
  const { slack } = world
  const ada = slack.person('U0AGENT1')
  await openForm(world, ada, `${OPENID} withdraw-10 outage SUP-12`)
  await ada.submit()
  await told(world, ada, 'Coupon issued')
  await ada.close()
  await ada.press({ actionId: 'give_another' })
  const form = await slack.waitFor(() => ada.view())
  expect(form.state.values.openid?.openid_input?.value).toBe(OPENID)
  expect(form.state.values.stock?.stock_select?.selected_option?.value).toBe('withdraw-10')
  expect(form.state.values.ticket?.ticket_input?.value).toBe('SUP-12')
  expect(await ada.submit()).toEqual({ kind: 'pushed' })
})

test.concurrent('tells why WeChat Pay refuses, and what to do', async ({ onTestFinished: finished }) => {
  const world = await startWorld({ finished, now: clock().now })
  const { slack, wechatpay } = world
  const ada = slack.person('U0AGENT1')
  wechatpay.fault({ name: 'refuse', code: 'USER_ACCOUNT_ABNORMAL' })
  await openForm(world, ada, `${OPENID} withdraw-10 outage`)
  await ada.submit()
  const message = await told(world, ada, 'Refused by WeChat Pay')
  expect(textsOf(message)[2]).toBe(
    'WeChat Pay refused: this user’s WeChat Pay account is not in order. The user can see why in WeChat Pay, or ask WeChat Pay’s support. Nothing was given.',
  )
  await slack.waitFor(() => textOf(ada.view()).includes('Refused by WeChat Pay'))
  expect(wechatpay.coupons()).toEqual([])
})
