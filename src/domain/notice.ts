/** One value of the policy that is other than before; null: it was not there, or is no more. */
export interface Change {
  /** E.g. `stocks.withdraw-10.quota`. */
  path: string
  before: string | null
  after: string | null
}

/** Something that is told once, in a message of its own that is not drawn again. */
export type News =
  /** Approvers of a pending grant, in its card's thread. */
  | { kind: 'reminder'; grantId: string }
  /** Operators. `from` and `to` are hashes; `from` null: the first policy of this ledger. */
  | { kind: 'policy-changed'; from: string | null; to: string; changes: Change[] }
  /** Operators. `mistakes` in lines for a person. */
  | { kind: 'policy-broken'; mistakes: string }
  /** Operators: the app can't settle this grant alone. */
  | { kind: 'needs-look'; grantId: string }
  /** Operators: people had settled that nothing was given, and WeChat Pay has proved that it was. */
  | { kind: 'issued-after-all'; grantId: string }
  /** Operators: WeChat Pay gave a coupon for a grant that says otherwise and stays so. */
  | { kind: 'coupon-after-end'; grantId: string; couponId: string }
  /** Operators and approvers: a settlement waits for a second person. */
  | { kind: 'settlement'; grantId: string; settlementId: string }
  /** Operators: Slack takes no messages in a channel, or takes them again. */
  | { kind: 'channel-closed'; channel: string; code: string }
  | { kind: 'channel-open'; channel: string }

export interface Notice {
  id: string
  news: News
  /** Epoch ms; not told before. */
  since: number
  /** How often telling was begun; above 0, an earlier post may exist. */
  tries: number
}
