import { expect } from 'vitest'
import { told } from '../stories/world.ts'
import { startDesk, test } from './desk.ts'
import { asked, englishPolicy } from './stories.ts'

test('reminds, and then expires what nobody decides, when the clock is moved', async ({ open }) => {
  const world = await startDesk({ policy: englishPolicy })
  await asked(world)
  const lea = await open(world, 'U0LEAD1', { route: { channel: 'C0APPROVE' } })
  const clock = await lea.tool('Clock')
  await clock.getByText('the real time').waitFor()
  await clock.getByLabel('Hours').fill('2')
  await clock.getByRole('button', { name: 'Move forward' }).click()
  await clock.getByText('2 hours ahead').waitFor()
  await lea.message('Waiting for approval').getByRole('button', { name: '1 reply' }).click()
  await lea.page
    .getByRole('complementary', { name: 'Thread' })
    .getByText('this still needs 1 approval')
    .waitFor()
  await lea.page.getByRole('button', { name: 'Close the thread' }).click()

  await clock.getByRole('button', { name: '+ 1 day' }).click()
  await clock.getByText('1 day 2 hours ahead').waitFor()
  const card = lea.message('Expired', 'Nobody decided in time')
  await card.waitFor()
  expect(await card.getByRole('button').allTextContents()).not.toContain('Approve')
  await told(world, world.slack.person('U0AGENT1'), 'Expired', 'Nobody decided in time')
  expect(world.wechatpay.coupons()).toEqual([])
})
