import { expect, test } from 'vitest'
import { en } from '../../src/slack/blocks/words/en/index.ts'
import { answer, ask, CHANNEL, card, OPENID, press } from './approvers.ts'
import { examplePolicy, formOf, startWorld, textOf, told, transports } from './world.ts'

const twoApprovals = examplePolicy.replace('approvals: 1  ', 'approvals: 2  ')

for (const transport of transports)
  test.concurrent(`asks, is approved by a lead, and gets the coupon (${transport})`, async ({
    onTestFinished: finished,
  }) => {
    const world = await startWorld({ transport, finished })
    const ada = await ask(world)
    await told(world, ada, 'Waiting for approval')
    const asked = await card(world, '等待审批', '<@U0AGENT1>', 'oUpF…jWeS6o', 'SUP-12')
    expect(textOf(asked)).not.toContain(OPENID)

    await press(world, 'U0LEAD1', 'approve', asked)
    await answer(world, 'U0LEAD1', 'Approved: ¥50 for')
    await told(world, ada, 'Issued · ¥', 'approved by <@U0LEAD1>')
    const done = await card(world, '已发放', '<@U0LEAD1> 于')
    expect(textOf(done)).not.toContain('"action_id":"approve"')
    expect(world.slack.channelMessages(CHANNEL)).toHaveLength(1)
    expect(world.wechatpay.coupons()).toHaveLength(1)
  })

test.concurrent('is rejected with a reason, which is drawn as it was written', async ({
  onTestFinished: finished,
}) => {
  const world = await startWorld({ finished })
  const ada = await ask(world)
  await press(world, 'U0LEAD1', 'reject', await card(world, '等待审批'))
  const lea = world.slack.person('U0LEAD1')
  await world.slack.waitFor(() => lea.view()?.callback_id === 'reject')
  lea.fill({ why_input: `not <!channel> *again* ${'x'.repeat(2900)}` })
  expect(await lea.submit()).toEqual({ kind: 'updated' })
  expect(textOf(lea.view())).toContain('Rejected. The requester')
  const message = await told(world, ada, 'Rejected by <@U0LEAD1>')
  expect(textOf(message)).toContain('{"type":"text","text":"not <!channel> *again* xxx')
  await card(world, '已驳回', '<@U0LEAD1>')
  expect(world.wechatpay.coupons()).toEqual([])
})

test.concurrent('is rejected for a reason of the policy, which each reader reads in their language', async ({
  onTestFinished: finished,
}) => {
  const world = await startWorld({ finished })
  const ada = await ask(world, { text: `${OPENID} withdraw-50 apology SUP-12 was charged *twice*` })
  await press(world, 'U0LEAD1', 'reject', await card(world, '等待审批', 'was charged *twice*'))
  const lea = world.slack.person('U0LEAD1')
  await world.slack.waitFor(() => lea.view()?.callback_id === 'reject')
  expect(await lea.submit()).toMatchObject({ kind: 'errors' })
  lea.fill({ canned_radio: 'given-already', why_input: 'see *SUP-9*' })
  expect(await lea.submit()).toEqual({ kind: 'updated' })
  await lea.close()
  await told(world, ada, 'Rejected by <@U0LEAD1>', 'This user was given enough already', 'see *SUP-9*')
  const rejected = await card(world, '已驳回', '该用户已获得足够补偿', 'see *SUP-9*')
  await press(world, 'U0LEAD2', 'more:history', rejected)
  const wanglei = world.slack.person('U0LEAD2')
  await world.slack.waitFor(() =>
    textOf(wanglei.view()).includes('驳回：“该用户已获得足够补偿: `see *SUP-9*`”'),
  )
  // What was asked for, with the whole note, stands above its trail.
  expect(textOf(wanglei.view())).toContain('was charged *twice*')

  await ada.close()
  const message = ada.dm()[0]
  await ada.press({ actionId: 'give_another', messageTs: message?.ts, channel: message?.channel })
  await world.slack.waitFor(() => ada.view()?.callback_id === 'give')
  expect(ada.view()?.state.values.note?.note_input?.value).toBe('was charged *twice*')
})

test.concurrent('is cancelled by its requester, and its trail tells so', async ({
  onTestFinished: finished,
}) => {
  const world = await startWorld({ finished })
  const ada = await ask(world)
  const message = await told(world, ada, 'Waiting for approval')
  await card(world, '等待审批')
  await ada.press({ actionId: 'cancel_own', channel: message.channel, messageTs: message.ts })
  await told(world, ada, 'Cancelled by <@U0AGENT1>')
  const cancelled = await card(world, '已取消')
  expect(textOf(cancelled)).not.toContain('"action_id":"approve"')
  await press(world, 'U0LEAD2', 'more:history', cancelled)
  const wanglei = world.slack.person('U0LEAD2')
  await world.slack.waitFor(() => textOf(wanglei.view()).includes('<@U0AGENT1> 取消'))
  expect(textOf(wanglei.view())).toContain('<@U0AGENT1> 提出申请')
})

test.concurrent('counts two different approvers, and nobody twice', async ({ onTestFinished: finished }) => {
  const world = await startWorld({ policy: twoApprovals, finished })
  await ask(world)
  await press(world, 'U0LEAD1', 'approve', await card(world, '等待审批'))
  await answer(world, 'U0LEAD1', 'Approved, 1 of 2')
  const half = await card(world, '已有 1/2 人批准')
  await press(world, 'U0LEAD1', 'approve', half)
  await answer(world, 'U0LEAD1', 'You have already approved this')
  expect(world.wechatpay.coupons()).toEqual([])
  await press(world, 'U0LEAD2', 'approve', half)
  await card(world, '已发放', '<@U0LEAD1> 于', '<@U0LEAD2> 于')
  expect(world.wechatpay.coupons()).toHaveLength(1)
})

test.concurrent('lets one of two leads decide who press at the same moment, and tells the other who was first', async ({
  onTestFinished: finished,
}) => {
  const world = await startWorld({ finished })
  await ask(world)
  const asked = await card(world, '等待审批')
  // Who they are is known by then: two at the same moment shall not depend on how soon Slack tells.
  for (const id of ['U0LEAD1', 'U0LEAD2']) {
    await world.slack.person(id).command('/withdraw-coupon', 'help', { channel: CHANNEL })
    await answer(world, id, 'withdraw-coupon')
  }
  await Promise.all([press(world, 'U0LEAD1', 'approve', asked), press(world, 'U0LEAD2', 'approve', asked)])
  await card(world, '已发放')
  const lea = world.slack
    .person('U0LEAD1')
    .messages(CHANNEL)
    .findLast((message) => message.onlyFor)
  const wanglei = world.slack
    .person('U0LEAD2')
    .messages(CHANNEL)
    .findLast((message) => message.onlyFor)
  const answers = [textOf(lea), textOf(wanglei)]
  const first = answers.findIndex((text) => /Approved: ¥|您已批准/.test(text))
  expect(first).toBeGreaterThanOrEqual(0)
  expect(answers[1 - first]).toMatch(first === 0 ? /<@U0LEAD1> 于/ : /approved by <@U0LEAD2>/)
  expect(world.wechatpay.coupons()).toHaveLength(1)
})

test.concurrent('has one effect when a click arrives twice', async ({ onTestFinished: finished }) => {
  const world = await startWorld({ finished })
  await ask(world)
  const asked = await card(world, '等待审批')
  world.slack.fault({ name: 'click_twice' })
  await press(world, 'U0LEAD1', 'approve', asked)
  await answer(world, 'U0LEAD1', 'Approved: ¥50 for')
  await answer(world, 'U0LEAD1', 'Nothing was changed')
  await card(world, '已发放')
  expect(world.wechatpay.coupons()).toHaveLength(1)
})

test.concurrent('does not let who asked approve, whatever the roles', async ({
  onTestFinished: finished,
}) => {
  const world = await startWorld({ finished })
  await ask(world, { by: 'U0LEAD1' })
  await press(world, 'U0LEAD1', 'approve', await card(world, '等待审批'))
  await answer(world, 'U0LEAD1', 'You asked for this coupon yourself')
  expect(world.wechatpay.coupons()).toEqual([])
})

test.concurrent('lets who asked approve where the policy says so, and marks it', async ({
  onTestFinished: finished,
}) => {
  const policy = examplePolicy.replace('self_approval: never', 'self_approval: allowed')
  const world = await startWorld({ policy, finished })
  await ask(world, { by: 'U0LEAD1' })
  await press(world, 'U0LEAD1', 'approve', await card(world, '等待审批'))
  await card(world, '已发放', '申请人 <@U0LEAD1>')
})

test.concurrent('refuses the click of somebody who may not decide, and says why', async ({
  onTestFinished: finished,
}) => {
  const world = await startWorld({ finished })
  await ask(world, { by: 'U0AGENT2' })
  const asked = await card(world, '等待审批')
  await press(world, 'U0AGENT1', 'approve', asked)
  await answer(world, 'U0AGENT1', 'You are not in a group that may approve this coupon')
  await press(world, 'U0AGENT1', 'reject', asked)
  await press(world, 'U0AGENT1', 'more:openid', asked)
  await press(world, 'U0AGENT1', 'more:history', asked)
  expect(world.slack.person('U0AGENT1').view()).toBeUndefined()
  expect(textOf({ blocks: world.slack.person('U0AGENT1').messages(CHANNEL) })).not.toContain(OPENID)
  await card(world, '等待审批')
})

test.concurrent('shows the whole openid to an approver, and records that it did', async ({
  onTestFinished: finished,
}) => {
  const world = await startWorld({ finished })
  await ask(world)
  const asked = await card(world, '等待审批')
  await press(world, 'U0LEAD1', 'more:openid', asked)
  await answer(world, 'U0LEAD1', OPENID)
  await press(world, 'U0LEAD1', 'more:history', asked)
  const lea = world.slack.person('U0LEAD1')
  await world.slack.waitFor(() => textOf(lea.view()).includes('openid shown to <@U0LEAD1>'))
})

test.concurrent('resolves roles at the click: who has left the group no longer decides', async ({
  onTestFinished: finished,
}) => {
  const world = await startWorld({ finished })
  await ask(world)
  const asked = await card(world, '等待审批')
  await world.slack.setGroup('S0LEADS1', ['U0LEAD2'])
  await press(world, 'U0LEAD1', 'approve', asked)
  await answer(world, 'U0LEAD1', 'You are not in a group that may approve this coupon')
  expect(world.wechatpay.coupons()).toEqual([])
})

test.concurrent('approves from the list of what waits, which is drawn anew', async ({
  onTestFinished: finished,
}) => {
  const world = await startWorld({ finished })
  await ask(world)
  await card(world, '等待审批')
  const lea = world.slack.person('U0LEAD1')
  await lea.command('/withdraw-coupon', 'pending', { channel: CHANNEL })
  const list = await answer(world, 'U0LEAD1', '1 waits for you', 'oUpF…jWeS6o', 'First coupon')
  await press(world, 'U0LEAD1', 'approve', list)
  await answer(world, 'U0LEAD1', 'Approved: ¥50 for', 'Nothing waits for you')
  await card(world, '已发放')
})

test.concurrent('rejects from the list of what waits, which is drawn anew with what waits then', async ({
  onTestFinished: finished,
}) => {
  const world = await startWorld({ finished })
  await ask(world)
  await card(world, '等待审批')
  const lea = world.slack.person('U0LEAD1')
  await lea.command('/withdraw-coupon', 'pending', { channel: CHANNEL })
  const list = await answer(world, 'U0LEAD1', '1 waits for you', 'oUpF…jWeS6o')
  await press(world, 'U0LEAD1', 'reject', list)
  await world.slack.waitFor(() => lea.view())
  await lea.fill({ why_input: 'She got one yesterday' })
  await lea.submit()
  await answer(world, 'U0LEAD1', 'Nothing waits for you')
  expect(lea.messages(CHANNEL).filter(({ onlyFor }) => onlyFor === 'U0LEAD1')).toHaveLength(1)
  await card(world, '已驳回')
})

test.concurrent('tells a requester of what was asked for, and an auditor of what a user was given', async ({
  onTestFinished: finished,
}) => {
  const world = await startWorld({ finished })
  const ada = await ask(world)
  await ada.command('/withdraw-coupon', 'mine')
  await ada.close()
  const asked = await answer(world, 'U0AGENT1', 'What you asked for', 'Waiting for approval')
  await press(world, 'U0AGENT1', 'change', asked)
  await formOf(world, ada)
  ada.fill({ ticket_input: 'SUP-14' })
  await ada.submit()
  await ada.close()
  // Drawn anew where it stands: what took its place waits, and has buttons of its own.
  const { changed } = en.approval.cancelledByPolicy
  const mine = await answer(world, 'U0AGENT1', 'What you asked for', 'SUP-14', changed)
  expect(mine.ts).toBe(asked.ts)
  await press(world, 'U0AGENT1', 'cancel_own', mine)
  await answer(world, 'U0AGENT1', 'Cancelled. Nothing is issued.', 'What you asked for')
  await card(world, '已取消')
  const audrey = world.slack.person('U0AUDIT1')
  await audrey.command('/withdraw-coupon', `history ${OPENID}`)
  await answer(world, 'U0AUDIT1', 'Records of oUpF…jWeS6o', '*Cancelled*', '<@U0AGENT1>')
  await world.slack.person('U0AGENT2').command('/withdraw-coupon', '待审批')
  await answer(world, 'U0AGENT2', '没有等待您审批的申请')
})

test.concurrent('does not fill the quorum with a lead who has left the group, and tells the next one and the card', async ({
  onTestFinished: finished,
}) => {
  const world = await startWorld({ policy: twoApprovals, finished })
  await ask(world)
  await press(world, 'U0LEAD1', 'approve', await card(world, '等待审批'))
  const half = await card(world, '已有 1/2 人批准')
  await world.slack.setGroup('S0LEADS1', ['U0LEAD2'])
  await press(world, 'U0LEAD2', 'approve', half)
  await answer(world, 'U0LEAD2', '1/2', '以下人员已不再是审批人，其批准不再计入：<@U0LEAD1>')
  const told = await card(world, '已有 1/2 人批准', '<@U0LEAD1> 已不再是审批人', '<@U0LEAD2> 于')
  expect(world.wechatpay.coupons()).toEqual([])
  await press(world, 'U0LEAD2', 'more:history', told)
  const wanglei = world.slack.person('U0LEAD2')
  await world.slack.waitFor(() => textOf(wanglei.view()).includes('<@U0LEAD1> 已不再是审批人'))
})
