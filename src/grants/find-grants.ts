import type { Grant } from '../domain/grant.ts'
import { mayNotAct, mayNotDecide, type Person } from '../domain/permissions.ts'
import type { Role } from '../domain/policy.ts'
import type { GrantsDeps } from './deps.ts'
import type { FoundGrant, FoundOutcome } from './grants.ts'
import { recordLookUp } from './list-coupons.ts'

const PAGE = 5
/** Of so many that wait, the oldest, the ones for one person are chosen. */
const MOST_PENDING = 500
/** Roles that may read what a user was given. */
export const READS_HISTORY: readonly [Role, ...Role[]] = ['viewer', 'approver', 'auditor', 'operator']

/** What waits for this person's decision: not what this person has approved already. */
export async function findPending(
  deps: GrantsDeps,
  { person, page }: { person: Person; page: number },
): Promise<FoundOutcome> {
  const refusal = mayNotAct(person)
  if (refusal) return { kind: 'refused', refusal }
  const policy = deps.policy()
  const waiting = await deps.ledger.pendingGrants({ limit: MOST_PENDING })
  const decidable = waiting.filter(
    (grant) =>
      mayNotDecide(policy, person, grant) === null &&
      deps.now() < (grant.expiresAt ?? Number.POSITIVE_INFINITY),
  )
  const open = []
  // One more than is shown tells whether there is a next page.
  for (const grant of decidable) {
    if (open.length > page * PAGE) break
    const decisions = await deps.ledger.decisionsOf(grant.id)
    if (!decisions.some(({ approver }) => approver === person.id)) open.push({ grant, decisions })
  }
  // What was on this page may be decided by now: then the last one that there is.
  const last = Math.min(page, Math.max(1, Math.ceil(open.length / PAGE)))
  return paged(open.slice((last - 1) * PAGE), last)
}

/** What this person has asked for. Whoever may ask for nothing any more still sees what was asked. */
export async function findMine(
  deps: GrantsDeps,
  { person, page }: { person: Person; page: number },
): Promise<FoundOutcome> {
  const refusal = mayNotAct(person)
  if (refusal) return { kind: 'refused', refusal }
  return found(deps, { requester: person.id }, page)
}

/** What a user was given, and by whom. */
export async function findHistory(
  deps: GrantsDeps,
  { page, ...of }: { person: Person; openid: string; page: number; isTurned?: boolean },
): Promise<FoundOutcome> {
  const refusal = await recordLookUp(deps, { ...of, stock: null, page }, READS_HISTORY)
  if (refusal) return { kind: 'refused', refusal }
  return found(deps, { openid: of.openid }, page)
}

async function found(
  { ledger }: GrantsDeps,
  of: { requester: string } | { openid: string },
  page: number,
): Promise<FoundOutcome> {
  const grants = await ledger.grantsOf({ of, offset: (page - 1) * PAGE, limit: PAGE + 1 })
  const withDecisions = await Promise.all(
    grants.map(async (grant: Grant) => ({ grant, decisions: await ledger.decisionsOf(grant.id) })),
  )
  return paged(withDecisions, page)
}

function paged(grants: FoundGrant[], page: number): FoundOutcome {
  return { kind: 'found', grants: grants.slice(0, PAGE), page, hasMore: grants.length > PAGE }
}
