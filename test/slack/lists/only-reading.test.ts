import { setTimeout as sleep } from 'node:timers/promises'
import { expect, onTestFinished, test } from 'vitest'
import { en } from '../../../src/slack/blocks/words/en/index.ts'
import { textOf } from '../../stories/world.ts'
import { abilitiesWith, findsNobody, grantsThat, OPENID } from '../builders.ts'
import { startEdge } from '../start-edge.ts'

/** What is said whatever the number for the operators. */
const [nothingChanged = ''] = en.notice.failed('|').split('|')
const notCertain = /not certain|isn’t certain|不确定|无法确定/

const fails = () => Promise.reject(new Error('something is broken'))
const kinds = () => [{ key: 'order', name: null }]

test('says of every command that only reads that nothing was changed where it fails', async () => {
  const { slack } = await startEdge({
    grants: grantsThat({
      abilities: fails,
      budget: fails,
      list: fails,
      pending: fails,
      mine: fails,
      history: fails,
      stuck: fails,
      setUp: fails,
      absence: fails,
    }),
    customers: { ...findsNobody, kinds, find: fails },
    finished: onTestFinished,
  })
  const ada = slack.person('U0AGENT1')
  for (const typed of [
    'send',
    `list ${OPENID}`,
    'find 42',
    'pending',
    'mine',
    `history ${OPENID}`,
    'left',
    'stuck',
    'doctor',
    'away',
    'help',
  ]) {
    const before = ada.messages('C0SUPPORT').length
    await ada.command('/withdraw-coupon', typed, { channel: 'C0SUPPORT' })
    await slack.waitFor(() => ada.messages('C0SUPPORT').length > before, { what: `an answer to ${typed}` })
    const answer = textOf(ada.messages('C0SUPPORT').at(-1))
    expect(`${typed}: ${answer}`).toContain(nothingChanged)
    expect(answer).not.toMatch(notCertain)
  }
})

test.for([
  ['at once', 0],
  ['once it says that it looks', 2500],
] as const)('says in the view that finds a user that nothing was changed where it fails %s', async ([
  ,
  ms,
]) => {
  const { slack } = await startEdge({
    grants: grantsThat({ abilities: () => Promise.resolve(abilitiesWith()) }),
    customers: { ...findsNobody, kinds, find: () => sleep(ms).then(fails) },
    finished: onTestFinished,
  })
  const ada = slack.person('U0AGENT1')
  await ada.command('/withdraw-coupon', 'send')
  await slack.waitFor(() => ada.view()?.callback_id === 'give')
  await ada.press({ actionId: 'find_user' })
  await slack.waitFor(() => ada.view()?.callback_id === 'find')
  await ada.fill({ find_kind_radio: 'order', find_number_input: '42' })
  expect(await ada.submit()).toEqual({ kind: 'updated' })
  const view = await slack.waitFor(() => (textOf(ada.view()).includes(nothingChanged) ? ada.view() : null), {
    what: 'a view that says what went wrong',
  })
  expect(textOf(view)).not.toMatch(notCertain)
})

test('says in a message that nothing was changed where the look-up of a form that is closed fails', async () => {
  const { slack } = await startEdge({ grants: grantsThat({ list: fails }), finished: onTestFinished })
  const ada = slack.person('U0AGENT1')
  await ada.shortcut('look_up')
  await slack.waitFor(() => ada.view()?.callback_id === 'look_up')
  await ada.fill({ openid_to_look_up: OPENID })
  await ada.submit()
  const told = await slack.waitFor(() => ada.dm().at(-1))
  expect(textOf(told)).toContain(nothingChanged)
  expect(textOf(told)).not.toMatch(notCertain)
})
