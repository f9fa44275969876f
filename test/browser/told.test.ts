import { expect } from 'vitest'
import { formOf } from '../stories/world.ts'
import { startDesk, test } from './desk.ts'
import { COMMAND } from './sitting.ts'
import { asked, englishPolicy, OPENID } from './stories.ts'

const NARROW = { width: 390, height: 780 }

test('leads from what waits to the end that its requester is told of, once, though all was closed', async ({
  open,
}) => {
  const world = await startDesk({ policy: englishPolicy })
  await asked(world)
  await world.slack.person('U0AGENT1').close()
  const ada = await open(world, 'U0AGENT1')
  await ada.go('Withdraw Coupon')
  await ada.message('Waiting for approval', 'SUP-12').waitFor()
  await ada.go('support')
  await ada.page.getByRole('link', { name: 'Withdraw Coupon', exact: true }).waitFor()

  // On the phone, with all that the card says to decide by.
  const lea = await open(world, 'U0LEAD1', { look: NARROW })
  await lea.command('pending')
  const list = lea.message('1 waits for you')
  await list.getByText('Needs 1 approval').waitFor()
  for (const fact of ['@Ada', 'Apology', 'SUP-12', 'Open the card'])
    await list.getByText(fact).first().waitFor()
  await lea.press('Approve', { on: list, confirm: 'Approve' })
  await lea.message('Nothing waits for you').waitFor()

  await ada.page.getByRole('link', { name: 'Withdraw Coupon 1 unread' }).waitFor()
  await ada.go('Withdraw Coupon')
  const told = ada.message('Issued · ¥50', 'Details')
  await told.getByText('To pass on to the user:').waitFor()
  // The lasting message, and the one that tells the end.
  expect(await ada.page.locator('main article.message').count()).toBe(2)
})

test('corrects a mistake in three clicks, in Chinese on a phone', async ({ open }) => {
  const world = await startDesk()
  const person = world.slack.person('U0AGENT2')
  await person.command(COMMAND, `send ${OPENID} withdraw-50 apology SUP-12`)
  await formOf(world, person)
  await person.submit()
  await person.close()
  const xiaoyu = await open(world, 'U0AGENT2', { look: NARROW })
  await xiaoyu.command('我的')
  await xiaoyu.press('修改…', { on: xiaoyu.message('我的申请', 'SUP-12') })
  await xiaoyu.fill({ 工单号: 'SUP-13' })
  await xiaoyu.press('提交审批')
  await xiaoyu.modal.getByText('等待审批').first().waitFor()
  await xiaoyu.press('关闭')
  // The list that it was opened from has followed.
  await xiaoyu.message('我的申请', 'SUP-13', '申请人已修改并重新提交').waitFor()
  expect(world.recorded().map(({ state }) => state)).toEqual(['cancelled', 'pending'])
})
