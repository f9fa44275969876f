import type { GrantState } from './grant.ts'
import type { SealHead } from './seal.ts'

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
  /** Approvers of several that became due at about the same time, in a message of its own. */
  | { kind: 'reminders'; channel: string; grantIds: string[] }
  /** The requester of a grant that has ended, in a message of its own; `also`: other ends that the same message tells. */
  | ({ kind: 'outcome'; also: GrantEnd[] } & GrantEnd)
  /** Those whom the policy adds to who decides a grant that has waited long, in its card's thread. */
  | { kind: 'escalated'; grantId: string; added: string[] }
  /** Operators: nobody who may decide it can be reached any more. */
  | { kind: 'stranded'; grantId: string; needed: number; reachable: number }
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
  /**
   * Operators: WeChat Pay lists a coupon that no grant has, or does not list the one that a grant has.
   * `of`: that grant. `stock`: what people call it.
   */
  | {
      kind: 'coupon-differs'
      couponId: string
      differs: 'no-grant' | 'not-listed'
      of: string | null
      stock: string
    }
  /** Operators: an auditor asks to erase a person. */
  | { kind: 'erasure'; erasureId: string; subject: string; askedBy: string; grants: number }
  /** Who asked to erase a person: what became of it. */
  | {
      kind: 'erasure-ended'
      subject: string
      askedBy: string
      by: string
      outcome: 'erased' | 'declined' | 'over'
    }
  /** Operators: where the chain of seals stands, to be kept outside of the ledger. */
  | ({ kind: 'sealed' } & SealHead)
  /** Operators: what a check of the set-up has found that keeps the app from its work. `what`: the same for the same faults. */
  | { kind: 'set-up-blocked'; what: string; findings: { code: string; values: Record<string, string> }[] }

/** That a grant has ended, and how. */
export interface GrantEnd {
  grantId: string
  state: GrantState
}

export interface Notice {
  id: string
  news: News
  /** Epoch ms; not told before. */
  since: number
  /** How often telling was begun; above 0, an earlier post may exist. */
  tries: number
}
