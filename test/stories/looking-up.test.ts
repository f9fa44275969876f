import { expect, test } from 'vitest'
import type { Message } from '../../src/sandbox/slack/index.ts'
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

/** Rows of the table of a message, without its head. */
function rowsOf({ blocks }: Message): string[] {
  const table = blocks?.find(({ type }) => type === 'data_table') as { rows?: unknown[] } | undefined
  return (table?.rows ?? []).slice(1).map((row) => JSON.stringify(row))
}

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
  await giveOutside(world, 22)
  const [own, used, strange] = wechatpay.coupons()
  wechatpay.changeCoupon(own?.coupon_id ?? '', { use_quota: 400 })
  wechatpay.changeCoupon(used?.coupon_id ?? '', { use_quota: 1000 })
  wechatpay.changeCoupon(strange?.coupon_id ?? '', { state: 'FROZEN' })

  await ada.command('/withdraw-coupon', `list ${OPENID}`)
  const first = textsOf(await list(world))
  const title = words.title.some(21, '¥206.00', 23)
  expect(first.slice(0, 3)).toEqual([title, SHORT, words.privacy])
  expect((await list(world)).text).toContain(`${title} · ${SHORT}\n`)
  const rows = rowsOf(await list(world))
  expect(rows).toHaveLength(20)
  expect(rows.filter((row) => row.includes(words.outside))).toHaveLength(20)
  expect(first).toContain(words.range(1, 20, 23, false))
  expect(first.slice(-3)).toEqual([words.give, words.records, words.next])

  const drawn = (range: string) =>
    slack.waitFor(() => ada.messages('C0SUPPORT').some((shown) => textOf(shown).includes(range)))
  await ada.press({ actionId: 'list_next' })
  await drawn(words.range(21, 23, 23, false))
  const last = rowsOf(await list(world))
  expect(last).toHaveLength(3)
  const [mine = ''] = last
  expect(mine).toContain(`"${words.state.usable}"`)
  expect(mine).toContain(words.left('¥6.00', '¥10.00'))
  expect(mine).toContain('24 Dec 2026, 14:00 (GMT+8)')
  expect(mine).toContain('"user_id":"U0AGENT1"')
  expect(mine).toContain('Outage')
  expect(last[1]).toContain('"FROZEN"')
  expect(last[2]).toContain(`"${words.state.usedUp}"`)
  const second = textsOf(await list(world))
  expect(second).toContain(words.previous)
  expect(second).not.toContain(words.next)
  await ada.press({ actionId: 'list_previous' })
  await drawn(words.range(1, 20, 23, false))
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
  expect(none).toEqual([words.title.none, SHORT, words.privacy, words.none(2), words.give, words.records])

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
  expect(textsOf(shown)[0]).toBe(words.title.some(1, '¥10.00', 1))
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
  expect(textOf(await known)).toMatch(/<@U0AGENT1> · .*Outage/)
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
  expect(textsOf(await list(world))[0]).toBe(words.title.some(1, '¥10.00', 1))
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
  expect(shown).toContain(words.title.incomplete(''))
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
    `${words.title.none} · oUpF…000One`,
    `${words.title.none} · oUpF…000Two`,
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
  ['U0AGENT1', 'history SUP-99', en.found.unknownKey('SUP-99')],
  ['U0AGENT2', '记录 *a*', zhCN.found.unknownKey('a')],
  ['U0AGENT1', 'history', en.found.missing],
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

test.concurrent('shows what is left to give and look up, and when it is more again, in the reader’s language', async ({
  onTestFinished: finished,
}) => {
  const world = await startWorld({ finished, now: clock().now })
  const { slack } = world
  const ada = slack.person('U0AGENT1')
  await openForm(world, ada, `${OPENID} 10 outage`)
  await ada.submit()
  await told(world, ada, en.approval.title.issued)
  await ada.command('/withdraw-coupon', 'left')
  const shown = await slack.waitFor(() => ada.messages('C0SUPPORT').at(-1))
  expect(shown).toMatchObject({ onlyFor: 'U0AGENT1' })
  expect(textsOf(shown)[0]).toBe(en.left.title)
  const [own = '', byRule = '', ten = ''] = rowsOf(shown)
  expect(own).toContain(en.left.of('quota', 19_000, 20_000))
  expect(own).toContain('1 Dec 2026, 00:00 (GMT+8)')
  expect(byRule).toContain(en.left.of('count', 2, 3))
  expect(byRule).toContain('25 Nov 2026, 00:00 (GMT+8)')
  expect(ten).toContain(en.left.of('count', 999, 1000))
  expect(textOf(shown)).toContain(en.left.lookups(60, 60, 60))

  const xiaoyu = slack.person('U0AGENT2')
  await xiaoyu.command('/withdraw-coupon', '额度')
  const chinese = await slack.waitFor(() => xiaoyu.messages('C0SUPPORT').at(-1))
  expect(chinese.text).toContain(zhCN.left.of('quota', 20_000, 20_000))
  const audrey = slack.person('U0AUDIT1')
  await audrey.command('/withdraw-coupon', 'left')
  const looks = await slack.waitFor(() => audrey.messages('C0SUPPORT').at(-1))
  expect(textsOf(looks)).toEqual([en.left.title, en.left.lookups(60, 60, 60)])
})

test.concurrent('lists for an openid alone, finds the records by the ticket, and shows ids and history of a row', async ({
  onTestFinished: finished,
}) => {
  const world = await startWorld({ finished })
  const { slack } = world
  const ada = slack.person('U0AGENT1')
  const last = (what: string) =>
    slack.waitFor(() => {
      const message = ada.messages('C0SUPPORT').at(-1)
      return message && textOf(message).includes(what) ? message : null
    })
  for (let count = 0; count < 4; count++) {
    const openid = count === 0 ? OPENID : OPENID.replace('M2', `N${count}`)
    await openForm(world, ada, `${openid} 10 other https://example.com/tickets/sup-12 *sorry* ${count}`)
    await ada.submit()
    await slack.waitFor(() => world.recorded().filter(({ state }) => state !== 'approved').length > count)
    await ada.close()
  }
  await ada.command('/withdraw-coupon', OPENID)
  const coupons = await last(words.title.some(1, '¥10.00', 1))
  await ada.press({ actionId: 'records_of_user', messageTs: coupons.ts })
  const records = await last(en.found.historyTitle(SHORT))
  expect(textOf(records)).toContain('*sorry* 0')
  await ada.command('/withdraw-coupon', 'history sup-12')
  const byTicket = await last(en.found.keyTitle('ticket', 'SUP-12'))
  const rows = rowsOf(byTicket)
  expect(rows).toHaveLength(4)
  expect(rows[0]).toContain('*sorry* 3')
  expect(rows[3]).toContain(SHORT)
  expect(byTicket.text).toContain('`*sorry* 0`')
  const [{ id } = { id: '' }] = world.recorded()
  await ada.press({ actionId: 'more', value: `ids|${id}`, messageTs: byTicket.ts })
  await last(en.ids.title)
  await ada.command('/withdraw-coupon', `history ${wechatpayNumber(world)}`)
  await last(en.found.keyTitle('number', wechatpayNumber(world)))
})

/** The number of the first coupon that was sent. */
function wechatpayNumber({ wechatpay }: World): string {
  return wechatpay.coupons()[0]?.send_request_no ?? ''
}

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
