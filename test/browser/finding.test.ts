import { expect } from 'vitest'
import { startDesk, test } from './desk.ts'
import { englishPolicy, OPENID } from './stories.ts'

const COMPLAINT = '200201820261103000000000077'

test.for([
  { width: 1280, height: 800 },
  { width: 390, height: 780 },
])('leads from a complaint to a coupon in four clicks ($width px)', async (look, { open }) => {
  const world = await startDesk({ policy: englishPolicy })
  world.wechatpay.order({ openid: OPENID, total: 3500, complaint: { complaint_id: COMPLAINT } })
  const ada = await open(world, 'U0AGENT1', { look })
  await ada.command('send withdraw-10 outage')
  await ada.fill({ 'User’s openid': COMPLAINT })
  await fits()
  // 1 to 4.
  await ada.press('Find the user…')
  await ada.modal.getByRole('radio', { name: 'Complaint' }).waitFor()
  expect(await ada.field('Number').inputValue()).toBe(COMPLAINT)
  await fits()
  await ada.press('Find')
  await ada.modal.getByText('Paid ¥35.00').waitFor()
  await fits()
  await ada.press('Use this user')
  await ada.modal.getByText('who paid the order of complaint 2002…0077').waitFor()
  await fits()
  await ada.press('Give coupon')
  await ada.modal.getByText('To pass on to the user:').waitFor()
  await fits()
  expect(world.wechatpay.coupons()).toMatchObject([{ openid: OPENID }])

  /** Nobody has to scroll sideways. */
  async function fits(): Promise<void> {
    const wider = await ada.page.evaluate(() => document.documentElement.scrollWidth > window.innerWidth)
    expect(wider).toBe(false)
  }
})
