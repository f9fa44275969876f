import type { Refusal } from '../domain/ask.ts'
import type { ClosedChannel } from '../domain/card.ts'
import type { Grant, Settlement, Verdict } from '../domain/grant.ts'
import type { CountedHold, Hold } from '../domain/hold.ts'
import { actorAtCommandLine, mayNot, type Person } from '../domain/permissions.ts'
import type { Policy } from '../domain/policy.ts'
import type { Attempt } from '../ledger/ledger.ts'
import type { Awaited, ListedCoupon, NotDone } from './grants.ts'

/** What operators do, from Slack or the command line. */
export interface Operations {
  /** Stops issuing everything or one stock, until somebody resumes. */
  pause(input: PauseInput): Promise<PauseOutcome>
  resume(input: ResumeInput): Promise<ResumeOutcome>
  /** Holds, pauses, and grants with an unknown outcome. Reads only. */
  stuck(input: { by: Operator }): Promise<StuckOutcome>
  /** What is known about such a grant, and the coupons that may belong to it. Counts as a look-up. */
  candidates(input: { by: Operator; grantId: string }): Promise<CandidatesOutcome>
  /** The settlement of a grant that waits for a second person, shown to those who may confirm one. Reads only. */
  settlementOf(input: {
    by: Operator
    grantId: string
    /** The settlement that the button was drawn for. */
    settlementId?: string | null
  }): Promise<SettlementOutcome>
  /** Proposes how such a grant ended; a second person confirms it. */
  proposeSettlement(input: ProposeInput): Promise<ProposeOutcome>
  confirmSettlement(input: ConfirmInput): Promise<ConfirmOutcome>
  withdrawSettlement(input: ConfirmInput): Promise<WithdrawOutcome>
}

export interface PauseInput extends Awaited {
  by: Operator
  /** Key of the stock; null: everything. */
  stock: string | null
  /** In the person's own words, for the operators. */
  reason: string | null
  /** The id of the request, so that it has no second effect. */
  order?: string
  /**
   * The fault's hold that the button was drawn for: what it stops is paused, instead of `stock`, if the hold is still
   * open.
   */
  fault?: string
}

/** Nothing was done: it was done before, or its reason is over. `holds`: the open pauses. */
type TooLate =
  /** The app has seen this very order before. */
  | { kind: 'repeated'; holds: CountedHold[] }
  /** `over`: the hold that the button was drawn for; null: the ledger doesn't know it, for example after a restore. */
  | { kind: 'over'; over: Hold | null; holds: CountedHold[] }

/** `already`: it was paused before; the hold says by whom. */
export type PauseOutcome = { kind: 'paused' | 'already'; hold: CountedHold } | TooLate | NotDone

export interface ResumeInput extends Awaited {
  by: Operator
  /** Key of the stock, or its id if no policy names it any more; null: the pause of everything. */
  stock: string | null
  /** The id of the request, so that it has no second effect. */
  order?: string
  /** The pause that the button was drawn for, instead of `stock`. */
  pause?: string
}

/** `hold`: the pause that ended. `holds`: the pauses that are still open. */
export type ResumeOutcome =
  | { kind: 'resumed'; hold: Hold; holds: CountedHold[] }
  /** `isKnown`: the policy has such a stock, or the order was about everything. */
  | { kind: 'not-paused'; holds: CountedHold[]; isKnown: boolean }
  | TooLate
  | NotDone

export type StuckOutcome =
  | {
      kind: 'stuck'
      holds: CountedHold[]
      /** Where Slack takes no messages, so that people aren't told or asked. */
      closed: ClosedChannel[]
      /** Flagged grants, those that need people first, each with the settlement that waits for a second person. */
      grants: { grant: Grant; settlement: Settlement | null }[]
      hasMore: boolean
    }
  | { kind: 'refused'; refusal: Refusal }
  | { kind: 'busy' }

export type CandidatesOutcome =
  | {
      kind: 'candidates'
      grant: Grant
      settlement: Settlement | null
      attempts: Attempt[]
      coupons: ListedCoupon[]
      /** WeChat Pay's code, or one of `ListOutcome.failed`; null: the list is complete. */
      failure: string | null
    }
  | NotDone

/** `settlement`: null if none waits. `over`: the one that the button was drawn for, if it no longer waits. */
export type SettlementOutcome =
  | { kind: 'settlement'; grant: Grant; settlement: Settlement | null; over: Settlement | null }
  | { kind: 'refused'; refusal: Refusal }
  | { kind: 'gone' }

export interface ProposeInput extends Awaited {
  by: Operator
  grantId: string
  verdict: Verdict
  /** How the person knows. */
  evidence: string
  /** The id of the form, so that it has no second effect. */
  order?: string
  /** The number of attempts that the person saw. */
  attempts?: number
}

/** Why people can't settle a grant. */
type NotOpen =
  /** It has ended. */
  | { kind: 'already'; grant: Grant; settlement: Settlement | null }
  /** It is open, but nothing was sent for it yet, or the app is still settling it by itself. */
  | { kind: 'not-stuck'; grant: Grant; settlement: null }
  /** A call to WeChat Pay is under way: its answer may settle it. */
  | { kind: 'under-way'; grant: Grant; settlement: null }
  /** The app sent it again after somebody looked: what they saw may no longer be true. */
  | { kind: 'sent-since'; grant: Grant; settlement: null }
  | { kind: 'gone' }

export type ProposeOutcome =
  | { kind: 'proposed'; grant: Grant; settlement: Settlement }
  /** Another proposal waits already. */
  | { kind: 'waits'; grant: Grant; settlement: Settlement }
  /** The app has seen this very form before. `settlement`: the one that waits now, whoever proposed it. */
  | { kind: 'repeated'; grant: Grant; settlement: Settlement | null }
  | NotOpen
  | NotDone

export interface ConfirmInput extends Awaited {
  by: Operator
  settlementId: string
}

export type ConfirmOutcome =
  | { kind: 'settled'; grant: Grant }
  /** The proposer is no longer an operator: the app withdrew the settlement. */
  | { kind: 'lapsed'; grant: Grant; settlement: Settlement }
  | NotOpen
  | NotDone

export type WithdrawOutcome =
  | { kind: 'withdrawn'; grant: Grant }
  | { kind: 'already'; grant: Grant; settlement: Settlement }
  | NotDone

/** Who operates: a person in Slack, or anybody who has the command line where the ledger is. */
export type Operator = { person: Person } | { commandLine: string }

/** The operator's id in the trail: a Slack user id, or `cli:NAME`. */
export function operatorId(by: Operator): string {
  return 'person' in by ? by.person.id : actorAtCommandLine(by.commandLine)
}

/** Why somebody may not operate, or null. Anybody with that command line has the ledger anyway. */
export function mayNotOperate(policy: Policy, by: Operator): Refusal | null {
  return 'person' in by ? mayNot(policy, by.person, ['operator']) : null
}

/** Why somebody may not confirm any settlement, or null. */
export function mayNotConfirm(policy: Policy, by: Operator): Refusal | null {
  return 'person' in by ? mayNot(policy, by.person, ['operator', 'approver']) : null
}
