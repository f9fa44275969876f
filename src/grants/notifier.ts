import type { Card, Place } from '../domain/card.ts'
import type { Grant } from '../domain/grant.ts'

/** Why issuing waits, for the operators. */
export interface Hold {
  id: string
  /** `all`: nothing is issued. `stock:KEY`: that stock waits. `first-attempts`: only what was begun goes on. */
  scope: 'all' | 'first-attempts' | `stock:${string}`
  /** WeChat Pay's code, or `untrusted-answers`. */
  reason: string
  message: string
  since: number
  endedAt: number | null
  /** Approved grants that wait because of it. */
  waiting: number
}

/** The one port that points upwards: how people are shown what the ledger knows. */
export interface Notifier {
  /**
   * Draws a card from the grant as it is now: posts it where it has no place yet, else updates it.
   * `gone`: there is nothing left to draw on (a closed view).
   * @throws DrawLaterError or any other when it could not be drawn; it is drawn again later.
   */
  draw(card: Card, grant: Grant): Promise<{ place: Place } | { gone: true }>
  /**
   * Tells the operators of a hold, or of its end in the same message.
   * @param place of the earlier message, null for the first @throws when it could not be told; it is told again later.
   */
  tellHold(hold: Hold, place: Place | null): Promise<Place | null>
}

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
