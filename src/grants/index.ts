import { abilitiesOf, budgetOf } from './abilities.ts'
import { askErasure, endErasure } from './ask-erasure.ts'
import { checkSetUp, reportSetUp } from './check-set-up.ts'
import { readOrBusy } from './commit-together.ts'
import { cancelGrant, decideGrant, whetherWaits } from './decide-grant.ts'
import type { GrantsDeps } from './deps.ts'
import { drawDue, receivedLately, recogniseAlert, recogniseCard } from './draw-cards.ts'
import { createErasingUnused } from './erase-unused.ts'
import {
  findCandidates,
  findHistory,
  findMine,
  findPending,
  findStuck,
  readIds,
  readSettlement,
  readTrail,
  showOpenid,
} from './find-grants.ts'
import { createReporting } from './get-month-report.ts'
import type { Grants } from './grants.ts'
import { homeOf } from './home.ts'
import { createIssuing } from './issue-grant.ts'
import { listCoupons } from './list-coupons.ts'
import type { Operations } from './operator-commands.ts'
import { pauseIssuing, resumeIssuing } from './pause-issuing.ts'
import { moveDays, putInForce, reportBrokenPolicy } from './policy-in-force.ts'
import { createReconciling } from './reconcile-coupons.ts'
import { escalateDue, expireDue, lookForStranded, remindDue } from './remind-and-expire.ts'
import { previewAsk, requestGrant } from './request-grant.ts'
import { sealTrail } from './seal-and-tell.ts'
import { setAway } from './set-away.ts'
import { confirmSettlement, proposeSettlement, withdrawSettlement } from './settle-grant.ts'
import { tellHolds, tellNews } from './tell-news.ts'

export type { Outcome } from '../ledger/ledger.ts'
export type { AskErasureOutcome, EndErasureOutcome } from './ask-erasure.ts'
export { isLedgerBusy } from './commit-together.ts'
export type { GrantsDeps } from './deps.ts'
export type { Recognised } from './draw-cards.ts'
export { erasePerson } from './erase-person.ts'
export type { ReportInput, ReportOutcome } from './get-month-report.ts'
export type {
  Abilities,
  Budget,
  BudgetLine,
  CancelOutcome,
  DecideOutcome,
  FoundGrant,
  FoundOutcome,
  Grants,
  LimitState,
  ListedCoupon,
  ListInput,
  ListOutcome,
  NotDone,
  OpenidOutcome,
  Preview,
  Problem,
  Received,
  RequestInput,
  RequestOutcome,
  TrailEntry,
  TrailOutcome,
  WaitsOutcome,
} from './grants.ts'
export type { HomeFacts } from './home.ts'
export { type MonthReport, reportOn, type Sum } from './month-report.ts'
export {
  type About,
  type Asked,
  type CardFacts,
  ChannelClosedError,
  DrawLaterError,
  type DrawnOn,
  type Notifier,
  type Reach,
} from './notifier.ts'
export type {
  CandidatesOutcome,
  ConfirmOutcome,
  Operations,
  Operator,
  PauseOutcome,
  ProposeOutcome,
  ResumeOutcome,
  SettlementOutcome,
  StuckOutcome,
  WithdrawOutcome,
} from './operator-commands.ts'
export { type Reconciled, reconcileAll } from './reconcile-coupons.ts'
export { barLines, reportCsv } from './report-forms.ts'
export { judgeAsk } from './request-grant.ts'
export type { AwayInput, AwayOutcome } from './set-away.ts'

/** The operators' use cases without Slack, for the command line. */
export function createOperations(
  deps: Pick<GrantsDeps, 'ledger' | 'policy' | 'logger' | 'wake' | 'now' | 'wechatpay'>,
): Operations {
  return {
    pause: (input) => pauseIssuing(deps, input),
    resume: (input) => resumeIssuing(deps, input),
    stuck: (input) => readOrBusy(findStuck(deps, input)),
    candidates: (input) => findCandidates(deps, input),
    settlementOf: (input) => readSettlement(deps, input),
    proposeSettlement: (input) => proposeSettlement(deps, input),
    confirmSettlement: (input) => confirmSettlement(deps, input),
    withdrawSettlement: (input) => withdrawSettlement(deps, input),
  }
}

/** Builds the app's use cases on its ledger, its WeChat Pay client and its notifier. */
export function createGrants(deps: GrantsDeps): Grants {
  const issuing = createIssuing(deps)
  const eraseOld = createErasingUnused(deps)
  const reconcile = createReconciling(deps)
  const report = createReporting(deps)
  return {
    policy: deps.policy,
    abilities: (person) => abilitiesOf(deps, person),
    budget: (person) => budgetOf(deps, person),
    preview: (person, ask, instead) => previewAsk(deps, person, ask, instead ?? null),
    receivedLately: (of) => receivedLately(deps, of),
    request: (input) => requestGrant(deps, input),
    list: (input) => readOrBusy(listCoupons(deps, input)),
    grant: (id) => deps.ledger.grant(id),
    decide: (input) => decideGrant(deps, input),
    waits: (input) => whetherWaits(deps, input),
    cancel: (input) => cancelGrant(deps, input),
    pending: (input) => readOrBusy(findPending(deps, input)),
    home: (person) => homeOf(deps, person),
    latestChange: () => deps.ledger.latestEvent(),
    setUpFound: () => deps.examined(),
    mine: (input) => readOrBusy(findMine(deps, input)),
    history: (input) => readOrBusy(findHistory(deps, input)),
    askErasure: (input) => askErasure(deps, input),
    endErasure: (input) => endErasure(deps, input),
    report: (input) => readOrBusy(report(input)),
    trail: (input) => readTrail(deps, input),
    ids: (input) => readIds(deps, input),
    showOpenid: (input) => showOpenid(deps, input),
    putInForce: (policy) => putInForce(deps, policy),
    setUp: (input) => checkSetUp(deps, input),
    reportSetUp: (findings) => reportSetUp(deps, findings),
    reportBrokenPolicy: (mistakes) => reportBrokenPolicy(deps, mistakes),
    recogniseCard: (card, pressed) => recogniseCard(deps, card, pressed),
    recogniseAlert: (holdId, pressed) => recogniseAlert(deps, holdId, pressed),
    issueDue: issuing.issueDue,
    endLost: issuing.endLost,
    proveTrust: issuing.proveTrust,
    drawDue: () => drawDue(deps),
    tellHolds: () => tellHolds(deps),
    tellNews: () => tellNews(deps),
    expireDue: () => expireDue(deps),
    remindDue: () => remindDue(deps),
    setAway: (input) => setAway(deps, input),
    absence: async ({ id }) => (await deps.ledger.absencesOf({ person: id, now: deps.now() }))[0] ?? null,
    escalateDue: () => escalateDue(deps),
    lookForStranded: () => lookForStranded(deps),
    sealTrail: () => sealTrail(deps),
    eraseOld,
    moveDays: () => moveDays(deps),
    reconcile,
    drain: issuing.drain,
    ...createOperations(deps),
  }
}
