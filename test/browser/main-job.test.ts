import { expect } from 'vitest'
import { startDesk, test } from './desk.ts'
import { giveCoupon, OPENID } from './stories.ts'

test('gives a coupon by typing and clicking, is told of it, and sees it in the list', async ({ open }) => {
  const world = await startDesk()
  const ada = await open(world, 'U0AGENT1')
  await giveCoupon(ada)
  const [coupon, ...others] = world.wechatpay.coupons()
  expect(others).toEqual([])
  expect(coupon).toMatchObject({ openid: OPENID, stock_id: '1304490000000059' })

  await ada.page.getByRole('link', { name: 'Withdraw Coupon 1 unread' }).waitFor()
  await ada.go('Withdraw Coupon')
  const told = ada.message('Issued · ¥10 · oUpF…jWeS6o', 'SUP-12')
  await told.waitFor()
  await ada.page.getByRole('link', { name: 'Withdraw Coupon', exact: true }).waitFor()
  await ada.chooseMore('Look up this user', { on: told })

  await ada.go('support')
  await ada.command(`list ${OPENID}`)
  const list = ada.message('Only visible to you', 'oUpF…jWeS6o', '1 usable')
  await list.getByText('1 usable · ¥10.00 left').waitFor()
  await list.getByText(/@Ada · .*Outage/).waitFor()
})

test('speaks Chinese to those whose Slack does, from the command to the coupon', async ({ open }) => {
  const world = await startDesk()
  const xiaoyu = await open(world, 'U0AGENT2')
  await xiaoyu.command('发放')
  await xiaoyu.fill({
    '用户标识（openid）': OPENID,
    提现免费券: '50 元提现免费券',
    发放原因: '致歉',
    备注: '抱歉让您久等 <b>',
  })
  await xiaoyu.modal.getByText('需 1 人审批').waitFor()
  await xiaoyu.press('提交审批')
  await xiaoyu.modal.getByText('批准之前不会发放').waitFor()
  await xiaoyu.press('关闭')

  const wanglei = await open(world, 'U0LEAD2', { route: { channel: 'C0APPROVE' } })
  const card = wanglei.message('等待审批', '@林小雨 · 致歉', '抱歉让您久等 <b>')
  await wanglei.press('批准', { on: card, confirm: '批准' })
  await wanglei.message('仅您可见', '您已批准').waitFor()
  await wanglei.message('已发放', '@王磊').waitFor()
  await xiaoyu.go('Withdraw Coupon')
  await xiaoyu.message('已发放 · ¥50 · oUpF…jWeS6o', '50 元以内免手续费').waitFor()
  expect(await xiaoyu.page.locator('html').getAttribute('lang')).toBe('zh-CN')
  expect(world.wechatpay.coupons()).toHaveLength(1)
})
