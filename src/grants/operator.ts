import { mayNot, type Person } from '../domain/permissions.ts'
import type { Policy } from '../domain/policy.ts'
import type { Refusal } from '../domain/refusal.ts'

/** Who operates: a person by Slack, or whoever has the command line where the ledger is. */
export type Operator = { person: Person } | { commandLine: string }

/** As it stands in the trail: a Slack user id, or `cli:NAME`. */
export function operatorId(by: Operator): string {
  return 'person' in by ? by.person.id : `cli:${by.commandLine}`
}

/** Why somebody may not operate, or null. Whoever has the command line has the ledger anyway. */
export function mayNotOperate(policy: Policy, by: Operator): Refusal | null {
  return 'person' in by ? mayNot(policy, by.person, ['operator']) : null
}

/** Why somebody may not confirm how grants ended, whichever grant it is, or null. */
export function mayNotConfirm(policy: Policy, by: Operator): Refusal | null {
  return 'person' in by ? mayNot(policy, by.person, ['operator', 'approver']) : null
}
