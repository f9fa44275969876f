import type { ChannelProblem } from '../domain/ask.ts'
import type { Card, Place } from '../domain/card.ts'
import type { Decision, Grant, Settlement } from '../domain/grant.ts'
import type { CountedHold } from '../domain/hold.ts'
import type { Notice } from '../domain/news.ts'
import type { Person } from '../domain/permissions.ts'
import type { Outcome } from '../ledger/ledger.ts'
import type { LimitState, Received } from './grants.ts'

/** Who could decide an ask. */
export interface Reach {
  /** So many, of at most as many as were looked for. */
  people: number
  /** Why they can't be asked in the channel; null: they can. */
  channel: ChannelProblem | null
}

/** What a card shows besides its grant. */
export interface CardFacts {
  decisions: Decision[]
  /** How people have settled it; null where they did not. */
  settlement: Settlement | null
  /** For approvers, while the grant waits for them. */
  forDeciding:
    | (Received & {
        /** User groups, people or e-mail addresses of the policy. */
        approvers: readonly string[]
        /** How many must agree by the policy in force, and above which quota (fen); null: whatever the quota. */
        level: { approvals: number; aboveQuota: number | null }
        /** For how many other users the same ticket served lately. */
        ticketUsers: number
        /** As they stand with this grant counted. */
        limits: LimitState[]
        /** Fen, where the policy tells. */
        cost: number | null
      })
    | null
}

/** The grant that a notice is about. */
export interface About {
  grant: Grant
  decisions: Decision[]
  /** Where its card for approvers is. */
  thread: Place | null
  /** Of a notice about one. */
  settlement: Settlement | null
}

/** A grant that waits for approvers, and where its card is. */
export interface Asked {
  grant: Grant
  decisions: Decision[]
  card: Place | null
}

/** The one port that points upwards: how people are shown what the ledger knows, and who there is to be asked. */
export interface Notifier {
  /**
   * How many of these members, user groups or people, could decide now, and whether the channel serves for asking them.
   * @param of.except who does not count @param of.enough how many are looked for
   * @returns null when Slack did not tell in time
   */
  reach(of: {
    channel: string
    members: readonly string[]
    except: string | null
    enough: number
  }): Promise<Reach | null>
  /**
   * Who these people are now, by their Slack user ids. What Slack does not tell in time counts as in `Person.groups`.
   * @param within ms, where somebody waits who can't wait as long as usual
   */
  who(ids: readonly string[], within?: number): Promise<Person[]>
  /**
   * Tells something once. A reminder: in the thread of the grant's card, where that is posted; all else to the operators.
   * @returns whether anybody was told; false: nobody, as the policy names no channel for operators
   * @throws ChannelClosedError, DrawLaterError or any other when it could not be told; it is told again later.
   */
  tell(notice: Notice, about: About | null): Promise<boolean>
  /**
   * Draws a card from the grant as it is now: posts it where it has no place yet, else updates it.
   * `gone`: there is nothing left to draw on (a closed view, unless `isShown`: it shows the end). `posted`: in a new message.
   * `isNews`: the message was new in this state of the grant, so that whoever gets it is notified of that.
   * @throws ChannelClosedError, DrawLaterError or any other when it could not be drawn; it is drawn again later.
   */
  draw(card: Card, grant: Grant, beside: CardFacts): Promise<DrawnOn>
  /**
   * Reminds approvers of several asks in one message in the channel, with a link to the card of each.
   * @param asks of which the same people may approve @throws as `tell`
   */
  remind(notice: Notice, asks: readonly Asked[]): Promise<void>
  /**
   * Tells a requester of ends in one new message, since a changed one notifies nobody.
   * @param outcomes of one requester, at least one @returns false: this person can no longer be written to
   * @throws ChannelClosedError, DrawLaterError or any other when it could not be told; it is told again later.
   */
  tellOutcomes(notice: Notice, outcomes: readonly Outcome[]): Promise<boolean>
  /**
   * Tells the operators of a hold, or of its end in the same message.
   * @param place of the earlier message, null for the first
   * @param tried how often it was tried since a message was last known, and in which channel first: one may be there
   * @throws when it could not be told; it is told again later.
   */
  tellHold(
    hold: CountedHold,
    place: Place | null,
    tried?: { tries: number; channel: string | null },
  ): Promise<Place | null>
  /** Takes a message away that nobody would keep true, if Slack lets it. */
  takeAway(place: Place): Promise<void>
  /** Whether the message there is still to be reached; null: Slack did not say. */
  stands(place: Place): Promise<boolean | null>
}

export type DrawnOn = { place: Place; posted?: boolean; isNews?: boolean } | { gone: true; isShown?: boolean }

/** Slack asks to wait. */
export class DrawLaterError extends Error {
  override readonly name = 'DrawLaterError'
  /** ms */
  readonly retryIn: number
  constructor(retryIn: number, options?: ErrorOptions) {
    super(`draw again in ${retryIn} ms`, options)
    this.retryIn = retryIn
  }
}

/** Slack takes no messages of this app in a channel, until somebody changes something there. */
export class ChannelClosedError extends Error {
  override readonly name = 'ChannelClosedError'
  /** Slack's id, or `direct-messages`. */
  readonly channel: string
  /** Slack's. */
  readonly code: string
  /** What it did not take. */
  readonly foundBy: 'post' | 'update'
  constructor(
    { channel, code, foundBy }: { channel: string; code: string; foundBy: 'post' | 'update' },
    options?: ErrorOptions,
  ) {
    super(`Slack takes no messages in ${channel}: ${code}`, options)
    this.channel = channel
    this.code = code
    this.foundBy = foundBy
  }
}
