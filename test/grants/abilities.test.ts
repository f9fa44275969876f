import { expect, test } from 'vitest'
import { leavesWindow, windowStart } from '../../src/domain/limit.ts'
import { agent, clock, createSetting, HOUR, newOpenid, useWechatPay } from './setting.ts'

useWechatPay()

const none = { perUser: null, perRequester: null, perStock: null, lookups: null }
const DAY = 24 * HOUR
const perDay = { count: null, quota: null, days: 1 }

test('says what a person may do, and what is left of it', async () => {
  const perStock = { ...perDay, count: 10, days: 30 }
  const perRequester = { ...perDay, quota: 9000 }
  const limits = { ...none, perStock, perRequester, lookups: { perPerson: 5, per: HOUR } }
  const { give, grants } = await createSetting({ policy: { limits } })
  await give()
  await give()
  await give({ stock: 'withdraw-50' })
  await grants.list({ person: agent, openid: newOpenid(), stock: null, page: 1 })
  const left = (count: number) => ({ count, quota: Number.POSITIVE_INFINITY, days: 30 })
  expect(await grants.abilities(agent)).toMatchObject({
    roles: ['viewer', 'requester'],
    mayRequest: null,
    mayLookUp: null,
    stocks: [
      { stock: { key: 'withdraw-10' }, left: left(8) },
      { stock: { key: 'withdraw-50' }, left: left(9) },
    ],
    requesterLimit: { limit: perRequester, used: { count: 3, quota: 7000 } },
    lookupsLeft: 4,
  })
})

test('says so where nothing is limited, and where nothing is left', async () => {
  const setting = await createSetting()
  await setting.give()
  expect(await setting.grants.abilities(agent)).toMatchObject({
    stocks: [{ left: null }, { left: null }],
    requesterLimit: null,
    lookupsLeft: null,
  })
  setting.policy = { ...setting.policy, limits: { ...none, perStock: { ...perDay, count: 1, quota: 500 } } }
  const { stocks } = await setting.grants.abilities(agent)
  expect(stocks.map(({ left }) => left)).toEqual([
    { count: 0, quota: 0, days: 1 },
    { count: 1, quota: 500, days: 1 },
  ])
})

test('offers nothing to a person who may not ask', async () => {
  const perStock = { ...perDay, count: 10 }
  const { grants } = await createSetting({ policy: { limits: { ...none, perStock } } })
  expect(await grants.abilities({ ...agent, groups: [] })).toEqual({
    roles: [],
    mayRequest: { code: 'role-missing', role: 'requester' },
    mayLookUp: { code: 'role-missing', role: 'viewer' },
    decides: false,
    readsHistory: false,
    stocks: [],
    requesterLimit: null,
    lookupsLeft: null,
  })
})

test('says what is left of every limit, and when the first of it counts no more', async () => {
  const perRequester = { ...perDay, quota: 9000, days: 7 }
  const limits = {
    ...none,
    perUser: { ...perDay, count: 2 },
    perRequester,
    perStock: { ...perDay, count: 10 },
  }
  const setting = await createSetting({
    policy: { limits: { ...limits, lookups: { perPerson: 5, per: HOUR } } },
  })
  const rule = { name: 'small', stocks: null, reasons: null, upToQuota: null, perUser: null }
  const automatic = [{ ...rule, perRequester: { ...perDay, count: 3 } }]
  setting.policy = { ...setting.policy, approval: { ...setting.policy.approval, automatic } }
  const none7 = { used: { count: 0, quota: 0 }, moreAt: null }
  expect(await setting.grants.budget(agent)).toMatchObject({
    lines: [
      { of: { kind: 'requester' }, ...none7 },
      { of: { kind: 'rule', rule: 'small' }, ...none7 },
      none7,
      none7,
    ],
    lookups: { left: 5, max: 5, moreAt: null },
  })
  await setting.give()
  await setting.grants.list({ person: agent, openid: newOpenid(), stock: null, page: 1 })
  const used = { count: 1, quota: 1000 }
  const { lines, perUser, lookups } = await setting.grants.budget(agent)
  const [own, byRule, ten, fifty] = lines
  const midnight = windowStart(clock.now() + DAY, 1, 'Asia/Shanghai')
  expect(own).toMatchObject({ limit: { quota: 9000, days: 7 }, used, moreAt: midnight + 6 * DAY })
  expect(byRule).toMatchObject({ used, moreAt: midnight })
  expect([ten, fifty]).toMatchObject([{ of: { stock: { key: 'withdraw-10' } }, used }, none7])
  expect(perUser).toMatchObject({ count: 2 })
  expect(lookups).toMatchObject({ left: 4, per: HOUR })
  // The last moment of it counts still.
  expect(leavesWindow(20261125, 1, 'Asia/Shanghai')).toBe(Date.UTC(2026, 10, 25, 16))
  expect(leavesWindow(20261228, 7, 'Asia/Shanghai')).toBe(Date.UTC(2027, 0, 3, 16))
  expect(leavesWindow(20260329, 1, 'Europe/Berlin')).toBe(Date.UTC(2026, 2, 29, 22))
  expect(await setting.grants.budget({ ...agent, groups: [] })).toMatchObject({
    mayRequest: { code: 'role-missing' },
    lines: [],
    perUser: null,
    lookups: null,
  })
})
