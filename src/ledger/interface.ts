import type { Absence } from '../domain/absence.ts'
import type { Card, ClosedChannel, Place } from '../domain/card.ts'
import type { Erasure } from '../domain/erasure.ts'
import type { Decision, Grant, GrantState, Settlement } from '../domain/grant.ts'
import type { CountedHold, Hold, HoldScope } from '../domain/hold.ts'
import type { Usage } from '../domain/limit.ts'
import type { News } from '../domain/news.ts'
import type { SealHead } from '../domain/seal.ts'
import type { Named } from '../domain/text.ts'
import type { AuditReads } from './audit-reads.ts'
import type { CardEnd, DueCard } from './cards.ts'
import type { ClaimOf } from './claim-grants.ts'
import type { FoundClosed } from './closed-channels.ts'
import type { Erasable, Erased, ErasedFor } from './erasures.ts'
import type { ChangeKind, EventData, LedgerEvent, NewEvent, StepKind } from './events.ts'
import type { HoldEnd, UntoldHold } from './follow-holds.ts'
import type { Figures } from './metrics-figures.ts'
import type { DueNotice, NoticeEnd } from './notices.ts'
import type { Claim } from './queue.ts'
import type { Difference, GivenTo } from './reconciliation.ts'
import type {
  Attempt,
  AttemptEnd,
  Claimed,
  GrantChange,
  GrantsOf,
  NewCard,
  NewCoupon,
  NewGrant,
  NewHold,
  Page,
  UsageOf,
  UsageOfDay,
} from './records.ts'
import type { Miscounted } from './recount.ts'
import type { SealBy } from './seal-trail.ts'
import type { NewSettlement } from './settlements.ts'

/**
 * What can be asked of the ledger, inside a write (then true until its commit) or outside of one.
 * Approved and issuing grants that wait have `hold`; a pending one that nobody could be asked for has `notAsked`.
 */
export interface LedgerReads {
  grant(id: string): Promise<Grant | null>
  grantOfSubmission(submission: string): Promise<Grant | null>
  /** Pending, approved and issuing grants of a user, newest first. */
  openGrantsOf(of: { openid: string; appid?: string }): Promise<Grant[]>
  /** Latest grant of this user and stock that is open, or was issued at `since` (epoch ms) or later. */
  latestGrant(of: { openid: string; appid: string; stockRef: string; since: number }): Promise<Grant | null>
  grantsByCouponIds(ids: readonly string[]): Promise<Grant[]>
  /** For how many other users a ticket served since then, of the latest hundred grants that hold their place in limits. */
  otherUsersOf(ticket: { ticket: string; openid: string; since: number }): Promise<number>
  /** Stocks of which a user was ever granted something, each with its latest short name and name. */
  stocksOf(openid: string): Promise<GrantedStock[]>
  /**
   * In which time zone the days of limits are: the one of the policy that was put in force last, on whichever replica.
   * `isMoving`: some grants are still counted on another zone's day, which is up to two days earlier or later.
   */
  calendar(): Promise<{ timeZone: string; isMoving: boolean }>
  usage(of: UsageOf): Promise<Usage>
  /** The same for many stocks at once, by their refs; a stock without any is left out. */
  usageOfStocks(of: { stockRefs: readonly string[]; from: number }): Promise<Map<string, Usage>>
  /** What limits of these owners count, day by day from one on; days on which nothing was are left out. */
  usageByDay(of: {
    kind: 'requester' | 'stock'
    owners: readonly string[]
    rule?: string
    from: number
  }): Promise<UsageOfDay[]>
  /** Events of kind `look-up` by a person since then. */
  countLookups(of: { person: string; since: number }): Promise<{ count: number; oldestAt: number | null }>
  /** Whether a person has looked up a user since then. */
  hasLookedUp(of: { person: string; openid: string; since: number }): Promise<boolean>
  /** Grants that wait for a decision, the oldest first. */
  pendingGrants(of: { limit: number }): Promise<Grant[]>
  /** The newest first. */
  grantsOf(page: Page): Promise<Grant[]>
  /** How many there are; no more than so many are counted. */
  countGrantsOf(of: { of: GrantsOf; most: number }): Promise<number>
  decisionsOf(grantId: string): Promise<Decision[]>
  /** Which of these grants an approver has approved, where that counts still. */
  approvedBy(of: { approver: string; grantIds: readonly string[] }): Promise<Set<string>>
  /** Pending grants that expire by then, and approved ones that could not be issued by then; some of them, if many. */
  lateGrants(now: number): Promise<Grant[]>
  /** Pending grants that have not run out of time, of which approvers are to be reminded `by` then (default: now); some, if many. */
  grantsToRemindOf(now: number, by?: number): Promise<Grant[]>
  /** Pending grants that have not run out of time, which more people decide by then; some, if many. */
  grantsToEscalate(now: number): Promise<Grant[]>
  /** Of somebody, or of all for whom somebody stands in, as far as it is so by then. */
  absencesOf(of: ({ person: string } | { standIn: string }) & { now: number }): Promise<Absence[]>
  eventsOf(grantId: string): Promise<LedgerEvent[]>
  /** The id of the newest line of the trail; 0: there is none. */
  latestEvent(): Promise<number>
  attemptsOf(grantId: string): Promise<Attempt[]>
  cardsOf(grantId: string): Promise<Card[]>
  policyText(hash: string): Promise<string | null>
  openHolds(): Promise<readonly Hold[]>
  /** The same, with how many grants wait because of each. */
  countedHolds(): Promise<CountedHold[]>
  /** With the place of the message that tells of it. */
  hold(id: string): Promise<{ hold: Hold; place: Place | null } | null>
  /** A grant whose user is known to WeChat Pay, or will be asked for next: to look something up that changes nothing. */
  grantToLookUp(): Promise<Grant | null>
  /** Why a grant of this stock would wait if it were approved now: the hold's reason; null: it would not. */
  holdOn(stockRef: string): Promise<string | null>
  /** Flagged grants, those for people before those that the app goes on asking for, each the oldest first. */
  flaggedGrants(of: { limit: number }): Promise<Grant[]>
  /** The settlements of these grants that wait for a second person. */
  openSettlements(grantIds: readonly string[]): Promise<Settlement[]>
  settlement(id: string): Promise<Settlement | null>
  /** Whoever it is, under every appid, and what stands against erasing them. */
  erasable(of: { openid: string } | { subject: string }): Promise<Erasable[]>
  erasure(id: string): Promise<Erasure | null>
  /** Channels in which Slack takes no messages now, the oldest first. */
  closedChannels(): Promise<ClosedChannel[]>
}

export interface GrantedStock {
  stockId: string
  appid: string
  mchid: string
  stock: string
  stockName: Named
}

type Nothing = Record<never, never>
/** What a step changes and what its line holds, which is left out where it needs nothing. */
type StepSaid<S extends StepKind> =
  Nothing extends EventData<S>
    ? [change?: GrantChange, data?: EventData<S>]
    : [change: GrantChange, data: EventData<S>]
type ChangeSaid<K extends ChangeKind> =
  Nothing extends EventData<K> ? [data?: EventData<K>] : [data: EventData<K>]

/** A transaction under the one write lock. It can't be used after its write has ended. */
export interface LedgerTx extends LedgerReads {
  /** Inserts a grant with its event `requested` (and `approved-by-rule`), and its cards, due at once. */
  recordGrant(grant: NewGrant, cards: NewCard[]): Promise<Grant>
  /**
   * Takes a step if the grant's state still allows it (compare-and-set), with an event named as the step, and makes
   * its cards due. Null when the state does not allow it. A step out of the open states clears flag and due time;
   * a step to `approved` is due at once where `dueIn` does not say otherwise.
   */
  step<S extends StepKind>(
    grantId: string,
    step: S,
    actor: string,
    ...what: StepSaid<S>
  ): Promise<Grant | null>
  /** Changes facts of a grant while it is in one of these states, with an event; makes its cards due. */
  change<K extends ChangeKind>(
    grantId: string,
    states: readonly GrantState[],
    kind: K,
    actor: string,
    change: GrantChange,
    ...data: ChangeSaid<K>
  ): Promise<Grant | null>
  /**
   * Ends an attempt and gives the grant's lease back, with `maybeExecutedAt` set where it may have been executed.
   * False, and nothing is written, if the lease or the attempt was taken by another worker. The grant stays due: say by
   * a step or a change in the same write what comes next.
   */
  closeAttempt(attemptId: string, worker: string, end: AttemptEnd): Promise<boolean>
  /**
   * Records the coupons of many attempts at once, with all that follows for their grants: those of this worker's attempts
   * that nothing speaks against. @returns the attempts recorded; of all others nothing is written
   */
  recordCoupons(worker: string, coupons: readonly NewCoupon[]): Promise<Set<string>>
  /** The id of a user, noted where it is not known yet; for lines of the trail. */
  subject(user: { openid: string; appid: string }): Promise<string>
  /** Adds a line to the trail; with `grantId` it counts in the grant's version and makes its cards due. */
  event(event: NewEvent): Promise<void>
  /** Writes what an approver says, once per grant and approver; who has approved may still reject. False: nothing is new. */
  decide(decision: Omit<Decision, 'at' | 'kind'> & { kind: 'approve' | 'reject' }): Promise<boolean>
  /** An approval does not count any more; who gave it may approve again. @param of.why a refusal's code */
  lapseApproval(of: { grantId: string; approver: string; why: string }): Promise<void>
  /** When approvers are reminded of a pending grant; no event, as nobody is told by it. Null: not by itself. */
  remindAt(grantId: string, at: number | null): Promise<void>
  /** Somebody is away, or back (null). False: nothing is new. */
  setAbsence(of: {
    person: string
    by: string
    absence: { until: number; standIn: string | null } | null
  }): Promise<boolean>
  /** Keeps news to be told, due at once. */
  notice(news: News): Promise<void>
  /** Keeps a policy's text by its hash. */
  keepPolicy(hash: string, text: string): Promise<void>
  /** Keeps a policy as the one in force. The one before it, null where there was none; undefined if it is in force already. */
  putInForce(policy: {
    hash: string
    text: string
  }): Promise<{ hash: string; text: string } | null | undefined>
  /** Has the cards of what is pending follow the policy in force, in the background: see `followUp`. */
  showPolicy(hash: string): Promise<void>
  /**
   * A policy names other channels: what waits for closed ones is tried at once.
   * @param named channels of the policy; any other closed one that nothing waits for is forgotten
   */
  recheckClosedChannels(named: readonly string[]): Promise<void>
  /** Begins a hold unless one of this scope is open. True when it is new. */
  beginHold(hold: NewHold): Promise<boolean>
  /**
   * What people call the stocks of a policy: holds of them are shown by it. A key that an earlier version held before any
   * grant had it becomes the stock that it stands for.
   */
  nameStocks(stocks: readonly { ref: string; key: string }[]): Promise<void>
  /**
   * Ends the open holds of these scopes: what they stopped, and no other hold stops, is due at once.
   * @param of.begunBy epoch ms; a hold that began later stays; without it, none does
   * @param of.reasons only those that were begun for one of these @returns whether any was open
   */
  endHolds(of: {
    scopes: readonly HoldScope[]
    reasons?: readonly string[]
    begunBy?: number
    by?: string
  }): Promise<boolean>
  /** Notes an order by the request that brought it, for a day. False: it was carried out before. */
  order(id: string): Promise<boolean>
  /** Notes whether WeChat Pay found the pace too high: then nothing is sent for a while, longer each time in a row. */
  slowDown(tooMany: boolean): Promise<void>
  /** Keeps what an operator has found out about a grant. Null: another one of this grant waits already. */
  propose(settlement: NewSettlement): Promise<Settlement | null>
  /**
   * Notes what WeChat Pay has listed of a user and stock, and has the operators told once of what does not agree.
   * @param of.from grants issued in `from` to `to`, epoch ms, must be listed
   */
  noteListed(
    given: GivenTo,
    of: {
      coupons: readonly { couponId: string; state: string | null; used: number | null }[]
      from: number
      to: number
    },
  ): Promise<Difference[]>
  /**
   * Empties the openid and what was typed about a person, if nothing of theirs is open.
   * @returns of each appid under which an openid is known
   */
  erase(
    of: { openid: string } | { subject: string },
    how: { by: string; reason: ErasedFor; askedBy?: string },
  ): Promise<Erased[]>
  /** Keeps that somebody asks to erase a person, of whom nothing like it waits. */
  askErasure(of: { subject: string; by: string }): Promise<Erasure>
  /** Ends one that waits. Null: it does not wait any more. */
  endErasure(
    id: string,
    end: { by: string; outcome: NonNullable<Erasure['ended']>['outcome'] },
  ): Promise<Erasure | null>
  /** Ends a settlement that waits. False: it does not wait any more. */
  endSettlement(id: string, end: { by: string; outcome: 'confirmed' | 'withdrawn' }): Promise<boolean>
}

export interface Ledger extends LedgerReads {
  engine: 'sqlite' | 'postgres'
  /**
   * Runs a transaction under the one write lock, so that what is counted in it stays true until it is written.
   * Rolled back when `fn` throws, or when all of it takes longer than 2 s.
   * @param until by `performance.now()`: it ends by then, however long it may take otherwise
   * @throws LedgerBusyError (nothing is written), CommitUncertainError (it may be written)
   */
  write<T>(fn: (tx: LedgerTx) => Promise<T>, until?: number): Promise<T>
  /** Whether anything is due to be sent, held or not, that nobody is on: asked before a claim, which begins a transaction. */
  isAnyDue(): Promise<boolean>
  /**
   * Claims the next due grants for a worker and opens their attempts, in one commit; none when nothing is due.
   * Not claimed: what another worker leases, what waits for another attempt of the same user or for an unknown outcome
   * of the same user and stock, and what a hold stops, but for one probe a minute.
   * @param of.lease ms by the database's clock
   * @param of.rate attempts a second, of all replicas together; fewer are claimed where the next may not go yet
   * @param of.repeatsOnly only what was sent before, whose coupon may exist already
   * @param of.limit how many, default 1; of one user only one
   * @param first what is written before it in the same commit
   */
  claimDue(of: ClaimOf, first?: (tx: LedgerTx) => Promise<void>): Promise<Claimed[]>
  /** Ends attempts that a crash or a lapsed lease left open as `lost`: they count as maybe executed. @returns how many */
  endLost(): Promise<number>
  /** ms until the pace lets the next attempt go; 0: now. */
  slotIn(): Promise<number>
  /**
   * Makes the next cards due that do not show yet that a hold has begun or ended, or the policy in force, the newest grants
   * first.
   * @param of.limit of how many grants @returns of how many; 0: all cards do
   */
  followUp(of: { limit: number }): Promise<number>
  /**
   * Claims cards that lag behind their grants. `tries` of each counts the drawings begun before this one.
   * @param of.follow when none is due, `followUp` for so many grants first
   */
  claimCards(of: Claim & { follow?: number }): Promise<DueCard[]>
  /**
   * Gives cards back. What was drawn stays due if its grant has moved on; what the lease was lost of is left to its new worker.
   * @returns of each whether it could not be drawn and it was not known before that its channel is closed
   */
  endCards(worker: string, ends: readonly CardEnd[]): Promise<boolean[]>
  /**
   * Gives a card the message that a person has found it in, if it has no place yet or still the one that is told.
   * @returns whether that is its place
   */
  adoptCard(cardId: string, place: Place, from?: Place | null): Promise<boolean>
  /** The same for the message that tells of a hold, which is told anew there. */
  adoptHold(holdId: string, place: Place, from?: Place | null): Promise<boolean>
  /** Claims notices to be told, the longest due first. */
  claimNotices(of: Claim): Promise<DueNotice[]>
  /** Notes that notices were told, or gives them back. */
  endNotices(worker: string, ends: readonly NoticeEnd[]): Promise<void>
  /**
   * The quiet hours are over: what waited for their end is due now, all of one requester in one notice.
   * @returns how many ends waited
   */
  endQuiet(): Promise<number>
  /** Notes that Slack takes no messages in a channel. @returns whether that is new */
  channelClosed(found: FoundClosed): Promise<boolean>
  /** Notes that Slack has taken a post in a channel. */
  channelOpen(channel: string, foundBy: FoundClosed['foundBy']): Promise<void>
  /** Has approvers asked in another channel for what none of them has seen. False: one of them has. */
  askElsewhere(cardId: string, channels: { from: string; to: string }): Promise<boolean>
  /** Notes that operators were told that a channel is closed. */
  closedChannelTold(channel: string): Promise<void>
  /**
   * Claims holds whose begin or end was not told yet, each with the place of its earlier message; null when there is none.
   * `tries`: how often telling was begun since a message was last known; `triedIn`: the channel of the first of these.
   * @param of.channel in which they are tried now
   */
  claimUntoldHolds(of: Claim & { channel?: string | null }): Promise<UntoldHold[]>
  /**
   * Notes what was told of holds and where, or gives them back.
   * @returns of each false if it is told in another message by now
   */
  endUntoldHolds(worker: string, ends: readonly HoldEnd[]): Promise<boolean[]>
  /**
   * Says in which time zone the days of limits are. If they were another's, `moveDays` finds every grant's day anew.
   * @returns whether they were another's
   */
  setTimeZone(timeZone: string): Promise<boolean>
  /** Has some more grants, the latest first, be counted on their day in the time zone. @returns how many were looked at */
  moveDays(of: { limit: number }): Promise<number>
  /** Counts anew, from the grants, what limits go by; nothing else is written meanwhile. @returns what differed, the latest 100 */
  recount(): Promise<Miscounted[]>
  /**
   * Seals the next lines of the trail, as many as one step may take.
   * @param by.sign signs a hash; null: no key was given
   * @returns how many; 0: none are left, or another replica was faster
   */
  seal(by: Pick<SealBy, 'sign' | 'randomHex'>): Promise<number>
  /**
   * Has the operators told of the last seal, if that is news and none was told for so long.
   * @param every ms @returns the seal, or null
   */
  tellHead(every: number): Promise<SealHead | null>
  /**
   * Of the next subjects those of whom nothing has happened since then, and nothing is open.
   * @param of.before epoch ms @returns `next`: after which to go on; null: that was all
   */
  unusedSubjects(of: { after: string; before: number }): Promise<{ subjects: string[]; next: string | null }>
  /**
   * The next user and stock of which something was issued since then; none may be found in a step.
   * @param of.after where to go on; empty: from the first @param of.since epoch ms @returns `after`: null: that was all
   */
  nextGiven(of: { after: string; since: number }): Promise<{ given: GivenTo | null; after: string | null }>
  /** How many apps are alive on this ledger, this one included; null: it can't be told. */
  apps(): Promise<number | null>
  /** How it stands, in numbers that name nobody. */
  figures(): Promise<Figures>
  /**
   * All of it as of now, for a report: beside what is written, and by a connection of its own, to be closed.
   * @throws LedgerBusyError
   */
  audit(): Promise<AuditReads>
  /** Epoch ms; null: it never was by the tool. */
  backedUpAt(): Promise<number | null>
  /** The public key of the last seal; null: that is not signed, or there is none. */
  signedBy(): Promise<string | null>
  /** The health check: writes a row and reads it back. */
  check(): Promise<void>
  /** Lets the write under way end, then closes. */
  close(): Promise<void>
}

export interface LedgerOptions {
  /** `file:PATH` (SQLite) or `postgres://…`. */
  url: string
  /** An app takes a SQLite file's lock and frees the leases of the crash before; a tool takes none and frees none. */
  role?: 'app' | 'tool'
  /** How long an app waits for another to let go of a SQLite file, ms. Default 30 000. */
  waitForLock?: number
  /** How long a write may take from call to commit, ms. Default 2 000. */
  writeWithin?: number | undefined
  /** Epoch ms, for what people read; leases and due times use the database's clock. Default Date.now. */
  now?: () => number
  /** Sortable ids of 26 characters. Default ULIDs. */
  randomId?: () => string
  logger?: LedgerLogger
}

export interface LedgerLogger {
  info(fields: object, message: string): void
  warn(fields: object, message: string): void
  error(fields: object, message: string): void
}
