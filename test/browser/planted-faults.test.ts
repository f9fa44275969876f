import { expect } from 'vitest'
import { startDesk, test } from './desk.ts'
import { approve, askForCoupon, englishPolicy, giveCoupon } from './stories.ts'

/** The stories can fail: with a fault between Slack and the app they do not come to their end. */

const SOON = 2500

for (const [fault, transport, shown] of [
  ['unsigned', 'http', '/withdraw-coupon failed with the error "dispatch_failed"'],
  ['bad_signature', 'http', '/withdraw-coupon failed with the error "dispatch_failed"'],
  ['late_ack', 'socket', '/withdraw-coupon failed with the error "operation_timeout"'],
] as const)
  test.concurrent(`gives no coupon when the command is delivered with the fault ${fault}`, async ({
    open,
    onTestFinished: finished,
  }) => {
    const world = await startDesk({
      finished,
      transport,
      slack: { patience: { ackMs: 800, triggerMs: 800 } },
    })
    const ada = await open(world, 'U0AGENT1')
    ada.page.setDefaultTimeout(SOON)
    world.slack.fault({ name: fault })
    await expect(giveCoupon(ada)).rejects.toThrow('Timeout')
    await ada.page.getByRole('alert').getByText(shown).waitFor()
    expect(world.wechatpay.coupons()).toEqual([])
  })

test.concurrent('opens no form with a trigger that was used before', async ({
  open,
  onTestFinished: finished,
}) => {
  const world = await startDesk({ finished })
  const ada = await open(world, 'U0AGENT1')
  ada.page.setDefaultTimeout(SOON)
  world.slack.fault({ name: 'trigger_reused' })
  await expect(giveCoupon(ada)).rejects.toThrow('Timeout')
  await ada.page.getByText('exchanged_trigger_id').waitFor()
  expect(world.wechatpay.coupons()).toEqual([])
})

test.concurrent('opens no form with a trigger that is too old, and says what to do', async ({
  open,
  onTestFinished: finished,
}) => {
  const world = await startDesk({ finished })
  const ada = await open(world, 'U0AGENT1')
  ada.page.setDefaultTimeout(SOON)
  world.slack.fault({ name: 'trigger_expired' })
  await expect(giveCoupon(ada)).rejects.toThrow('Timeout')
  await ada.message('Only visible to you', 'The form could not be opened in time').waitFor()
})

test.concurrent('approves nothing by a click without a signature', async ({
  open,
  onTestFinished: finished,
}) => {
  const world = await startDesk({ finished, transport: 'http', policy: englishPolicy })
  const ada = await open(world, 'U0AGENT1')
  await askForCoupon(ada)
  const lea = await open(world, 'U0LEAD1', { route: { channel: 'C0APPROVE' } })
  lea.page.setDefaultTimeout(SOON)
  world.slack.fault({ name: 'unsigned' })
  await expect(approve(lea)).rejects.toThrow('Timeout')
  await lea.page.getByRole('alert').getByText('The app did not answer in time (dispatch_failed)').waitFor()
  await lea.message('Waiting for approval').waitFor()
  expect(world.wechatpay.coupons()).toEqual([])
})
