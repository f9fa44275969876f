/** What people have found out about a grant whose outcome the app can't tell. */
export type Verdict = { kind: 'issued'; couponId: string } | { kind: 'not-issued' }

/** An operator says how a grant ended, and a second person confirms it. */
export interface Settlement {
  /** ULID. */
  id: string
  grantId: string
  verdict: Verdict
  /** How it is known, in the operator's words. */
  evidence: string
  /** Slack user id, or `cli:NAME` for the command line, as `ended.by`. */
  proposedBy: string
  /** Epoch ms. */
  proposedAt: number
  /** `withdrawn`: by an operator, or by the app when the grant ended otherwise. Null: it waits for a second person. */
  ended: { by: string; at: number; outcome: 'confirmed' | 'withdrawn' } | null
}

export const MAX_EVIDENCE = 500
/** Told as the code of a refusal that people found out, not WeChat Pay. */
export const SETTLED_NOT_ISSUED = 'SETTLED_NOT_ISSUED'
