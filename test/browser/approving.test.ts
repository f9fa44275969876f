import { expect } from 'vitest'
import { told } from '../stories/world.ts'
import { checked } from './checked.ts'
import { startDesk, test } from './desk.ts'
import { approve, asked, askForCoupon, englishPolicy, OPENID } from './stories.ts'

const APPROVALS = { route: { channel: 'C0APPROVE' } }
const twoApprovals = englishPolicy.replace('approvals: 1  ', 'approvals: 2  ')

test('asks in one window, approves in another, and tells both how it ended, over HTTP too', async ({
  open,
}) => {
  const world = await startDesk({ transport: 'http', policy: englishPolicy })
  const [ada, lea] = [await open(world, 'U0AGENT1'), await open(world, 'U0LEAD1', APPROVALS)]
  await askForCoupon(ada)
  const card = lea.message(
    'Waiting for approval',
    '¥50 · oUpF…jWeS6o',
    '@Ada · Apology',
    'SUP-12',
    'Needs 1 approval of @leads',
  )
  await card.waitFor()
  expect(await card.textContent()).not.toContain(OPENID)
  await checked(lea, 'a card')
  await lea.press('Approve', { on: card })
  await checked(lea, 'a question')
  await lea.page.getByRole('alertdialog').getByRole('button', { name: 'Not yet' }).click()
  expect(
    world.slack
      .traffic()
      .filter(({ kind }) => kind === 'interaction')
      .map(({ name }) => name),
  ).toEqual(['view_submission'])
  await approve(lea)

  const issued = lea.message('Issued', 'approved by @Lea')
  await issued.waitFor()
  expect(await issued.getByRole('button').allTextContents()).not.toContain('Approve')
  await ada.go('Withdraw Coupon')
  await ada.message('Issued · ¥50 · oUpF…jWeS6o', 'approved by @Lea').waitFor()
  expect(world.wechatpay.coupons()).toHaveLength(1)
  const deliveries = world.slack.traffic().filter(({ direction }) => direction === 'to_app')
  expect(new Set(deliveries.map(({ transport }) => transport))).toEqual(new Set(['http']))
  await lea.chooseMore('History', { on: issued })
  await lea.modal.getByText('issued by WeChat Pay').waitFor()
  await checked(lea, 'a trail')
})

test('rejects with a reason that the requester reads', async ({ open }) => {
  const world = await startDesk({ policy: englishPolicy })
  await asked(world)
  const lea = await open(world, 'U0LEAD1', APPROVALS)
  await lea.press('Reject…', { on: lea.message('Waiting for approval') })
  await lea.press('Reject')
  await lea.modal.getByText('Please write a reason').waitFor()
  await lea.fill({ 'In your own words': 'This user was made good *last week*' })
  await lea.press('Reject')
  await lea.modal.getByText('Rejected. The requester').waitFor()
  await lea.message('Rejected by @Lea', 'This user was made good *last week*').waitFor()
  await told(world, world.slack.person('U0AGENT1'), 'Rejected by', 'This user was made good')
  expect(world.wechatpay.coupons()).toEqual([])
})

test('issues once two leads have approved', async ({ open }) => {
  const world = await startDesk({ policy: twoApprovals })
  await asked(world)
  const [lea, lei] = [await open(world, 'U0LEAD1', APPROVALS), await open(world, 'U0LEAD2', APPROVALS)]
  await lea.press('Approve', { on: lea.message('Needs 2 approvals'), confirm: 'Approve' })
  await lea.message('Approved, 1 of 2').waitFor()
  await lei.press('Approve', { on: lei.message('1 of 2 approvals'), confirm: 'Approve' })
  await lei.message('您已批准').waitFor()
  await lea.message('Issued', 'approved by @Lea', 'approved by @王磊').waitFor()
  expect(world.wechatpay.coupons()).toHaveLength(1)
})

test('gives one coupon when two leads press in the same moment, and answers both', async ({ open }) => {
  const world = await startDesk({ policy: englishPolicy })
  await asked(world)
  const leads = [await open(world, 'U0LEAD1', APPROVALS), await open(world, 'U0LEAD2', APPROVALS)]
  for (const lead of leads) await lead.press('Approve', { on: lead.message('Waiting for approval') })
  // The card is drawn late, so that both press what they see.
  world.slack.fault({ name: 'web_api_429', method: 'chat.update', channel: 'C0APPROVE', retryAfter: 2 })
  await Promise.all(
    leads.map(({ page }) => page.getByRole('alertdialog').getByRole('button', { name: 'Approve' }).click()),
  )
  const answers = leads.map((lead) => lead.message(/Only visible to you|仅您可见/))
  await Promise.all(answers.map((answer) => answer.waitFor()))
  const texts = await Promise.all(answers.map((answer) => answer.innerText()))
  expect(texts.filter((text) => /Approved: ¥|您已批准/.test(text))).toHaveLength(1)
  await leads[0]?.message('Issued').waitFor()
  expect(world.wechatpay.coupons()).toHaveLength(1)
})

test('has one effect when a button is clicked twice', async ({ open }) => {
  const world = await startDesk({ policy: englishPolicy })
  await asked(world)
  const lea = await open(world, 'U0LEAD1', APPROVALS)
  const faults = await lea.tool('Slack faults')
  await faults.getByRole('button', { name: 'Click twice' }).click()
  await faults.getByText('click_twice × 1').waitFor()
  await approve(lea)
  await lea.message('Nothing was changed').waitFor()
  await lea.message('Issued', 'approved by @Lea').waitFor()
  expect(world.wechatpay.coupons()).toHaveLength(1)
})
