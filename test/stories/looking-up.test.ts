import { expect, test } from 'vitest'
import { createWechatPay } from '../../src/wechatpay/index.ts'
import {
  clock,
  examplePolicy,
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

const list = (world: World) =>
  world.slack.waitFor(() =>
    world.slack
      .person('U0AGENT1')
      .messages('C0SUPPORT')
      .findLast((message) => textOf(message).includes('oUpF…jWeS6o')),
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
  await told(world, ada, 'Coupon issued')
  await ada.close()
  time.forward(DAY)
  await giveOutside(world, 9)
  const [own, used, strange] = wechatpay.coupons()
  wechatpay.changeCoupon(own?.coupon_id ?? '', { use_quota: 400 })
  wechatpay.changeCoupon(used?.coupon_id ?? '', { use_quota: 1000 })
  wechatpay.changeCoupon(strange?.coupon_id ?? '', { state: 'FROZEN' })

  await ada.command('/withdraw-coupon', `list ${OPENID}`)
  const first = textsOf(await list(world))
  expect(first.slice(0, 2)).toEqual(['10 coupons of oUpF…jWeS6o', '8 usable, up to ¥76.00 left'])
  const mine = first.find((text) => text.includes(own?.coupon_id ?? '-')) ?? ''
  expect(mine).toMatch(/^\*Usable\* {2}Fee-free withdrawal ¥10 · ¥4\.00 of ¥10\.00 used · sent <!date\^\d+\^/)
  expect(mine).toMatch(/\|24 Dec 2026, 14:00 \(GMT\+8\)> \(in 28 days\) · by <@U0AGENT1>: Outage\n/)
  expect(first.filter((text) => text.includes('expiry not known (given outside this app)'))).toHaveLength(7)
  expect(first.slice(-4)).toEqual([
    'Give a coupon',
    'Next',
    'Page 1 of 2',
    'Only you can see this. Look-ups are recorded.',
  ])

  await ada.press({ actionId: 'list_next' })
  await slack.waitFor(() => ada.messages('C0SUPPORT').some((shown) => textOf(shown).includes('Page 2 of 2')))
  const second = textsOf(await list(world))
  expect(second[2]).toMatch(/^\*FROZEN\* {2}/)
  expect(second[3]).toMatch(/^\*Used up\* {2}/)
  expect(second).toContain('Previous')
  expect(second).not.toContain('Next')
  await ada.press({ actionId: 'list_previous' })
  await slack.waitFor(() => ada.messages('C0SUPPORT').some((shown) => textOf(shown).includes('Page 1 of 2')))
  expect(ada.messages('C0SUPPORT')).toHaveLength(1)
  expect(slack.channelMessages('C0SUPPORT')).toEqual([])

  await ada.press({ actionId: 'give_to_user' })
  const form = await slack.waitFor(() => ada.view())
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
  expect(none.slice(0, 3)).toEqual([
    'No coupons of oUpF…jWeS6o',
    'This user holds no coupons of the 2 kinds that you may look up.',
    'Give a coupon',
  ])

  wechatpay.fault({ name: 'expire-time-missing' })
  await openForm(world, ada, `${OPENID} withdraw-10 outage`)
  await ada.submit()
  const message = await told(world, ada, 'Coupon issued')
  expect(textsOf(message)[2]).toBe('WeChat Pay did not tell when it expires.')
  expect(textsOf(message)[4]).toBe(
    'We have added a fee-free withdrawal coupon to your WeChat Pay. You can withdraw up to ¥10.00 to your bank card without a fee.',
  )
  await ada.command('/withdraw-coupon', `list ${OPENID} "Fee-free withdrawal ¥10"`)
  const shown = await slack.waitFor(() => ada.messages('C0SUPPORT')[1])
  expect(textOf(shown)).toContain('expiry not known (WeChat Pay did not tell)')
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
  const message = await told(world, ada, 'Coupon issued')
  expect(textOf(message)).toContain(wechatpay.coupons()[0]?.coupon_id)
  await ada.command('/withdraw-coupon', `list ${OPENID}`)
  expect(textsOf(await list(world))[0]).toBe('1 coupon of oUpF…jWeS6o')
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
  expect(shown).toMatch(/\*Could not look up Fee-free withdrawal ¥(10|50)\*: WeChat Pay says `NO_AUTH`/)
  expect(shown).toContain('This list is not complete.')
})

test.concurrent('lets nobody look up more users than the policy allows, and says when to go on', async ({
  onTestFinished: finished,
}) => {
  const policy = examplePolicy.replace('per_person: 60', 'per_person: 2')
  const world = await startWorld({ finished, policy, now: clock().now })
  const ada = world.slack.person('U0AGENT1')
  for (const typed of ['list oOne', 'list oTwo', `list ${OPENID}`]) {
    const before = ada.messages('C0SUPPORT').length
    await ada.command('/withdraw-coupon', typed)
    await world.slack.waitFor(() => ada.messages('C0SUPPORT').length > before)
  }
  expect(ada.messages('C0SUPPORT').map(({ text }) => text)).toEqual([
    'No coupons of oO…',
    'No coupons of oT…',
    'You have looked up 2 users, which is the most for now. You can look up again from 24 Nov 2026, 15:00 (GMT+8).',
  ])
})

test.concurrent.for([
  ['U0AGENT1', 'lsit x', '“lsit”? Did you mean “list”?'],
  ['U0AGENT1', 'bogus', 'There is no “bogus” here.'],
  ['U0AGENT1', '<@U0LEAD1>', 'There is no “<@U0LEAD1>” here.'],
  [
    'U0AGENT1',
    'list',
    'Whose coupons? Write the openid after it, for example `/withdraw-coupon list oUpF…`.',
  ],
  ['U0AGENT1', 'list a*b', 'An openid has only letters, digits, - and _. This has “*” at position 2.'],
  [
    'U0AGENT1',
    `list ${OPENID} withdraw-99`,
    'There is no coupon “withdraw-99” to give any more. Please choose another one.',
  ],
  ['U0AGENT2', '查洵', '“查洵”？您要找的是“查询”吗？'],
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
  expect(agent).toContain(
    '`/withdraw-coupon send oUpF8uMuAJO_M2pxb1Q9zNjWeS6o withdraw-10 outage sorry for the wait`',
  )
  expect(agent).toContain('What is not approved by itself is decided by <!subteam^S0LEADS1> in <#C0APPROVE>.')
  expect(agent).toContain('Left today: Fee-free withdrawal ¥10 1000 · Fee-free withdrawal ¥50 1000')
  expect(await help('U0AGENT2', '帮助')).toContain('`/withdraw-coupon 查询 oUpF8uMuAJO_M2pxb1Q9zNjWeS6o`')
  const auditor = await help('U0AUDIT1', '')
  expect(auditor).toContain('You are not in a group that may give coupons.')
  expect(auditor).toContain('/withdraw-coupon list')
  expect(auditor).not.toContain('/withdraw-coupon send')
})
