import { expect, test } from 'vitest'
import { calendarDay } from '../../src/domain/limit.ts'
import type { Person } from '../../src/domain/permissions.ts'
import {
  agent,
  approvalWith,
  askWith,
  codes,
  createSetting,
  inputWith,
  newOpenid,
  policyOf,
  recorded,
  useWechatPay,
  wechatpay,
} from './setting.ts'

useWechatPay()

const lead: Person = { id: 'U0LEAD1', email: null, groups: ['S0LEADS1'], standing: 'member' }
const one = { count: 1, quota: null, days: 1 }
const onlyOne = { perUser: one, perRequester: one, perStock: null, lookups: null }

test('cancels what is corrected and records the new one at once, in one place of every limit', async () => {
  const { grants, ledger } = await createSetting({ policy: { approval: approvalWith(), limits: onlyOne } })
  const openid = newOpenid()
  const old = recorded(await grants.request(inputWith({ ask: askWith({ openid, note: 'slip' }) }))).grant
  const ask = askWith({ openid, stock: 'withdraw-50', note: 'as meant' })
  expect(await grants.preview(agent, ask)).toMatchObject({ kind: 'refused' })
  expect(await grants.preview(agent, ask, old.id)).toMatchObject({
    kind: 'needs-approval',
    limits: [{ used: { count: 0, quota: 0 } }, { used: { count: 0, quota: 0 } }],
  })
  const { grant } = recorded(await grants.request(inputWith({ ask, instead: old.id })))
  expect(grant).toMatchObject({ state: 'pending', quota: 5000, note: 'as meant' })
  expect(await ledger.grant(old.id)).toMatchObject({
    state: 'cancelled',
    ended: { by: agent.id, reason: null, isCorrected: true },
  })
  const from = calendarDay(grant.createdAt, 'Asia/Shanghai')
  expect(await ledger.usage({ by: { openid }, from })).toEqual({ count: 1, quota: 5000 })
  const [begun] = await ledger.eventsOf(grant.id)
  expect(begun).toMatchObject({ kind: 'requested', data: { instead: old.id } })
  // Approving what was cancelled gives nothing.
  expect(
    await grants.decide({ person: lead, grantId: old.id, decision: 'approve', reason: null }),
  ).toMatchObject({ kind: 'already' })
})

test('leaves what was to be corrected as it is where the new one is refused', async () => {
  const { grants, ledger } = await createSetting({ policy: { approval: approvalWith(), limits: onlyOne } })
  const old = recorded(await grants.request(inputWith())).grant
  const refused = await grants.request(inputWith({ ask: askWith({ stock: 'none' }), instead: old.id }))
  expect(codes(refused)).toEqual([['stock', 'stock-unknown']])
  expect(await ledger.grant(old.id)).toEqual(old)
})

test('corrects nothing that may be sent, has ended or is somebody else’s, and records nothing instead', async () => {
  const { grants, ledger } = await createSetting({ policy: policyOf() })
  const input = (instead: string, person = agent) => inputWith({ instead, person })
  const issued = recorded(await grants.request(inputWith())).grant
  await grants.issueDue()
  await expect.poll(async () => (await ledger.grant(issued.id))?.state).toBe('issued')
  const waiting = recorded(await grants.request(inputWith())).grant
  const other: Person = { ...agent, id: 'U0AGENT2' }
  for (const refused of [
    await grants.request(input(issued.id)),
    await grants.request(input(waiting.id, other)),
    await grants.request(input('no-such')),
  ])
    expect(codes(refused)).toEqual([[null, 'not-correctable']])
  expect(await ledger.grant(waiting.id)).toMatchObject({ state: 'approved' })
})

test('lets of two corrections at the same moment one take its place, and gives one coupon', async () => {
  const { grants, ledger } = await createSetting({ policy: policyOf() })
  const openid = newOpenid()
  const old = recorded(await grants.request(inputWith({ ask: askWith({ openid }) }))).grant
  const outcomes = await Promise.all(
    [1, 2].map(() =>
      grants.request(inputWith({ ask: askWith({ openid, note: 'as meant' }), instead: old.id })),
    ),
  )
  const kinds = outcomes.map(({ kind }) => kind).toSorted()
  expect(kinds).toEqual(['recorded', 'refused'])
  await grants.issueDue()
  const given = () =>
    wechatpay()
      .coupons()
      .filter((coupon) => coupon.openid === openid)
  await expect.poll(() => given().length).toBe(1)
  expect((await ledger.grant(old.id))?.state).toBe('cancelled')
})
