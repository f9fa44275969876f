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
import type { CardEnd, CardEnded, DueCard } from './cards.ts'
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
 * Reads of the ledger, inside a write (then true until its commit) or outside one.
 * Approved and issuing grants that wait have `hold`; a pending one that nobody could be asked about has `notAsked`.
 */
export interface LedgerReads {
  grant(id: string): Promise<Grant | null>
  grantOfSubmission(submission: string): Promise<Grant | null>
  /** Pending, approved and issuing grants of a user, newest first. */
  openGrantsOf(of: { openid: string; appid?: string }): Promise<Grant[]>
  /** The latest grant of this user and stock that is open, or was issued at `since` (epoch ms) or later. */
  latestGrant(of: { openid: string; appid: string; stockRef: string; since: number }): Promise<Grant | null>
  grantsByCouponIds(ids: readonly string[]): Promise<Grant[]>
  /**
   * How many other users a ticket has served since then, among the latest hundred grants that hold a place in limits.
   */
  otherUsersOf(ticket: { ticket: string; openid: string; since: number }): Promise<number>
  /** Stocks of every grant that a user ever had, each with its latest short name and name. */
  stocksOf(openid: string): Promise<GrantedStock[]>
  /**
   * The time zone of the days that limits count: the zone of the policy last put in force, on whichever replica.
   * `isMoving`: some grants are still counted on another zone's day, which is up to two days earlier or later.
   */
  calendar(): Promise<{ timeZone: string; isMoving: boolean }>
  usage(of: UsageOf): Promise<Usage>
  /** The usage of many stocks at once, by their refs; stocks without usage are left out. */
  usageOfStocks(of: { stockRefs: readonly string[]; from: number }): Promise<Map<string, Usage>>
  /** What the limits of these owners count, day by day from `from` on; days without usage are left out. */
  usageByDay(of: {
    kind: 'requester' | 'stock'
    owners: readonly string[]
    rule?: string
    from: number
  }): Promise<UsageOfDay[]>
  /** How many events of kind `look-up` a person has since then. */
  countLookups(of: { person: string; since: number }): Promise<{ count: number; oldestAt: number | null }>
  /** Whether a person has looked up a user since then. */
  hasLookedUp(of: { person: string; openid: string; since: number }): Promise<boolean>
  /** Grants that wait for a decision, oldest first. */
  pendingGrants(of: { limit: number }): Promise<Grant[]>
  /** Newest first. */
  grantsOf(page: Page): Promise<Grant[]>
  /** How many grants there are; counting stops at `most`. */
  countGrantsOf(of: { of: GrantsOf; most: number }): Promise<number>
  decisionsOf(grantId: string): Promise<Decision[]>
  /** Those of these grants that an approver has approved, if the approval still counts. */
  approvedBy(of: { approver: string; grantIds: readonly string[] }): Promise<Set<string>>
  /**
   * Pending grants that have expired by then, and approved ones that ran out of time to be issued; if many, only some.
   */
  lateGrants(now: number): Promise<Grant[]>
  /** Unexpired pending grants whose approvers are due a reminder at `by` (default: now); if many, only some. */
  grantsToRemindOf(now: number, by?: number): Promise<Grant[]>
  /** Unexpired pending grants that more people may decide by then; if many, only some. */
  grantsToEscalate(now: number): Promise<Grant[]>
  /** Absences at that time: a person's own, or those in which a person stands in. */
  absencesOf(of: ({ person: string } | { standIn: string }) & { now: number }): Promise<Absence[]>
  eventsOf(grantId: string): Promise<LedgerEvent[]>
  /** The id of the newest line of the trail; 0: it is empty. */
  latestEvent(): Promise<number>
  attemptsOf(grantId: string): Promise<Attempt[]>
  cardsOf(grantId: string): Promise<Card[]>
  policyText(hash: string): Promise<string | null>
  openHolds(): Promise<readonly Hold[]>
  /** The open holds, each with the number of grants that wait because of it. */
  countedHolds(): Promise<CountedHold[]>
  /** A hold with the place of its message. */
  hold(id: string): Promise<{ hold: Hold; place: Place | null } | null>
  /** A grant whose user WeChat Pay knows or is asked about next, for a look-up that changes nothing. */
  grantToLookUp(): Promise<Grant | null>
  /** Why a grant of this stock would wait if it were approved now: the hold's reason; null: it wouldn't. */
  holdOn(stockRef: string): Promise<string | null>
  /** Flagged grants: those for people first, then those that the app keeps asking about, oldest first in each group. */
  flaggedGrants(of: { limit: number }): Promise<Grant[]>
  /** The settlements of these grants that wait for a second person. */
  openSettlements(grantIds: readonly string[]): Promise<Settlement[]>
  settlement(id: string): Promise<Settlement | null>
  /** The subjects of an openid under every appid, or one subject, and what prevents erasing them. */
  erasable(of: { openid: string } | { subject: string }): Promise<Erasable[]>
  erasure(id: string): Promise<Erasure | null>
  /** Channels in which Slack takes no messages now, oldest first. */
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
/** What a step changes, and the data of its line, which may be left out if its kind needs none. */
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
   * Takes a step if the grant's state still allows it (compare-and-set), adds an event named like the step, and makes
   * its cards due. Null if the state doesn't allow it. A step out of the open states clears flag and due time;
   * a step to `approved` makes it due at once unless `dueIn` says otherwise.
   */
  step<S extends StepKind>(
    grantId: string,
    step: S,
    actor: string,
    ...what: StepSaid<S>
  ): Promise<Grant | null>
  /** Changes facts of a grant while it is in one of these states, adds an event, and makes its cards due. */
  change<K extends ChangeKind>(
    grantId: string,
    states: readonly GrantState[],
    kind: K,
    actor: string,
    change: GrantChange,
    ...data: ChangeSaid<K>
  ): Promise<Grant | null>
  /**
   * Ends an attempt, gives the grant's lease back, and sets `maybeExecutedAt` if the attempt may have been executed.
   * False if another worker took the lease or the attempt: then nothing is written. The grant stays due: say what comes
   * next by a step or a change in the same write.
   */
  closeAttempt(attemptId: string, worker: string, end: AttemptEnd): Promise<boolean>
  /**
   * Records the coupons of many attempts at once, with everything that follows for their grants: those attempts of this
   * worker that nothing speaks against.
   * @returns the attempts recorded; for all others nothing is written
   */
  recordCoupons(worker: string, coupons: readonly NewCoupon[]): Promise<Set<string>>
  /** The id of a user's subject, recorded if it is new; for lines of the trail. */
  subject(user: { openid: string; appid: string }): Promise<string>
  /** Adds a line to the trail. With `grantId`, it raises the grant's version and makes its cards due. */
  event(event: NewEvent): Promise<void>
  /**
   * Records a decision, once per grant and approver; after approving, an approver may still reject. False: nothing new.
   */
  decide(decision: Omit<Decision, 'at' | 'kind'> & { kind: 'approve' | 'reject' }): Promise<boolean>
  /** Ends an approval that no longer counts; its giver may approve again. @param of.why a refusal's code */
  lapseApproval(of: { grantId: string; approver: string; why: string }): Promise<void>
  /**
   * Sets when to remind approvers of a pending grant, without an event, because nobody is told. Null: never by itself.
   */
  remindAt(grantId: string, at: number | null): Promise<void>
  /** Records that somebody is away, or back (null). False: nothing new. */
  setAbsence(of: {
    person: string
    by: string
    absence: { until: number; standIn: string | null } | null
  }): Promise<boolean>
  /** Records news to be sent, due at once. */
  notice(news: News): Promise<void>
  /** Stores a policy's text by its hash. */
  keepPolicy(hash: string, text: string): Promise<void>
  /**
   * Records a policy as the one in force. Returns the previous one, null if there was none;
   * undefined if already in force.
   */
  putInForce(policy: {
    hash: string
    text: string
  }): Promise<{ hash: string; text: string } | null | undefined>
  /** Updates the cards of pending grants to the policy in force, in the background: see `followUp`. */
  showPolicy(hash: string): Promise<void>
  /**
   * Tries closed channels again because a policy names other channels: what waits for them is due at once.
   * @param named channels of the policy; any other closed channel that nothing waits for is forgotten
   */
  recheckClosedChannels(named: readonly string[]): Promise<void>
  /** Begins a hold unless one of this scope is open. True if it is new. */
  beginHold(hold: NewHold): Promise<boolean>
  /**
   * Records what the policy calls its stocks, so that their holds show it. A key that an earlier version held before
   * any grant had it becomes the stock that it stands for.
   */
  nameStocks(stocks: readonly { ref: string; key: string }[]): Promise<void>
  /**
   * Ends the open holds of these scopes. Grants that only they stopped are due at once.
   * @param of.begunBy epoch ms; holds that began later stay; without it, none stay
   * @param of.reasons only holds with one of these reasons
   * @returns whether any was open
   */
  endHolds(of: {
    scopes: readonly HoldScope[]
    reasons?: readonly string[]
    begunBy?: number
    by?: string
  }): Promise<boolean>
  /** Records an order by the id of its request, and keeps it for a day. False: it was carried out before. */
  order(id: string): Promise<boolean>
  /**
   * Records whether WeChat Pay found the pace too high. If so, sending rests for a while, longer each time in a row.
   */
  slowDown(tooMany: boolean): Promise<void>
  /** Records an operator's proposal for a grant. Null: another one for this grant is already waiting. */
  propose(settlement: NewSettlement): Promise<Settlement | null>
  /**
   * Records what WeChat Pay listed for a user and stock, and tells the operators once about each difference.
   * @param of.from grants issued from `from` to `to`, epoch ms, must be listed
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
   * Empties the openid and what people typed about a person, if they have no open grant.
   * @returns one result for each appid under which an openid is known
   */
  erase(
    of: { openid: string } | { subject: string },
    how: { by: string; reason: ErasedFor; askedBy?: string },
  ): Promise<Erased[]>
  /** Records that somebody asks to erase a person. No such request may be waiting already. */
  askErasure(of: { subject: string; by: string }): Promise<Erasure>
  /** Ends a waiting request to erase. Null: it no longer waits. */
  endErasure(
    id: string,
    end: { by: string; outcome: NonNullable<Erasure['ended']>['outcome'] },
  ): Promise<Erasure | null>
  /** Ends a waiting settlement. False: it no longer waits. */
  endSettlement(id: string, end: { by: string; outcome: 'confirmed' | 'withdrawn' }): Promise<boolean>
}

export interface Ledger extends LedgerReads {
  engine: 'sqlite' | 'postgres'
  /**
   * Runs a transaction under the one write lock, so that what it counts stays true until it is written.
   * Rolls back if `fn` throws, or if everything together takes longer than 2 s.
   * @param until a deadline by `performance.now()` that may shorten this time
   * @throws LedgerBusyError (nothing is written), CommitUncertainError (it may be written)
   */
  write<T>(fn: (tx: LedgerTx) => Promise<T>, until?: number): Promise<T>
  /**
   * Whether a grant is due to be sent, held or not, that nobody leases;
   * saves beginning a claim's transaction for nothing.
   */
  isAnyDue(): Promise<boolean>
  /**
   * Claims the next due grants for a worker and opens their attempts, in one commit; none if nothing is due.
   * It doesn't claim grants that another worker leases, that wait for another attempt of the same user or for an
   * unknown outcome of the same user and stock, or that a hold stops, except one probe a minute.
   * @param of.lease ms by the database's clock
   * @param of.rate attempts a second, over all replicas; claims fewer if the pace allows no more yet
   * @param of.repeatsOnly only grants that were sent before, whose coupon may already exist
   * @param of.limit how many, default 1; at most one per user
   * @param first writes something else first, in the same commit
   */
  claimDue(of: ClaimOf, first?: (tx: LedgerTx) => Promise<void>): Promise<Claimed[]>
  /**
   * Ends attempts that a crash or an expired lease left open as `lost`: they may have been executed.
   * @returns how many
   */
  endLost(): Promise<number>
  /** ms until the pace allows the next attempt; 0: now. */
  slotIn(): Promise<number>
  /**
   * Makes the next cards due that don't yet show the begin or end of a hold, or the policy in force,
   * newest grants first.
   * @param of.limit for how many grants
   * @returns for how many; 0: all cards are up to date
   */
  followUp(of: { limit: number }): Promise<number>
  /**
   * Claims cards that lag behind their grants. `tries` of each counts the drawings begun before this one.
   * @param of.follow if none is due, calls `followUp` for this many grants first
   */
  claimCards(of: Claim & { follow?: number }): Promise<DueCard[]>
  /**
   * Gives cards back. A drawn card stays due if its grant has moved on;
   * a card whose lease was lost is left to its new worker.
   * @returns for each card, what became of it
   */
  endCards(worker: string, ends: readonly CardEnd[]): Promise<CardEnded[]>
  /**
   * Makes a message the place of the card that a person found in it, if the card has no place yet, or still `from`.
   * @returns whether the message is now its place
   */
  adoptCard(cardId: string, place: Place, from?: Place | null): Promise<boolean>
  /** The same for the message about a hold, which is then told again there. */
  adoptHold(holdId: string, place: Place, from?: Place | null): Promise<boolean>
  /** Claims due notices, longest due first. */
  claimNotices(of: Claim): Promise<DueNotice[]>
  /** Records that notices were sent, or gives them back. */
  endNotices(worker: string, ends: readonly NoticeEnd[]): Promise<void>
  /**
   * To be called when the quiet hours are over: makes the outcomes that waited for their end due, one notice per
   * requester.
   * @returns how many outcomes waited
   */
  endQuiet(): Promise<number>
  /** Records that Slack takes no messages in a channel. @returns whether that is new */
  channelClosed(found: FoundClosed): Promise<boolean>
  /** Records that Slack took a post in a channel. */
  channelOpen(channel: string, foundBy: FoundClosed['foundBy']): Promise<void>
  /** Asks approvers in another channel about a grant that none of them has seen. False: one of them has. */
  askElsewhere(cardId: string, channels: { from: string; to: string }): Promise<boolean>
  /** Records that the operators know that a channel is closed. */
  closedChannelTold(channel: string): Promise<void>
  /**
   * Claims holds whose begin or end the operators don't know yet, each with the place of its earlier message, if any.
   * `tries`: how many tries began since a message was last known; `triedIn`: the channel of the first of them.
   * @param of.channel the channel of this try
   */
  claimUntoldHolds(of: Claim & { channel?: string | null }): Promise<UntoldHold[]>
  /**
   * Records what was told about holds and where, or gives them back.
   * @returns for each, false if another message tells about it by now
   */
  endUntoldHolds(worker: string, ends: readonly HoldEnd[]): Promise<boolean[]>
  /**
   * Sets the time zone of the days that limits count. If it changes, `moveDays` finds every grant's new day.
   * @returns whether it changed
   */
  setTimeZone(timeZone: string): Promise<boolean>
  /** Moves some more grants, latest first, to their day in the time zone. @returns how many it looked at */
  moveDays(of: { limit: number }): Promise<number>
  /** Counts usage again from the grants, while nothing else is written. @returns the differences, the latest 100 */
  recount(): Promise<Miscounted[]>
  /**
   * Seals the next lines of the trail, as many as one step may take.
   * @param by.sign signs a hash; null: there is no key
   * @returns how many; 0: none are left, or another replica was faster
   */
  seal(by: Pick<SealBy, 'sign' | 'randomHex'>): Promise<number>
  /**
   * Reports the last seal to the operators, if it is new and the last report is at least `every` ms old.
   * @param every ms
   * @returns the seal, or null
   */
  tellHead(every: number): Promise<SealHead | null>
  /**
   * Among the next subjects, those about whom nothing has happened since then and who have no open grant.
   * @param of.before epoch ms
   * @returns `next`: continue after this one; null: that was all
   */
  unusedSubjects(of: { after: string; before: number }): Promise<{ subjects: string[]; next: string | null }>
  /**
   * The next user and stock with a coupon issued since then. One step may find none although there are more.
   * @param of.after where to continue; empty: from the first
   * @param of.since epoch ms
   * @returns `after`: null: that was all
   */
  nextGiven(of: { after: string; since: number }): Promise<{ given: GivenTo | null; after: string | null }>
  /** How many apps are alive on this ledger, this one included; null: unknown. */
  apps(): Promise<number | null>
  /** The state of the ledger in numbers that name nobody. */
  figures(): Promise<Figures>
  /**
   * The whole ledger at this moment, for a report: reads while others write, by a connection of its own. Close it.
   * @throws LedgerBusyError
   */
  audit(): Promise<AuditReads>
  /** Epoch ms; null: the tool never backed it up. */
  backedUpAt(): Promise<number | null>
  /** The public key of the last seal; null: it is unsigned, or there is none. */
  signedBy(): Promise<string | null>
  /** The health check: writes a row and reads it back. */
  check(): Promise<void>
  /** Waits for the write under way, then closes. */
  close(): Promise<void>
}

export interface LedgerOptions {
  /** `file:PATH` (SQLite) or `postgres://…`. */
  url: string
  /** An app takes a SQLite file's lock and frees the leases left by a crash; a tool does neither. */
  role?: 'app' | 'tool'
  /** How long an app waits for another one to release a SQLite file, ms. Default 30 000. */
  waitForLock?: number
  /** How long a write may take from call to commit, ms. Default 2 000. */
  writeWithin?: number | undefined
  /** Epoch ms, for the times that people read; leases and due times use the database's clock. Default Date.now. */
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
