import { expect, vi } from 'vitest'
import { startDesk, test } from './desk.ts'
import { approve, asked, englishPolicy, OPENID } from './stories.ts'

// Each is a whole product with a window of its own: more at a time only wait for each other.
vi.setConfig({ maxConcurrency: 3 })

/** What goes wrong on the way, switched on at the page as people do it. */

test.concurrent('says that an acknowledgement was lost, and gives one coupon all the same', async ({
  open,
  onTestFinished: finished,
}) => {
  const world = await startDesk({ finished, policy: englishPolicy })
  const ada = await open(world, 'U0AGENT1')
  await ada.command(`send ${OPENID} withdraw-10 outage`)
  await ada.modal.getByRole('button', { name: 'Give coupon' }).waitFor()
  world.slack.fault({ name: 'ack_lost', kind: 'interaction' })
  await ada.press('Give coupon')
  await ada.modal.getByText('We had some trouble connecting (operation_timeout)').waitFor()
  await ada.modal.getByText('To pass on to the user:').waitFor()
  await ada.press('Close')
  await ada.go('Withdraw Coupon')
  await ada.message('Issued · ¥').waitFor()
  expect(world.wechatpay.coupons()).toHaveLength(1)
})

test.concurrent('answers a lead whose click had no acknowledgement', async ({
  open,
  onTestFinished: finished,
}) => {
  const world = await startDesk({ finished, policy: englishPolicy })
  await asked(world)
  const lea = await open(world, 'U0LEAD1', { route: { channel: 'C0APPROVE' } })
  const faults = await lea.tool('Slack faults')
  await faults.getByRole('button', { name: 'Lose an acknowledgement' }).click()
  await faults.getByText('ack_lost × 1').waitFor()
  await lea.press('Approve', { on: lea.message('Waiting for approval'), confirm: 'Approve' })
  await lea.page.getByRole('alert').getByText('The app did not answer in time (operation_timeout)').waitFor()
  await lea.message('Issued', 'approved by @Lea').waitFor()
  expect(world.wechatpay.coupons()).toHaveLength(1)
})

test.concurrent('shows that WeChat Pay is silent after acting, asks again, and gives no second coupon', async ({
  open,
  onTestFinished: finished,
}) => {
  const world = await startDesk({ finished, policy: englishPolicy })
  const ada = await open(world, 'U0AGENT1')
  const wechat = await ada.tool('WeChat Pay')
  await wechat.getByText('the coupon is issued, no answer comes').waitFor()
  await wechat.getByRole('button', { name: 'Switch on' }).click()
  await wechat.getByText('1 to come, 0 met').waitFor()
  await ada.command(`send ${OPENID} withdraw-10 outage`)
  await ada.press('Give coupon')
  await wechat.getByText('Coupons issued: 1').waitFor()
  await wechat.getByText('no answer', { exact: true }).waitFor()
  await ada.modal.getByText('WeChat Pay isn’t answering. The app keeps trying').waitFor()
  await ada.press('Close')
  await ada.go('Withdraw Coupon')
  await ada.message('Issued · ¥').waitFor()
  await wechat.getByText('Calls: 2').waitFor()
  await wechat.getByText('signature verified').nth(1).waitFor()
  expect(world.wechatpay.coupons()).toHaveLength(1)
})

test.concurrent('goes on after every socket was cut', async ({ open, onTestFinished: finished }) => {
  const world = await startDesk({ finished, policy: englishPolicy })
  await asked(world)
  const lea = await open(world, 'U0LEAD1', { route: { channel: 'C0APPROVE' } })
  const before = world.slack.traffic().length
  const faults = await lea.tool('Slack faults')
  await faults.getByRole('button', { name: 'Cut every socket' }).click()
  await world.slack.waitFor(
    () =>
      world.slack
        .traffic()
        .slice(before)
        .some(({ name }) => name === 'apps.connections.open') && world.slack.sockets() > 0,
    { timeout: 60_000 },
  )
  await approve(lea)
  await lea.message('Issued', 'approved by @Lea').waitFor()
})
