import type { Locator } from 'playwright-core'
import { expect, vi } from 'vitest'
import { startDesk, test } from './desk.ts'
import type { Sitting } from './sitting.ts'
import { approve, asked, englishPolicy, giveCoupon } from './stories.ts'

// Each is a whole product with a window of its own: more at a time only wait for each other.
vi.setConfig({ maxConcurrency: 3 })

/** The stories can fail: with a fault between Slack and the app they do not come to their end. */

for (const [fault, transport, shown] of [
  ['unsigned', 'http', '/withdraw-coupon failed with the error "dispatch_failed"'],
  ['late_ack', 'socket', '/withdraw-coupon failed with the error "operation_timeout"'],
] as const)
  test.concurrent(`gives no coupon when the command is delivered with the fault ${fault}`, async ({
    open,
    onTestFinished: finished,
  }) => {
    const world = await startDesk({
      finished,
      transport,
      // What comes late is late soon.
      ...(fault === 'late_ack' && { slack: { patience: { ackMs: 800, triggerMs: 800 } } }),
    })
    const ada = await open(world, 'U0AGENT1')
    world.slack.fault({ name: fault })
    await getsStuck(ada, giveCoupon(ada), ada.page.getByRole('alert').getByText(shown))
    expect(world.wechatpay.coupons()).toEqual([])
  })

test.concurrent('opens no form with a trigger that was used before', async ({
  open,
  onTestFinished: finished,
}) => {
  const world = await startDesk({ finished })
  const ada = await open(world, 'U0AGENT1')
  world.slack.fault({ name: 'trigger_reused' })
  await getsStuck(ada, giveCoupon(ada), ada.page.getByText('exchanged_trigger_id'))
  expect(world.wechatpay.coupons()).toEqual([])
})

test.concurrent('opens no form with a trigger that is too old, and says what to do', async ({
  open,
  onTestFinished: finished,
}) => {
  const world = await startDesk({ finished })
  const ada = await open(world, 'U0AGENT1')
  world.slack.fault({ name: 'trigger_expired' })
  const told = ada.message('Only visible to you', 'The form could not be opened in time')
  await getsStuck(ada, giveCoupon(ada), told)
  expect(world.wechatpay.coupons()).toEqual([])
})

test.concurrent('approves nothing by a click without a signature', async ({
  open,
  onTestFinished: finished,
}) => {
  const world = await startDesk({ finished, transport: 'http', policy: englishPolicy })
  await asked(world)
  const lea = await open(world, 'U0LEAD1', { route: { channel: 'C0APPROVE' } })
  const card = lea.message('Waiting for approval')
  await card.waitFor()
  world.slack.fault({ name: 'unsigned' })
  const failure = lea.page.getByRole('alert').getByText('The app did not answer in time (dispatch_failed)')
  await getsStuck(lea, approve(lea), failure, card)
  expect(world.wechatpay.coupons()).toEqual([])
})

/** The story goes on waiting for what never comes, while something else is to be seen. */
async function getsStuck({ page }: Sitting, story: Promise<void>, ...shown: Locator[]): Promise<void> {
  const end = story.then(
    () => 'it came to its end',
    (error: Error) => error.message,
  )
  for (const one of shown) await one.waitFor()
  await page.close()
  expect(await end).toContain('closed')
}
