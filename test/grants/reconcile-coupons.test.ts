import { expect, onTestFinished, test } from 'vitest'
import { reconcileAll } from '../../src/grants/index.ts'
import { createWechatPay } from '../../src/wechatpay/index.ts'
import { engines } from '../ledger/engines.ts'
import {
  clientOptions,
  clock,
  createSetting,
  DAY,
  inputWith,
  recorded,
  type Setting,
  startOwnWechatPay,
  useWechatPay,
} from './setting.ts'

const HOUR = 3_600_000

useWechatPay()

function clientOf(own: Awaited<ReturnType<typeof startOwnWechatPay>>) {
  const client = createWechatPay({ ...clientOptions(), ...own.client })
  onTestFinished(() => client.close())
  return client
}

function depsOf(setting: Setting, wechatpay: ReturnType<typeof clientOf>) {
  const log = () => {}
  const logger = { debug: log, info: log, warn: log, error: log }
  return { ledger: setting.ledger, wechatpay, policy: () => setting.policy, now: clock.now, logger }
}

test.each(
  engines,
)('finds coupons that no grant has and grants whose coupon is gone, and tells each once (%s)', async (engine) => {
  const own = await startOwnWechatPay()
  const client = clientOf(own)
  const setting = await createSetting({ engine, client: own.client })
  const { grants, ledger, sql } = setting
  const give = async () => {
    const { grant } = recorded(await grants.request(inputWith()))
    await setting.issue()
    return (await ledger.grant(grant.id)) ?? expect.fail()
  }
  const [first, second] = [await give(), await give()]
  clock.forward(HOUR)
  const deps = depsOf(setting, client)
  const reconcile = () => reconcileAll(deps, { days: 30 })
  expect(await reconcile()).toEqual({ asked: 2, failed: 0, differences: [] })
  const seen = await sql('select coupon_id, state, differs from coupons order by coupon_id')
  expect(seen).toEqual(
    [first, second]
      .map(({ couponId }) => ({ coupon_id: couponId, state: 'VALID', differs: null }))
      .sort((a, b) => (String(a.coupon_id) < String(b.coupon_id) ? -1 : 1)),
  )

  // Given beside the app, to somebody whom the app knows.
  const { mchid, appid, stockId, openid } = first
  const beside = await client.v3.marketing.withdrawFavor.users._openid_.coupons.post({
    openid,
    json: { mchid, appid, stock_id: stockId, send_request_no: 'BESIDE' },
  })
  own.sandbox().changeCoupon(second.couponId ?? '', { listed: false })
  const { differences } = await reconcile()
  expect(differences).toHaveLength(2)
  expect(differences).toEqual(
    expect.arrayContaining([
      { couponId: beside.coupon_id, differs: 'no-grant', grantId: null },
      { couponId: second.couponId, differs: 'not-listed', grantId: second.id },
    ]),
  )
  await reconcile()
  const told = await sql(`select kind from notices where kind = 'coupon-differs'`)
  expect(told).toHaveLength(2)

  // By itself, as slowly as the policy says.
  setting.policy = { ...setting.policy, reconcile: { perMinute: 2, days: 30 } }
  const before = own.sandbox().calls().length
  await grants.reconcile()
  await grants.reconcile()
  expect(own.sandbox().calls().length).toBe(before + 1)
  clock.forward(31_000)
  await grants.reconcile()
  expect(own.sandbox().calls().length).toBe(before + 2)
  // Older than the policy says.
  clock.forward(40 * DAY)
  await grants.reconcile()
  expect(own.sandbox().calls().length).toBe(before + 2)
  // A clock that was set back does not hold it up until that time comes again.
  clock.forward(-40 * DAY)
  await grants.reconcile()
  expect(own.sandbox().calls().length).toBe(before + 3)
})

test('does not take for a stranger what a grant may be about to record, and leaves out whom WeChat Pay does not list', async () => {
  const own = await startOwnWechatPay()
  const client = clientOf(own)
  const setting = await createSetting({ client: own.client })
  const { grants } = setting
  const first = recorded(await grants.request(inputWith())).grant
  await setting.issue()
  const { openid } = first
  own.sandbox().fault({ name: 'no-answer-after', times: 1 })
  const again = inputWith({ another: first.id })
  await grants.request({ ...again, ask: { ...again.ask, openid } })
  await setting.issue()
  clock.forward(HOUR)
  const deps = depsOf(setting, client)
  expect(await reconcileAll(deps, { days: 30 })).toEqual({ asked: 1, failed: 0, differences: [] })
  own.sandbox().fault({ name: 'server-error', times: 'always' })
  expect(await reconcileAll(deps, { days: 30 })).toEqual({ asked: 0, failed: 1, differences: [] })
})
