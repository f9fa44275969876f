import { DatabaseSync } from 'node:sqlite'
import { expect, test } from 'vitest'
import type { Message } from '../../src/sandbox/slack/index.ts'
import { signedRequest } from '../slack/signed-request.ts'
import { answer, ask, CHANNEL, card, OPENID, press } from './approvers.ts'
import { atRest, createWorld, openForm, startWorld, textOf, told, type World } from './world.ts'

/** A button does what it was drawn for, once; so does an order. */

const OLAF = 'U0OPS001'
const ALERTS = 'C0ALERTS1'
const run = async (world: World, text: string) =>
  expect(await world.slack.person(OLAF).command('/withdraw-coupon', text, { channel: 'C0SUPPORT' })).toEqual({
    ok: true,
  })

/** Who Olaf is is known from then on: what he orders shall not depend on how soon Slack tells. */
async function known(world: World): Promise<World> {
  await run(world, 'stuck')
  await answer(world, OLAF, 'Nothing is stuck')
  return world
}

/** Who has paused what, as the ledger has it. */
function pauses({ env }: World): unknown[] {
  const ledger = new DatabaseSync(String(env.DATABASE_URL).slice('file:'.length), { readOnly: true })
  const rows = ledger.prepare('select kind, message from holds where ended_at is null').all()
  ledger.close()
  return rows.map((row) => ({ ...row }))
}

/** What everybody sees in a channel. */
const shared = ({ slack }: World, channel: string) =>
  slack.channelMessages(channel).filter(({ onlyFor }) => !onlyFor)

/** A message in the alerts channel that shows all of these words. */
function alert(world: World, ...words: string[]): Promise<Message> {
  const seen = () => shared(world, ALERTS)
  return world.slack.waitFor(
    () => seen().findLast((one) => words.every((word) => textOf(one).includes(word))),
    {
      what: `an alert with ${words.join(', ')}; there is ${textOf({ blocks: seen() })}`,
      timeout: 60_000,
    },
  )
}

/** The app itself posts a message once more, as a post does whose answer was lost and which was not found again. */
async function postAgain(world: World, message: Message, channel = message.channel): Promise<Message> {
  const { slack } = world
  // Which of the two is the copy, the ledger must know.
  await atRest(world)
  const { text, blocks, metadata } = message
  const answered = await fetch(`${slack.apiUrl}chat.postMessage`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${slack.botToken}` },
    body: JSON.stringify({ channel, text, blocks, metadata }),
  })
  const { ts } = (await answered.json()) as { ts: string }
  return { ...message, channel, ts }
}

async function remove({ slack }: World, { channel, ts }: Message): Promise<void> {
  await fetch(`${slack.apiUrl}chat.delete`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${slack.botToken}` },
    body: JSON.stringify({ channel, ts }),
  })
}

test.concurrent('ends no later pause when a captured resume is sent again', async ({
  onTestFinished: finished,
}) => {
  const world = await createWorld({ finished, transport: 'http' })
  const { port } = await world.startAt()
  if (port === undefined || port === null) throw new Error('the app does not listen')
  await known(world)
  await run(world, 'pause first')
  await answer(world, OLAF, 'Issuing of all coupons is paused')
  const resume = signedRequest(world.slack, port, {
    command: '/withdraw-coupon',
    text: 'resume',
    user_id: OLAF,
    team_id: world.slack.teamId,
    channel_id: 'C0SUPPORT',
    trigger_id: '1234567890123.4567890123456.78a90bc12d3e',
    response_url: `${world.slack.apiUrl}no-such-url`,
  })
  expect((await resume()).status).toBe(200)
  expect(pauses(world)).toEqual([])
  await run(world, 'pause second')
  await answer(world, OLAF, '“second”')
  expect((await resume()).status).toBe(200)
  expect(pauses(world)).toEqual([{ kind: 'paused', message: 'second' }])
})

test.concurrent('carries a command out once that Slack delivers twice, and answers both', async ({
  onTestFinished: finished,
}) => {
  const world = await known(await startWorld({ finished }))
  world.slack.fault({ name: 'command_twice' })
  await run(world, 'pause doubled')
  await answer(world, OLAF, 'Issuing of all coupons is paused')
  await answer(world, OLAF, 'This command arrived before', 'All coupons', '<@U0OPS001>')
  expect(pauses(world)).toEqual([{ kind: 'paused', message: 'doubled' }])
})

test.concurrent('tells who presses Resume of a pause that is over, and of the one that is on', async ({
  onTestFinished: finished,
}) => {
  const world = await known(await startWorld({ finished }))
  await run(world, 'pause first')
  const first = await answer(world, OLAF, '“first”')
  await run(world, 'resume')
  await answer(world, OLAF, 'Issuing has resumed')
  await run(world, 'pause second')
  await answer(world, OLAF, '“second”')
  await press(world, OLAF, 'resume_issuing', first)
  const over = await answer(
    world,
    OLAF,
    'That pause is over: resumed by <@U0OPS001>',
    'There is another pause',
  )
  expect(textOf(over)).toContain('resume_issuing')
  expect(pauses(world)).toEqual([{ kind: 'paused', message: 'second' }])
})

test.concurrent('asks "another one?" again when a colleague gives one meanwhile', async ({
  onTestFinished: finished,
}) => {
  const world = await startWorld({ finished })
  const typed = `${OPENID} withdraw-50 apology SUP-12`
  await ask(world, { by: 'U0AGENT2', text: typed })
  const ada = world.slack.person('U0AGENT1')
  await openForm(world, ada, typed)
  expect(await ada.submit()).toEqual({ kind: 'pushed' })
  expect(textOf(ada.view())).toContain('<@U0AGENT2>')
  const lea = world.slack.person('U0LEAD1')
  await openForm(world, lea, typed)
  expect(await lea.submit()).toEqual({ kind: 'pushed' })
  expect(await lea.submit()).toEqual({ kind: 'updated' })
  await world.slack.waitFor(() => world.recorded().length === 2)

  expect(await ada.submit()).toEqual({ kind: 'updated' })
  expect(textOf(ada.view())).toContain('<@U0LEAD1>')
  expect(world.recorded()).toHaveLength(2)
  expect(await ada.submit()).toEqual({ kind: 'updated' })
  await world.slack.waitFor(() => world.recorded().length === 3)
})

test.concurrent('tells of a pause in one alert though the answer to its post is lost, and ends it there', async ({
  onTestFinished: finished,
}) => {
  const world = await known(await startWorld({ finished }))
  world.slack.fault({ name: 'web_api_reset', method: 'chat.postMessage', acted: true })
  await run(world, 'pause lost')
  const lost = await alert(world, '“lost”')
  await world.slack.waitFor(
    () => world.slack.traffic().some(({ name, answer }) => name === 'chat.update' && answer),
    { timeout: 60_000 },
  )
  expect(shared(world, ALERTS)).toHaveLength(1)
  await run(world, 'resume')
  const ended = await alert(world, '已恢复发放')
  expect(ended.ts).toBe(lost.ts)
  expect(textOf(ended)).not.toContain('resume_issuing')
  expect(shared(world, ALERTS)).toHaveLength(1)
})

test.concurrent('takes a copy of an alert away when it is pressed, and keeps the alert', async ({
  onTestFinished: finished,
}) => {
  const world = await known(await startWorld({ finished }))
  await run(world, 'pause copied')
  const told = await alert(world, '“copied”')
  const copy = await postAgain(world, told)
  await press(world, OLAF, 'resume_issuing', copy)
  await alert(world, '已恢复发放')
  await world.slack.waitFor(() => shared(world, ALERTS).length === 1)
  expect(shared(world, ALERTS)).toMatchObject([{ ts: told.ts }])
  expect(pauses(world)).toEqual([])
})

test.concurrent('keeps a copy of an alert that has vanished itself, and ends it there', async ({
  onTestFinished: finished,
}) => {
  const world = await known(await startWorld({ finished }))
  await run(world, 'pause copied')
  const told = await alert(world, '“copied”')
  const copy = await postAgain(world, told)
  await remove(world, told)
  await press(world, OLAF, 'resume_issuing', copy)
  await world.slack.waitFor(() => !textOf({ blocks: shared(world, ALERTS) }).includes('resume_issuing'))
  // Its end may have been posted anew before the press was looked at: then the copy is the one too many.
  await world.slack.waitFor(() => shared(world, ALERTS).length === 1)
  await alert(world, '已恢复发放')
})

test.concurrent('takes a card for itself that is pressed in a channel of another id, and does not take it away', async ({
  onTestFinished: finished,
}) => {
  const world = await createWorld({ finished, transport: 'http' })
  const { port } = await world.startAt()
  if (port === undefined || port === null) throw new Error('the app does not listen')
  await ask(world)
  const asked = await card(world, '等待审批')
  const click = signedRequest(world.slack, port, {
    payload: JSON.stringify({
      type: 'block_actions',
      user: { id: 'U0LEAD1', team_id: world.slack.teamId },
      team: { id: world.slack.teamId },
      trigger_id: '1.2.3',
      container: { type: 'message', message_ts: asked.ts, channel_id: 'C0NEWID', is_ephemeral: false },
      channel: { id: 'C0NEWID', name: 'approvals' },
      message: { type: 'message', ts: asked.ts, text: asked.text, metadata: asked.metadata },
      actions: [{ type: 'button', action_id: 'approve', block_id: 'b', value: world.recorded()[0]?.id }],
      response_url: `${world.slack.apiUrl}no-such-url`,
    }),
  })
  expect((await click()).status).toBe(200)
  await card(world, '已发放')
  expect(shared(world, CHANNEL)).toMatchObject([{ ts: asked.ts }])
  expect(world.slack.traffic().some(({ name }) => name === 'chat.delete')).toBe(false)
})

test.concurrent('takes a copy of a requester’s message away when it is pressed, and keeps the message', async ({
  onTestFinished: finished,
}) => {
  const world = await startWorld({ finished })
  const ada = await ask(world)
  const message = await told(world, ada, 'Waiting for approval')
  const copy = await postAgain(world, message)
  await ada.press({ actionId: 'cancel_own', channel: copy.channel, messageTs: copy.ts })
  await told(world, ada, 'Cancelled by <@U0AGENT1>')
  await world.slack.waitFor(() => ada.dm().filter(({ onlyFor }) => !onlyFor).length === 1)
  expect(ada.dm().filter(({ onlyFor }) => !onlyFor)).toMatchObject([{ ts: message.ts }])
})
