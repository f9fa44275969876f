import { expect, test } from 'vitest'
import type { Person } from '../../src/domain/permissions.ts'
import { engines } from '../ledger/engines.ts'
import { approvalWith, createSetting, inputWith, newOpenid, recorded, useWechatPay } from './setting.ts'

useWechatPay()

const person = (id: string): Person => ({ id, email: null, groups: [], standing: 'member' })
const [auditor, operator, both, nobody] = ['U0AUDIT1', 'U0OPS001', 'U0BOTH01', 'U0NOBODY'].map(person)
if (!auditor || !operator || !both || !nobody) throw new Error('nobody is there')
let orders = 0

test.each(
  engines,
)('erases a person whom an auditor names and an operator confirms, and both stay on the trail (%s)', async (engine) => {
  const setting = await createSetting({ engine })
  const { grants, ledger, policy } = setting
  setting.policy = {
    ...policy,
    alerts: 'C0ALERTS1',
    roles: { ...policy.roles, auditor: [auditor.id, both.id], operator: [operator.id, both.id] },
  }
  const ask = (by: Person, typed: string, order = `order-${orders++}`) =>
    grants.askErasure({ by, typed, order })
  const end = (by: Person, erasureId: string, confirms = true) =>
    grants.endErasure({ by, erasureId, confirms })
  const { grant } = recorded(await grants.request(inputWith()))
  const { openid, subject } = grant

  expect(await ask(nobody, openid)).toMatchObject({ kind: 'refused', refusal: { role: 'auditor' } })
  expect(await ask(operator, openid)).toMatchObject({ kind: 'refused', refusal: { role: 'auditor' } })
  expect(await ask(auditor, newOpenid())).toEqual({ kind: 'unknown' })
  expect(await ask(auditor, openid)).toMatchObject({
    found: [{ kind: 'open', subject, grants: [grant.id] }],
  })
  await setting.issue()
  const asked = await ask(both, openid, 'the same')
  expect(await ask(both, openid, 'the same')).toEqual({ kind: 'repeated' })
  if (asked.kind !== 'found' || asked.found[0]?.kind !== 'asked') throw new Error(JSON.stringify(asked))
  const { id } = asked.found[0].erasure
  expect(await ask(auditor, subject)).toMatchObject({ found: [{ kind: 'waits', erasure: { id } }] })

  // Whoever asked can't confirm, nor anybody who does not operate.
  expect(await end(both, id)).toEqual({ kind: 'refused', refusal: { code: 'own-erasure' } })
  expect(await end(auditor, id)).toMatchObject({ kind: 'refused', refusal: { role: 'operator' } })
  expect(await end(operator, 'another')).toEqual({ kind: 'gone' })
  // While something of theirs is open again, it goes on waiting.
  const approval = setting.policy.approval
  setting.policy = { ...setting.policy, approval: approvalWith() }
  const { grant: again } = recorded(
    await grants.request(inputWith({ ask: { ...inputWith().ask, openid, stock: 'withdraw-50' } })),
  )
  setting.policy = { ...setting.policy, approval }
  expect(await end(operator, id)).toMatchObject({ kind: 'open', grants: [again.id] })
  await ledger.write((tx) =>
    tx.step(again.id, 'reject', 'U0LEAD01', { ended: { by: 'U0LEAD01' }, said: 'typed' }),
  )
  const [first, second] = await Promise.all([end(operator, id), end(operator, id)])
  expect([first.kind, second.kind].sort()).toEqual(['already', 'erased'])
  expect(await setting.now(grant)).toMatchObject({ openid: '', state: 'issued' })
  expect((await ledger.eventsOf(grant.id)).at(-1)).toMatchObject({
    kind: 'erased',
    actor: operator.id,
    data: { reason: 'asked', askedBy: both.id },
  })
  expect(await end(operator, id)).toMatchObject({
    kind: 'already',
    erasure: { ended: { by: operator.id, outcome: 'erased' } },
  })
  expect(await ask(auditor, openid)).toEqual({ kind: 'unknown' })
  expect(await ask(auditor, subject)).toMatchObject({ found: [{ kind: 'erased', subject }] })
  await grants.tellNews()
  expect(setting.news.map(({ news }) => news)).toEqual([
    { kind: 'erasure-ended', subject, askedBy: both.id, by: operator.id, outcome: 'erased' },
  ])
})

test('declines, by an operator or by whoever asked, and asks nobody where there is no channel', async () => {
  const setting = await createSetting()
  const { grants, policy } = setting
  const roles = { ...policy.roles, auditor: [auditor.id], operator: [operator.id] }
  setting.policy = { ...policy, alerts: 'C0ALERTS1', roles }
  const grant = await setting.give()
  await setting.issue()
  for (const by of [operator, auditor]) {
    const asked = await grants.askErasure({ by: auditor, typed: grant.openid, order: `order-${orders++}` })
    if (asked.kind !== 'found' || asked.found[0]?.kind !== 'asked') throw new Error(JSON.stringify(asked))
    const { id: erasureId } = asked.found[0].erasure
    const ended = await grants.endErasure({ by, erasureId, confirms: false })
    expect(ended).toMatchObject({ kind: 'declined', erasure: { ended: { by: by.id } } })
    expect(await grants.endErasure({ by: operator, erasureId, confirms: true })).toMatchObject({
      kind: 'already',
    })
  }
  expect((await setting.now(grant)).openid).toBe(grant.openid)
  setting.policy = { ...setting.policy, alerts: null }
  expect(await grants.askErasure({ by: auditor, typed: grant.openid, order: 'last' })).toEqual({
    kind: 'no-alerts',
  })
})

test.each(
  engines,
)('erases nobody on the word of somebody who is no auditor any more, and says so (%s)', async (engine) => {
  let asker: Person = { ...auditor, groups: null }
  const setting = await createSetting({ engine, notifier: { who: async () => [asker] } })
  const { grants, policy } = setting
  const roles = { ...policy.roles, auditor: [auditor.id], operator: [operator.id] }
  setting.policy = { ...policy, alerts: 'C0ALERTS1', roles }
  const grant = await setting.give()
  await setting.issue()
  const ask = async () => {
    const asked = await grants.askErasure({ by: auditor, typed: grant.openid, order: `order-${orders++}` })
    if (asked.kind !== 'found' || asked.found[0]?.kind !== 'asked') throw new Error(JSON.stringify(asked))
    return asked.found[0].erasure
  }
  const { id: erasureId, subject } = await ask()
  const confirm = (id = erasureId) => grants.endErasure({ by: operator, erasureId: id, confirms: true })
  // What Slack does not tell in time says nothing of anybody: it goes on waiting.
  expect(await confirm()).toEqual({ kind: 'refused', refusal: { code: 'asker-unknown' } })
  asker = { ...auditor, standing: 'deactivated' }
  const lapsed = { ended: { by: 'app', outcome: 'declined' }, askedBy: auditor.id }
  expect(await confirm()).toMatchObject({ kind: 'lapsed', erasure: lapsed })
  expect(await confirm()).toMatchObject({ kind: 'already', erasure: lapsed })
  expect((await setting.now(grant)).openid).toBe(grant.openid)
  await grants.tellNews()
  expect(setting.news.at(-1)?.news).toMatchObject({ kind: 'erasure-ended', subject, by: 'app' })

  // Also where the policy names them no more, and until it does again.
  asker = auditor
  const again = await ask()
  setting.policy = { ...setting.policy, roles: { ...roles, auditor: [] } }
  expect(await confirm(again.id)).toMatchObject({ kind: 'lapsed' })
  setting.policy = { ...setting.policy, roles }
  expect(await confirm((await ask()).id)).toMatchObject({ kind: 'erased' })
})
