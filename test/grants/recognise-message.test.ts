import { expect, test } from 'vitest'
import type { Card, Place } from '../../src/domain/card.ts'
import type { Notifier } from '../../src/grants/index.ts'
import { engines } from '../ledger/engines.ts'
import { approvalWith, createSetting, type Setting, useWechatPay } from './setting.ts'

useWechatPay()

const policy = () => ({ approval: approvalWith() })
const cardOf = async ({ ledger }: Setting, grantId: string, kind: Card['kind']): Promise<Card> => {
  const card = (await ledger.cardsOf(grantId)).find((one) => one.kind === kind)
  if (!card) throw new Error(`there is no ${kind}`)
  return card
}
const standing = (answer: boolean | null): Partial<Notifier> => ({ stands: async () => answer })

test.each(
  engines,
)('takes a message for the card whose post was not answered, by its id or its kind (%s)', async (engine) => {
  const setting = await createSetting({ engine, policy: policy() })
  const grant = await setting.give()
  const dm = await cardOf(setting, grant.id, 'dm')
  const approval = { channel: 'C0APPROVE', ts: '1.1' }
  const direct = { channel: 'D0ADA', ts: '2.2' }
  const { grants } = setting
  expect(await grants.recogniseCard({ grantId: grant.id, cardId: null }, approval)).toBe('this')
  expect(await grants.recogniseCard({ grantId: grant.id, cardId: dm.id }, direct)).toBe('this')
  expect(await cardOf(setting, grant.id, 'dm')).toMatchObject({ place: direct })
  expect(await cardOf(setting, grant.id, 'approval')).toMatchObject({ place: approval })
})

test.each(
  engines,
)('moves a card to the message that carries it where its own can not be reached any more (%s)', async (engine) => {
  const setting = await createSetting({ engine, policy: policy(), notifier: standing(false) })
  const grant = await setting.give()
  await setting.grants.drawDue()
  const card = await cardOf(setting, grant.id, 'approval')
  const place = { channel: 'C0NEWID', ts: '3.3' }
  expect(await setting.grants.recogniseCard({ grantId: grant.id, cardId: card.id }, place)).toBe('this')
  await setting.grants.drawDue()
  expect(setting.drawn.at(-1)).toMatchObject({ card: { id: card.id, place } })
})

test('takes a message of the same time in another channel for the same, as a channel may get another id', async () => {
  const setting = await createSetting({ policy: policy() })
  const grant = await setting.give()
  await setting.grants.drawDue()
  const card = await cardOf(setting, grant.id, 'approval')
  const { ts } = card.place as { ts: string }
  const of = { grantId: grant.id, cardId: card.id }
  expect(await setting.grants.recogniseCard(of, { channel: 'C0NEWID', ts })).toBe('this')
  expect(await setting.grants.recogniseCard(of, { channel: 'C0APPROVE', ts: '9.9' })).toBe('stray')
})

test('calls nothing a stray copy that it does not know, or while Slack does not say where the card is', async () => {
  const setting = await createSetting({ policy: policy(), notifier: standing(null) })
  const grant = await setting.give()
  await setting.grants.drawDue()
  const elsewhere = { channel: 'C0APPROVE', ts: '9.9' }
  for (const [grantId, cardId] of [
    [grant.id, null],
    [grant.id, 'of-another-ledger'],
    ['of-another-ledger', null],
  ] as const)
    expect(await setting.grants.recogniseCard({ grantId, cardId }, elsewhere)).toBe('unknown')
})

test.each(
  engines,
)('tells a hold anew in the message that it is found in, and knows a copy of it (%s)', async (engine) => {
  const places: (Place | null)[] = []
  const tried: unknown[] = []
  let isLost = true
  const notifier: Partial<Notifier> = {
    async tellHold(_hold, place, of) {
      tried.push(of)
      if (isLost) throw new Error('the answer was lost')
      places.push(place)
      return place ?? { channel: 'C0ALERTS1', ts: '5.5' }
    },
  }
  const setting = await createSetting({ engine, notifier })
  const { grants, ledger, sql } = setting
  const by = { commandLine: 'root' }
  const paused = await grants.pause({ by, stock: null, reason: null })
  const id = 'hold' in paused ? paused.hold.id : ''
  await grants.tellHolds()
  expect(await grants.recogniseAlert(id, { channel: 'C0ALERTS1', ts: '4.4' })).toBe('this')
  isLost = false
  await grants.tellHolds()
  expect(places).toEqual([{ channel: 'C0ALERTS1', ts: '4.4' }])
  expect(tried).toEqual([
    { tries: 0, channel: null },
    { tries: 1, channel: setting.policy.alerts },
  ])
  expect(await grants.recogniseAlert(id, { channel: 'C0ALERTS1', ts: '4.4' })).toBe('this')
  expect(await grants.recogniseAlert(id, { channel: 'C0ALERTS1', ts: '6.6' })).toBe('stray')
  expect(await grants.recogniseAlert('of-another-ledger', { channel: 'C0ALERTS1', ts: '6.6' })).toBe(
    'unknown',
  )
  expect(await sql('select id from holds where tries = 0 and tried_in is null')).toHaveLength(1)
  expect((await ledger.hold(id))?.place).toEqual({ channel: 'C0ALERTS1', ts: '4.4' })
})

test.each(
  engines,
)('takes its own message away when a person has found the lost one meanwhile (%s)', async (engine) => {
  const found = { channel: 'C0ALERTS1', ts: '4.4' }
  const places: (Place | null)[] = []
  const notifier: Partial<Notifier> = {
    async tellHold(hold, place) {
      places.push(place)
      if (!place) await setting.grants.recogniseAlert(hold.id, found)
      return place ?? { channel: 'C0ALERTS1', ts: '5.5' }
    },
  }
  const setting: Setting = await createSetting({ engine, notifier })
  await setting.grants.pause({ by: { commandLine: 'root' }, stock: null, reason: null })
  await setting.grants.tellHolds()
  expect(setting.taken).toEqual([{ channel: 'C0ALERTS1', ts: '5.5' }])
  expect(places).toEqual([null, found])
})

test.each(
  engines,
)('keeps one message of a card that a person has found while it was drawn, and takes the other away (%s)', async (engine) => {
  const [found, own] = [
    { channel: 'C0APPROVE', ts: '4.4' },
    { channel: 'C0APPROVE', ts: '5.5' },
  ]
  const notifier: Partial<Notifier> = {
    async draw(card, grant) {
      if (card.kind === 'approval' && !card.place)
        await setting.grants.recogniseCard({ grantId: grant.id, cardId: card.id }, found)
      return { place: card.place ?? own }
    },
  }
  const setting: Setting = await createSetting({ engine, policy: policy(), notifier })
  const grant = await setting.give()
  await setting.grants.drawDue()
  // Whichever was recorded last, as the same process may draw it again before the first draw has ended.
  const { place } = await cardOf(setting, grant.id, 'approval')
  expect([place, ...setting.taken]).toHaveLength(2)
  expect(new Set([place, ...setting.taken].map((one) => JSON.stringify(one)))).toEqual(
    new Set([found, own].map((one) => JSON.stringify(one))),
  )
})
