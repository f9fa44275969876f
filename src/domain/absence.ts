/** Somebody who decides coupons is away. */
export interface Absence {
  /** Slack user id, as are all others here. */
  person: string
  /** Epoch ms. */
  until: number
  /** Who decides for this person meanwhile; null: nobody. */
  standIn: string | null
  /** The person, or an operator. */
  setBy: string
  setAt: number
}

/** ms: nobody is away for longer at once. */
export const LONGEST_ABSENCE = 90 * 24 * 60 * 60 * 1000
