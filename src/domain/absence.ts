/** The absence of a person who decides coupons. */
export interface Absence {
  /** Slack user id, like all ids here. */
  person: string
  /** Epoch ms. */
  until: number
  /** Who stands in for this person; null: nobody. */
  standIn: string | null
  /** The person themselves, or an operator. */
  setBy: string
  setAt: number
}

/** ms; the longest absence at once. */
export const LONGEST_ABSENCE = 90 * 24 * 60 * 60 * 1000
