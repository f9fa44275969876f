import { expect, test } from 'vitest'
import type { Person } from '../../src/domain/permissions.ts'
import { type EngineName, engines } from '../ledger/engines.ts'
import { tablesWith } from '../ledger/tables-with.ts'
import { policyWith } from '../slack/builders.ts'
import {
  agent,
  approvalWith,
  createSetting,
  inputWith,
  recorded,
  sentTo,
  useWechatPay,
  wechatpay,
} from './setting.ts'

useWechatPay({ stocks: [{ stock_id: '1304490000000059', quota: 1000, per_user: 1 }] })

const roles = { ...policyWith().roles, operator: ['U0OPS001'], approver: ['U0LEAD1'] }
const member = (id: string): Person => ({ id, email: null, groups: [], standing: 'member' })
const [ops, lead] = [member('U0OPS001'), member('U0LEAD1')]

/** Every kind of thing that people type about a person, and all that the app does with an openid. */
async function wholeStory(engine: EngineName) {
  const setting = await createSetting({ engine, policy: { roles } })
  const { grants } = setting
  const openids: string[] = []
  const { approval } = setting.policy
  async function give() {
    const { ask, ...input } = inputWith()
    const { grant } = recorded(await grants.request({ ...input, ask: { ...ask, note: 'typed as a note' } }))
    openids.push(grant.openid)
    return grant
  }

  const issued = await give()
  await setting.issue()
  await grants.showOpenid({ person: agent, grantId: issued.id })
  await grants.list({ person: agent, openid: issued.openid, stock: null, page: 1 })

  setting.policy = { ...setting.policy, approval: approvalWith() }
  const [rejected, cancelled] = [await give(), await give()]
  await grants.decide({ person: lead, grantId: rejected.id, decision: 'reject', reason: 'typed to reject' })
  await grants.cancel({ person: lead, grantId: cancelled.id, reason: 'typed to cancel' })

  setting.policy = { ...setting.policy, approval }
  for (const verdict of ['issued', 'not-issued'] as const) {
    wechatpay().fault({ name: 'reset-after' })
    wechatpay().fault({ name: 'limits-before-idempotency', times: 'always' })
    const { id, openid } = await give()
    await setting.issue()
    await setting.passWaits()
    await setting.issue()
    wechatpay().clearFaults()
    await grants.candidates({ by: { person: ops }, grantId: id })
    const couponId = sentTo({ openid }).coupons[0]?.coupon_id ?? ''
    const outcome = await grants.proposeSettlement({
      by: { person: ops },
      grantId: id,
      verdict: verdict === 'issued' ? { kind: 'issued', couponId } : { kind: 'not-issued' },
      evidence: `typed as evidence of ${verdict}`,
    })
    if (outcome.kind !== 'proposed') throw new Error(JSON.stringify(outcome))
    const settlementId = outcome.settlement.id
    expect(await grants.confirmSettlement({ by: { person: lead }, settlementId })).toMatchObject({
      kind: 'settled',
    })
  }
  await grants.pause({ by: { person: ops }, stock: null, reason: 'typed to pause' })
  return { setting, openids, rejected, cancelled }
}

test.each(
  engines,
)('keeps openids and what people typed about them in one table each (%s)', async (engine) => {
  const { setting, openids, rejected, cancelled } = await wholeStory(engine)
  expect(openids).toHaveLength(5)
  for (const openid of openids)
    expect(await tablesWith({ engine, sql: setting.sql }, openid)).toEqual(['subjects'])
  for (const typed of [
    'typed as a note',
    'typed to reject',
    'typed to cancel',
    'typed as evidence of issued',
    'typed as evidence of not-issued',
  ])
    expect(await tablesWith({ engine, sql: setting.sql }, typed), typed).toEqual(['texts'])
  // About no person; but the trail, which is never changed, holds nothing that was typed.
  expect(await tablesWith({ engine, sql: setting.sql }, 'typed to pause')).toEqual(['holds', 'texts'])

  // What was typed is told all the same.
  expect(await setting.now(rejected)).toMatchObject({
    openid: openids[1],
    note: 'typed as a note',
    ended: { by: lead.id, reason: 'typed to reject' },
  })
  expect((await setting.ledger.eventsOf(cancelled.id)).at(-1)).toMatchObject({ said: 'typed to cancel' })
})

test.each(engines)('reads of a person whose rows were emptied that there is nothing (%s)', async (engine) => {
  const { setting, openids, rejected } = await wholeStory(engine)
  await setting.sql('update subjects set openid = null')
  await setting.sql('update texts set text = null')
  expect(await setting.now(rejected)).toMatchObject({
    openid: '',
    note: null,
    ended: { by: lead.id, reason: null },
  })
  const [settled] = await setting.sql('select id from settlements limit 1')
  expect(await setting.ledger.settlement(String(settled?.id))).toMatchObject({ evidence: '' })
  expect((await setting.ledger.eventsOf(rejected.id)).at(-1)).toMatchObject({ kind: 'reject', said: null })
  expect(await setting.ledger.decisionsOf(rejected.id)).toMatchObject([{ kind: 'reject', reason: null }])
  for (const openid of ['', openids[0] ?? ''])
    expect(await setting.ledger.grantsOf({ of: { openid }, offset: 0, limit: 9 })).toEqual([])
})
