import { expect, test } from 'vitest'
import { startWorld, textOf, told, transports } from './world.ts'

const OPENID = 'oUpF8uMuAJO_M2pxb1Q9zNjWeS6o'

test.each(transports)('gives a coupon and then lists it (%s)', async (transport) => {
  const world = await startWorld({ transport })
  const { slack, wechatpay } = world
  const ada = slack.person('U0AGENT1')

  await ada.command('/withdraw-coupon', 'send')
  await slack.waitFor(() => ada.view()?.callback_id === 'give')
  ada.fill({
    openid_input: OPENID,
    stock_select: 'withdraw-10',
    reason_select: 'outage',
    ticket_input: 'SUP-12',
  })
  expect(await ada.submit()).toEqual({ kind: 'updated' })

  const message = await told(world, ada, 'Issued · ¥10 · oUpF…jWeS6o')
  const [coupon, ...others] = wechatpay.coupons()
  expect(others).toEqual([])
  expect(coupon).toMatchObject({ openid: OPENID, stock_id: '1304490000000059' })
  const expires = Math.floor(Date.parse(coupon?.expire_time ?? '') / 1000)
  expect(textOf(message)).toContain(`<!date^${expires}^`)
  await slack.waitFor(() => textOf(ada.view()).includes(`<!date^${expires}^`))
  expect(ada.dm()).toHaveLength(1)

  await ada.command('/withdraw-coupon', `list ${OPENID}`)
  const list = await slack.waitFor(() => ada.messages('C0SUPPORT').at(-1))
  expect(list.onlyFor).toBe('U0AGENT1')
  expect(textOf(list)).toContain('1 usable · ¥10.00 left · oUpF…jWeS6o')
  expect(textOf(list)).toContain(`<!date^${expires}^`)
  expect(textOf(list)).toMatch(/<@U0AGENT1> · .*Outage/)
})
