import { setTimeout as sleep } from 'node:timers/promises'
import { pino } from 'pino'
import { expect, onTestFinished, test } from 'vitest'
import { en } from '../../../src/slack/blocks/words/en/index.ts'
import { createSlackClients } from '../../../src/slack/edge/clients.ts'
import { actions } from '../../../src/slack/ids.ts'
import { approvalWith, createSetting, useWechatPay } from '../../grants/setting.ts'
import { textOf } from '../../stories/world.ts'
import { abilitiesWith, findsNobody, grantsThat } from '../builders.ts'
import { startEdge } from '../start-edge.ts'

useWechatPay()

/** Slack's three seconds are real here: what a busy machine makes late is tried again, what is late by itself stays so. */
const real = { retry: 4 }

/** A grant that waits, and a message with its buttons. */
async function start() {
  const setting = await createSetting({
    policy: { approval: approvalWith() },
    // The real two seconds, with which a click is acknowledged in time.
    ledger: { writeWithin: undefined },
  })
  const grant = await setting.give()
  const { slack, log } = await startEdge({
    grants: setting.grants,
    transport: 'http',
    strict: true,
    finished: onTestFinished,
  })
  const { notifications } = createSlackClients({
    botToken: slack.botToken,
    apiUrl: slack.apiUrl,
    logger: pino({ level: 'silent' }),
  })
  const button = (action_id: string) => ({
    type: 'button' as const,
    action_id,
    text: { type: 'plain_text' as const, text: action_id },
    value: grant.id,
  })
  const { ts = '' } = await notifications.chat.postMessage({
    channel: 'C0APPROVE',
    text: 'buttons',
    blocks: [
      {
        type: 'actions',
        elements: [button(actions.approve), button(actions.reject), button(actions.history)],
      },
    ],
  })
  await setting.grants.recogniseCard({ grantId: grant.id, cardId: null }, { channel: 'C0APPROVE', ts })
  const lea = slack.person('U0LEAD1')
  const olaf = slack.person('U0OPS001')
  return {
    ...setting,
    grant,
    slack,
    log,
    lea,
    press: (actionId: string) => lea.press({ actionId, channel: 'C0APPROVE', messageTs: ts }),
    /** Types a command as an operator, and waits for its acknowledgement. */
    order: async (text: string) =>
      expect(await olaf.command('/withdraw-coupon', text, { channel: 'C0SUPPORT' })).toEqual({ ok: true }),
    ordered: (words: string) =>
      slack.waitFor(() => olaf.messages('C0SUPPORT').some((message) => textOf(message).includes(words))),
    told: (words: string) =>
      slack.waitFor(() =>
        lea.messages('C0APPROVE').some(({ onlyFor, text }) => onlyFor === 'U0LEAD1' && text.includes(words)),
      ),
  }
}

/** Keeps the ledger's write lock until it is let go. */
async function holdLedger(open: Awaited<ReturnType<typeof start>>['open']) {
  const ledger = await open({ writeWithin: 60_000 })
  const held = Promise.withResolvers<void>()
  const begun = Promise.withResolvers<void>()
  const writing = ledger.write(() => {
    begun.resolve()
    return held.promise
  })
  await begun.promise
  const letGo = async () => {
    held.resolve()
    await writing
  }
  // Also when the test fails before: a ledger closes once its write has ended.
  onTestFinished(letGo)
  return letGo
}

test(
  'acknowledges a click in time though Slack and the ledger are as slow as is waited for, and tells that nothing was done',
  real,
  async () => {
    const { press, told, open, slack, grant, now, log } = await start()
    const letGo = await holdLedger(open)
    slack.fault({ name: 'web_api_hang', method: 'users.info' })
    const began = performance.now()
    expect(await press(actions.approve)).toMatchObject({ ok: true })
    expect(performance.now() - began).toBeGreaterThan(2000)
    await told('记录暂时无法写入，未作任何更改')
    await letGo()
    expect(await now(grant)).toMatchObject({ state: 'pending' })
    expect(log.filter(({ level }) => Number(level) >= 50)).toEqual([])
  },
)

test('asks for the reason, and shows the trail, while the ledger is being written', real, async () => {
  const { press, open, slack, lea } = await start()
  const letGo = await holdLedger(open)
  await press(actions.reject)
  await slack.waitFor(() => lea.view()?.callback_id === 'reject')
  await lea.close()
  await press(actions.history)
  await slack.waitFor(() => lea.view()?.callback_id === 'trail')
  await letGo()
})

test('tells where a window could not be opened in time, and what to do', real, async () => {
  const { press, told, slack, lea } = await start()
  slack.fault({ name: 'trigger_expired' })
  await press(actions.reject)
  await told('Slack did not open the window in time. Please press again.')
  expect(lea.view()).toBeUndefined()
})

test('answers a click that Slack does not let it open a window for', real, async () => {
  const { press, told, slack, lea } = await start()
  slack.fault({ name: 'web_api_429', method: 'views.open', retryAfter: 30 })
  await press(actions.history)
  await told('Something went wrong in this app, and nothing was changed')
  expect(lea.view()).toBeUndefined()
})

test('acknowledges a typed pause or resume once it is recorded', real, async () => {
  const { ledger, open, order } = await start()
  for (const [text, left] of [
    ['pause doubles', [{ kind: 'paused', message: 'doubles' }]],
    ['resume', []],
  ] as const) {
    const letGo = await holdLedger(open)
    setTimeout(letGo, 300)
    await order(text)
    const holds = await ledger.openHolds()
    expect(holds).toMatchObject(left)
    expect(holds).toHaveLength(left.length)
  }
})

test(
  'acknowledges a typed pause in time though the ledger can not be written, and tells that nothing was done',
  real,
  async () => {
    const { ledger, open, order, ordered, log } = await start()
    const letGo = await holdLedger(open)
    const began = performance.now()
    await order('pause')
    expect(performance.now() - began).toBeGreaterThan(1800)
    await ordered('could not be written just now, so nothing was changed')
    await letGo()
    expect(await ledger.openHolds()).toEqual([])
    expect(log.filter(({ level }) => Number(level) >= 50)).toEqual([])
  },
)

test(
  'acknowledges a typed pause in time though Slack does not tell who it is, and tells that nothing was done',
  real,
  async () => {
    const { ledger, slack, order, ordered } = await start()
    slack.fault({ name: 'web_api_hang', method: 'users.info' })
    const began = performance.now()
    await order('pause')
    expect(performance.now() - began).toBeGreaterThan(600)
    await ordered('未能及时告知您所在的用户组，因此未执行任何操作')
    expect(await ledger.openHolds()).toEqual([])
  },
)

test(
  'acknowledges a typed absence in time though Slack tells of nobody, and though the ledger can not be written',
  real,
  async () => {
    const { open, slack, order, ordered, ledger } = await start()
    // All that is asked for shares one time.
    slack.fault({ name: 'web_api_hang', method: 'users.info' })
    const began = performance.now()
    await order('away @lea 3d @王磊')
    expect(performance.now() - began).toBeLessThan(900)
    await ordered('Slack 未能及时')
    slack.clearFaults()
    await order('away')
    await ordered(en.away.none)
    const letGo = await holdLedger(open)
    await order('away @lea 3d @王磊')
    await ordered(en.notice.busy)
    await letGo()
    expect(await ledger.absencesOf({ person: 'U0LEAD1', now: 0 })).toEqual([])
  },
)

test('gives whatever changes something one time for all that it waits for, within Slack’s three seconds', async () => {
  const told: [verb: string, ms: number][] = []
  const verbs = ['decide', 'cancel', 'showOpenid', 'pause', 'resume', 'withdrawSettlement', 'setAway']
  const answers = [...verbs, 'askErasure', 'endErasure'].map((verb) => [
    verb,
    async ({ until = Number.POSITIVE_INFINITY }: { until?: number }) => {
      told.push([verb, until - performance.now()])
      return { kind: 'busy' }
    },
  ])
  const grants = grantsThat({ ...Object.fromEntries(answers), recogniseCard: async () => 'card' })
  const { slack } = await startEdge({ grants, strict: true, finished: onTestFinished })
  const { notifications } = createSlackClients({
    botToken: slack.botToken,
    apiUrl: slack.apiUrl,
    logger: pino({ level: 'silent' }),
  })
  const { approve, cancelOwn, showOpenid, pauseIssuing, resumeIssuing, withdraw } = actions
  const buttons = [approve, cancelOwn, showOpenid, pauseIssuing, resumeIssuing, withdraw]
  const all = [...buttons, actions.confirmErasure, actions.declineErasure]
  const { ts = '' } = await notifications.chat.postMessage({
    channel: 'C0ALERTS1',
    text: 'buttons',
    blocks: [
      {
        type: 'actions',
        elements: all.map((action_id) => ({
          ...{ type: 'button' as const, action_id, value: 'G' },
          text: { type: 'plain_text' as const, text: action_id },
        })),
      },
    ],
  })
  const olaf = slack.person('U0OPS001')
  for (const actionId of all) await olaf.press({ actionId, channel: 'C0ALERTS1', messageTs: ts })
  for (const text of ['pause', 'resume', 'away 3d', 'back', 'erase oUpF8uMuAJO_M2pxb1Q9zNjWeS6o'])
    await olaf.command('/withdraw-coupon', text, { channel: 'C0SUPPORT' })
  const clicks = ['decide', 'cancel', 'showOpenid', 'pause', 'resume', 'withdrawSettlement']
  const typed = ['pause', 'resume', 'setAway', 'setAway', 'askErasure']
  expect(told.map(([verb]) => verb)).toEqual([...clicks, 'endErasure', 'endErasure', ...typed])
  for (const [verb, ms] of told) {
    expect(ms, verb).toBeGreaterThan(0)
    expect(ms, verb).toBeLessThanOrEqual(2700)
  }
})

test(
  'acknowledges who is used in time though Slack is slow to fill the form below, and fills it afterwards',
  real,
  async () => {
    const openid = 'oUpF8uMuAJO_M2pxb1Q9zNjWeS6o'
    const foundBy = { kind: 'order', name: null, number: '4200…8812', amount: 3500, at: 0 }
    const match = { openid, appid: 'wx', foundBy, state: 'paid', label: null, hint: null } as const
    let takes = 0
    const { slack, log } = await startEdge({
      grants: grantsThat({ abilities: () => sleep(takes, abilitiesWith()) }),
      customers: {
        ...findsNobody,
        kinds: () => [{ key: 'order', name: null }],
        find: async () => ({ kind: 'found', matches: [match], more: false, problems: [] }),
      },
      strict: true,
      finished: onTestFinished,
    })
    const ada = slack.person('U0AGENT1')
    const view = (id: string) => slack.waitFor(() => ada.view()?.callback_id === id)
    await ada.command('/withdraw-coupon', 'send')
    await view('give')
    await ada.press({ actionId: actions.findUser })
    await view('find')
    await ada.fill({ find_number_input: '4200001234202611030000008812' })
    expect(await ada.submit()).toEqual({ kind: 'updated' })
    await view('found')
    takes = 600
    slack.fault({ name: 'web_api_hang', method: 'views.update' })
    expect(await ada.submit()).toEqual({ kind: 'closed' })
    await slack.waitFor(() => JSON.stringify(ada.view()?.state).includes(openid), {
      what: 'the form, filled in by the second try',
    })
    expect(log.filter(({ level }) => Number(level) >= 50)).toEqual([])
  },
)
