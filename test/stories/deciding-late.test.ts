import { pino } from 'pino'
import { expect, test } from 'vitest'
import { createSlackClients } from '../../src/slack/edge/clients.ts'
import { answer, ask, CHANNEL, card, press } from './approvers.ts'
import { startWorld, textOf, told } from './world.ts'

test.concurrent('brings the cards up to date when Slack takes them again, whatever was decided meanwhile', async ({
  onTestFinished: finished,
}) => {
  const world = await startWorld({ finished })
  const { slack } = world
  const ada = await ask(world)
  await card(world, '等待审批')
  await told(world, ada, 'Waiting for approval')
  slack.fault({ name: 'web_api_429', method: 'chat.update', retryAfter: 1, times: 2 })
  slack.fault({ name: 'web_api_500', method: 'chat.update', times: 2 })
  const lea = slack.person('U0LEAD1')
  await lea.command('/withdraw-coupon', 'pending', { channel: CHANNEL })
  await press(world, 'U0LEAD1', 'approve', await answer(world, 'U0LEAD1', '1 waits for you'))
  await answer(world, 'U0LEAD1', 'Approved: ¥50 for', 'Nothing waits for you')
  // The card is behind: its buttons are answered, and have no second effect.
  const behind = slack.channelMessages(CHANNEL)[0] ?? expect.fail('no card')
  if (textOf(behind).includes('"action_id":"approve"')) {
    await press(world, 'U0LEAD2', 'approve', behind)
    await answer(world, 'U0LEAD2', '未作任何更改', '<@U0LEAD1>')
  }
  await slack.waitFor(() => textOf(slack.channelMessages(CHANNEL)[0]).includes('已发放'))
  await told(world, ada, 'Issued · ¥', 'approved by <@U0LEAD1>')
  expect(slack.channelMessages(CHANNEL)).toHaveLength(1)
  expect(world.wechatpay.coupons()).toHaveLength(1)
})

test.concurrent('answers Reject on a stray copy of a card that was decided, and takes the copy away', async ({
  onTestFinished: finished,
}) => {
  const world = await startWorld({ finished })
  const { slack } = world
  await ask(world)
  const asked = await card(world, '等待审批')
  await press(world, 'U0LEAD1', 'approve', asked)
  await card(world, '已发放')
  const { notifications } = createSlackClients({
    botToken: slack.botToken,
    apiUrl: slack.apiUrl,
    logger: pino({ level: 'silent' }),
  })
  const { ts = '' } = await notifications.chat.postMessage({
    channel: CHANNEL,
    text: 'a copy',
    blocks: asked.blocks as never,
  })
  await press(world, 'U0LEAD2', 'reject', { ...asked, ts })
  await answer(world, 'U0LEAD2', '未作任何更改', '已发放', '<@U0LEAD1>')
  await slack.waitFor(() => slack.channelMessages(CHANNEL).length === 1)
  expect(slack.person('U0LEAD2').view()).toBeUndefined()
  expect(slack.channelMessages(CHANNEL)[0]?.ts).toBe(asked.ts)
})

test.concurrent('tells the requester in Chinese who rejected it, why, and what comes next', async ({
  onTestFinished: finished,
}) => {
  const world = await startWorld({ finished })
  const { slack } = world
  const xiaoyu = await ask(world, { by: 'U0AGENT2' })
  await press(world, 'U0LEAD2', 'reject', await card(world, '等待审批'))
  const wanglei = slack.person('U0LEAD2')
  await slack.waitFor(() => wanglei.view()?.callback_id === 'reject')
  expect(wanglei.view()?.title.text).toBe('驳回申请')
  wanglei.fill({ why_input: '该用户上周已补偿' })
  expect(await wanglei.submit()).toEqual({ kind: 'updated' })
  expect(textOf(wanglei.view())).toContain('您已驳回')
  const message = await told(
    world,
    xiaoyu,
    '<@U0LEAD2> 于',
    '驳回。未发放任何提现免费券。',
    '该用户上周已补偿',
  )
  expect(textOf(message)).toContain('如仍需发放，请重新申请，并在备注中说明理由。')
  expect(textOf(message)).toContain('重新申请')
  expect(textOf(message)).not.toContain('cancel_own')
})
