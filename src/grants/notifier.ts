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
  /** How many people were found, counting no further than `enough`. */
  people: number
  /** Why the app can't ask them in the channel; null: it can. */
  channel: ChannelProblem | null
}

/** What a card shows besides its grant. */
export interface CardFacts {
  decisions: Decision[]
  /** How people settled it; null if they didn't. */
  settlement: Settlement | null
  /** For approvers, while the grant waits for them. */
  forDeciding:
    | (Received & {
        /** User groups, people or e-mail addresses from the policy. */
        approvers: readonly string[]
        /** How many approvals the policy in force requires, and above which quota (fen); null: whatever the quota. */
        level: { approvals: number; aboveQuota: number | null }
        /** How many other users were served lately under the same ticket. */
        ticketUsers: number
        /** The limits with this grant counted. */
        limits: LimitState[]
        /** Fen, if the policy gives it. */
        cost: number | null
      })
    | null
}

/** The grant that a notice is about. */
export interface About {
  grant: Grant
  decisions: Decision[]
  /** The place of its card for approvers. */
  thread: Place | null
  /** For a notice about a settlement. */
  settlement: Settlement | null
}

/** A grant that waits for approvers, and the place of its card. */
export interface Asked {
  grant: Grant
  decisions: Decision[]
  card: Place | null
}

/** The one port that points upwards: it shows people what the ledger knows, and tells who can be asked. */
export interface Notifier {
  /**
   * How many of these members, user groups or people, could decide now,
   * and whether the app can ask them in the channel.
   * @param of.except who doesn't count
   * @param of.enough how many to look for
   * @returns null if Slack didn't answer in time
   */
  reach(of: {
    channel: string
    members: readonly string[]
    except: string | null
    enough: number
  }): Promise<Reach | null>
  /**
   * Who these people are now, by their Slack user ids.
   * What Slack doesn't say in time is unknown, as in `Person.groups`.
   * @param within ms, if somebody waits who can't wait the usual time
   */
  who(ids: readonly string[], within?: number): Promise<Person[]>
  /**
   * Sends a notice once. Reminders and escalations go to the thread of the grant's card, the end of an erasure to the
   * person who asked for it, all other notices to the operators.
   * @returns false if the policy names no channel for operators, so nobody was told
   * @throws ChannelClosedError, DrawLaterError or another error if it wasn't sent; the app sends it again later
   */
  tell(notice: Notice, about: About | null): Promise<boolean>
  /**
   * Draws a card from the grant as it is now: posts it if it has no place yet, else updates it.
   * `gone`: nothing more is drawn there: the view was closed, the requester can't be written to or, with `isShown`, the
   * view shows the grant's end.
   * `posted`: in a new message.
   * `isNews`: the message was new in this state of the grant, so Slack notifies its reader of that state.
   * @throws ChannelClosedError, DrawLaterError or another error if it wasn't drawn; the app draws it again later
   */
  draw(card: Card, grant: Grant, beside: CardFacts): Promise<DrawnOn>
  /**
   * Reminds approvers of several asks in one message in the channel, with a link to each card.
   * @param asks which the same people may approve
   * @throws as `tell`
   */
  remind(notice: Notice, asks: readonly Asked[]): Promise<void>
  /**
   * Tells a requester about outcomes in one new message, because a changed message notifies nobody.
   * @param outcomes of one requester, at least one
   * @returns false: this person can no longer receive messages
   * @throws ChannelClosedError, DrawLaterError or another error if it wasn't sent; the app sends it again later
   */
  tellOutcomes(notice: Notice, outcomes: readonly Outcome[]): Promise<boolean>
  /**
   * Tells the operators about a hold, or about its end in the same message.
   * @param place of the earlier message, null for the first
   * @param tried how many tries there were since a message was last known, and in which channel the first was: it may
   *   have left a message there
   * @throws if it wasn't sent; the app sends it again later
   */
  tellHold(
    hold: CountedHold,
    place: Place | null,
    tried?: { tries: number; channel: string | null },
  ): Promise<Place | null>
  /** Deletes a message that nothing would keep up to date, if Slack allows it. */
  takeAway(place: Place): Promise<void>
  /** Whether the message there can still be reached; null: Slack didn't say. */
  stands(place: Place): Promise<boolean | null>
}

export type DrawnOn = { place: Place; posted?: boolean; isNews?: boolean } | { gone: true; isShown?: boolean }

/** Slack asked the app to wait. */
export class DrawLaterError extends Error {
  override readonly name = 'DrawLaterError'
  /** ms */
  readonly retryIn: number
  constructor(retryIn: number, options?: ErrorOptions) {
    super(`draw again in ${retryIn} ms`, options)
    this.retryIn = retryIn
  }
}

/** Slack takes no messages from this app in a channel until somebody changes something there. */
export class ChannelClosedError extends Error {
  override readonly name = 'ChannelClosedError'
  /** Slack's channel id, or `direct-messages`. */
  readonly channel: string
  /** Slack's error code. */
  readonly code: string
  /** The call that Slack refused. */
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
