import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import type { Card, Place } from '../../src/domain/card.ts'
import type { Grant } from '../../src/domain/grant.ts'
import { ChannelClosedError, DrawLaterError, type Notifier } from '../../src/grants/index.ts'
import { type Ledger, LedgerBusyError } from '../../src/ledger/ledger.ts'
import { policyWith } from '../slack/builders.ts'
import { approvalWith, createSetting, inputWith, type Setting, useWechatPay } from './setting.ts'

useWechatPay()

/** A notifier that does what the test says at each drawing, and remembers what it was given. */
function drawing(...acts: ((card: Card, grant: Grant) => ReturnType<Notifier['draw']>)[]) {
  const drawn: { card: Card; grant: Grant }[] = []
  const draw: Notifier['draw'] = async (card, grant) => {
    drawn.push({ card, grant })
    const act = acts.shift()
    return act ? act(card, grant) : { place: { channel: 'D1', ts: String(drawn.length) } }
  }
  return { drawn, draw }
}

const failing = (error: Error) => () => Promise.reject(error)

async function waits({ sql }: Setting): Promise<number> {
  const [card] = await sql('select due_at from cards')
  return Number(card?.due_at) - Date.now()
}

test('draws a grant where it was drawn before, from what it is by then', async () => {
  const { give, issue, grants, drawn } = await createSetting()
  const grant = await give()
  expect(await grants.drawDue()).toBe(1)
  expect(await grants.drawDue()).toBe(0)
  await issue()
  expect(await grants.drawDue()).toBe(1)
  expect(drawn).toMatchObject([
    { card: { kind: 'dm', place: null, tries: 0 }, grant: { id: grant.id, state: 'approved' } },
    { card: { place: { channel: 'DU0AGENT1' }, tries: 0 }, grant: { state: 'issued' } },
  ])
})

test('draws a card again that could not be drawn, later and later', async () => {
  const away = new Error('Slack is away')
  const { drawn, draw } = drawing(failing(away), failing(away), failing(away))
  const setting = await createSetting({ notifier: { draw } })
  const { give, grants, passWaits, log } = setting
  await give()
  const times = []
  for (let tries = 0; tries < 3; tries++) {
    expect(await grants.drawDue()).toBe(0)
    times.push(await waits(setting))
    await passWaits()
  }
  for (const [index, ms] of [1000, 2000, 4000].entries()) {
    expect(times[index]).toBeGreaterThan(ms - 500)
    expect(times[index]).toBeLessThanOrEqual(ms)
  }
  expect(log.filter(({ level }) => level === 'warn')).toHaveLength(3)
  expect(await grants.drawDue()).toBe(1)
  // Whoever draws knows that an earlier message may exist.
  expect(drawn.map(({ card }) => card.tries)).toEqual([0, 1, 2, 3])
})

test('waits as long as Slack asks for', async () => {
  const { draw } = drawing(failing(new DrawLaterError(30_000)))
  const setting = await createSetting({ notifier: { draw } })
  await setting.give()
  await setting.grants.drawDue()
  expect(await waits(setting)).toBeGreaterThan(29_000)
})

test('never tries again at once, though Slack asks for no wait', async () => {
  const { drawn, draw } = drawing(failing(new DrawLaterError(0)))
  const setting = await createSetting({ notifier: { draw } })
  await setting.give()
  await setting.grants.drawDue()
  expect(drawn).toHaveLength(1)
})

test('knows that operators can be told again once a hold was told where they are told', async () => {
  const { alerts } = policyWith()
  if (alerts === null) throw new Error('the policy names no channel for operators')
  const place = { channel: alerts, ts: '1' }
  const tells: (() => Promise<Place | null>)[] = [
    failing(new ChannelClosedError({ channel: alerts, code: 'not_in_channel', foundBy: 'post' })),
    async () => place,
    failing(new ChannelClosedError({ channel: alerts, code: 'restricted_action', foundBy: 'post' })),
    async () => place,
    async () => ({ ...place, ts: '2' }),
  ]
  const tellHold = async () => (await tells.shift()?.()) ?? null
  const { grants, ledger, sql } = await createSetting({ notifier: { tellHold } })
  const closed = async () => (await ledger.closedChannels()).map(({ code }) => code)
  const tell = async () => {
    await sql('update holds set due_at = 0')
    await grants.tellHolds()
  }
  await grants.pause({ by: { commandLine: 'root' }, stock: null, reason: null })
  await tell()
  expect(await closed()).toEqual(['not_in_channel'])
  await tell()
  expect(await closed()).toEqual([])
  await tell()
  expect(await closed()).toEqual(['restricted_action'])
  // That a message there can be changed does not mean that one can be posted.
  await tell()
  expect(await closed()).toEqual(['restricted_action'])
  await tell()
  expect(await closed()).toEqual([])
})

test('draws a card at once when its grant moves on, however long it was to wait', async () => {
  const { drawn, draw } = drawing(failing(new DrawLaterError(30_000)))
  const { give, issue, grants } = await createSetting({ notifier: { draw } })
  await give()
  await grants.drawDue()
  await issue()
  expect(await grants.drawDue()).toBe(1)
  expect(drawn.at(-1)?.grant.state).toBe('issued')
})

test('draws a grant once more that moved on while it was drawn', async () => {
  const { drawn, draw } = drawing(async () => {
    await setting.issue()
    return { place: { channel: 'D1', ts: '1' } }
  })
  const setting = await createSetting({ notifier: { draw } })
  await setting.give()
  expect(await setting.grants.drawDue()).toBe(2)
  expect(drawn.map(({ grant }) => grant.state)).toEqual(['approved', 'issued'])
})

test('never draws again where there is nothing left to draw on', async () => {
  const { drawn, draw } = drawing(async () => ({ gone: true }))
  const { give, issue, grants } = await createSetting({ notifier: { draw } })
  await give()
  expect(await grants.drawDue()).toBe(1)
  await issue()
  expect(await grants.drawDue()).toBe(0)
  expect(drawn).toHaveLength(1)
})

test('draws the other cards of a grant though one of them fails', async () => {
  const { drawn, draw } = drawing((card) =>
    card.kind === 'dm' ? Promise.reject(new Error('no')) : Promise.resolve({ gone: true }),
  )
  const { grants } = await createSetting({ notifier: { draw } })
  await grants.request(inputWith({ viewId: 'V1' }))
  expect(await grants.drawDue()).toBe(1)
  expect(drawn.map(({ card }) => card.kind).toSorted()).toEqual(['dm', 'view'])
})

test('takes over a card that its worker never gave back', async () => {
  const { give, ledger, grants, passLeases } = await createSetting()
  await give()
  await ledger.claimCards({ worker: 'the one that died', lease: 60_000, limit: 1 })
  expect(await grants.drawDue()).toBe(0)
  await passLeases()
  expect(await grants.drawDue()).toBe(1)
})

test('gives back what it drew though the ledger is busy when it wants to', async () => {
  const { drawn, draw } = drawing(async () => {
    await setting.sql('begin immediate')
    setTimeout(() => void setting.sql('commit'), 400)
    return { place: { channel: 'D1', ts: '1' } }
  })
  const setting = await createSetting({ ledger: { writeWithin: 200 }, notifier: { draw } })
  await setting.give()
  expect(await setting.grants.drawDue()).toBe(1)
  expect(drawn).toHaveLength(1)
  expect(await setting.sql('select due_at, lease_owner from cards')).toEqual([
    { due_at: null, lease_owner: null },
  ])
})

test('draws what it has claimed though the next claim fails, and tells that', async () => {
  const { give, ledger, worker, drawn } = await createSetting()
  await give()
  let claims = 0
  const failing: Ledger = {
    ...ledger,
    claimCards: (of) =>
      claims++ === 0 ? ledger.claimCards(of) : Promise.reject(new LedgerBusyError('too busy')),
  }
  await expect(worker({ ledger: failing }).grants.drawDue()).rejects.toThrow('too busy')
  expect(drawn).toHaveLength(1)
})

test('delays no card by one that takes long, also one that becomes due meanwhile', async () => {
  const slow = Promise.withResolvers<void>()
  const { drawn, draw } = drawing(async () => {
    await slow.promise
    return { place: { channel: 'D1', ts: 'slow' } }
  })
  const setting = await createSetting({ notifier: { draw } })
  const { give, grants, sql } = setting
  for (let count = 0; count < 25; count++) await give()
  const drawingAll = grants.drawDue()
  const left = async () => (await sql('select id from cards where due_at is not null')).length
  await expect.poll(left).toBe(1)
  await give()
  await expect.poll(() => drawn.length).toBe(26)
  await expect.poll(left).toBe(1)
  slow.resolve()
  expect(await drawingAll).toBe(26)
  expect(new Set(drawn.map(({ card }) => card.id)).size).toBe(26)
})

test('has at most ten under way at once, and delays no news by one that takes long', async () => {
  const slow = Promise.withResolvers<boolean>()
  let underWay = 0
  let most = 0
  const told: string[] = []
  const tell: Notifier['tell'] = async ({ news }) => {
    underWay += 1
    most = Math.max(most, underWay)
    const mistakes = news.kind === 'policy-broken' ? news.mistakes : ''
    await (mistakes === '0' ? slow.promise : sleep(5))
    underWay -= 1
    told.push(mistakes)
    return true
  }
  const { ledger, grants } = await createSetting({ notifier: { tell } })
  for (let count = 0; count < 25; count++)
    await ledger.write((tx) => tx.notice({ kind: 'policy-broken', mistakes: String(count) }))
  const tellingAll = grants.tellNews()
  await expect.poll(() => told.length).toBe(24)
  slow.resolve(true)
  expect(await tellingAll).toBe(25)
  expect(told.at(-1)).toBe('0')
  expect(most).toBe(10)
})

test('tells that nobody could be asked only if the operators were told', async () => {
  const closed = new ChannelClosedError({ channel: 'C0APPROVE', code: 'restricted_action', foundBy: 'post' })
  const { drawn, draw } = drawing()
  const news: string[] = []
  let alerts: 'none' | 'away' | 'there' = 'none'
  const setting = await createSetting({
    policy: { approval: approvalWith() },
    notifier: {
      draw: (card, grant, beside) =>
        card.kind === 'approval' ? Promise.reject(closed) : draw(card, grant, beside),
      async tell(notice) {
        if (alerts === 'away') throw new Error('Slack is away')
        if (alerts === 'there') news.push(notice.news.kind)
        return alerts === 'there'
      },
    },
  })
  const { give, grants, now, sql, log } = setting
  const grant = await give()
  await grants.drawDue()
  await grants.tellNews()
  await grants.drawDue()
  expect(drawn.at(-1)?.grant.notAsked).toEqual({ operatorsTold: false })
  expect(log.filter(({ level }) => level === 'error')).toMatchObject([
    { fields: { channel: 'C0APPROVE', code: 'restricted_action' } },
  ])
  await sql('delete from closed_channels')
  await sql('update cards set due_at = 0 where due_at is not null')
  alerts = 'away'
  await grants.drawDue()
  await grants.tellNews()
  expect((await now(grant)).notAsked).toEqual({ operatorsTold: false })
  alerts = 'there'
  await sql('update notices set due_at = 0 where due_at is not null')
  await grants.tellNews()
  await grants.drawDue()
  expect(news).toEqual(['channel-closed'])
  expect(drawn.at(-1)?.grant.notAsked).toEqual({ operatorsTold: true })
  const stuck = await grants.stuck({ by: { commandLine: 'root' } })
  expect(stuck).toMatchObject({ closed: [{ channel: 'C0APPROVE', asks: 1, operatorsTold: true }] })
})

test('asks where the policy says by now what nobody has seen, if that channel serves', async () => {
  const closed = new ChannelClosedError({ channel: 'C0APPROVE', code: 'is_archived', foundBy: 'post' })
  const { drawn, draw } = drawing()
  let shared = true
  const setting = await createSetting({
    policy: { approval: approvalWith() },
    notifier: {
      draw: (card, grant, beside) =>
        card.recipient === 'C0APPROVE' ? Promise.reject(closed) : draw(card, grant, beside),
      reach: async ({ channel, enough }) => ({
        people: enough,
        channel: shared && channel === 'C0OTHER' ? 'shared' : null,
      }),
    },
  })
  const { give, grants, now, sql, ledger } = setting
  const grant = await give()
  await grants.drawDue()
  setting.policy = { ...setting.policy, hash: 'b', approval: approvalWith({ channel: 'C0OTHER' }) }
  await grants.putInForce(setting.policy)
  await grants.drawDue()
  expect(await now(grant)).toMatchObject({ approvalChannel: 'C0APPROVE', notAsked: {} })
  shared = false
  await sql('update cards set due_at = 0 where due_at is not null')
  await grants.drawDue()
  await grants.drawDue()
  expect(await now(grant)).toMatchObject({ approvalChannel: 'C0OTHER' })
  expect((await now(grant)).notAsked).toBeUndefined()
  expect(drawn.filter(({ card }) => card.kind === 'approval')).toMatchObject([
    { card: { recipient: 'C0OTHER' } },
  ])
  expect(drawn.at(-1)?.grant.notAsked).toBeUndefined()
  expect(await ledger.closedChannels()).toEqual([])
})

test('tries a closed channel every quarter of a minute, however much waits for it', async () => {
  const closed = new ChannelClosedError({ channel: 'C0APPROVE', code: 'is_archived', foundBy: 'post' })
  const { draw } = drawing()
  const setting = await createSetting({
    policy: { approval: approvalWith() },
    notifier: {
      draw: (card, grant, beside) =>
        card.kind === 'approval' ? Promise.reject(closed) : draw(card, grant, beside),
    },
  })
  const { give, grants, sql } = setting
  for (let count = 0; count < 4; count++) await give()
  for (let tries = 0; tries < 8; tries++) {
    await grants.drawDue()
    await sql('update cards set due_at = 0 where due_at is not null')
  }
  await grants.drawDue()
  const due = await sql('select due_at from cards where due_at is not null')
  expect(due).toHaveLength(4)
  for (const { due_at } of due) {
    expect(Number(due_at) - Date.now()).toBeGreaterThan(45_000)
    expect(Number(due_at) - Date.now()).toBeLessThanOrEqual(60_000)
  }
})

test('leaves no card half drawn when the ledger fails', async () => {
  const first = Promise.withResolvers<void>()
  const { drawn, draw } = drawing(
    async () => ({ gone: true }),
    async () => {
      await first.promise
      return { gone: true }
    },
  )
  const { give, ledger, worker } = await createSetting({ notifier: { draw } })
  await give()
  await give()
  let failed = 0
  const failing: Ledger = {
    ...ledger,
    endCards() {
      failed += 1
      return Promise.reject(new LedgerBusyError('too busy'))
    },
  }
  let isOver = false
  const drawingAll = worker({ ledger: failing })
    .grants.drawDue()
    .catch((error: unknown) => {
      isOver = true
      return error
    })
  await expect.poll(() => drawn.length).toBe(2)
  await expect.poll(() => failed).toBe(1)
  await sleep(20)
  expect(isOver).toBe(false)
  first.resolve()
  expect(await drawingAll).toBeInstanceOf(Error)
})
