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
