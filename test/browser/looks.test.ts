import { expect } from 'vitest'
import { startDesk, test } from './desk.ts'
import type { Sitting } from './sitting.ts'
import { approve, englishPolicy, OPENID } from './stories.ts'

test('speaks Chinese to those whose Slack does, from the command to the coupon', async ({ open }) => {
  const world = await startDesk()
  const xiaoyu = await open(world, 'U0AGENT2')
  await xiaoyu.command('发放')
  await xiaoyu.fill({
    '用户标识（openid）': OPENID,
    提现免费券: '50 元提现免费券',
    发放原因: '致歉',
    备注: '抱歉让您久等 <b>',
  })
  await xiaoyu.modal.getByText('需 1 人审批').waitFor()
  await xiaoyu.press('提交审批')
  await xiaoyu.modal.getByText('批准之前不会发放').waitFor()
  await xiaoyu.press('关闭')

  const wanglei = await open(world, 'U0LEAD2', { route: { channel: 'C0APPROVE' } })
  const card = wanglei.message('等待审批', '@林小雨 · 致歉', '抱歉让您久等 <b>')
  await wanglei.press('批准', { on: card, confirm: '批准' })
  await wanglei.message('仅您可见', '您已批准').waitFor()
  await wanglei.message('已发放', '@王磊').waitFor()
  await xiaoyu.go('Withdraw Coupon')
  await xiaoyu.message('已发放 · ¥50 · oUpF…jWeS6o', '50 元以内免手续费').waitFor()
  expect(await xiaoyu.page.locator('html').getAttribute('lang')).toBe('zh-CN')
  expect(world.wechatpay.coupons()).toHaveLength(1)
})

test('types Chinese through an input method, in which Enter takes a character and sends nothing', async ({
  open,
}) => {
  const world = await startDesk()
  const xiaoyu = await open(world, 'U0AGENT2')
  const keys = await xiaoyu.page.context().newCDPSession(xiaoyu.page)
  await xiaoyu.composer.click()
  await keys.send('Input.imeSetComposition', { text: 'nihao', selectionStart: 5, selectionEnd: 5 })
  await world.slack.person('U0LEAD1').say('Meanwhile', 'C0SUPPORT')
  expect(await xiaoyu.composer.inputValue()).toBe('nihao')
  await keys.send('Input.insertText', { text: '你好' })
  await xiaoyu.message('Meanwhile').waitFor()
  expect(await xiaoyu.composer.inputValue()).toBe('你好')
  await xiaoyu.page.keyboard.press('Enter')
  await xiaoyu.message('你好').waitFor()
})

test('is usable on a narrow screen, and nothing of it is wider', async ({ open }) => {
  const world = await startDesk({ policy: englishPolicy })
  const narrow = { width: 390, height: 780 }
  const ada = await open(world, 'U0AGENT1', { look: narrow })
  await fits(ada)
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
  await fits(lea)
  await approve(lea)
  await lea.message('Issued', 'approved by @Lea').waitFor()
  await fits(lea)
})

/** Nobody has to scroll sideways, and what can be pressed is on the screen. */
async function fits({ page }: Sitting): Promise<void> {
  const beyond = await page.evaluate(() => {
    const shown = [...document.querySelectorAll('button, a, input, textarea, article, dialog[open]')].filter(
      (one) => one.checkVisibility(),
    )
    return shown
      .filter(
        (one) => one.getBoundingClientRect().right > innerWidth + 1 || one.getBoundingClientRect().left < -1,
      )
      .map((one) => `${one.tagName} ${one.textContent?.slice(0, 40)}`)
      .concat(document.documentElement.scrollWidth > innerWidth ? ['the page'] : [])
  })
  expect(beyond).toEqual([])
}
