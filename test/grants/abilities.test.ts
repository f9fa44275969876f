import { expect, test } from 'vitest'
import { agent, createSetting, HOUR, newOpenid, useWechatPay } from './setting.ts'

useWechatPay()

const none = { perUser: null, perRequester: null, perStock: null, lookups: null }
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
