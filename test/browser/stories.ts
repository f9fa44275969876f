import { examplePolicy, formOf, type World } from '../stories/world.ts'
import { COMMAND, type Sitting } from './sitting.ts'

/** What people do at the page, step by step; each ends when they have seen that it is done, or throws. */

export const OPENID = 'oUpF8uMuAJO_M2pxb1Q9zNjWeS6o'
/** The same in all channels, so that one language can be read in these tests. */
export const englishPolicy = examplePolicy.replace('language: zh-CN', 'language: en')

/** Gives a coupon that the policy approves by itself. */
export async function giveCoupon(agent: Sitting): Promise<void> {
  await agent.command('send')
  await agent.fill({
    'User’s openid': OPENID,
    Coupon: 'Fee-free withdrawal ¥10',
    Reason: 'Outage',
    Note: 'Could not log in for an hour',
    Ticket: 'SUP-12',
  })
  await agent.modal.getByText('issued as soon as you submit').waitFor()
  await agent.press('Give coupon')
  await agent.modal.getByText('To pass on to the user:').waitFor()
  await agent.press('Close')
  await agent.modal.waitFor({ state: 'hidden' })
}

/** Asks for a coupon that people decide, in a form filled in by the command. */
export async function askForCoupon(
  agent: Sitting,
  typed = `${OPENID} withdraw-50 apology SUP-12`,
): Promise<void> {
  await agent.command(`send ${typed}`)
  await agent.modal.getByText('Needs 1 approval').waitFor()
  await agent.press('Ask for approval')
  await agent.modal.getByText('Nothing is issued until it is approved').waitFor()
  await agent.press('Close')
  await agent.modal.waitFor({ state: 'hidden' })
}

/** The same by Ada, without a window: for what others see of it. */
export async function asked(world: World, openid = OPENID): Promise<void> {
  const ada = world.slack.person('U0AGENT1')
  await ada.command(COMMAND, `send ${openid} withdraw-50 apology SUP-12`)
  await formOf(world, ada)
  const { kind } = await ada.submit()
  if (kind !== 'updated') throw new Error(`The form was answered with ${kind}.`)
  await ada.close()
}

/** Approves what waits in the channel that is open, after being asked once more. */
export async function approve(lead: Sitting): Promise<void> {
  const card = lead.message('Waiting for approval', 'Needs 1 approval')
  await lead.press('Approve', { on: card, confirm: 'Approve' })
  await lead.message('Approved: ¥50 for').waitFor()
}
