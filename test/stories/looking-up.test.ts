import { expect, test } from 'vitest'
import { en } from '../../src/slack/blocks/words/en/index.ts'
import { zhCN } from '../../src/slack/blocks/words/zh-cn/index.ts'
import { createWechatPay } from '../../src/wechatpay/index.ts'
import {
  clock,
  examplePolicy,
  formOf,
  openForm,
  startWorld,
  type Transport,
  textOf,
  textsOf,
  told,
  transports,
  type World,
} from './world.ts'

const OPENID = 'oUpF8uMuAJO_M2pxb1Q9zNjWeS6o'
const SHORT = 'oUpF…jWeS6o'
const DAY = 24 * 60 * 60 * 1000

/** Gives coupons of the first stock past the app, as another system of the merchant would. */
async function giveOutside({ wechatpay: { info, privateKey, publicKey } }: World, count: number) {
  const client = createWechatPay({
    mchid: info.mchid,
    merchantSerial: info.merchantSerial,
    privateKey,
    publicKey: { id: info.publicKeyId, pem: publicKey },
    baseUrls: [info.baseUrl],
  })
  const { mchid, appid, stockId: stock_id } = info
  for (let number = 1; number <= count; number++)
    await client.v3.marketing.withdrawFavor.users._openid_.coupons.post({
      openid: OPENID,
      json: { mchid, appid, stock_id, send_request_no: `OUTSIDE${number}` },
    })
  await client.close()
}

const { list: words } = en

const list = (world: World) =>
  world.slack.waitFor(() =>
    world.slack
      .person('U0AGENT1')
      .messages('C0SUPPORT')
      .findLast((message) => textOf(message).includes(SHORT)),
  )

test.concurrent.for(
  transports,
)('lists every coupon page by page, and opens the form from there (%s)', async (transport: Transport, {
  onTestFinished: finished,
}) => {
  const time = clock()
  const world = await startWorld({ finished, transport, now: time.now })
  const { slack, wechatpay } = world
  const ada = slack.person('U0AGENT1')
  await openForm(world, ada, `${OPENID} withdraw-10 outage`)
  await ada.submit()
  await told(world, ada, en.approval.title.issued)
  await ada.close()
  time.forward(DAY)
  await giveOutside(world, 9)
  const [own, used, strange] = wechatpay.coupons()
  wechatpay.changeCoupon(own?.coupon_id ?? '', { use_quota: 400 })
  wechatpay.changeCoupon(used?.coupon_id ?? '', { use_quota: 1000 })
  wechatpay.changeCoupon(strange?.coupon_id ?? '', { state: 'FROZEN' })

  await ada.command('/withdraw-coupon', `list ${OPENID}`)
  const first = textsOf(await list(world))
  expect(first.slice(0, 2)).toEqual([words.title(10, SHORT, 'all'), words.summary(8, '¥76.00')])
  const mine = first.find((text) => text.includes(own?.coupon_id ?? '-')) ?? ''
  expect(mine).toContain(`*${words.state.usable}*  Fee-free withdrawal ¥10`)
  expect(mine).toContain(words.used('¥4.00', '¥10.00'))
  expect(mine).toContain('|24 Dec 2026, 14:00 (GMT+8)> (in 28 days)')
  expect(mine).toContain(words.by('<@U0AGENT1>', 'Outage'))
  expect(first.filter((text) => text.includes(words.noExpiry))).toHaveLength(7)
  expect(first.slice(-4)).toEqual([words.give, words.next, words.page(1, 2), words.privacy])

  await ada.press({ actionId: 'list_next' })
  await slack.waitFor(() =>
    ada.messages('C0SUPPORT').some((shown) => textOf(shown).includes(words.page(2, 2))),
  )
  const second = textsOf(await list(world))
  expect(second[2]).toContain('*FROZEN*  Fee-free withdrawal ¥10')
  expect(second[3]).toContain(`*${words.state.usedUp}*  Fee-free withdrawal ¥10`)
  expect(second).toContain(words.previous)
  expect(second).not.toContain(words.next)
  await ada.press({ actionId: 'list_previous' })
  await slack.waitFor(() =>
    ada.messages('C0SUPPORT').some((shown) => textOf(shown).includes(words.page(1, 2))),
  )
  expect(ada.messages('C0SUPPORT')).toHaveLength(1)
  expect(slack.channelMessages('C0SUPPORT')).toEqual([])

  await ada.press({ actionId: 'give_to_user' })
  const form = await formOf(world, ada)
  expect(form.state.values.openid?.openid_input?.value).toBe(OPENID)
})

test.concurrent('tells that a user holds nothing, and what a coupon whose expiry nobody told is', async ({
  onTestFinished: finished,
}) => {
  const world = await startWorld({ finished })
  const { slack, wechatpay } = world
  const ada = slack.person('U0AGENT1')
  await ada.command('/withdraw-coupon', `list ${OPENID}`)
  const none = textsOf(await list(world))
  expect(none.slice(0, 3)).toEqual([words.title(0, SHORT, 'all'), words.none(2), words.give])

  wechatpay.fault({ name: 'expire-time-missing' })
  await openForm(world, ada, `${OPENID} withdraw-10 outage`)
  await ada.submit()
  const message = await told(world, ada, en.approval.title.issued)
  expect(textOf(message)).toContain(en.card.noExpiry)
  expect(textsOf(message)).toContain(en.card.passOn('¥10.00', null))
  await ada.command('/withdraw-coupon', `list ${OPENID} "Fee-free withdrawal ¥10"`)
  const shown = await slack.waitFor(() => ada.messages('C0SUPPORT')[1])
  expect(textOf(shown)).toContain(words.noExpiryOwn)
})

test.concurrent('shows a coupon whose answer was lost and its request as one, until it is known', async ({
  onTestFinished: finished,
}) => {
  const world = await startWorld({ finished })
  const { slack, wechatpay } = world
  const ada = slack.person('U0AGENT1')
  wechatpay.fault({ name: 'reset-after', match: { method: 'POST' } })
  wechatpay.fault({ name: 'server-error', match: { method: 'POST' }, times: 'always' })
  await openForm(world, ada, `${OPENID} withdraw-10 outage`)
  await ada.submit()
  await slack.waitFor(() => world.recorded()[0]?.flag)
  await ada.command('/withdraw-coupon', `list ${OPENID}`)
  const shown = await list(world)
  expect(textsOf(shown)[0]).toBe(words.title(1, SHORT, 'all'))
  expect(textOf(shown)).not.toContain(words.noExpiry)
  const row = textsOf(shown).find((text) => text.includes(words.question(1, 1))) ?? ''
  expect(row).toContain(wechatpay.coupons()[0]?.coupon_id)
  expect(row).toContain(words.open.checking)

  wechatpay.clearFaults()
  await told(world, ada, en.approval.title.issued)
  await ada.command('/withdraw-coupon', `list ${OPENID}`)
  const known = await slack.waitFor(() => {
    const last = list(world)
    return ada.messages('C0SUPPORT').length > 1 ? last : null
  })
  expect(textOf(await known)).toContain(words.by('<@U0AGENT1>', 'Outage'))
  expect(textOf(await known)).not.toContain(words.question(1, 1))
})

test.concurrent('takes no harm from 200 KB of fields that nobody knows', async ({
  onTestFinished: finished,
}) => {
  const world = await startWorld({ finished })
  const { wechatpay, slack } = world
  const ada = slack.person('U0AGENT1')
  wechatpay.fault({ name: 'extra-fields', bytes: 200_000, times: 'always' })
  await openForm(world, ada, `${OPENID} withdraw-10 outage`)
  await ada.submit()
  await told(world, ada, en.approval.title.issued)
  await ada.command('/withdraw-coupon', `list ${OPENID}`)
  expect(textsOf(await list(world))[0]).toBe(words.title(1, SHORT, 'all'))
  expect(world.recorded()).toMatchObject([{ state: 'issued', attempts: 1 }])
})

test.concurrent('shows the other coupons when WeChat Pay fails for one kind, and says which', async ({
  onTestFinished: finished,
}) => {
  const world = await startWorld({ finished })
  const ada = world.slack.person('U0AGENT1')
  await giveOutside(world, 1)
  world.wechatpay.fault({ name: 'refuse', code: 'NO_AUTH', match: { method: 'GET' } })
  await ada.command('/withdraw-coupon', `list ${OPENID}`)
  const shown = textOf(await list(world))
  const failed = ['Fee-free withdrawal ¥10', 'Fee-free withdrawal ¥50'].map((name) =>
    words.failed(name, words.failedOther('`NO_AUTH`')),
  )
  expect(failed.filter((text) => shown.includes(text))).toHaveLength(1)
  expect(shown).toContain(words.incomplete)
})

test.concurrent('lets nobody look up more users than the policy allows, and says when to go on', async ({
  onTestFinished: finished,
}) => {
  const policy = examplePolicy.replace('per_person: 60', 'per_person: 2')
  const world = await startWorld({ finished, policy, now: clock().now })
  const ada = world.slack.person('U0AGENT1')
  const others = ['oUpF8uOne0000000000000000One', 'oUpF8uTwo0000000000000000Two']
  for (const openid of [...others, OPENID]) {
    const typed = `list ${openid}`
    const before = ada.messages('C0SUPPORT').length
    await ada.command('/withdraw-coupon', typed)
    await world.slack.waitFor(() => ada.messages('C0SUPPORT').length > before)
  }
  expect(ada.messages('C0SUPPORT').map(({ text }) => text)).toEqual([
    words.title(0, 'oUpF…000One', 'all'),
    words.title(0, 'oUpF…000Two', 'all'),
    en.refusal.lookups(2, '24 Nov 2026, 15:00 (GMT+8)'),
  ])
})

test.concurrent.for([
  ['U0AGENT1', 'lsit x', en.help.typo('lsit', 'list')],
  ['U0AGENT1', 'bogus', en.help.unknown('bogus')],
  ['U0AGENT1', '<@U0LEAD1>', en.help.unknown('&lt;@U0LEAD1&gt;')],
  ['U0AGENT1', 'list', words.missing],
  ['U0AGENT1', 'list a*b', en.refusal.openidCharacter('*', 2)],
  ['U0AGENT1', 'list SUP-12', en.refusal.openidLength(6)],
  ['U0AGENT1', 'list 13800138000', en.refusal.openidLength(11)],
  ['U0AGENT1', `history ${OPENID}9`, en.refusal.openidLength(29)],
  ['U0AGENT1', 'history 4200002345202611290123456789', en.refusal.openidStart('4')],
  ['U0AGENT1', `send ${'a '.repeat(1600)}`, en.notice.tooLong(3000)],
  ['U0OPS001', `pause ${'x'.repeat(3000)}`, en.notice.tooLong(3000)],
  ['U0AGENT1', `list ${OPENID} withdraw-99`, en.refusal.stockUnknown('withdraw-99')],
  ['U0AGENT2', '查洵', zhCN.help.typo('查洵', '查询')],
] as const)('answers %s for “%s”', async ([id, typed, answer], { onTestFinished: finished }) => {
  const world = await startWorld({ finished })
  const person = world.slack.person(id)
  await person.command('/withdraw-coupon', typed)
  const shown = await world.slack.waitFor(() => person.messages('C0SUPPORT').at(-1))
  expect(shown.text).toBe(answer)
  expect(shown.onlyFor).toBe(id)
})

test.concurrent('helps each person with what is possible for that person', async ({
  onTestFinished: finished,
}) => {
  const world = await startWorld({ finished })
  const { slack } = world
  const help = async (id: string, typed: string) => {
    const person = slack.person(id)
    await person.command('/withdraw-coupon', typed)
    return textOf(await slack.waitFor(() => person.messages('C0SUPPORT').at(-1)))
  }
  const agent = await help('U0AGENT1', 'help')
  expect(agent).toContain(`/withdraw-coupon send ${OPENID} withdraw-10 outage ${en.help.example.note}`)
  expect(agent).toContain(en.help.approvers('<!subteam^S0LEADS1>', '<#C0APPROVE>'))
  expect(agent).toContain(en.help.leftOne('Fee-free withdrawal ¥50', 1000))
  expect(await help('U0AGENT2', '帮助')).toContain(`/withdraw-coupon 查询 ${OPENID}`)
  const auditor = await help('U0AUDIT1', '')
  expect(auditor).toContain(en.refusal.roleMissing('requester'))
  expect(auditor).toContain('/withdraw-coupon list')
  expect(auditor).not.toContain('/withdraw-coupon send')
})
