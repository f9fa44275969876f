import { expect, test } from 'vitest'
import type { Message, Person } from '../../src/sandbox/slack/index.ts'
import { en } from '../../src/slack/blocks/words/en/index.ts'
import { zhCN } from '../../src/slack/blocks/words/zh-cn/index.ts'
import { ask, CHANNEL, card, OPENID, press } from './approvers.ts'
import {
  atRest,
  clock,
  examplePolicy,
  isNews,
  openForm,
  startWorld,
  textOf,
  told,
  type World,
} from './world.ts'

const CODE = 'oUpF…jWeS6o'

/** Messages that are new, and not the lasting one of a request. */
function news(person: Person): Message[] {
  return person.dm().filter(isNews)
}

/** The only one, once all is told that there is to tell. */
async function onlyNews(world: World, person: Person): Promise<Message> {
  const message = await world.slack.waitFor(() => news(person)[0], { what: `news for ${person.id}` })
  expect(news(person)).toHaveLength(1)
  return message
}

for (const { by, language, words } of [
  { by: 'U0AGENT1', language: 'English', words: en },
  { by: 'U0AGENT2', language: '简体中文', words: zhCN },
])
  test.concurrent(`pings who has closed everything once, with the end and what next (${language})`, async ({
    onTestFinished: finished,
  }) => {
    const world = await startWorld({ finished })
    const person = await ask(world, { by })
    await person.close()
    await press(world, 'U0LEAD1', 'approve', await card(world, '等待审批'))
    const first = await onlyNews(world, person)
    expect(first.text).toBe(`✅ ${words.approval.title.issued} · ¥50 · ${CODE} · SUP-12`)
    expect(textOf(first)).toContain(words.card.passOnLabel)
    expect(first.thread_ts).toBeUndefined()
    const other = `${OPENID.slice(0, 4)}9${OPENID.slice(5)}`
    await ask(world, { by, text: `${other} withdraw-50 apology SUP-13` })
    await person.close()
    await press(world, 'U0LEAD1', 'reject', await card(world, 'SUP-13', '等待审批'))
    const lea = world.slack.person('U0LEAD1')
    await world.slack.waitFor(() => lea.view()?.callback_id === 'reject')
    lea.fill({ why_input: 'no' })
    await lea.submit()
    const second = await world.slack.waitFor(() => news(person)[1])
    expect(second.text).toBe(`❌ ${words.outcome.rejectedBy('<@U0LEAD1>')} · ¥50 · ${CODE} · SUP-13`)
    expect(textOf(second)).toContain(words.approval.next.decided)
    // Newest of all, and below the lasting messages of both.
    expect(person.dm().at(-1)?.ts).toBe(second.ts)
    expect(person.dm()).toHaveLength(4)
  })

test.concurrent('does not ping who sees the end in the open view, or who has cancelled', async ({
  onTestFinished: finished,
}) => {
  const world = await startWorld({ finished })
  const ada = world.slack.person('U0AGENT1')
  await openForm(world, ada, `${OPENID} withdraw-10 outage`)
  await ada.submit()
  await world.slack.waitFor(() => textOf(ada.view()).includes(en.approval.title.issued))
  await told(world, ada, en.approval.title.issued)
  const other = `${OPENID.slice(0, 4)}9${OPENID.slice(5)}`
  await ask(world, { text: `${other} withdraw-50 apology SUP-12` })
  const asked = await told(world, ada, en.approval.title.pending)
  await ada.close()
  await ada.press({ actionId: 'cancel_own', channel: asked.channel, messageTs: asked.ts })
  await told(world, ada, 'Cancelled by <@U0AGENT1>')
  // Somebody else's end comes after them, and is told alone.
  const xiaoyu = await ask(world, { by: 'U0AGENT2', text: `${OPENID} withdraw-50 apology SUP-14` })
  await xiaoyu.close()
  await press(world, 'U0LEAD1', 'approve', await card(world, 'SUP-14', '等待审批'))
  await onlyNews(world, xiaoyu)
  expect(news(ada)).toEqual([])
})

test.concurrent('pings once of what came while Slack was away, or ended while nobody decided', async ({
  onTestFinished: finished,
}) => {
  const time = clock()
  const world = await startWorld({ finished, now: time.now })
  const ada = await ask(world)
  await ada.close()
  await card(world, '等待审批')
  world.slack.fault({ name: 'web_api_500', method: 'chat.update', times: 3 })
  world.slack.fault({ name: 'web_api_500', method: 'chat.postMessage', acted: true })
  time.forward(25 * 3_600_000)
  const message = await onlyNews(world, ada)
  expect(message.text).toBe(`⌛ ${en.approval.title.expired} · ¥50 · ${CODE} · SUP-12`)
  await told(world, ada, en.approval.title.expired)
})

test.concurrent('keeps quiet in the quiet hours, and tells what waited in one message each', async ({
  onTestFinished: finished,
}) => {
  const time = clock()
  const policy = examplePolicy.replace('# quiet:', 'quiet:')
  const world = await startWorld({ finished, now: time.now, policy })
  const user = (number: number) => `${OPENID.slice(0, 4)}${number}${OPENID.slice(5)}`
  let people: Person[] = []
  for (const [index, by] of ['U0AGENT1', 'U0AGENT1', 'U0AGENT2', 'U0AGENT2'].entries()) {
    const person = await ask(world, { by, text: `${user(index)} withdraw-50 apology SUP-10${index}` })
    await card(world, `SUP-10${index}`, '等待审批')
    await person.close()
    people = [...people, person]
  }
  const [ada = expect.fail('nobody')] = people
  time.forward(8.5 * 3_600_000)
  for (const ticket of ['SUP-100', 'SUP-101'])
    await press(world, 'U0LEAD1', 'approve', await card(world, ticket, '等待审批'))
  for (const ticket of ['SUP-100', 'SUP-101']) await told(world, ada, en.approval.title.issued, ticket)
  // Whether it is quiet is asked when a message was drawn.
  await atRest(world)
  const reminders = () => world.slack.channelMessages(CHANNEL).filter(isNews)
  expect([news(ada), reminders()]).toEqual([[], []])
  time.forward(9.5 * 3_600_000)
  const message = await onlyNews(world, ada)
  expect(message.text).toBe('2 of your requests have ended')
  expect(textOf(message).split('✅ *Issued* · ¥50')).toHaveLength(3)
  const [reminder] = await world.slack.waitFor(() => (reminders().length > 0 ? reminders() : null))
  expect(reminder?.text).toBe('<!subteam^S0LEADS1>：还有 2 笔申请等待审批')
  expect(textOf(reminder)).toContain('slack.com/archives/')
})
