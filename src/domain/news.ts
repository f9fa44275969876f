import type { GrantState } from './grant.ts'
import type { SealHead } from './seal.ts'

/** A value of the policy that changed; null: it didn't exist before, or no longer exists. */
export interface Change {
  /** E.g. `stocks.withdraw-10.quota`. */
  path: string
  before: string | null
  after: string | null
}

/** Something that the app tells once, in a message that is never drawn again. */
export type News =
  /** To the approvers of a pending grant, in its card's thread. */
  | { kind: 'reminder'; grantId: string }
  /** To the approvers of several grants that became due at about the same time, in a separate message. */
  | { kind: 'reminders'; channel: string; grantIds: string[] }
  /** To the requester of a grant that has ended, in a separate message; `also`: other ends in the same message. */
  | ({ kind: 'outcome'; also: GrantEnd[] } & GrantEnd)
  /** To the people whom the policy adds as approvers of a grant that has waited long, in its card's thread. */
  | { kind: 'escalated'; grantId: string; added: string[] }
  /** To the operators: too few of its approvers can be reached. */
  | { kind: 'stranded'; grantId: string; needed: number; reachable: number }
  /** To the operators. `from` and `to` are hashes; `from` null: this is the ledger's first policy. */
  | { kind: 'policy-changed'; from: string | null; to: string; changes: Change[] }
  /** To the operators. `mistakes` as text. */
  | { kind: 'policy-broken'; mistakes: string }
  /** To the operators: the app can't settle this grant alone. */
  | { kind: 'needs-look'; grantId: string }
  /** To the operators: people had settled that no coupon was given, and WeChat Pay has proved that one was. */
  | { kind: 'issued-after-all'; grantId: string }
  /** To the operators: WeChat Pay gave a coupon for a grant that says otherwise and stays that way. */
  | { kind: 'coupon-after-end'; grantId: string; couponId: string }
  /** To operators and approvers: a settlement waits for a second person. */
  | { kind: 'settlement'; grantId: string; settlementId: string }
  /** To the operators: Slack takes no messages in a channel, or takes them again. */
  | { kind: 'channel-closed'; channel: string; code: string }
  | { kind: 'channel-open'; channel: string }
  /**
   * To the operators: WeChat Pay lists a coupon that no grant has, or doesn't list the one that a grant has.
   * `of`: that grant. `stock`: its short name.
   */
  | {
      kind: 'coupon-differs'
      couponId: string
      differs: 'no-grant' | 'not-listed'
      of: string | null
      stock: string
    }
  /** To the operators: an auditor asks to erase a person. */
  | { kind: 'erasure'; erasureId: string; subject: string; askedBy: string; grants: number }
  /** To the person who asked for an erasure: how it ended. */
  | {
      kind: 'erasure-ended'
      subject: string
      askedBy: string
      by: string
      outcome: 'erased' | 'declined' | 'over'
    }
  /** To the operators: the last seal, to be kept outside the ledger. */
  | ({ kind: 'sealed' } & SealHead)
  /** To the operators: set-up faults that keep the app from its work. `what`: the same for the same faults. */
  | { kind: 'set-up-blocked'; what: string; findings: { code: string; values: Record<string, string> }[] }

/** The end of a grant, and how it ended. */
export interface GrantEnd {
  grantId: string
  state: GrantState
}

export interface Notice {
  id: string
  news: News
  /** Epoch ms; not sent earlier. */
  since: number
  /** How many tries began; above 0, an earlier post may exist. */
  tries: number
}
