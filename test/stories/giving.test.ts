import { expect, test } from 'vitest'
import { en } from '../../src/slack/blocks/words/en/index.ts'
import { zhCN } from '../../src/slack/blocks/words/zh-cn/index.ts'
import { clock, formOf, openForm, startWorld, textOf, textsOf, told, transports } from './world.ts'

const OPENID = 'oUpF8uMuAJO_M2pxb1Q9zNjWeS6o'
const SHORT = 'oUpF…jWeS6o'

test.concurrent.for(
  transports,
)('gives a coupon by typed words and tells the requester all of it (%s)', async (transport, {
  onTestFinished: finished,
}) => {
  const world = await startWorld({ finished, transport, now: clock().now })
  const { slack, wechatpay } = world
  const ada = slack.person('U0AGENT1')

  const form = await openForm(world, ada, `${OPENID} withdraw-10 outage SUP-12 the app was down`)
  expect(form.title.text).toBe(en.form.title)
  expect(form.submit?.text).toBe(en.form.give)
  expect(textsOf(form)).toContain(en.form.intro)
  expect(textsOf(form).at(-1)).toContain(en.form.previewAutomatic)
  expect(form.state.values.note?.note_input?.value).toBe('the app was down')
  expect(await ada.submit()).toEqual({ kind: 'updated' })

  const message = await told(world, ada, en.approval.title.issued)
  const coupon = wechatpay.coupons()[0]
  const expires = Math.floor(Date.parse(coupon?.expire_time ?? '') / 1000)
  const title = `✅ ${en.approval.title.issued} · ¥10 · ${SHORT} · SUP-12`
  const until = `<!date^${expires}^{date_short_pretty} {time}|24 Dec 2026, 14:00 (GMT+8)>`
  const shown = [
    title,
    en.card.passOnLabel,
    zhCN.card.passOn('¥10.00', '2026年12月24日 14:00（北京时间）'),
    en.card.passOnIn.en,
    en.card.passOn('¥10.00', '24 Dec 2026, 14:00 (GMT+8)'),
    `${en.card.expires(until)} · Fee-free withdrawal ¥10 · Outage · ${en.card.byRule('Small goodwill')} · <https://example.com/tickets/SUP-12|SUP-12>`,
    'the app was down',
  ]
  expect(message.text).toBe(title)
  const { lookup, ids, history } = en.more
  expect(textsOf(message)).toEqual([...shown, en.card.giveAnother, lookup, ids, history])
  await slack.waitFor(() => textOf(ada.view()).includes(en.approval.title.issued))
  expect(textsOf(ada.view())).toEqual(shown)
  expect(ada.dm()).toHaveLength(1)
  expect(slack.channelMessages('C0APPROVE')).toEqual([])
})

test.concurrent('gives a coupon in Chinese', async ({ onTestFinished: finished }) => {
  const world = await startWorld({ finished, now: clock().now })
  const { slack, wechatpay } = world
  const xiaoyu = slack.person('U0AGENT2')

  await xiaoyu.command('/withdraw-coupon', `发放 ${OPENID} "10 元提现免费券" 服务中断`)
  const form = await formOf(world, xiaoyu)
  expect(form.title.text).toBe(zhCN.form.title)
  expect(form.submit?.text).toBe(zhCN.form.give)
  expect(await xiaoyu.submit()).toEqual({ kind: 'updated' })

  const message = await told(world, xiaoyu, zhCN.approval.title.issued)
  const coupon = wechatpay.coupons()[0]
  const expires = Math.floor(Date.parse(coupon?.expire_time ?? '') / 1000)
  const until = `<!date^${expires}^{date_short_pretty} {time}|2026年12月24日 14:00（北京时间）>`
  expect(textsOf(message)).toEqual([
    `✅ ${zhCN.approval.title.issued} · ¥10 · ${SHORT}`,
    zhCN.card.passOnLabel,
    zhCN.card.passOn('¥10.00', '2026年12月24日 14:00（北京时间）'),
    `${zhCN.card.expires(until)} · 10 元提现免费券 · 服务中断 · ${zhCN.card.byRule('小额补偿')}`,
    zhCN.card.giveAnother,
    zhCN.more.lookup,
    zhCN.more.ids,
    zhCN.more.history,
  ])
  await slack.waitFor(() => textOf(xiaoyu.view()).includes(zhCN.approval.title.issued))
})

test.concurrent.for(
  transports,
)('records what needs an approval as waiting, for the requester and for others (%s)', async (transport, {
  onTestFinished: finished,
}) => {
  const world = await startWorld({ finished, transport, now: clock().now })
  const { slack, wechatpay } = world
  const ada = slack.person('U0AGENT1')

  const form = await openForm(world, ada, `${OPENID} withdraw-50 apology`)
  expect(form.submit?.text).toBe(en.form.ask)
  const preview = en.form.previewApproval(1, '<#C0APPROVE>', 'no automatic rule applies')
  expect(textsOf(form).at(-1)).toContain(preview)
  expect(await ada.submit()).toEqual({ kind: 'updated' })
  expect(ada.view()?.title.text).toBe(en.approval.title.pending)

  const message = await told(world, ada, en.approval.title.pending)
  const [title, sent] = textsOf(message)
  expect(title).toBe(`⏳ ${en.approval.title.pending} · ¥50 · ${SHORT}`)
  const until = /<!date\^\d+\^\{date_short_pretty\} \{time\}\|25 Nov 2026, 14:00 \(GMT\+8\)>/.exec(
    sent ?? '',
  )?.[0]
  expect(sent).toBe(en.card.pendingText('<#C0APPROVE>', until ?? '?'))
  expect(textsOf(message)).not.toContain(en.card.giveAnother)

  const xiaoyu = slack.person('U0AGENT2')
  await xiaoyu.command('/withdraw-coupon', `list ${OPENID}`)
  const list = await slack.waitFor(() => xiaoyu.messages('C0SUPPORT').at(-1))
  expect(list.text).toBe(`${zhCN.list.title.none} · ${SHORT}`)
  expect(textOf(list)).toContain(`*${zhCN.list.open.pending}* · ¥50.00`)
  expect(textOf(list)).toContain('<@U0AGENT1>')

  expect(world.recorded()).toMatchObject([{ state: 'pending', attempts: 0 }])
  expect(wechatpay.calls().filter(({ method }) => method === 'POST')).toEqual([])
})

test.concurrent('asks for approval once the policy has approved as often as it may by itself', async ({
  onTestFinished: finished,
}) => {
  const world = await startWorld({ finished, now: clock().now })
  const ada = world.slack.person('U0AGENT1')
  for (const last of ['1', '2', '3']) {
    await openForm(world, ada, `oUpF8uMuAJO_M2pxb1Q9zNjWeS6${last} withdraw-10 outage`)
    await ada.submit()
    await told(world, ada, en.approval.title.issued)
    await ada.close()
  }
  const form = await openForm(world, ada, `${OPENID} withdraw-10 outage`)
  expect(form.submit?.text).toBe(en.form.ask)
  await ada.submit()
  await told(world, ada, en.approval.title.pending)
  expect(world.wechatpay.coupons()).toHaveLength(3)
})

test.concurrent.for(
  transports,
)('asks "another one?", gives none when that is cancelled, and one more when it is confirmed (%s)', async (transport, {
  onTestFinished: finished,
}) => {
  const world = await startWorld({ finished, transport, now: clock().now })
  const { slack, wechatpay } = world
  const xiaoyu = slack.person('U0AGENT2')
  await openForm(world, xiaoyu, `${OPENID} withdraw-10 outage`)
  await xiaoyu.submit()
  await told(world, xiaoyu, zhCN.approval.title.issued)

  const ada = slack.person('U0AGENT1')
  const form = await openForm(world, ada, `${OPENID} withdraw-10 apology`)
  // What speaks against it stands right below the openid, and goes with it.
  const below = () => ada.view()?.blocks[2] as { block_id?: string; text?: { text: string } }
  expect(form.blocks[1]?.block_id).toBe('openid')
  expect(below()).toMatchObject({ block_id: 'warning' })
  expect(below().text?.text).toMatch(/^⚠ \*2nd coupon in 30 days\*: <@U0AGENT2> ¥10, <!date.*\(Outage\)$/)
  ada.fill({ openid_input: 'oUpF8uMuAJO_M2pxb1Q9zNjNone1' })
  await slack.waitFor(() => below().block_id !== 'warning')
  ada.fill({ openid_input: 'oUpF8uMuAJO M2pxb1Q9zNjWeS6o' })
  await slack.waitFor(() => below().text?.text.startsWith('⛔ An openid has'))
  ada.fill({ openid_input: OPENID })
  await slack.waitFor(() => below().text?.text.startsWith('⚠ '))
  expect(await ada.submit()).toEqual({ kind: 'pushed' })
  expect(ada.view()?.title.text).toBe(en.another.title)
  const [who, question] = textsOf(ada.view())
  const when = /<!date\^[^>]*>/.exec(who ?? '')?.[0] ?? '?'
  expect(who).toBe(en.another.given('<@U0AGENT2>', when))
  expect(question).toBe(en.another.question(`\`${SHORT}\``, 'Fee-free withdrawal ¥10'))
  await ada.cancel()
  expect(ada.view()?.callback_id).toBe('give')
  expect(world.recorded()).toHaveLength(1)

  expect(await ada.submit()).toEqual({ kind: 'pushed' })
  expect(await ada.submit()).toEqual({ kind: 'updated' })
  await told(world, ada, en.approval.title.issued, 'Apology')
  await slack.waitFor(() => textOf(ada.view()).includes(en.approval.title.issued))
  expect(wechatpay.coupons().map(({ openid }) => openid)).toEqual([OPENID, OPENID])
  expect(ada.dm()).toHaveLength(1)
  await ada.cancel()
  expect(ada.views()).toEqual([])
})

test.concurrent('opens the form filled in again by "Give another" in the message', async ({
  onTestFinished: finished,
}) => {
  const world = await startWorld({ finished, now: clock().now })
  const { slack } = world
  const ada = slack.person('U0AGENT1')
  await openForm(world, ada, `${OPENID} withdraw-10 outage SUP-12`)
  await ada.submit()
  await told(world, ada, en.approval.title.issued)
  await ada.close()
  await ada.press({ actionId: 'give_another' })
  const form = await formOf(world, ada)
  expect(form.state.values.openid?.openid_input?.value).toBe(OPENID)
  expect(form.state.values.stock?.stock_select?.selected_option?.value).toBe('withdraw-10')
  expect(form.state.values.ticket?.ticket_input?.value).toBe('SUP-12')
  expect(await ada.submit()).toEqual({ kind: 'pushed' })
})

test.concurrent('tells why WeChat Pay refuses, and what to do', async ({ onTestFinished: finished }) => {
  const world = await startWorld({ finished, now: clock().now })
  const { slack, wechatpay } = world
  const ada = slack.person('U0AGENT1')
  wechatpay.fault({ name: 'refuse', code: 'USER_ACCOUNT_ABNORMAL', match: { method: 'POST' } })
  await openForm(world, ada, `${OPENID} withdraw-10 outage`)
  await ada.submit()
  const message = await told(world, ada, en.approval.title.refused)
  const { why, next } = en.refusedBy.USER_ACCOUNT_ABNORMAL
  expect(textsOf(message)).toContain(en.card.refusedText(why, next))
  await slack.waitFor(() => textOf(ada.view()).includes(en.approval.title.refused))
  expect(wechatpay.coupons()).toEqual([])
})

test.concurrent('corrects a mistake in three clicks: the first request gives way, and is never issued beside the new one', async ({
  onTestFinished: finished,
}) => {
  const world = await startWorld({ finished, now: clock().now })
  const { slack, wechatpay } = world
  const ada = slack.person('U0AGENT1')
  await openForm(world, ada, `${OPENID} withdraw-50 apology SUP-12 was charged *twice*`)
  await ada.submit()
  const message = await told(world, ada, en.approval.title.pending)
  await ada.close()

  await ada.press({ actionId: 'change', messageTs: message.ts, channel: message.channel })
  const form = await formOf(world, ada)
  expect(form.title.text).toBe(en.form.changeTitle)
  expect(textsOf(form)).toContain(en.form.changing)
  expect(form.state.values.note?.note_input?.value).toBe('was charged *twice*')
  expect(form.state.values.ticket?.ticket_input?.value).toBe('SUP-12')
  // Who closes it has lost nothing.
  await ada.close()
  expect(world.recorded()).toMatchObject([{ state: 'pending' }])

  await ada.press({ actionId: 'change', messageTs: message.ts, channel: message.channel })
  await formOf(world, ada)
  ada.fill({ stock_select: 'withdraw-10' })
  await slack.waitFor(() => ada.view()?.submit?.text === en.form.give)
  expect(ada.view()?.title.text).toBe(en.form.changeTitle)
  expect(await ada.submit()).toEqual({ kind: 'updated' })
  await told(world, ada, en.approval.title.issued)
  await told(world, ada, en.approval.title.cancelled, en.approval.cancelledByPolicy.changed)
  expect(world.recorded()).toMatchObject([{ state: 'cancelled' }, { state: 'issued', stock: 'withdraw-10' }])
  expect(wechatpay.coupons()).toHaveLength(1)
})
