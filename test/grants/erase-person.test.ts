import { expect, test } from 'vitest'
import { policyWith } from '../slack/builders.ts'
import { agent, createSetting, inputWith, recorded, useWechatPay } from './setting.ts'

useWechatPay()

test('says of an erased person that they were erased, and notes no look at what is gone', async () => {
  const roles = { ...policyWith().roles, operator: [agent.id] }
  const { grants, ledger, issue } = await createSetting({ policy: { roles } })
  const { grant } = recorded(await grants.request(inputWith()))
  await issue()
  await ledger.write((tx) => tx.erase({ subject: grant.subject }, { by: 'cli:ada', reason: 'asked' }))
  const trail = await ledger.eventsOf(grant.id)
  const asked = { person: agent, grantId: grant.id }
  const erased = { kind: 'refused', refusal: { code: 'erased' } }
  expect(await grants.showOpenid(asked)).toEqual(erased)
  expect(await grants.candidates({ by: { person: agent }, grantId: grant.id })).toEqual(erased)
  expect(await ledger.eventsOf(grant.id)).toEqual(trail)
})
