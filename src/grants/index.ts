import { abilitiesOf } from './abilities.ts'
import type { GrantsDeps } from './deps.ts'
import type { Grants } from './grants.ts'
import { createIssuing } from './issue-grant.ts'
import { listCoupons } from './list-coupons.ts'
import { previewAsk, requestGrant } from './request-grant.ts'
import { drawDue, tellHolds } from './tell.ts'

export type { GrantsDeps } from './deps.ts'
export type {
  Abilities,
  Grants,
  LimitState,
  ListedCoupon,
  ListInput,
  ListOutcome,
  Preview,
  Problem,
  RequestInput,
  RequestOutcome,
} from './grants.ts'
export { DrawLaterError, type Hold, type Notifier } from './notifier.ts'

/** Builds the verbs of the app on its ledger, its client and its notifier. */
export function createGrants(deps: GrantsDeps): Grants {
  const issuing = createIssuing(deps)
  return {
    policy: deps.policy,
    abilities: (person) => abilitiesOf(deps, person),
    preview: (person, ask) => previewAsk(deps, person, ask),
    request: (input) => requestGrant(deps, input),
    list: (input) => listCoupons(deps, input),
    grant: (id) => deps.ledger.grant(id),
    issueDue: issuing.issueDue,
    drawDue: () => drawDue(deps),
    tellHolds: () => tellHolds(deps),
    drain: issuing.drain,
  }
}
