import { pino } from 'pino'
import { expect, test } from 'vitest'
import { en } from '../../src/slack/blocks/words/en/index.ts'
import { zhCN } from '../../src/slack/blocks/words/zh-cn/index.ts'
import { createSlackClients } from '../../src/slack/edge/clients.ts'
import { formOf, startWorld, textOf, told, transports } from './world.ts'

const OPENID = 'oUpF8uMuAJO_M2pxb1Q9zNjWeS6o'

test.concurrent.for([
  ['socket', 'U0AGENT1', en],
  ['http', 'U0AGENT2', zhCN],
] as const)('gives a coupon for a message in three clicks, and keeps where it began (%s)', async ([
  transport,
  id,
  words,
], { expect, onTestFinished: finished }) => {
  const world = await startWorld({ finished, transport })
  const { slack } = world
  const agent = slack.person(id)
  await slack.person('U0LEAD1').say(`用户${OPENID}没收到，SUP-77`, 'C0SUPPORT')
  const message = slack.channelMessages('C0SUPPORT').at(-1)
  const on = { channel: 'C0SUPPORT', messageTs: String(message?.ts) }

  expect(await agent.shortcut('give_for_message', on)).toEqual({ ok: true })
  const form = await formOf(world, agent)
  expect(textOf(form)).toContain(`${words.fromMessage.openid}${words.separator}${words.fromMessage.ticket}`)
  expect(form.state.values).toMatchObject({
    openid: { openid_input: { value: OPENID } },
    ticket: { ticket_input: { value: 'SUP-77' } },
  })
  // Drawn anew in between: what Slack keeps with the form stays.
  agent.fill({ stock_select: 'withdraw-50', reason_select: 'outage' })
  await slack.waitFor(() => agent.view()?.hash !== form.hash)
  expect((await agent.submit()).kind).toBe('updated')

  const address = `https://example-support.slack.com/archives/C0SUPPORT/p${on.messageTs.replace('.', '')}`
  const link = `<${address}|${words.sourceLink}>`
  const dm = await told(world, agent, link)
  expect(textOf(dm)).toContain(words.source(link))
  const card = await slack.waitFor(() => slack.channelMessages('C0APPROVE').at(-1))
  expect(textOf(card)).toContain(address)
  const [grant] = world.recorded()
  await agent.press({ actionId: 'more', value: `history|${grant?.id}`, channel: dm.channel })
  const trail = await slack.waitFor(() => agent.views().find((view) => view.callback_id === 'trail'))
  expect(textOf(trail)).toContain(words.source(link))
})

test.concurrent('opens the form for a message that says nothing, or is where the app is not', async ({
  expect,
  onTestFinished: finished,
}) => {
  const world = await startWorld({ finished })
  const { slack } = world
  const ada = slack.person('U0AGENT1')
  const chosen = async (text: string, channel: string) => {
    await ada.say(text, channel)
    const messageTs = String(ada.messages(channel).at(-1)?.ts)
    await ada.shortcut('give_for_message', { channel, messageTs })
    const form = textOf(await formOf(world, ada))
    await ada.close()
    return form
  }
  expect(await chosen('hello', 'C0SUPPORT')).toContain(en.fromMessage.nothing)
  const elsewhere = await chosen(OPENID, 'C0RANDOM')
  expect(elsewhere).toContain(OPENID)
  expect(elsewhere).toContain(en.fromMessage.noAddress)
  expect(world.recorded()).toEqual([])
})

test.concurrent('reads the message of an app that has no text of its own, and nothing of one that is empty', async ({
  expect,
  onTestFinished: finished,
}) => {
  const world = await startWorld({ finished })
  const { slack } = world
  const lea = slack.person('U0LEAD1')
  const { notifications } = createSlackClients({
    botToken: slack.botToken,
    apiUrl: slack.apiUrl,
    logger: pino({ level: 'silent' }),
  })
  const chosen = async (blocks: object[]) => {
    const says = { channel: 'C0APPROVE', text: '', blocks: blocks as never }
    const { ts = '' } = await notifications.chat.postMessage(says)
    await lea.shortcut('give_for_message', { channel: 'C0APPROVE', messageTs: ts })
    const form = await formOf(world, lea)
    await lea.close()
    return form
  }
  const text = { type: 'mrkdwn', text: `*openid*\n\`${OPENID}\`` }
  const filled = await chosen([{ type: 'section', fields: [text] }])
  expect(filled.state.values).toMatchObject({ openid: { openid_input: { value: OPENID } } })
  const empty = await chosen([{ type: 'divider' }])
  expect(textOf(empty)).toContain(en.fromMessage.nothing)
  expect(world.recorded()).toEqual([])
})

test.concurrent.for(
  transports,
)('gives and looks up from anywhere in Slack, and answers by direct message (%s)', async (transport, {
  expect,
  onTestFinished: finished,
}) => {
  const world = await startWorld({ finished, transport })
  const { slack } = world
  const ada = slack.person('U0AGENT1')
  await ada.shortcut('give')
  expect((await formOf(world, ada)).private_metadata).toBe('')
  await ada.close()

  await ada.shortcut('look_up')
  await slack.waitFor(() => ada.view()?.callback_id === 'look_up')
  ada.fill({ openid: 'nonsense' })
  expect(await ada.submit()).toMatchObject({ kind: 'errors', local: false })
  ada.fill({ openid: `openid: ${OPENID}` })
  expect(await ada.submit()).toEqual({ kind: 'closed' })
  const answer = await told(world, ada, 'oUpF…jWeS6o')
  expect(answer.onlyFor).toBeUndefined()

  const audrey = slack.person('U0GUEST1')
  for (const id of ['give', 'look_up']) {
    const before = audrey.dm().length
    await audrey.shortcut(id)
    await slack.waitFor(() => audrey.dm().length > before)
    expect(textOf(audrey.dm().at(-1))).toContain(en.refusal.standing('guest'))
    expect(audrey.view()).toBeUndefined()
  }
})

test('has the three seconds of a shortcut as much as those of a command', async () => {
  const world = await startWorld({ strict: true })
  const ada = world.slack.person('U0AGENT1')
  const began = performance.now()
  expect(await ada.shortcut('give')).toEqual({ ok: true })
  const entry = world.slack.traffic().findLast(({ name }) => name === 'shortcut')
  expect(entry?.ms).toBeLessThan(performance.now() - began + 1)
  expect(entry?.ms).toBeLessThan(1000)
})
