import { pino } from 'pino'
import { expect, test } from 'vitest'
import { createHandlers } from '../../../src/slack/edge/handlers.ts'
import { createPeople } from '../../../src/slack/edge/people.ts'
import { findsNobody, grantsThat } from '../builders.ts'

const RESPONSE_URL = 'https://hooks.slack.com/x'

/** What listeners that change something are wrapped in, with an acknowledgement that Slack no longer takes. */
function start() {
  const log: { level: number; msg: string }[] = []
  const told: string[] = []
  const logger = pino({ level: 'info' }, { write: (line: string) => log.push(JSON.parse(line)) })
  const grants = grantsThat()
  const client = {} as never
  const post = async (_url: string, body: object) => void told.push(JSON.stringify(body))
  const people = createPeople({ client, policy: grants.policy, logger, now: Date.now })
  const { decision, order } = createHandlers({
    client,
    post,
    grants,
    customers: findsNobody,
    people,
    upload: async () => {},
    permalink: () => Promise.resolve(null),
    logger,
    now: Date.now,
  })
  let acks = 0
  const click = {
    body: {
      user: { id: 'U0LEAD1' },
      response_url: RESPONSE_URL,
      trigger_id: '1.2',
      actions: [{ value: 'g' }],
      container: { is_ephemeral: true },
    },
    // As node does once the answer has gone out.
    ack: () => {
      acks += 1
      const error = new Error('Cannot write headers after they are sent to the client')
      return Promise.reject(error)
    },
  }
  const typed = {
    ...click,
    body: { user_id: 'U0LEAD1', trigger_id: '1.2', text: 'pause', response_url: RESPONSE_URL },
  }
  return { decision, order, click: click as never, typed: typed as never, log, told, acks: () => acks }
}

test('tells what became of a click though its acknowledgement came too late', async () => {
  const { decision, click, log, told } = start()
  await decision(async ({ ack, answer }) => {
    await ack()
    await answer({ text: 'You approved it.' })
  })(click)
  expect(told.join()).toContain('You approved it.')
  expect(told).toHaveLength(1)
  expect(log.map(({ level }) => level)).toEqual([40])
})

test('tells that it is not sure, and where to look, when something fails before the acknowledgement or after', async () => {
  for (const isLate of [false, true]) {
    const { decision, click, log, told, acks } = start()
    await decision(async ({ ack }) => {
      if (isLate) await ack()
      throw new Error('something is broken')
    })(click)
    expect(acks()).toBe(1)
    expect(told.join()).toMatch(/无法确定本次操作是否已记录。请先查看卡片上的状态.*`[0-9a-f]{8}`/)
    expect(log.filter(({ level }) => level === 50)).toHaveLength(1)
  }
})

test('tells that it is not sure whether issuing was paused, and where to look, whenever a typed pause fails', async () => {
  for (const isLate of [false, true]) {
    const { order, typed, told, acks } = start()
    await order(
      async ({ ack }) => {
        if (isLate) await ack()
        throw new Error('something is broken')
      },
      ({ pausing }) => pausing.unsure,
    )(typed)
    expect(acks()).toBe(1)
    expect(told.join()).toMatch(/无法确定是否已暂停或恢复发放.*卡住.*`[0-9a-f]{8}`/)
    expect(told.join()).not.toContain('未作任何更改')
  }
})
