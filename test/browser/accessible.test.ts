import { checked, fits } from './checked.ts'
import { startDesk, test } from './desk.ts'
import { approve, englishPolicy, OPENID } from './stories.ts'

test('can be used by everybody on a narrow screen, from the form to the coupon, and nothing of it is wider', async ({
  open,
}) => {
  const world = await startDesk({ policy: englishPolicy })
  const narrow = { width: 390, height: 780 }
  const ada = await open(world, 'U0AGENT1', { look: narrow })
  await ada.command('help')
  await ada.message('What you can do here').waitFor()
  await fits(ada)
  await checked(ada, 'a channel')
  await ada.command('send')
  await ada.press('Submit')
  await ada.modal.getByText('Please complete this required field').first().waitFor()
  await checked(ada, 'a form with errors')
  await ada.field('Coupon').click()
  await ada.page.getByRole('listbox').getByRole('option').first().waitFor()
  await fits(ada)
  await checked(ada, 'a select')
  await ada.page.keyboard.press('Escape')
  await ada.press('Cancel')
  await ada.command(`send ${OPENID} withdraw-50 apology SUP-12 ${'LongWord'.repeat(20)}`)
  await ada.modal.getByText('Needs 1 approval').waitFor()
  await fits(ada)
  await ada.press('Ask for approval')
  await ada.modal.getByText('Nothing is issued until it is approved').waitFor()
  await ada.press('Close')
  const pane = (name: string | RegExp) =>
    ada.page.getByRole('navigation', { name: 'Panes' }).getByRole('button', { name })
  await pane('Channels (2)').click()
  await fits(ada)
  await ada.go('Withdraw Coupon')
  await ada.message('Waiting for approval').waitFor()
  await fits(ada)
  for (const tool of ['Traffic', 'WeChat Pay', 'Slack faults', 'Clock', 'About']) {
    await pane('Behind the scenes').click()
    await ada.tool(tool)
    await fits(ada)
  }

  const lea = await open(world, 'U0LEAD1', { route: { channel: 'C0APPROVE' }, look: narrow })
  const card = lea.message('Waiting for approval')
  await card.waitFor()
  await fits(lea)
  await checked(lea, 'a card')
  await lea.press('Approve', { on: card })
  await checked(lea, 'a question')
  await lea.page.getByRole('alertdialog').getByRole('button', { name: 'Not yet' }).click()
  await approve(lea)
  const issued = lea.message('Issued', 'approved by @Lea')
  await issued.waitFor()
  await fits(lea)
  await lea.chooseMore('History', { on: issued })
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
