import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import type { Grant } from '../../src/domain/grant.ts'
import { createSetting, newOpenid, useWechatPay, wechatpay } from './setting.ts'

useWechatPay()

test('sends one at a time to a user, whoever works', async () => {
  const { give, issue, now, worker } = await createSetting()
  const openid = newOpenid()
  const second = worker({ worker: 'worker-2' })
  const stocks = ['withdraw-10', 'withdraw-50', 'withdraw-10', 'withdraw-50']
  const given: Grant[] = []
  for (const stock of stocks) given.push(await give({ openid, stock }))
  for (let rounds = 0; rounds < stocks.length; rounds++) {
    const begun = await Promise.all([issue(), second.issue()])
    expect(begun.toSorted()).toEqual([0, 1])
  }
  for (const grant of given) expect(await now(grant)).toMatchObject({ state: 'issued', attempts: 1 })
})

test('begins no more at once than one process should', async () => {
  const { give, grants, issue } = await createSetting()
  wechatpay().fault({ name: 'slow', ms: 3000, times: 16 })
  for (let count = 0; count < 18; count++) await give()
  expect(await grants.issueDue()).toBe(16)
  expect(await grants.issueDue()).toBe(0)
  await expect.poll(() => issue()).toBe(2)
})

test('has twice as many under way where answers take long, so that they do not hold up the pace', async () => {
  const { give, grants, sql } = await createSetting({ deps: { atOnce: 4 } })
  wechatpay().fault({ name: 'slow', ms: 600, times: 12 })
  for (let count = 0; count < 14; count++) await give()
  expect(await grants.issueDue()).toBe(4)
  const open = async () => (await sql('select 1 from attempts where ended_at is null')).length
  await expect.poll(open, { interval: 10 }).toBe(8)
  expect(await grants.drain(60_000)).toBe(true)
})

test('begins no more attempts a second than its rate, and wakes once for the next', async () => {
  const { give, grants, now, wakes } = await createSetting({ deps: { rate: 20 } })
  const given: Grant[] = []
  for (let count = 0; count < 5; count++) given.push(await give())
  const began = performance.now()
  // Of five, three make up for the idle time before them.
  for (let begun = 0; begun < 5; begun += await grants.issueDue()) await sleep(2)
  expect(performance.now() - began).toBeGreaterThanOrEqual(99)
  await grants.drain(60_000)
  for (const grant of given) expect(await now(grant)).toMatchObject({ state: 'issued' })
  // For what was asked, for what ended and for each next slot, but not for each time that it was looked for.
  expect(wakes()).toBeLessThan(20)
})

test('drains: ends what is under way and begins nothing more', async () => {
  const { give, grants, now } = await createSetting()
  wechatpay().fault({ name: 'slow', ms: 50 })
  const grant = await give()
  await grants.issueDue()
  expect(await grants.drain(60_000)).toBe(true)
  expect(await now(grant)).toMatchObject({ state: 'issued' })
  const later = await give()
  expect(await grants.issueDue()).toBe(0)
  expect(await now(later)).toMatchObject({ state: 'approved', attempts: 0 })
})

test('drains what was on its way to the ledger, too', async () => {
  const { give, grants, now } = await createSetting()
  const grant = await give()
  const begun = grants.issueDue()
  expect(await grants.drain(60_000)).toBe(true)
  expect(await begun).toBe(1)
  expect(await now(grant)).toMatchObject({ state: 'issued' })
})

test('drains no longer than its deadline', async () => {
  const { give, grants } = await createSetting()
  wechatpay().fault({ name: 'slow', ms: 3000 })
  await give()
  await grants.issueDue()
  expect(await grants.drain(5)).toBe(false)
  expect(await grants.drain(60_000)).toBe(true)
})
