import type { Grant } from '../domain/grant.ts'
import { mayNot, mayNotAct, mayNotDecide, type Person } from '../domain/permissions.ts'
import type { Policy } from '../domain/policy.ts'
import type { Refusal } from '../domain/refusal.ts'
import { writeOrBusy } from './busy-ledger.ts'
import type { GrantsDeps } from './deps.ts'
import type { OpenidOutcome, TrailOutcome } from './grants.ts'

/** All that happened to a grant, oldest first. */
export async function readTrail(
  deps: GrantsDeps,
  { person, grantId }: { person: Person; grantId: string },
): Promise<TrailOutcome> {
  const grant = await deps.ledger.grant(grantId)
  if (!grant) return { kind: 'gone' }
  const refusal = mayNotRead(deps.policy(), person, grant)
  if (refusal) return { kind: 'refused', refusal }
  return { kind: 'trail', grant, entries: await deps.ledger.eventsOf(grantId) }
}

/** The whole openid, for one person's eyes; recorded before it is told. */
export async function showOpenid(
  deps: GrantsDeps,
  { person, grantId }: { person: Person; grantId: string },
): Promise<OpenidOutcome> {
  return writeOrBusy(deps, async (tx): Promise<OpenidOutcome> => {
    const grant = await tx.grant(grantId)
    if (!grant) return { kind: 'gone' }
    const refusal = mayNotRead(deps.policy(), person, grant)
    if (refusal) return { kind: 'refused', refusal }
    await tx.event({ grantId, kind: 'openid-shown', actor: person.id, subject: grant.subject })
    return { kind: 'shown', openid: grant.openid }
  })
}

/** Its requester, whoever may decide it, auditors and operators. */
function mayNotRead(policy: Policy, person: Person, grant: Grant): Refusal | null {
  if (grant.requester === person.id) return mayNotAct(person)
  return mayNotDecide(policy, person, grant) && mayNot(policy, person, ['auditor', 'operator'])
}
