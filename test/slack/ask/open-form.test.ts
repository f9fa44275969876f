import { expect, test } from 'vitest'
import { LedgerBusyError } from '../../../src/ledger/ledger.ts'
import { en } from '../../../src/slack/blocks/words/en/index.ts'
import { fields } from '../../../src/slack/ids.ts'
import { abilitiesWith, grantsThat, OPENID, policyWith } from '../builders.ts'
import { startEdge, viewOf } from '../start-edge.ts'

/** A trigger opens a form once and within three seconds, whatever else is slow. */

// The three seconds are real here: what a busy machine makes late is tried again, what is late by itself stays so.
const real = { retry: 4 }

test.concurrent(
  'opens a form at once though Slack asks to wait with another call',
  real,
  async ({ onTestFinished: finished }) => {
    const { slack } = await startEdge({ finished, strict: true })
    slack.fault({ name: 'web_api_429', method: 'usergroups.users.list', retryAfter: 300 })
    const ada = slack.person('U0AGENT1')
    await ada.command('/withdraw-coupon', 'send')
    const form = await viewOf(slack, ada)
    expect(form.callback_id).toBe('give')
  },
)

for (const method of ['users.info', 'usergroups.users.list'])
  test.concurrent(
    `shows that it is looking within a trigger's life when ${method} hangs`,
    real,
    async ({ onTestFinished: finished }) => {
      const { slack } = await startEdge({ finished, strict: true })
      slack.fault({ name: 'web_api_hang', method, times: 2 })
      const ada = slack.person('U0AGENT1')
      await ada.command('/withdraw-coupon', `send ${OPENID}`)
      const loading = await slack.waitFor(() => ada.view())
      expect(loading.callback_id).toBe('loading')
    },
  )

test.concurrent(
  'shows that it is looking when the ledger is slow',
  real,
  async ({ onTestFinished: finished }) => {
    let read: () => void = () => {}
    const slow = new Promise<void>((resolve) => {
      read = resolve
    })
    const grants = grantsThat({ abilities: () => slow.then(() => abilitiesWith()) })
    const { slack } = await startEdge({ grants, finished, strict: true })
    const ada = slack.person('U0AGENT1')
    await ada.command('/withdraw-coupon', 'send')
    await slack.waitFor(() => ada.view()?.callback_id === 'loading')
    read()
    await slack.waitFor(() => ada.view()?.callback_id === 'give')
  },
)

test.concurrent.for([
  ['can not be read', new LedgerBusyError('the ledger could not be read'), en.notice.busy],
  ['fails', new Error('disk on fire'), en.notice.failed('').split('`')[0] ?? ''],
] as const)(
  'says in the loading view that it can not be done when the ledger %s',
  real,
  async ([, error, words], { onTestFinished: finished }) => {
    let fail: (error: Error) => void = () => {}
    const failing = new Promise<never>((_resolve, reject) => {
      fail = reject
    })
    const { slack } = await startEdge({
      grants: grantsThat({ abilities: () => failing }),
      finished,
      strict: true,
    })
    const ada = slack.person('U0AGENT1')
    await ada.command('/withdraw-coupon', 'send')
    await slack.waitFor(() => ada.view()?.callback_id === 'loading')
    fail(error)
    await slack.waitFor(() => ada.view()?.callback_id === 'notice')
    expect(JSON.stringify(ada.view()?.blocks)).toContain(words)
  },
)

test.concurrent(
  'asks to run the command again when its trigger has run out',
  real,
  async ({ onTestFinished: finished }) => {
    const { slack, log } = await startEdge({ finished, strict: true })
    slack.fault({ name: 'trigger_expired' })
    const ada = slack.person('U0AGENT1')
    await ada.command('/withdraw-coupon', 'send', { channel: 'C0SUPPORT' })
    const told = await slack.waitFor(() => ada.messages('C0SUPPORT').at(-1))
    expect(told.text).toBe('The form could not be opened in time. Please run the command again.')
    expect(log.filter(({ level }) => Number(level) >= 50)).toEqual([])
  },
)

test.concurrent(
  'shows no form to somebody who closed it while it was looked up',
  real,
  async ({ onTestFinished: finished }) => {
    const { slack, log } = await startEdge({ finished, strict: true })
    slack.fault({ name: 'web_api_hang', method: 'users.info' })
    const ada = slack.person('U0AGENT1')
    await ada.command('/withdraw-coupon', 'send', { channel: 'C0SUPPORT' })
    await viewOf(slack, ada)
    await ada.close()
    const isAnswered = () =>
      slack.traffic().some(({ name, answer }) => name === 'views.update' && answer !== undefined)
    await slack.waitFor(isAnswered)
    expect(ada.views()).toEqual([])
    expect(ada.messages('C0SUPPORT')).toEqual([])
    expect(log.filter(({ level }) => Number(level) >= 50)).toEqual([])
  },
)

test.concurrent.for([
  'views.open',
  'views.update',
])('fills in the form though the answer to %s is lost, and its repeat refused', async (method, {
  onTestFinished: finished,
}) => {
  let read: () => void = () => {}
  const slow = new Promise<void>((resolve) => {
    read = resolve
  })
  const grants = grantsThat({ abilities: () => slow.then(() => abilitiesWith()) })
  const { slack, log } = await startEdge({ grants, finished })
  slack.fault({ name: 'web_api_reset', method, acted: true })
  const ada = slack.person('U0AGENT1')
  await ada.command('/withdraw-coupon', 'send', { channel: 'C0SUPPORT' })
  await slack.waitFor(() => ada.view()?.callback_id === 'loading')
  read()
  await slack.waitFor(() => ada.view()?.callback_id === 'give')
  const isRefused = () =>
    slack
      .traffic()
      .some(
        ({ name, answer }) =>
          name === method && /exchanged_trigger_id|hash_conflict/.test(JSON.stringify(answer)),
      )
  await slack.waitFor(isRefused)
  // What the refusal does to the first command is done when the next one is answered.
  await ada.command('/withdraw-coupon', 'help', { channel: 'C0SUPPORT' })
  await slack.waitFor(() => ada.messages('C0SUPPORT').length > 0)
  expect(ada.messages('C0SUPPORT')).toHaveLength(1)
  expect(log.filter(({ level }) => Number(level) >= 50)).toEqual([])
})

test.concurrent.for([
  ['', 'withdraw-10'],
  [' outage', 'withdraw-10'],
  [' withdraw-50 outage', undefined],
  [' outage gold', undefined],
] as const)('chooses the only coupon unless another may have been typed: %j', async ([typed, chosen], {
  onTestFinished: finished,
}) => {
  const policy = policyWith({ stocks: policyWith().stocks.slice(0, 1) })
  const abilities = abilitiesWith({ stocks: abilitiesWith().stocks.slice(0, 1) })
  const grants = grantsThat({ policy: () => policy, abilities: () => Promise.resolve(abilities) })
  const { slack } = await startEdge({ grants, finished })
  const ada = slack.person('U0AGENT1')
  await ada.command('/withdraw-coupon', `send ${OPENID}${typed}`)
  const form = await viewOf(slack, ada)
  const stock = form.blocks.find((block) => block.block_id === fields.stock) as
    | { element: { initial_option?: { value: string } } }
    | undefined
  expect(stock?.element.initial_option?.value).toBe(chosen)
})
