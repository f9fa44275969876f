import { createHmac } from 'node:crypto'
import { DatabaseSync } from 'node:sqlite'
import { expect, test } from 'vitest'
import { answer, ask, OPENID, press } from './approvers.ts'
import { createWorld, openForm, startWorld, textOf, type World } from './world.ts'

/** A button does what it was drawn for, once; so does an order. */

const OLAF = 'U0OPS001'
const run = (world: World, text: string) =>
  world.slack.person(OLAF).command('/withdraw-coupon', text, { channel: 'C0SUPPORT' })

/** Who has paused what, as the ledger has it. */
function pauses({ env }: World): unknown[] {
  const ledger = new DatabaseSync(String(env.DATABASE_URL).slice('file:'.length), { readOnly: true })
  const rows = ledger.prepare('select scope, message from holds where ended_at is null').all()
  ledger.close()
  return rows.map((row) => ({ ...row }))
}

/** A signed request as Slack sends it, which whoever has seen it can send again. */
async function signed({ slack }: World, port: number, fields: Record<string, string>) {
  const body = new URLSearchParams(fields).toString()
  const timestamp = String(Math.floor(Date.now() / 1000))
  const digest = createHmac('sha256', slack.signingSecret).update(`v0:${timestamp}:${body}`).digest('hex')
  return () =>
    fetch(`http://127.0.0.1:${port}/slack/events`, {
      method: 'POST',
      headers: {
        'content-type': 'application/x-www-form-urlencoded',
        'x-slack-request-timestamp': timestamp,
        'x-slack-signature': `v0=${digest}`,
      },
      body,
    })
}

test.concurrent('ends no later pause when a captured resume is sent again', async ({
  onTestFinished: finished,
}) => {
  const world = await createWorld({ finished, transport: 'http' })
  const { port } = await world.startAt()
  if (port === undefined || port === null) throw new Error('the app does not listen')
  await run(world, 'pause first')
  await answer(world, OLAF, 'Issuing is paused, of all coupons')
  const resume = await signed(world, port, {
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
  expect(pauses(world)).toEqual([{ scope: 'paused', message: 'second' }])
})

test.concurrent('carries a command out once that Slack delivers twice, and answers both', async ({
  onTestFinished: finished,
}) => {
  const world = await startWorld({ finished })
  world.slack.fault({ name: 'command_twice' })
  await run(world, 'pause doubled')
  await answer(world, OLAF, 'Issuing is paused, of all coupons')
  await answer(world, OLAF, 'This very order arrived before', 'All coupons', '<@U0OPS001>')
  expect(pauses(world)).toEqual([{ scope: 'paused', message: 'doubled' }])
})

test.concurrent('tells who presses Resume of a pause that is over, and of the one that is on', async ({
  onTestFinished: finished,
}) => {
  const world = await startWorld({ finished })
  await run(world, 'pause first')
  const first = await answer(world, OLAF, '“first”')
  await run(world, 'resume')
  await answer(world, OLAF, 'Issuing goes on')
  await run(world, 'pause second')
  await answer(world, OLAF, '“second”')
  await press(world, OLAF, 'resume_issuing', first)
  const over = await answer(world, OLAF, 'That pause is over: resumed by <@U0OPS001>', 'Another one is on')
  expect(textOf(over)).toContain('resume_issuing')
  expect(pauses(world)).toEqual([{ scope: 'paused', message: 'second' }])
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
