import type { Finding } from '../doctor/index.ts'
import type { Absence } from '../domain/absence.ts'
import type { Ask, Refusal } from '../domain/ask.ts'
import type { Place } from '../domain/card.ts'
import type { FoundBy } from '../domain/customer.ts'
import type { Decision, Grant } from '../domain/grant.ts'
import type { Limit, LimitKind, Usage } from '../domain/limit.ts'
import type { Person } from '../domain/permissions.ts'
import type { ApprovalReason, Policy, Role, Stock } from '../domain/policy.ts'
import type { Language, Named } from '../domain/text.ts'
import type { OpenidProblem } from '../domain/wechatpay-ids.ts'
import type { EventKind, LedgerEvent } from '../ledger/ledger.ts'
import type { AskErasureOutcome, EndErasureOutcome } from './ask-erasure.ts'
import type { SetUpOutcome } from './check-set-up.ts'
import type { Recognised } from './draw-cards.ts'
import type { ReportInput, ReportOutcome } from './get-month-report.ts'
import type { HomeFacts } from './home.ts'
import type { CardFacts } from './notifier.ts'
import type { Operations, Operator } from './operator-commands.ts'
import type { AwayInput, AwayOutcome } from './set-away.ts'

/** The app's use cases. Each checks permissions on every call, and calling one twice has one effect. */
export interface Grants extends Operations {
  /** The policy in force. */
  policy(): Policy
  /** What a person may do, for the help and the form. Reads only. */
  abilities(person: Person): Promise<Abilities>
  /** What is left of the limits that apply to a person. Reads only. */
  budget(person: Person): Promise<Budget>
  /** What would happen to an ask, without recording it. @param instead the grant that the ask would replace */
  preview(person: Person, ask: Ask, instead?: string | null): Promise<Preview>
  /**
   * What a user received lately, for the form; null for an invalid openid or if the person may not see it. Reads only.
   */
  receivedLately(of: { person: Person; openid: string; instead: string | null }): Promise<Received | null>
  /** Records an ask. When it returns `recorded`, the grant is on disk. */
  request(input: RequestInput): Promise<RequestOutcome>
  /** The coupons that a user holds at WeChat Pay, with what the ledger knows about them. */
  list(input: ListInput): Promise<ListOutcome>
  grant(id: string): Promise<Grant | null>
  /** Approves or rejects a pending grant. When it returns, the outcome it reports is on disk. */
  decide(input: DecideInput): Promise<DecideOutcome>
  /** Whether to ask a person why they reject or cancel a grant: only if they still can. Reads only. */
  waits(input: { person: Person; grantId: string; for: 'reject' | 'cancel' }): Promise<WaitsOutcome>
  /** Cancels a pending or approved grant, for which no coupon can have been issued. */
  cancel(input: CancelInput): Promise<CancelOutcome>
  /** The grants that wait for this person's decision, oldest first. */
  pending(input: { person: Person; page: number }): Promise<FoundOutcome>
  /** The grants that this person asked for, newest first. */
  mine(input: { person: Person; page: number }): Promise<FoundOutcome>
  /**
   * What a user received and who gave it, newest first; or what the ledger knows of a ticket, a coupon id or a
   * `send_request_no`. Counts as a look-up, like `list`.
   */
  history(input: { person: Person; key: string; page: number; isTurned?: boolean }): Promise<FoundOutcome>
  /** What one person's Home shows. Reads only. */
  home(person: Person): Promise<HomeFacts>
  /** A number that grows with every change. Reads only. */
  latestChange(): Promise<number>
  /** An auditor asks to erase a person; an operator must confirm. @param input.typed an openid or a subject's id */
  askErasure(input: { by: Person; typed: string; order: string } & Awaited): Promise<AskErasureOutcome>
  /** An operator confirms the erasure, which erases the person, or declines it. */
  endErasure(
    input: { by: Person; erasureId: string; confirms: boolean } & Awaited,
  ): Promise<EndErasureOutcome>
  /** What was asked for, decided and given in a month, in figures that name no user. Reads only. */
  report(input: ReportInput): Promise<ReportOutcome>
  /** The findings of this process's last set-up check; the same object until the next check. */
  setUpFound(): readonly Finding[] | null
  /** Everything that happened to a grant. */
  trail(input: { person: Person; grantId: string }): Promise<TrailOutcome>
  /** A grant with all its ids: the app's own and WeChat Pay's. */
  ids(input: { person: Person; grantId: string }): Promise<IdsOutcome>
  /** The full openid of a grant's user. The trail records that it was shown. */
  showOpenid(input: { person: Person; grantId: string } & Awaited): Promise<OpenidOutcome>
  /** Records a policy as the one in force, and tells the operators what changed. */
  putInForce(policy: Policy): Promise<void>
  /** Checks the whole set-up for an operator. Reads only. */
  setUp(input: { by: Operator }): Promise<SetUpOutcome>
  /** Tells the operators which set-up faults block the app; the same faults at most once a day. */
  reportSetUp(findings: readonly Finding[]): Promise<void>
  /** Tells the operators that the policy file can't be used. @param mistakes as text in each language */
  reportBrokenPolicy(mistakes: Named): Promise<void>
  /** Whether a pressed message is a grant's card or a stray copy. A card without another place adopts the message. */
  recogniseCard(card: { grantId: string; cardId: string | null }, pressed: Place): Promise<Recognised>
  /** The same for a message about a hold. */
  recogniseAlert(holdId: string, pressed: Place): Promise<Recognised>
  /** Begins the due attempts, as many as may run at once. @returns how many it began since it last returned */
  issueDue(): Promise<number>
  /** Ends attempts cut off by a crash or an expired lease, so that they begin again. @returns how many */
  endLost(): Promise<number>
  /**
   * Resolves if WeChat Pay's last answer was verified. Otherwise makes a look-up to get a verified answer, unless one
   * failed a moment ago.
   * @throws WechatPayError why no answer was verified
   */
  proveTrust(): Promise<void>
  /** Draws the cards that lag behind the ledger. @returns how many it drew */
  drawDue(): Promise<number>
  /** Tells the operators about holds that began or ended. @returns how many */
  tellHolds(): Promise<number>
  /** Sends due notices: reminders, outcomes and news. @returns how many */
  tellNews(): Promise<number>
  /** Ends grants that ran out of time to be decided or issued. @returns how many */
  expireDue(): Promise<number>
  /** Records that an approver is away, and who stands in for them; or that they are back. */
  setAway(input: AwayInput): Promise<AwayOutcome>
  /** This person's absence; null if they aren't away. */
  absence(person: Person): Promise<Absence | null>
  /** Tells the approvers whom the policy adds when grants have waited too long. @returns for how many grants */
  escalateDue(): Promise<number>
  /** Checks whether the approvers of waiting grants can be reached. @returns for how many grants that changed */
  lookForStranded(): Promise<number>
  /** Reminds approvers of waiting grants. @returns of how many grants */
  remindDue(): Promise<number>
  /** Seals new lines of the trail. @returns how many lines; 0: none are left for now */
  sealTrail(): Promise<number>
  /**
   * Lists the coupons of the next user, if it is time, and compares them with the grants.
   * @returns above 0: no user was found yet
   */
  reconcile(): Promise<number>
  /** Erases people whose keeping time under the policy is over. @returns above 0: there may be more */
  eraseOld(): Promise<number>
  /** Moves grants to their day in the policy's time zone, one step a call. @returns above 0: there are more */
  moveDays(): Promise<number>
  /** Stops taking attempts and waits up to `deadline` ms for those under way. @returns whether all ended */
  drain(deadline: number): Promise<boolean>
}

/** What a person's roles allow, whatever the limits have counted. */
export interface Rights {
  roles: Role[]
  /** Why this person may not ask for a coupon; null when allowed. */
  mayRequest: Refusal | null
  mayLookUp: Refusal | null
  /** Whether this person decides at least some kinds of coupon. */
  decides: boolean
  /** Whether this person may read what a user was given. */
  readsHistory: boolean
}

/** A person's rights, and what is left of their limits. */
export interface Abilities extends Rights {
  /**
   * Stocks to choose from. `left` is what is left of the stock's limit over `days`; null without a limit. A measure
   * without a limit is Infinity.
   */
  stocks: { stock: Stock; left: (Usage & { days: number }) | null }[]
  requesterLimit: { limit: Limit; used: Usage } | null
  lookupsLeft: number | null
}

/** What is left of a limit. */
export interface BudgetLine {
  of: { kind: 'requester' } | { kind: 'rule'; rule: string } | { kind: 'stock'; stock: Stock }
  limit: Limit
  used: Usage
  /** When the oldest use stops counting, epoch ms; null: nothing is used. */
  moreAt: number | null
}

export interface Budget {
  mayRequest: Refusal | null
  mayLookUp: Refusal | null
  /** Empty if nothing is limited, or if this person may ask for nothing. */
  lines: BudgetLine[]
  /** The limit for any one user. How much of it is used depends on the user. */
  perUser: Limit | null
  lookups: { left: number; max: number /** ms */; per: number /** epoch ms */; moreAt: number | null } | null
}

/** What is wrong with an ask. `field` is null if the problem isn't in a single field. */
export interface Problem {
  field: keyof Ask | null
  refusal: Refusal
}

export interface LimitState {
  kind: LimitKind
  limit: Limit
  used: Usage
}

/** What a user has received or is about to receive, without the grant in question. */
export interface Received {
  /** Given in the last `days` days, newest first. */
  given: { days: number; count: number; latest: Grant[] }
  underWay: Grant[]
}

export type Preview =
  | { kind: 'refused'; problems: Problem[] }
  /** `hold`: the reason of the hold that it would wait for; null or absent: it would be issued at once. */
  | { kind: 'automatic'; rule: string; limits: LimitState[]; hold?: string | null }
  | {
      kind: 'needs-approval'
      approvals: number
      /** User groups, people or e-mail addresses from the policy. */
      approvers: readonly string[]
      channel: string
      expiresAt: number
      reason: ApprovalReason
      limits: LimitState[]
    }

export interface RequestInput {
  person: Person
  ask: Ask
  /** The id of this one form (a modal's root view id). Submitting the form again has no second effect. */
  submission: string
  /** The grant shown with "another one?", to which the person said yes; null: the app didn't ask. */
  another: string | null
  /** The grant that this ask corrects. The same transaction cancels it, so both are never issued. Default: none */
  instead?: string | null
  /** The requester's language, for the cards. */
  language: Language
  /** The open view that will follow the grant. */
  viewId: string | null
  /** How the user was found, if not by the openid. */
  foundBy?: FoundBy | null
}

export type RequestOutcome =
  /** `repeated`: the form was recorded before, perhaps with other values. `grant` is that earlier grant. */
  | { kind: 'recorded'; grant: Grant; repeated: boolean }
  /** The same user has an open grant of this stock or received a coupon of it lately: ask "another one?". */
  | { kind: 'another'; previous: Grant }
  | { kind: 'refused'; problems: Problem[] }
  /** Nothing is recorded: the ledger couldn't be written in time. */
  | { kind: 'busy' }
  /** The commit's answer was lost: it may be recorded. */
  | { kind: 'not-sure' }

/** A call that a person waits for. */
export interface Awaited {
  /** The deadline, by `performance.now()`, which all waits of the call share. Default: nobody waits */
  until?: number | undefined
}

export interface DecideInput extends Awaited {
  person: Person
  grantId: string
  decision: 'approve' | 'reject'
  /** For a rejection, in the approver's own words. */
  reason: string | null
  /** For a rejection: the key of one of the policy's reasons; with one, words are optional. Default: none */
  canned?: string | null
}

/** What, besides success, can come of any click that changes something. */
export type NotDone =
  | { kind: 'refused'; refusal: Refusal }
  /** There is no such grant. */
  | { kind: 'gone' }
  /** Nothing is recorded: the ledger couldn't be written in time. */
  | { kind: 'busy' }
  /** The commit's answer was lost: it may be recorded. */
  | { kind: 'not-sure' }

export type DecideOutcome =
  /** This click decided it. */
  | { kind: 'approved' | 'rejected'; grant: Grant }
  /** Counted, but more approvals are needed. */
  | {
      kind: 'counted'
      grant: Grant
      have: number
      /** The approvers whose earlier approvals no longer count. */
      lapsed: string[]
    }
  /** This person has approved before; nothing changed. */
  | {
      kind: 'repeated'
      grant: Grant
      have: number /** Who approved, if not this person: an approver and a stand-in are one voice. */
      by?: string
    }
  /** It no longer waits: it was decided, cancelled or expired before. */
  | { kind: 'already'; grant: Grant; decisions: Decision[] }
  | NotDone

export interface CancelInput extends Awaited {
  person: Person
  grantId: string
  /** Required unless the person is the requester. */
  reason: string | null
}

export type CancelOutcome =
  | { kind: 'cancelled'; grant: Grant }
  /** It has ended, or the app is issuing it. */
  | { kind: 'already'; grant: Grant; decisions: Decision[] }
  | NotDone

export type WaitsOutcome =
  | { kind: 'waits'; grant: Grant }
  | { kind: 'already'; grant: Grant; decisions: Decision[] }
  | { kind: 'refused'; refusal: Refusal }
  | { kind: 'gone' }

export interface FoundGrant {
  grant: Grant
  decisions: Decision[]
  /** The place of its card for approvers; null: it has none. */
  card: { channel: string; ts: string } | null
  /** What an approver needs in order to decide; only for grants that wait for this person. */
  forDeciding: CardFacts['forDeciding']
}

export type FoundOutcome =
  | {
      kind: 'found'
      /** What the list is. `user`, `number`, `coupon` and `ticket` are kinds of a history. */
      of: 'pending' | 'mine' | 'user' | 'number' | 'coupon' | 'ticket'
      grants: FoundGrant[]
      /** From 1. The last page, if a later one was asked for. */
      page: number
      /** How many grants stand before the first one here. */
      from: number
      total: number
      /** There are more than `total`: counting stops there. */
      isMore: boolean
      /** There is a next page. */
      hasMore: boolean
    }
  /** For a history: the ledger knows nothing by this key. `problem`: why it isn't an openid. */
  | { kind: 'unknown-key'; problem: OpenidProblem | null }
  | { kind: 'refused'; refusal: Refusal }
  | { kind: 'busy' }

/** A line of a trail, as it is shown. */
export type TrailEntry = {
  [K in EventKind]: Pick<LedgerEvent<K>, 'at' | 'kind' | 'actor' | 'data' | 'said'>
}[EventKind]

export type TrailOutcome =
  | { kind: 'trail'; grant: Grant; entries: TrailEntry[] }
  | { kind: 'refused'; refusal: Refusal }
  | { kind: 'gone' }

export type IdsOutcome =
  | { kind: 'ids'; grant: Grant }
  | { kind: 'refused'; refusal: Refusal }
  | { kind: 'gone' }

export type OpenidOutcome = { kind: 'shown'; openid: string } | NotDone

export interface ListInput {
  person: Person
  openid: string
  /** Key of the stock; null: all stocks. */
  stock: string | null
  /** From 1. */
  page: number
  /**
   * Whether this person turns the pages of a list they have open. For ten minutes and 100 pages, that isn't another
   * look-up. Default: true for every page but the first.
   */
  isTurned?: boolean
}

export type ListOutcome =
  | { kind: 'refused'; refusal: Refusal }
  | { kind: 'busy' }
  | {
      kind: 'listed'
      openid: string
      /** Every coupon found: usable ones first, then newest first. */
      coupons: ListedCoupon[]
      /** Grants of this user that are pending, approved or issuing. */
      open: Grant[]
      /** Stocks whose look-up failed. `code`: WeChat Pay's, or `NO_ANSWER`, `UNTRUSTED_ANSWER`, `UNEXPECTED_ANSWER`. */
      failed: { stock: string; name: Named | null; code: string }[]
      /** How many stocks the app asked about. */
      stocks: number
    }

export interface ListedCoupon {
  couponId: string
  stock: { key: string | null; stockId: string; name: Named | null }
  /** As WeChat Pay wrote it. This, `quota`, `used` and `sentAt` are null if WeChat Pay left them out. */
  state: string | null
  /** VALID or SENDED, and not known to have expired. */
  usable: boolean
  /** Fen, like `used`. */
  quota: number | null
  used: number | null
  /** Epoch ms, like `expiresAt`; null: not known. */
  sentAt: number | null
  expiresAt: number | null
  /** The grant that it came from, if this app gave it. */
  grant: Grant | null
}
