import { expect, onTestFinished, test } from 'vitest'
import { CommitUncertainError, type Ledger, LedgerBusyError } from '../../../src/ledger/ledger.ts'
import type { Message } from '../../../src/sandbox/slack/index.ts'
import { en } from '../../../src/slack/blocks/words/en/index.ts'
import { zhCN } from '../../../src/slack/blocks/words/zh-cn/index.ts'
import { actions } from '../../../src/slack/ids.ts'
import { approvalWith, createSetting, useWechatPay } from '../../grants/setting.ts'
import { textOf } from '../../stories/world.ts'
import { OPENID } from '../builders.ts'
import { startEdge } from '../start-edge.ts'

useWechatPay()

const limit = { count: 1000, quota: null, days: 1 }
const limits = { perUser: null, perRequester: limit, perStock: limit, lookups: null }

const reads = [
  'grant',
  'grantsOf',
  'openGrantsOf',
  'grantsByCouponIds',
  'stocksOf',
  'pendingGrants',
  'decisionsOf',
  'flaggedGrants',
  'openHolds',
  'openSettlements',
  'countLookups',
  'usage',
  'usageOfStocks',
  'eventsOf',
  'cardsOf',
] as const satisfies (keyof Ledger)[]

/** The app on a ledger that can be taken away. */
async function start() {
  const setting = await createSetting({ policy: { approval: approvalWith(), limits } })
  const { grants, ledger } = setting
  const grant = await setting.give()
  const { slack, log } = await startEdge({ grants, finished: onTestFinished })
  const away = () => Promise.reject(new LedgerBusyError('the ledger could not be read'))
  return {
    ...setting,
    grant,
    slack,
    log,
    takeAway: () => {
      for (const read of reads) Object.assign(ledger, { [read]: away })
    },
    /** The latest message to this person alone. */
    answer: (id: string) =>
      slack.waitFor(() =>
        slack
          .person(id)
          .messages('C0SUPPORT')
          .findLast(({ onlyFor }: Message) => onlyFor === id),
      ),
    errors: () => log.filter(({ level }) => Number(level) >= 50),
  }
}

test.each([
  ['list', new LedgerBusyError('')],
  ['list', new CommitUncertainError('')],
  ['history', new LedgerBusyError('')],
  ['history', new CommitUncertainError('')],
] as const)('says that the records can not be read when the look-up of %s is not recorded (%o)', async (typed, error) => {
  const { ledger, slack, answer, errors } = await start()
  ledger.write = () => Promise.reject(error)
  await slack.person('U0AGENT1').command('/withdraw-coupon', `${typed} ${OPENID}`, { channel: 'C0SUPPORT' })
  expect((await answer('U0AGENT1')).text).toBe(en.notice.busy)
  expect(errors()).toEqual([])
})

test.each([
  ['U0AGENT1', `list ${OPENID}`, en],
  ['U0AGENT1', `history ${OPENID}`, en],
  ['U0AGENT1', 'mine', en],
  ['U0AGENT1', 'help', en],
  ['U0AGENT1', 'send', en],
  ['U0AGENT2', '我的', zhCN],
  ['U0LEAD1', 'pending', en],
  ['U0OPS001', 'stuck', en],
] as const)('says to %s that the records can not be read for “%s”, and throws nothing', async (id, typed, words) => {
  const { slack, takeAway, answer, errors } = await start()
  takeAway()
  await slack.person(id).command('/withdraw-coupon', typed, { channel: 'C0SUPPORT' })
  expect((await answer(id)).text).toBe(words.notice.busy)
  expect(errors()).toEqual([])
})

test.each([
  ['the button Reject', actions.reject, /(?!)/],
  ['History in the menu', actions.more, /"value":"(history\|[^"]+)"/],
])('says so for %s of a list, which stays', async (_, actionId, option) => {
  const { slack, takeAway, errors } = await start()
  const lea = slack.person('U0LEAD1')
  await lea.command('/withdraw-coupon', 'pending', { channel: 'C0SUPPORT' })
  await slack.waitFor(() => textOf(lea.messages('C0SUPPORT').at(-1)).includes(actions.reject))
  const value = option.exec(textOf(lea.messages('C0SUPPORT').at(-1)))?.[1]
  takeAway()
  await lea.press({ actionId, channel: 'C0SUPPORT', ...(value === undefined ? {} : { value }) })
  await slack.waitFor(() => lea.messages('C0SUPPORT').some(({ text }) => text === en.notice.busy))
  expect(textOf(lea.messages('C0SUPPORT')[0])).toContain(actions.reject)
  expect(errors()).toEqual([])
})

test('tells what a click did though its list can not be drawn anew', async () => {
  const { slack, ledger, grant, now, errors } = await start()
  const lea = slack.person('U0LEAD1')
  await lea.command('/withdraw-coupon', 'pending', { channel: 'C0SUPPORT' })
  await slack.waitFor(() => textOf(lea.messages('C0SUPPORT').at(-1)).includes(actions.approve))
  ledger.pendingGrants = () => Promise.reject(new LedgerBusyError(''))
  await lea.press({ actionId: actions.approve, channel: 'C0SUPPORT' })
  await slack.waitFor(() => {
    const shown = lea.messages('C0SUPPORT').map(textOf).join('')
    return shown.includes(en.decided.result) && shown.includes(en.notice.busy)
  })
  expect(await now(grant)).toMatchObject({ state: 'approved' })
  expect(errors()).toEqual([])
})
