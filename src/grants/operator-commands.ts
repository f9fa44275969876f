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
  /** Stops issuing, as a whole or of a stock, until somebody resumes. */
  pause(input: PauseInput): Promise<PauseOutcome>
  resume(input: ResumeInput): Promise<ResumeOutcome>
  /** Holds, pauses, and grants whose outcome is not known. Reads only. */
  stuck(input: { by: Operator }): Promise<StuckOutcome>
  /** What is known of such a grant, and the coupons that may be its own. Counts as a look-up. */
  candidates(input: { by: Operator; grantId: string }): Promise<CandidatesOutcome>
  /** The settlement of a grant that waits for a second person, for whoever may confirm one. Reads only. */
  settlementOf(input: {
    by: Operator
    grantId: string
    /** The one that a button was drawn for. */
    settlementId?: string | null
  }): Promise<SettlementOutcome>
  /** Says how such a grant ended; a second person confirms it. */
  proposeSettlement(input: ProposeInput): Promise<ProposeOutcome>
  confirmSettlement(input: ConfirmInput): Promise<ConfirmOutcome>
  withdrawSettlement(input: ConfirmInput): Promise<WithdrawOutcome>
}

export interface PauseInput extends Awaited {
  by: Operator
  /** Key; null: everything. */
  stock: string | null
  /** For the operators; in their words. */
  reason: string | null
  /** The request that brought the order, so that it has no second effect. */
  order?: string
  /** The fault's hold that a button was drawn for: what it stops is paused, in place of `stock`, while it lasts. */
  fault?: string
}

/** Nothing was done, as it was done before, or what it was meant for is over. `holds`: the pauses that are open. */
type TooLate =
  /** This very order has come before. */
  | { kind: 'repeated'; holds: CountedHold[] }
  /** `over`: what a button was drawn for; null: it is not known, as after a restore. */
  | { kind: 'over'; over: Hold | null; holds: CountedHold[] }

/** `already`: it was paused before, by whom the hold says. */
export type PauseOutcome = { kind: 'paused' | 'already'; hold: CountedHold } | TooLate | NotDone

export interface ResumeInput extends Awaited {
  by: Operator
  /** Key, or the stock's id where no policy names it any more; null: the pause of everything. */
  stock: string | null
  /** The request that brought the order, so that it has no second effect. */
  order?: string
  /** The very pause that a button was drawn for, in place of `stock`. */
  pause?: string
}

/** `hold`: the pause that was ended. `holds`: the pauses that are still open. */
export type ResumeOutcome =
  | { kind: 'resumed'; hold: Hold; holds: CountedHold[] }
  /** `isKnown`: whether the policy has such a stock, or everything was meant. */
  | { kind: 'not-paused'; holds: CountedHold[]; isKnown: boolean }
  | TooLate
  | NotDone

export type StuckOutcome =
  | {
      kind: 'stuck'
      holds: CountedHold[]
      /** Where Slack takes no messages, so that people are not told or asked. */
      closed: ClosedChannel[]
      /** Flagged, those that need people first; with the settlement that waits for a second person. */
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
      /** WeChat Pay's code, or as in `ListOutcome.failed`; null: the list is whole. */
      failure: string | null
    }
  | NotDone

/** `settlement`: null when none waits. `over`: the one that a button was drawn for, if that does not wait any more. */
export type SettlementOutcome =
  | { kind: 'settlement'; grant: Grant; settlement: Settlement | null; over: Settlement | null }
  | { kind: 'refused'; refusal: Refusal }
  | { kind: 'gone' }

export interface ProposeInput extends Awaited {
  by: Operator
  grantId: string
  verdict: Verdict
  /** How it is known. */
  evidence: string
  /** The form that it was said in, so that it has no second effect. */
  order?: string
  /** How many attempts the person was shown. */
  attempts?: number
}

/** Why a grant can't be settled by people. */
type NotOpen =
  /** It has ended. */
  | { kind: 'already'; grant: Grant; settlement: Settlement | null }
  /** It is open, but nothing was sent for it yet, or the app still settles it by itself. */
  | { kind: 'not-stuck'; grant: Grant; settlement: null }
  /** A call to WeChat Pay is under way: its answer may settle it. */
  | { kind: 'under-way'; grant: Grant; settlement: null }
  /** It was sent again after somebody looked: what was seen then may not be so any more. */
  | { kind: 'sent-since'; grant: Grant; settlement: null }
  | { kind: 'gone' }

export type ProposeOutcome =
  | { kind: 'proposed'; grant: Grant; settlement: Settlement }
  /** Another proposal waits already. */
  | { kind: 'waits'; grant: Grant; settlement: Settlement }
  /** This very form has come before. `settlement`: what waits now, by whomever. */
  | { kind: 'repeated'; grant: Grant; settlement: Settlement | null }
  | NotOpen
  | NotDone

export interface ConfirmInput extends Awaited {
  by: Operator
  settlementId: string
}

export type ConfirmOutcome =
  | { kind: 'settled'; grant: Grant }
  /** Who had said so is no operator any more: it was withdrawn. */
  | { kind: 'lapsed'; grant: Grant; settlement: Settlement }
  | NotOpen
  | NotDone

export type WithdrawOutcome =
  | { kind: 'withdrawn'; grant: Grant }
  | { kind: 'already'; grant: Grant; settlement: Settlement }
  | NotDone

/** Who operates: a person by Slack, or whoever has the command line where the ledger is. */
export type Operator = { person: Person } | { commandLine: string }

/** As it stands in the trail: a Slack user id, or `cli:NAME`. */
export function operatorId(by: Operator): string {
  return 'person' in by ? by.person.id : actorAtCommandLine(by.commandLine)
}

/** Why somebody may not operate, or null. Whoever has the command line has the ledger anyway. */
export function mayNotOperate(policy: Policy, by: Operator): Refusal | null {
  return 'person' in by ? mayNot(policy, by.person, ['operator']) : null
}

/** Why somebody may not confirm how grants ended, whichever grant it is, or null. */
export function mayNotConfirm(policy: Policy, by: Operator): Refusal | null {
  return 'person' in by ? mayNot(policy, by.person, ['operator', 'approver']) : null
}
