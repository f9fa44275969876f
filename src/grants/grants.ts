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
import type { HomeFacts } from './home.ts'
import type { CardFacts } from './notifier.ts'
import type { Operations, Operator } from './operator-commands.ts'
import type { ReportInput, ReportOutcome } from './read-report.ts'
import type { AwayInput, AwayOutcome } from './set-away.ts'

/** What the app does, verb by verb. Each decides anew who may do it; doing it twice has one effect. */
export interface Grants extends Operations {
  /** The policy in force. */
  policy(): Policy
  /** What a person may do, for help and for the form. Reads only. */
  abilities(person: Person): Promise<Abilities>
  /** What is left of the limits that concern a person. Reads only. */
  budget(person: Person): Promise<Budget>
  /** What would become of an ask, without recording it. @param instead the grant whose place it takes */
  preview(person: Person, ask: Ask, instead?: string | null): Promise<Preview>
  /** What a user has got lately, for the form; null where this person may not know, or the openid is none. Reads only. */
  receivedLately(of: { person: Person; openid: string; instead: string | null }): Promise<Received | null>
  /** Records an ask; once it returns `recorded`, the grant is on disk. */
  request(input: RequestInput): Promise<RequestOutcome>
  /** The coupons a user holds at WeChat Pay, with what the ledger knows of them. */
  list(input: ListInput): Promise<ListOutcome>
  grant(id: string): Promise<Grant | null>
  /** Approves or rejects a pending grant; once it returns, what it says is on disk. */
  decide(input: DecideInput): Promise<DecideOutcome>
  /** Whether it is worth asking a person why a grant shall be rejected or cancelled. Reads only. */
  waits(input: { person: Person; grantId: string; for: 'reject' | 'cancel' }): Promise<WaitsOutcome>
  /** Cancels a grant of which nothing was attempted yet. */
  cancel(input: CancelInput): Promise<CancelOutcome>
  /** What waits for this person's decision, the oldest first. */
  pending(input: { person: Person; page: number }): Promise<FoundOutcome>
  /** What this person has asked for, the newest first. */
  mine(input: { person: Person; page: number }): Promise<FoundOutcome>
  /**
   * What a user was given, and by whom, the newest first; or what a ticket, a coupon's id or a `send_request_no` tells. It is
   * a look-up, as `list` is.
   */
  history(input: { person: Person; key: string; page: number; isTurned?: boolean }): Promise<FoundOutcome>
  /** What concerns one person now. Reads only. */
  home(person: Person): Promise<HomeFacts>
  /** Grows with whatever changes. Reads only. */
  latestChange(): Promise<number>
  /** An auditor asks to erase a person, whom an operator must confirm. @param input.typed an openid, or the id of a subject */
  askErasure(input: { by: Person; typed: string; order: string } & Awaited): Promise<AskErasureOutcome>
  /** An operator confirms that, which erases the person, or declines it. */
  endErasure(
    input: { by: Person; erasureId: string; confirms: boolean } & Awaited,
  ): Promise<EndErasureOutcome>
  /** What was given, asked for and decided in a month, in figures that name no user. Reads only. */
  report(input: ReportInput): Promise<ReportOutcome>
  /** What the last check of the set-up in this process has found; the same object until the next. */
  setUpFound(): readonly Finding[] | null
  /** All that happened to a grant. */
  trail(input: { person: Person; grantId: string }): Promise<TrailOutcome>
  /** A grant for its ids: its own, and those by which WeChat Pay knows it. */
  ids(input: { person: Person; grantId: string }): Promise<IdsOutcome>
  /** The whole openid of a grant's user; that it was shown is recorded. */
  showOpenid(input: { person: Person; grantId: string } & Awaited): Promise<OpenidOutcome>
  /** Keeps a policy as the one in force, and has the operators told of what changed. */
  putInForce(policy: Policy): Promise<void>
  /** Tries the whole set-up, for an operator. Reads only. */
  setUp(input: { by: Operator }): Promise<SetUpOutcome>
  /** Has the operators told what of the set-up blocks the app, the same once a day. */
  reportSetUp(findings: readonly Finding[]): Promise<void>
  /** Has the operators told that the policy's file can't be used. @param mistakes in lines for people of each language */
  reportBrokenPolicy(mistakes: Named): Promise<void>
  /** What a message is that shows a card of a grant; if the card has no other place, this is it from now on. */
  recogniseCard(card: { grantId: string; cardId: string | null }, pressed: Place): Promise<Recognised>
  /** The same of a message that tells of a hold. */
  recogniseAlert(holdId: string, pressed: Place): Promise<Recognised>
  /** Begins the attempts that are due, as many as may run at once. @returns how many were begun since it last returned */
  issueDue(): Promise<number>
  /** Ends attempts that a crash or a lapsed lease has cut off, so that they are begun again. @returns how many */
  endLost(): Promise<number>
  /**
   * Resolves if WeChat Pay's last answer was verified; otherwise looks something up to get one, unless that failed a
   * moment ago.
   * @throws WechatPayError why none was verified
   */
  proveTrust(): Promise<void>
  /** Draws the cards that lag behind the ledger. @returns how many were drawn */
  drawDue(): Promise<number>
  /** Tells the operators of holds that began or ended. @returns how many were told */
  tellHolds(): Promise<number>
  /** Tells what is told once: reminders, and news of the policy. @returns how many were told */
  tellNews(): Promise<number>
  /** Ends what was not decided, or could not be issued, in its time. @returns how many ended */
  expireDue(): Promise<number>
  /** Records that an approver is away, and who decides for them meanwhile; or that they are back. */
  setAway(input: AwayInput): Promise<AwayOutcome>
  /** Whether this person is away. */
  absence(person: Person): Promise<Absence | null>
  /** Tells those whom the policy adds to who decides what has waited long. @returns of how many grants */
  escalateDue(): Promise<number>
  /** Looks whether those who may decide what waits can be reached. @returns of how many grants that has changed */
  lookForStranded(): Promise<number>
  /** Has approvers reminded of what waits for them. @returns of how many grants */
  remindDue(): Promise<number>
  /** Seals what the trail has gained. @returns how many lines; 0: none is left for now */
  sealTrail(): Promise<number>
  /** Lists the coupons of the next user, where it is time, and holds them against the grants. @returns above 0: nobody was found yet */
  reconcile(): Promise<number>
  /** Erases whom the policy keeps no longer. @returns above 0: more are to be looked at */
  eraseOld(): Promise<number>
  /** Has grants be counted on their day in the policy's time zone, a step at a time. @returns above 0: there are more */
  moveDays(): Promise<number>
  /** Takes no more attempts and waits for those under way, at most so many ms. @returns whether all ended */
  drain(deadline: number): Promise<boolean>
}

/** What a person's roles allow; nothing is counted for it. */
export interface Rights {
  roles: Role[]
  /** Why this person may not ask for a coupon; null when allowed. */
  mayRequest: Refusal | null
  mayLookUp: Refusal | null
  /** Whether this person decides any kind of coupon. */
  decides: boolean
  /** Whether this person may read what a user was given. */
  readsHistory: boolean
}

/** The same, and what is left of it. */
export interface Abilities extends Rights {
  /** What may be asked for. `left` of the stock's limit over `days`: null without one; a measure without a limit is Infinity. */
  stocks: { stock: Stock; left: (Usage & { days: number }) | null }[]
  requesterLimit: { limit: Limit; used: Usage } | null
  lookupsLeft: number | null
}

/** What is left of a limit. */
export interface BudgetLine {
  of: { kind: 'requester' } | { kind: 'rule'; rule: string } | { kind: 'stock'; stock: Stock }
  limit: Limit
  used: Usage
  /** When the first of what is used counts no more, epoch ms; null: nothing is used. */
  moreAt: number | null
}

export interface Budget {
  mayRequest: Refusal | null
  mayLookUp: Refusal | null
  /** Empty where nothing is limited, or this person may ask for nothing. */
  lines: BudgetLine[]
  /** What any one user may get; how much of it is used is known by user only. */
  perUser: Limit | null
  lookups: { left: number; max: number /** ms */; per: number /** epoch ms */; moreAt: number | null } | null
}

/** What is wrong with an ask; `field` null where it is not one field's. */
export interface Problem {
  field: keyof Ask | null
  refusal: Refusal
}

export interface LimitState {
  kind: LimitKind
  limit: Limit
  used: Usage
}

/** What a user has got and is about to get, the grant in question aside. */
export interface Received {
  /** In the last so many days, the newest first. */
  given: { days: number; count: number; latest: Grant[] }
  underWay: Grant[]
}

export type Preview =
  | { kind: 'refused'; problems: Problem[] }
  /** `hold`: why it would have to wait, as a hold's reason; null or absent: it would be issued at once. */
  | { kind: 'automatic'; rule: string; limits: LimitState[]; hold?: string | null }
  | {
      kind: 'needs-approval'
      approvals: number
      /** User groups, people or e-mail addresses of the policy. */
      approvers: readonly string[]
      channel: string
      expiresAt: number
      reason: ApprovalReason
      limits: LimitState[]
    }

export interface RequestInput {
  person: Person
  ask: Ask
  /** One form's own id (a modal's root view id): submitting it again has no second effect. */
  submission: string
  /** The grant of which the person was asked "another one?" and said yes; null: nothing was asked. */
  another: string | null
  /** The grant that this ask corrects: cancelled in the same transaction, so that never both are issued. Default: none */
  instead?: string | null
  /** Of the requester, for the cards. */
  language: Language
  /** The open view that shall follow the grant. */
  viewId: string | null
  /** How the user was found, where it was not by the openid. */
  foundBy?: FoundBy | null
}

export type RequestOutcome =
  /** `repeated`: the form had been recorded before, maybe with other values; that grant is told. */
  | { kind: 'recorded'; grant: Grant; repeated: boolean }
  /** The same user has one of this stock in flight or got one lately: ask "another one?". */
  | { kind: 'another'; previous: Grant }
  | { kind: 'refused'; problems: Problem[] }
  /** Nothing is recorded: the ledger could not be written in time. */
  | { kind: 'busy' }
  /** The commit's answer was lost: it may be recorded. */
  | { kind: 'not-sure' }

/** What a person waits for. */
export interface Awaited {
  /** By when it is answered, by `performance.now()`: all that is waited for shares that time. Default: nobody waits */
  until?: number | undefined
}

export interface DecideInput extends Awaited {
  person: Person
  grantId: string
  decision: 'approve' | 'reject'
  /** Of a rejection, in the approver's own words. */
  reason: string | null
  /** Of a rejection: the key of a reason of the policy's; with one, no words are needed. Default: none */
  canned?: string | null
}

/** What can become of any click that shall change something. */
export type NotDone =
  | { kind: 'refused'; refusal: Refusal }
  /** There is no such grant. */
  | { kind: 'gone' }
  /** Nothing is recorded: the ledger could not be written in time. */
  | { kind: 'busy' }
  /** The commit's answer was lost: it may be recorded. */
  | { kind: 'not-sure' }

export type DecideOutcome =
  /** Decided by this very click. */
  | { kind: 'approved' | 'rejected'; grant: Grant }
  /** Counted, but more approvals are needed. */
  | {
      kind: 'counted'
      grant: Grant
      have: number
      /** Whose earlier approvals count no more. */
      lapsed: string[]
    }
  /** This person has approved before; nothing new. */
  | {
      kind: 'repeated'
      grant: Grant
      have: number /** Who has, if not this person: both are one voice. */
      by?: string
    }
  /** It waits no more: decided, cancelled or expired before. */
  | { kind: 'already'; grant: Grant; decisions: Decision[] }
  | NotDone

export interface CancelInput extends Awaited {
  person: Person
  grantId: string
  /** Needed of whoever is not the requester. */
  reason: string | null
}

export type CancelOutcome =
  | { kind: 'cancelled'; grant: Grant }
  /** It has ended, or is being issued. */
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
  /** Where its card for approvers is; null: it has none. */
  card: { channel: string; ts: string } | null
  /** What it is decided by, of what waits for the person who asked. */
  forDeciding: CardFacts['forDeciding']
}

export type FoundOutcome =
  | {
      kind: 'found'
      /** `user`, `number`, `coupon` and `ticket`: what a history is of. */
      of: 'pending' | 'mine' | 'user' | 'number' | 'coupon' | 'ticket'
      grants: FoundGrant[]
      /** From 1; the last there is where a later one was asked for. */
      page: number
      /** How many stand before the first. */
      from: number
      total: number
      /** There are more than were counted. */
      isMore: boolean
      /** There is a next page. */
      hasMore: boolean
    }
  /** Of a history: nothing is known by it. `problem`: why it is no openid. */
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
  /** Key; null: every stock. */
  stock: string | null
  /** From 1. */
  page: number
  /**
   * Whether this person turns the pages of a list that they have open: that is not another look-up, for ten minutes and
   * 100 pages. Default: for all pages but the first.
   */
  isTurned?: boolean
}

export type ListOutcome =
  | { kind: 'refused'; refusal: Refusal }
  | { kind: 'busy' }
  | {
      kind: 'listed'
      openid: string
      /** Every coupon found: usable first, then latest first. */
      coupons: ListedCoupon[]
      /** Grants of this user that are pending, approved or issuing. */
      open: Grant[]
      /** Stocks that could not be asked. `code`: WeChat Pay's, or `NO_ANSWER`, `UNTRUSTED_ANSWER`, `UNEXPECTED_ANSWER`. */
      failed: { stock: string; name: Named | null; code: string }[]
      /** How many stocks were asked. */
      stocks: number
    }

export interface ListedCoupon {
  couponId: string
  stock: { key: string | null; stockId: string; name: Named | null }
  /** As WeChat Pay wrote it; null: it did not tell, as with `quota`, `used` and `sentAt`. */
  state: string | null
  /** VALID or SENDED, and not known to be past its expiry. */
  usable: boolean
  /** Fen, as `used`. */
  quota: number | null
  used: number | null
  /** Epoch ms, as `expiresAt`; null: not known. */
  sentAt: number | null
  expiresAt: number | null
  /** The grant it came from, where this app gave it. */
  grant: Grant | null
}
