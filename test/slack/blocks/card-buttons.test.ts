import { pino } from 'pino'
import { expect, onTestFinished, test } from 'vitest'
import type { Grant } from '../../../src/domain/grant.ts'
import type { ListInput } from '../../../src/grants/index.ts'
import { grantButtons } from '../../../src/slack/blocks/grant-cards.ts'
import { createReader } from '../../../src/slack/blocks/reader.ts'
import { createSlackClients } from '../../../src/slack/edge/clients.ts'
import { grantsThat, grantWith, issued, OPENID, policyWith } from '../builders.ts'
import { startEdge, viewOf } from '../start-edge.ts'

const mine = grantWith({ ...issued, ticket: 'SUP-12' })

/** A card in Ada's DM, and the grant as the records have it by now. */
async function startWithCard(recorded: Grant | null) {
  const lists: ListInput[] = []
  const grants = grantsThat({
    grant: () => Promise.resolve(recorded),
    list: (input) => {
      lists.push(input)
      return Promise.resolve({
        kind: 'listed',
        openid: input.openid,
        coupons: [],
        open: [],
        failed: [],
        stocks: 2,
      })
    },
  })
  const { slack } = await startEdge({ grants, finished: onTestFinished })
  const { notifications } = createSlackClients({
    botToken: slack.botToken,
    apiUrl: slack.apiUrl,
    logger: pino({ level: 'silent' }),
  })
  const { channel } = await notifications.conversations.open({ users: 'U0AGENT1' })
  const blocks = [grantButtons(mine, createReader('en', policyWith()))]
  await notifications.chat.postMessage({ channel: channel?.id ?? '', text: 'card', blocks })
  return { slack, ada: slack.person('U0AGENT1'), lists }
}

test('opens the form from a card, filled in as its grant but without the note', async () => {
  const { slack, ada } = await startWithCard(mine)
  await ada.press({ actionId: 'give_another' })
  const { values } = (await viewOf(slack, ada)).state
  expect(values.openid?.openid_input?.value).toBe(OPENID)
  expect(values.stock?.stock_select?.selected_option?.value).toBe('withdraw-10')
  expect(values.reason?.reason_select?.selected_option?.value).toBe('outage')
  expect(values.ticket?.ticket_input?.value).toBe('SUP-12')
  expect(values.note?.note_input?.value ?? null).toBeNull()
})

test('lists the coupons of a card’s user beside the card, which stays', async () => {
  const { slack, ada, lists } = await startWithCard(mine)
  await ada.press({ actionId: 'more', value: `lookup|${mine.id}` })
  const told = await slack.waitFor(() => ada.dm().find(({ onlyFor }) => onlyFor === 'U0AGENT1'))
  expect(told.text).toBe('No coupons · oUpF…jWeS6o')
  expect(ada.dm()[0]?.text).toBe('card')
  expect(lists).toMatchObject([{ openid: OPENID, stock: null, page: 1, person: { id: 'U0AGENT1' } }])
})

test('uses a card for nobody but its requester', async () => {
  const { slack, ada, lists } = await startWithCard({ ...mine, requester: 'U0LEAD1' })
  await ada.press({ actionId: 'more', value: `lookup|${mine.id}` })
  await slack.waitFor(() => ada.dm().some(({ text }) => text === 'This message belongs to somebody else.'))
  expect(lists).toEqual([])
})

test('says that a grant is no longer in the records', async () => {
  const { slack, ada } = await startWithCard(null)
  await ada.press({ actionId: 'give_another' })
  await slack.waitFor(() =>
    ada.dm().some(({ text }) => text.startsWith('This request is not in the records')),
  )
  expect(ada.view()).toBeUndefined()
})
