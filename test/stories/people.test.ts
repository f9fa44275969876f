import { expect, test } from 'vitest'
import { en } from '../../src/slack/blocks/words/en/index.ts'
import { zhCN } from '../../src/slack/blocks/words/zh-cn/index.ts'
import {
  examplePolicy,
  openForm,
  startWorld,
  textOf,
  textsOf,
  told,
  transports,
  type World,
} from './world.ts'

const OPENID = 'oUpF8uMuAJO_M2pxb1Q9zNjWeS6o'
const filled = `${OPENID} withdraw-10 outage`

/** What a person is told in the channel in which the command was typed. */
const answerTo = (world: World, id: string, channel = 'C0SUPPORT') =>
  world.slack.waitFor(() => world.slack.person(id).messages(channel).at(-1))

test.concurrent.for(transports)('refuses a guest, also one whom the policy names (%s)', async (transport, {
  onTestFinished: finished,
}) => {
  const policy = examplePolicy.replaceAll('[S0AGENTS, S0LEADS1]', '[S0AGENTS, U0GUEST1]')
  const world = await startWorld({ finished, transport, policy })
  const gus = world.slack.person('U0GUEST1')
  const longest = '“ '.repeat(1400)
  const all = [`send ${filled}`, `list ${OPENID}`, 'list', 'history', 'list SUP-12', `send ${longest}`]
  for (const typed of [
    ...all,
    `history ${longest}`,
    `pause ${longest}`,
    'pause withdraw10',
    'send '.repeat(1500),
  ]) {
    const before = gus.messages('C0SUPPORT').length
    await gus.command('/withdraw-coupon', typed)
    await world.slack.waitFor(() => gus.messages('C0SUPPORT').length > before)
    expect((await answerTo(world, 'U0GUEST1')).text).toBe(en.refusal.standing('guest'))
  }
  expect(gus.view()).toBeUndefined()
  expect(world.wechatpay.calls()).toEqual([])
})

test.concurrent.for([
  // Of a deactivated account Slack tells no language.
  [{ isDeleted: true }, zhCN.refusal.standing('deactivated')],
  [{ isBot: true }, en.refusal.standing('bot')],
] as const)('refuses an account that Slack tells is %o', async ([change, answer], {
  onTestFinished: finished,
}) => {
  const world = await startWorld({ finished })
  const { slack } = world
  const typed = slack.person('U0AGENT1').command('/withdraw-coupon', `send ${filled}`)
  // Nobody can act like that at Slack: it becomes so while the command is on its way.
  slack.setPerson('U0AGENT1', change)
  await typed
  expect((await answerTo(world, 'U0AGENT1')).text).toBe(answer)
  expect(slack.person('U0AGENT1').view()).toBeUndefined()
})

test.concurrent('refuses a person of another workspace who presses a button in a shared channel', async ({
  onTestFinished: finished,
}) => {
  const world = await startWorld({ finished })
  const { slack } = world
  const ada = slack.person('U0AGENT1')
  await openForm(world, ada, filled)
  await ada.submit()
  await told(world, ada, en.approval.title.issued)
  const [grant] = world.recorded()
  const button = (action_id: string, value: string) => ({
    type: 'button',
    action_id,
    value,
    text: { type: 'plain_text', text: action_id },
  })
  const elements = [
    button('give_to_user', `${OPENID}|1|`),
    button('give_another', grant?.id ?? ''),
    button('look_up_user', grant?.id ?? ''),
  ]
  await fetch(`${slack.apiUrl}chat.postMessage`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${slack.botToken}` },
    body: JSON.stringify({ channel: 'C0SHARED', text: 'x', blocks: [{ type: 'actions', elements }] }),
  })
  const alva = slack.person('U0ALIEN1')
  const own = () => alva.messages('C0SHARED').filter(({ onlyFor }) => onlyFor === 'U0ALIEN1')
  for (const [index, { action_id: actionId }] of elements.entries()) {
    expect(await alva.press({ actionId, channel: 'C0SHARED' })).toEqual({ ok: true })
    await slack.waitFor(() => own().length > index)
  }
  expect(own().map(({ text }) => text)).toEqual([
    en.refusal.standing('other-workspace'),
    en.notice.notYours,
    en.notice.notYours,
  ])
  expect(alva.view()).toBeUndefined()
  expect(JSON.stringify(own())).not.toContain(OPENID)
  expect(world.wechatpay.calls().filter(({ method }) => method === 'GET')).toEqual([])
})

test.concurrent('refuses somebody outside of the groups, and says whom to ask', async ({
  onTestFinished: finished,
}) => {
  const world = await startWorld({ finished })
  const audrey = world.slack.person('U0AUDIT1')
  await audrey.command('/withdraw-coupon', 'send')
  expect(textsOf(await answerTo(world, 'U0AUDIT1'))).toEqual([
    en.refusal.roleMissing('requester'),
    en.refusal.ask('ops@example.com'),
  ])
  expect(audrey.view()).toBeUndefined()
})

test.concurrent('refuses the form of somebody who was taken out of the group meanwhile', async ({
  onTestFinished: finished,
}) => {
  const world = await startWorld({ finished })
  const { slack } = world
  const ada = slack.person('U0AGENT1')
  await openForm(world, ada, filled)
  await slack.setGroup('S0AGENTS', ['U0AGENT2'])
  await ada.submit()
  await slack.waitFor(() => ada.view()?.callback_id === 'notice')
  expect(textsOf(ada.view())).toEqual([
    en.refusal.roleMissing('requester'),
    en.refusal.ask('ops@example.com'),
    en.refusal.nothingRecorded,
  ])
  expect(world.recorded()).toEqual([])
})

test.concurrent.for([
  ['does not exist', 'S0NOSUCH1'],
  ['is switched off', 'S0CLOSED1'],
])('takes a user group that %s as empty, tells the operators, and serves the others', async ([, group], {
  onTestFinished: finished,
}) => {
  const policy = examplePolicy.replaceAll('[S0AGENTS, S0LEADS1]', `[S0AGENTS, ${group}]`)
  const closed = { id: 'S0CLOSED1', handle: 'closed', name: 'Closed', users: ['U0LEAD1'], isDisabled: true }
  const world = await startWorld({
    finished,
    policy,
    change: (workspace) => workspace.groups.push(closed),
  })
  const lea = world.slack.person('U0LEAD1')
  await lea.command('/withdraw-coupon', 'send')
  expect(textOf(await answerTo(world, 'U0LEAD1'))).toContain(en.refusal.roleMissing('requester'))
  await openForm(world, world.slack.person('U0AGENT1'), filled)
  expect(world.log.filter(({ level }) => level === 'error')).toMatchObject([{ group }])
})

test.concurrent('gives what was recorded though its requester is deactivated, and tells nobody for ever', async ({
  onTestFinished: finished,
}) => {
  const world = await startWorld({ finished })
  const { slack, wechatpay } = world
  const ada = slack.person('U0AGENT1')
  await openForm(world, ada, filled)
  const submitted = ada.submit()
  slack.setPerson('U0AGENT1', { isDeleted: true })
  await submitted
  await slack.waitFor(() => wechatpay.coupons().length === 1)
  await slack.waitFor(() => world.recorded()[0]?.state === 'issued')
  const opened = () => slack.traffic().filter(({ name }) => name === 'conversations.open').length
  await slack.waitFor(() => opened() === 1)
  expect(slack.traffic().filter(({ name }) => name === 'chat.postMessage')).toEqual([])
})
