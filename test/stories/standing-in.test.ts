import { expect, test } from 'vitest'
import { exampleWorkspace } from '../../src/sandbox/slack/index.ts'
import { en } from '../../src/slack/blocks/words/en/index.ts'
import { zhCN } from '../../src/slack/blocks/words/zh-cn/index.ts'
import { clock, examplePolicy, openForm, startWorld, textOf, told, type World } from './world.ts'

const OPENID = 'oUpF8uMuAJO_M2pxb1Q9zNjWeS6o'
const HOUR = 3_600_000

/** Asks for a coupon that people must decide, and returns its id. */
async function ask(world: World, id = 'U0AGENT1'): Promise<string> {
  const agent = world.slack.person(id)
  await openForm(world, agent, `${OPENID} withdraw-50 apology SUP-12`)
  expect((await agent.submit()).kind).toBe('updated')
  await agent.close()
  return world.recorded().at(-1)?.id ?? ''
}

const card = (world: World, ...words: string[]) =>
  world.slack.waitFor(
    () =>
      world.slack
        .channelMessages('C0APPROVE')
        .findLast((message) => words.every((word) => textOf(message).includes(word))),
    { what: `a message with ${words.join(', ')}` },
  )

/** What an order answers, seen by who gave it alone. */
async function order(world: World, id: string, text: string): Promise<string> {
  const person = world.slack.person(id)
  const before = person.messages('C0SUPPORT').length
  await person.command('/withdraw-coupon', text, { channel: 'C0SUPPORT' })
  await world.slack.waitFor(() => person.messages('C0SUPPORT').length > before)
  return textOf(person.messages('C0SUPPORT').at(-1))
}

/** Only the boss decides; leads are approvers of other things. */
const bossDecides = examplePolicy
  .replace('above_quota: 10000', 'above_quota: 100')
  .replace(/\n {6}approvals: 2\n/, '\n      approvals: 1\n')
  .replace('# approvers: [S0LEADS1]', 'approvers: [U0OPS001]')

/** After four hours these may decide, too. */
const escalatingTo = (whom: string) =>
  examplePolicy.replace(
    /\n {2}approvals: 1.*\n/,
    (line) => `${line}  escalate: [{ after: 4h, add: [${whom}] }]\n`,
  )

test.concurrent('lets a stand-in decide for an approver who is away, as one voice', async ({
  expect,
  onTestFinished: finished,
}) => {
  const world = await startWorld({ finished, policy: bossDecides })
  const { slack } = world
  const lea = slack.person('U0LEAD1')
  const id = await ask(world)
  await card(world, 'SUP-12')
  await lea.press({ actionId: 'approve', channel: 'C0APPROVE' })
  await slack.waitFor(() =>
    lea.messages('C0APPROVE').some((message) => textOf(message).includes(en.refusal.roleMissing('approver'))),
  )
  expect(world.recorded()[0]?.state).toBe('pending')

  expect(await order(world, 'U0OPS001', 'away 3d @lea')).toContain('<@U0LEAD1>')
  await told(world, lea, '<@U0OPS001>')
  await lea.press({ actionId: 'approve', channel: 'C0APPROVE' })
  await card(world, '<@U0LEAD1>', '<@U0OPS001>', '代')
  await slack.waitFor(() => world.recorded().find((one) => one.id === id)?.state === 'issued')
})

test.concurrent('looks for nobody whom somebody names who may not', async ({
  expect,
  onTestFinished: finished,
}) => {
  const world = await startWorld({ finished, policy: bossDecides })
  const asked = () =>
    new Set(
      world.slack
        .traffic()
        .flatMap(({ name, request }) => (name === 'users.info' ? [JSON.stringify(request)] : [])),
    )
  expect(await order(world, 'U0AGENT1', 'away 3d @lea @王磊')).toContain(en.away.noDecider('you', ''))
  expect(await order(world, 'U0AGENT1', 'back @lea')).toContain(en.away.noDecider('you', ''))
  expect([...asked()].filter((request) => !request.includes('U0AGENT1'))).toEqual([])
})

test.concurrent('lets nobody stand in who may not approve, for themselves, or for the requester', async ({
  expect,
  onTestFinished: finished,
}) => {
  const policy = bossDecides.replace(/requesters: \[/, 'requesters: [U0OPS001, ')
  const world = await startWorld({ finished, policy })
  expect(await order(world, 'U0LEAD1', 'away 3d @ada')).toContain(en.away.noDecider('stand-in', 'U0AGENT1'))
  expect(await order(world, 'U0LEAD1', 'away 3d @lea')).toContain(en.away.ownStandIn)
  expect(await order(world, 'U0LEAD1', 'away 3d @nobody-here')).toContain('nobody-here')
  expect(await order(world, 'U0LEAD1', 'away 200d')).toContain(en.away.time(90))
  expect(await order(world, 'U0LEAD1', 'away @wanglei')).toContain('away 3d')
  expect(await order(world, 'U0AGENT1', 'away 3d')).toContain(en.away.noDecider('you', ''))
  expect(await order(world, 'U0LEAD1', 'away @wanglei 3d @lea')).toContain(en.refusal.roleMissing('operator'))
  // By somebody else it needs an operator; two stand-ins for one person: the last one counts.
  expect(await order(world, 'U0OPS001', 'away @lea 3d @王磊')).toContain('<@U0LEAD2>')
  expect(await order(world, 'U0LEAD1', 'away')).toContain('<@U0LEAD2>')
  expect(await order(world, 'U0LEAD2', '回来')).toContain(zhCN.away.notAway('<@U0LEAD2>'))
  expect(await order(world, 'U0LEAD1', 'back')).toContain(en.away.back('<@U0LEAD1>'))

  // Who asks can't be stood in for.
  await order(world, 'U0OPS001', 'away 3d @lea')
  await ask(world, 'U0OPS001').catch(() => '')
  expect(world.recorded().every(({ state }) => state !== 'issued')).toBe(true)
})

test.concurrent('reads times of an absence in the zone of whoever types them', async ({
  expect,
  onTestFinished: finished,
}) => {
  const world = await startWorld({ finished, policy: bossDecides })
  const timeZone = 'Pacific/Honolulu'
  world.slack.setPerson('U0OPS001', { tz: timeZone })
  const [, at] = /<!date\^(\d+)\^/.exec(await order(world, 'U0OPS001', 'away @lea tomorrow 18:00')) ?? []
  const time = new Intl.DateTimeFormat('en-GB', { timeZone, timeStyle: 'short' })
  expect(time.format(Number(at) * 1000)).toBe('18:00')
})

test.concurrent('widens who may decide once a request has waited, and tells them', async ({
  expect,
  onTestFinished: finished,
}) => {
  const time = clock()
  const policy = escalatingTo('U0AUDIT1')
  const world = await startWorld({ finished, policy, now: time.now })
  const { slack } = world
  slack.setChannel('C0APPROVE', { members: ['U0LEAD1', 'U0AUDIT1', 'U0COUPON1'] })
  const audrey = slack.person('U0AUDIT1')
  await ask(world)
  await card(world, 'SUP-12')
  await audrey.press({ actionId: 'approve', channel: 'C0APPROVE' })
  expect(world.recorded()[0]?.state).toBe('pending')

  time.forward(4 * HOUR + 60_000)
  const thread = await card(world, '<@U0AUDIT1>', '等待已久')
  expect(thread.thread_ts).toBeDefined()
  await card(world, 'SUP-12', '<!subteam^S0LEADS1>', '<@U0AUDIT1>')
  await audrey.press({ actionId: 'approve', channel: 'C0APPROVE' })
  await slack.waitFor(() => world.recorded()[0]?.state === 'issued')
})

test.concurrent('tells operators and the requester once nobody is left to decide, escalated or not, and goes on', async ({
  expect,
  onTestFinished: finished,
}) => {
  const time = clock()
  const policy = escalatingTo('S0HEADS1')
  const workspace = structuredClone(exampleWorkspace)
  const [leads] = workspace.groups.filter(({ id }) => id === 'S0LEADS1')
  if (!leads) throw new Error('there are no leads')
  workspace.groups.push({ ...leads, id: 'S0HEADS1', handle: 'heads', name: 'Heads', users: [] })
  const world = await startWorld({ finished, policy, now: time.now, slack: { workspace } })
  const { slack } = world
  const [ada, lea] = [slack.person('U0AGENT1'), slack.person('U0LEAD1')]
  await ask(world)
  await card(world, 'SUP-12')
  const alert = (text: string) =>
    slack.waitFor(
      () => slack.channelMessages('C0ALERTS1').some((message) => textOf(message).includes(text)),
      {
        what: `an alert with ${text}`,
      },
    )
  // Whom it is escalated to is a group of nobody: that is no way out, and those who decided before still may.
  time.forward(4 * HOUR + 60_000)
  await card(world, '<!subteam^S0HEADS1>', '等待已久')
  await slack.setGroup('S0LEADS1', [])
  await alert(zhCN.escalation.strandedTitle)
  await told(world, ada, en.escalation.stranded)
  await lea.press({ actionId: 'approve', channel: 'C0APPROVE' })
  expect(world.recorded()[0]?.state).toBe('pending')

  await slack.setGroup('S0HEADS1', [lea.id])
  await slack.waitFor(() => !textOf(ada.dm().at(-1)).includes(en.escalation.stranded))
  await lea.press({ actionId: 'approve', channel: 'C0APPROVE' })
  await slack.waitFor(() => world.recorded()[0]?.state === 'issued')
})
