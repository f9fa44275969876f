import type { LimitKind } from './limit.ts'
import type { OpenidProblem } from './openid.ts'
import type { Person } from './permissions.ts'
import type { Role } from './policy.ts'

/** Why something is not done; each has words in the catalogue. */
export type Refusal =
  | { code: 'not-a-member'; standing: Exclude<Person['standing'], 'member'> }
  | { code: 'roles-unknown' }
  /** Slack accepts the app's token no more. */
  | { code: 'cut-off' }
  | { code: 'role-missing'; role: Role }
  | { code: 'openid-malformed'; problem: OpenidProblem }
  | { code: 'stock-unknown'; stock: string }
  | { code: 'reason-unknown'; reason: string }
  | { code: 'note-missing' }
  | { code: 'note-too-long'; length: number; max: number }
  | { code: 'ticket-missing' }
  | { code: 'ticket-malformed'; pattern: string }
  | {
      code: 'limit-reached'
      limit: LimitKind
      measure: 'count' | 'quota'
      used: number
      max: number
      /** What this ask would add. */
      adding: number
      days: number
    }
  | { code: 'own-grant' }
  /** It waits, but the policy offers its stock no more. */
  | { code: 'stock-left'; stock: string }
  | { code: 'why-missing' }
  /** Fewer people than needed could decide it. */
  | { code: 'no-approvers'; needed: number; reachable: number }
  /** Slack did not tell in time who could decide it. */
  | { code: 'approvers-unknown' }
  /** Whether those who approved before are approvers still. */
  | { code: 'earlier-approvers-unknown' }
  /** Whether who said how a grant ended is an operator still. */
  | { code: 'proposer-unknown' }
  | { code: 'channel-unusable'; channel: string; why: ChannelProblem }
  /** Who says how a grant ended is not who confirms it. */
  | { code: 'own-settlement' }
  | { code: 'evidence-missing' }
  | { code: 'evidence-too-long'; length: number; max: number }
  | { code: 'coupon-id-malformed' }
  /** The coupon belongs to another grant. */
  | { code: 'coupon-taken'; grantId: string }
  | { code: 'lookups-reached'; max: number /** ms */; per: number /** epoch ms */; againAt: number }

/** Why approvers can't be asked in a channel. */
export type ChannelProblem = 'not-joined' | 'shared' | 'archived' | 'unreadable'
