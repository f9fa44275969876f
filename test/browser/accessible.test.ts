import { checked } from './checked.ts'
import { startDesk, test } from './desk.ts'
import { approve, askForCoupon, englishPolicy, OPENID } from './stories.ts'

for (const [look, width] of [
  ['a wide', 1280],
  ['a narrow', 390],
] as const)
  test(`can be used by everybody on ${look} screen, from the form to the coupon`, async ({ open }) => {
    const world = await startDesk({ policy: englishPolicy })
    const ada = await open(world, 'U0AGENT1', { look: { width } })
    await ada.command('help')
    await ada.message('What you can do here').waitFor()
    await checked(ada, 'a channel')
    await ada.command('send')
    await ada.press('Submit')
    await ada.modal.getByText('Please complete this required field').first().waitFor()
    await checked(ada, 'a form with errors')
    await ada.field('Coupon').click()
    await ada.page.getByRole('listbox').getByRole('option').first().waitFor()
    await checked(ada, 'a select')
    await ada.page.keyboard.press('Escape')
    await ada.press('Cancel')
    await askForCoupon(ada)

    const lea = await open(world, 'U0LEAD1', { route: { channel: 'C0APPROVE' }, look: { width } })
    const card = lea.message('Waiting for approval')
    await card.waitFor()
    await checked(lea, 'a card')
    await lea.press('Approve', { on: card })
    await checked(lea, 'a question')
    await lea.page.getByRole('alertdialog').getByRole('button', { name: 'Not yet' }).click()
    await approve(lea)
    await lea.chooseMore('History', { on: lea.message('Issued', 'approved by @Lea') })
    await lea.modal.getByText('issued by WeChat Pay').waitFor()
    await checked(lea, 'a trail')
  })

test('can be used by everybody behind the scenes, and in Chinese', async ({ open }) => {
  const world = await startDesk()
  const xiaoyu = await open(world, 'U0AGENT2')
  await xiaoyu.command(`发放 ${OPENID} withdraw-10 outage`)
  await xiaoyu.press('发放')
  await xiaoyu.modal.getByText('可转告用户').waitFor()
  await checked(xiaoyu, 'what is recorded')
  await xiaoyu.press('关闭')
  await xiaoyu.page.locator('summary').first().click()
  await checked(xiaoyu, 'traffic')
  for (const tool of ['微信支付', 'Slack 故障', '时钟', '关于']) {
    await xiaoyu.tool(tool)
    await checked(xiaoyu, tool)
  }
  await xiaoyu.page.getByRole('button', { name: '您是 林小雨' }).click()
  await checked(xiaoyu, 'people')
})
