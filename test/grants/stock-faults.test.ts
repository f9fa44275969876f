import { expect, test } from 'vitest'
import type { Operator } from '../../src/grants/index.ts'
import type { FaultSpec } from '../../src/sandbox/wechatpay/index.ts'
import { policyWith } from '../slack/builders.ts'
import { agent, clock, createSetting, policyOf, sentTo, useWechatPay, wechatpay } from './setting.ts'

useWechatPay()

const codes = ['NOT_ENOUGH', 'REQUEST_BLOCKED', 'RESOURCE_NOT_EXISTS']
const refusing = (code: string, times: FaultSpec['times'] = 'always'): FaultSpec => ({
  name: 'refuse',
  code,
  times,
  match: { method: 'POST' },
})
const operator: Operator = { person: { ...agent, id: 'U0OPS001', groups: [] } }

test.each(
  codes,
)('refuses the first by %s, lets the rest of the stock wait, and tells it once', async (code) => {
  const { give, issue, now, grants, passWaits, told } = await createSetting()
  wechatpay().fault({ ...refusing(code), message: '批次不可用' } as FaultSpec)
  const all = await Promise.all(Array.from({ length: 6 }, () => give()))
  await issue()
  const states = await Promise.all(all.map(async (grant) => (await now(grant)).state))
  expect(states.toSorted()).toEqual(['approved', 'approved', 'approved', 'approved', 'approved', 'refused'])
  for (let minutes = 0; minutes < 3; minutes++) {
    await passWaits()
    expect(await issue()).toBe(1)
    await grants.tellHolds()
  }
  const later = await give()
  expect(later).toMatchObject({ state: 'approved', hold: { reason: code } })
  expect(sentTo(later).calls).toEqual([])
  const waiting = (await Promise.all(all.map(now))).filter(({ state }) => state === 'approved')
  expect(waiting).toHaveLength(5)
  for (const { hold } of waiting) expect(hold?.reason).toBe(code)
  expect(told).toMatchObject([
    { kind: 'stock', stock: 'withdraw-10', reason: code, message: '批次不可用', waiting: 5 },
  ])

  wechatpay().clearFaults()
  await passWaits()
  await issue()
  await issue()
  for (const grant of [...waiting, later]) expect(await now(grant)).toMatchObject({ state: 'issued' })
  await grants.tellHolds()
  expect(told).toMatchObject([{ endedAt: null }, { reason: code, endedAt: clock.now() }])
})

test('holds no other stock, and by nothing that WeChat Pay says of the user', async () => {
  const { give, issue, now, ledger } = await createSetting()
  wechatpay().fault(refusing('NOT_ENOUGH', 1))
  await give()
  await issue()
  const other = await give({ stock: 'withdraw-50' })
  await issue()
  expect(await now(other)).toMatchObject({ state: 'issued' })
  for (const code of ['RULE_LIMIT', 'USER_NOT_EXISTS', 'USER_ACCOUNT_ABNORMAL', 'USER_AL_GET_COUPON']) {
    wechatpay().fault(refusing(code, 1))
    const grant = await give({ stock: 'withdraw-50' })
    await issue()
    expect(await now(grant)).toMatchObject({ state: 'refused', refusal: { code } })
  }
  expect(await ledger.openHolds()).toMatchObject([{ kind: 'stock', stock: 'withdraw-10' }])
})

test('keeps the hold though a probe is refused for its user, and tells when the stock refuses for another reason', async () => {
  const { give, issue, now, ledger, passWaits } = await createSetting()
  wechatpay().fault(refusing('NOT_ENOUGH', 1))
  await give()
  await issue()
  const [user, stock] = [await give(), await give()]
  wechatpay().fault(refusing('USER_NOT_EXISTS', 1))
  await passWaits()
  await issue()
  expect(await now(user)).toMatchObject({ state: 'refused' })
  expect(await ledger.openHolds()).toMatchObject([{ reason: 'NOT_ENOUGH' }])
  wechatpay().fault(refusing('REQUEST_BLOCKED', 1))
  await passWaits()
  await issue()
  expect(await now(stock)).toMatchObject({ state: 'approved', hold: { reason: 'REQUEST_BLOCKED' } })
  expect(await ledger.openHolds()).toMatchObject([{ reason: 'REQUEST_BLOCKED' }])
})

test('tells what the stock is refused for now, though it is a fault of the set-up', async () => {
  const { give, issue, now, ledger, passWaits } = await createSetting()
  wechatpay().fault(refusing('NOT_ENOUGH', 1))
  await give()
  await issue()
  const waiting = await give()
  wechatpay().fault(refusing('NO_AUTH', 1))
  await passWaits()
  await issue()
  expect(await ledger.openHolds()).toMatchObject([{ kind: 'stock', stock: 'withdraw-10', reason: 'NO_AUTH' }])
  expect(await now(waiting)).toMatchObject({ state: 'approved', hold: { reason: 'NO_AUTH' } })
})

test('goes on at once when an operator resumes the stock', async () => {
  const setting = await createSetting()
  const { give, issue, now, grants, ledger } = setting
  setting.policy = policyOf({ roles: { ...policyWith().roles, operator: ['U0OPS001'] } })
  wechatpay().fault(refusing('NOT_ENOUGH', 1))
  await give()
  await issue()
  const waiting = await give()
  expect(await issue()).toBe(0)
  expect(await grants.resume({ by: operator, stock: 'withdraw-50' })).toMatchObject({ kind: 'not-paused' })
  expect(await grants.resume({ by: operator, stock: 'withdraw-10' })).toMatchObject({
    kind: 'resumed',
    hold: { kind: 'stock', stock: 'withdraw-10' },
  })
  expect(await ledger.openHolds()).toEqual([])
  await issue()
  expect(await now(waiting)).toMatchObject({ state: 'issued' })
})

test('resumes by the button of the very hold, and no other fault of a stock', async () => {
  const setting = await createSetting()
  const { give, issue, grants, ledger } = setting
  setting.policy = policyOf({ roles: { ...policyWith().roles, operator: ['U0OPS001'] } })
  wechatpay().fault(refusing('NOT_ENOUGH', 1))
  await give()
  await issue()
  const [hold] = await ledger.openHolds()
  const press = { by: operator, stock: null, pause: hold?.id ?? '' }
  expect(await grants.resume(press)).toMatchObject({ kind: 'resumed' })
  expect(await grants.resume(press)).toMatchObject({ kind: 'over' })
  wechatpay().fault(refusing('NO_AUTH', 1))
  await give()
  await issue()
  const [setup] = await ledger.openHolds()
  expect(setup?.reason).toBe('NO_AUTH')
  expect(await grants.resume({ ...press, pause: setup?.id ?? '' })).toMatchObject({ kind: 'over' })
  expect(await ledger.openHolds()).toHaveLength(1)
})

test('leaves a grant open that may have been executed, and holds the stock all the same', async () => {
  const { give, issue, now, ledger, passWaits } = await createSetting()
  wechatpay().fault({ name: 'reset-before' })
  const grant = await give()
  await issue()
  wechatpay().fault(refusing('NOT_ENOUGH', 1))
  await passWaits()
  await issue()
  expect(await now(grant)).toMatchObject({
    state: 'issuing',
    flag: { kind: 'needs-look', reason: 'refused-after-unknown', code: 'NOT_ENOUGH' },
  })
  expect(await ledger.openHolds()).toMatchObject([
    { kind: 'stock', stock: 'withdraw-10', reason: 'NOT_ENOUGH' },
  ])
})

test('cancels what waits for its stock for longer than it may', async () => {
  const { give, issue, now, grants } = await createSetting()
  wechatpay().fault(refusing('NOT_ENOUGH'))
  await give()
  await issue()
  const waiting = await give()
  expect(waiting.issueBy).not.toBeNull()
  clock.forward((waiting.issueBy ?? 0) - clock.now())
  await grants.expireDue()
  expect(await now(waiting)).toMatchObject({
    state: 'cancelled',
    ended: { by: 'policy', reason: 'too-late' },
  })
})
