import { expect, test } from 'vitest'
import { en } from '../../src/slack/blocks/words/en/index.ts'
import {
  createWorld,
  examplePolicy,
  openForm,
  startWorld,
  textOf,
  textsOf,
  told,
  transports,
} from './world.ts'

const OPENID = 'oUpF8uMuAJO_M2pxb1Q9zNjWeS6o'
const ISSUED = en.approval.title.issued
/** The example without its first stock. */
const without10 = examplePolicy
  .replace(/^ {2}withdraw-10:\n(?: {4}.*\n)+/m, '')
  .replace('stocks: [withdraw-10]', 'stocks: [withdraw-50]')

test.concurrent.for(
  transports,
)('refuses at its field a coupon that left the policy while the form was open (%s)', async (transport, {
  onTestFinished: finished,
}) => {
  const world = await createWorld({ finished, transport })
  const app = await world.start()
  const ada = world.slack.person('U0AGENT1')
  await openForm(world, ada, `${OPENID} withdraw-10 outage`)
  await app.stop(1000)
  world.setPolicy(without10)
  await world.start()

  expect(await ada.submit()).toEqual({
    kind: 'errors',
    local: false,
    errors: { stock: en.refusal.stockUnknown('withdraw-10') },
  })
  expect(world.recorded()).toEqual([])
  ada.fill({ stock_select: 'withdraw-50' })
  expect(await ada.submit()).toEqual({ kind: 'updated' })
  await told(world, ada, en.approval.title.pending)
})

test.concurrent('refuses another one of a coupon that left the policy meanwhile', async ({
  onTestFinished: finished,
}) => {
  const world = await createWorld({ finished })
  const app = await world.start()
  const ada = world.slack.person('U0AGENT1')
  await openForm(world, ada, `${OPENID} withdraw-10 outage`)
  await ada.submit()
  await told(world, ada, ISSUED)
  await openForm(world, ada, `${OPENID} withdraw-10 outage`)
  expect(await ada.submit()).toEqual({ kind: 'pushed' })
  await app.stop(1000)
  world.setPolicy(without10)
  await world.start()

  expect(await ada.submit()).toEqual({ kind: 'updated' })
  expect(textsOf(ada.view())).toEqual([en.refusal.stockUnknown('withdraw-10'), en.refusal.nothingRecorded])
  expect(world.recorded()).toHaveLength(1)
  // What was given of it is still found.
  await ada.command('/withdraw-coupon', `list ${OPENID}`)
  const list = await world.slack.waitFor(() => ada.messages('C0SUPPORT').at(-1))
  expect(textsOf(list)[0]).toBe(en.list.title.some(1, '¥10.00', 1))
})

test.concurrent('says on what waits that its coupon left the policy, once it has', async ({
  onTestFinished: finished,
}) => {
  const policy = examplePolicy.replaceAll('stocks: [withdraw-10]', 'stocks: [withdraw-50]')
  const world = await createWorld({ finished, policy })
  await world.start()
  const ada = world.slack.person('U0AGENT1')
  await openForm(world, ada, `${OPENID} withdraw-10 outage`)
  await ada.submit()
  await told(world, ada, en.approval.title.pending)
  world.setPolicy(without10)
  await told(world, ada, en.card.stockLeft(null))
  const lea = world.slack.person('U0LEAD1')
  await world.slack.waitFor(() =>
    lea.messages('C0APPROVE').some((message) => textOf(message).includes('策略中移除')),
  )
})

test.concurrent('calls off what WeChat Pay has not taken yet of a coupon that left the policy', async ({
  onTestFinished: finished,
}) => {
  const world = await createWorld({ finished })
  const app = await world.start()
  const { slack, wechatpay } = world
  const ada = slack.person('U0AGENT1')
  wechatpay.fault({ name: 'too-many-requests', times: 20, match: { method: 'POST' } })
  await openForm(world, ada, `${OPENID} withdraw-10 outage`)
  await ada.submit()
  await slack.waitFor(() => {
    const [grant] = world.recorded()
    return grant && grant.attempts > 0 && grant.state === 'approved'
  })
  await app.stop(1000)
  world.setPolicy(without10)
  await world.start()
  await told(world, ada, en.approval.title.cancelled)
  await slack.waitFor(() => textOf(ada.view()).includes(en.approval.title.cancelled))
  expect(wechatpay.coupons()).toEqual([])
  expect(world.recorded()).toMatchObject([{ state: 'cancelled' }])
})

test.concurrent('takes off what copying leaves around an openid', async ({ onTestFinished: finished }) => {
  const world = await startWorld({ finished })
  const ada = world.slack.person('U0AGENT1')
  await openForm(world, ada, 'withdraw-10 outage')
  ada.fill({ openid_input: ` \u200b“${OPENID}”\u00a0\ufeff ` })
  expect(await ada.submit()).toEqual({ kind: 'updated' })
  await told(world, ada, ISSUED)
  expect(world.wechatpay.coupons()).toMatchObject([{ openid: OPENID }])
})

test.concurrent.for([
  ['oUpF 8uMuAJO', en.refusal.openidCharacter(' ', 5)],
  ['oUpF8u😀MuAJO', en.refusal.openidCharacter('😀', 7)],
  ['oUpF8u"MuAJO', en.refusal.openidCharacter('"', 7)],
  ['oUpF8u\u200bMuAJO', en.refusal.openidLength(11)],
  ['oUpF8u\u00a0MuAJO', en.refusal.openidCharacter('U+00A0', 7)],
  ['oUpF8u\ufe0fMuAJO', en.refusal.openidCharacter('U+FE0F', 7)],
  ['“”', en.refusal.openidEmpty],
  ['o'.repeat(129), en.refusal.openidTooLong(129)],
] as const)('says at its field what is wrong with the openid %j', async ([openid, problem], {
  onTestFinished: finished,
}) => {
  const world = await startWorld({ finished })
  const ada = world.slack.person('U0AGENT1')
  await openForm(world, ada, 'withdraw-10 outage')
  ada.fill({ openid_input: openid })
  expect(await ada.submit()).toEqual({ kind: 'errors', local: false, errors: { openid: problem } })
  expect(world.recorded()).toEqual([])
})

test.concurrent('keeps a note that was typed to what it may hold, and asks for what the policy demands', async ({
  onTestFinished: finished,
}) => {
  const world = await startWorld({ finished })
  const ada = world.slack.person('U0AGENT1')
  const form = await openForm(world, ada, `${OPENID} withdraw-10 other ${'long '.repeat(200)}`)
  expect(form.state.values.note?.note_input?.value).toHaveLength(500)
  ada.fill({ note_input: 'x'.repeat(501), ticket_input: 'SUP-x' })
  expect(await ada.submit()).toMatchObject({
    kind: 'errors',
    local: true,
    errors: { note: expect.any(String) },
  })
  ada.fill({ note_input: '  ' })
  expect(await ada.submit()).toEqual({
    kind: 'errors',
    local: false,
    errors: { note: en.refusal.noteMissing, ticket: en.refusal.ticketMalformed('SUP-123') },
  })
  expect(world.recorded()).toEqual([])
  ada.fill({ note_input: 'sorry 😀', ticket_input: 'SUP-1' })
  expect(await ada.submit()).toEqual({ kind: 'updated' })
  await told(world, ada, ISSUED)
})

test.concurrent.for([
  { name: 'bad-signature' },
  { name: 'missing-signature' },
  { name: 'signtest-signature' },
  { name: 'bad-gateway-html', after: true },
] as const)('believes no answer that is not WeChat Pay’s, and asks again under the same number ($name)', async (fault, {
  onTestFinished: finished,
}) => {
  const world = await startWorld({ finished })
  const { slack, wechatpay } = world
  const ada = slack.person('U0AGENT1')
  wechatpay.fault(fault)
  await openForm(world, ada, `${OPENID} withdraw-10 outage`)
  await ada.submit()
  await told(world, ada, en.approval.title.checking)
  await told(world, ada, ISSUED)
  await slack.waitFor(() => textOf(ada.view()).includes(ISSUED))
  expect(wechatpay.coupons()).toHaveLength(1)
  expect(world.recorded()).toMatchObject([{ state: 'issued', attempts: 2 }])
  expect(ada.dm()).toHaveLength(1)
})
