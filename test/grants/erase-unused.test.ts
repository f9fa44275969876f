import { expect, test } from 'vitest'
import type { FindingCode } from '../../src/doctor/index.ts'
import { engines } from '../ledger/engines.ts'
import { clock, createSetting, DAY, inputWith, recorded, useWechatPay } from './setting.ts'

useWechatPay()

test.each(engines)('erases by itself whom the policy keeps no longer, once a day (%s)', async (engine) => {
  const setting = await createSetting({ engine })
  const { grants, ledger } = setting
  const { grant } = recorded(await grants.request(inputWith()))
  await setting.issue()
  const openid = async () => (await ledger.grant(grant.id))?.openid
  const eraseAll = async () => {
    while ((await grants.eraseOld()) > 0);
  }
  clock.forward(400 * DAY)
  await eraseAll()
  // The policy keeps it for good.
  expect(await openid()).toBe(grant.openid)
  setting.policy = { ...setting.policy, records: { keep: 500 * DAY } }
  await eraseAll()
  expect(await openid()).toBe(grant.openid)
  // Looked at today already; on a clock that was set back, at once.
  clock.forward(101 * DAY)
  setting.policy = { ...setting.policy, records: { keep: 5000 * DAY } }
  await eraseAll()
  setting.policy = { ...setting.policy, records: { keep: 400 * DAY } }
  await eraseAll()
  expect(await openid()).toBe(grant.openid)
  clock.forward(-2 * DAY)
  await eraseAll()
  expect(await openid()).toBe('')
  expect((await ledger.eventsOf(grant.id)).at(-1)).toMatchObject({
    kind: 'erased',
    actor: 'policy',
    data: { reason: 'keep' },
  })
})

test('erases nobody by itself while the clock is wrong, or nothing confirms it', async () => {
  let codes: FindingCode[] = []
  const examine = async () => codes.map((code) => ({ code, values: {} }))
  const setting = await createSetting({ deps: { examine }, policy: { records: { keep: 400 * DAY } } })
  const { grants, ledger } = setting
  const { grant } = recorded(await grants.request(inputWith()))
  await setting.issue()
  clock.forward(500 * DAY)
  const openid = async () => (await ledger.grant(grant.id))?.openid
  for (codes of [[], ['clock-wrong', 'clock-good']] satisfies FindingCode[][]) {
    expect(await grants.eraseOld()).toBe(0)
    expect(await openid()).toBe(grant.openid)
  }
  codes = ['clock-good']
  await grants.eraseOld()
  expect(await openid()).toBe('')
})
