import type { Finding } from '../doctor/index.ts'
import type { Policy } from '../domain/policy.ts'
import type { Ledger } from '../ledger/ledger.ts'
import type { WechatPay } from '../wechatpay/index.ts'
import type { Notifier } from './notifier.ts'

/** What every use case is given. */
export interface GrantsDeps {
  ledger: Ledger
  wechatpay: WechatPay
  notifier: Notifier
  policy: () => Policy
  /** Epoch ms: the business's clock, for limits, expiries and what people read. */
  now: () => number
  logger: {
    debug(fields: object, message: string): void
    info(fields: object, message: string): void
    warn(fields: object, message: string): void
    error(fields: object, message: string): void
  }
  /** This process among replicas; owner of leases. */
  worker: string
  /** Called when something may have become due, so that nobody waits for a timer. */
  wake: () => void
  /** How long an attempt and its record may take before another worker may take over, ms: at least three times a call's total time-out. */
  lease: number
  /** The same for a card, or anything else that is told, ms: longer than any call to Slack is waited for. */
  cardLease: number
  /** Attempts a second, of all replicas together. */
  rate: number
  /** Attempts under way at once in this process. */
  atOnce: number
  /** Signs the hash of a seal; null: no key was given. */
  signSeal: ((hash: string) => { key: string; signature: string }) | null
  /** Tries the whole set-up. */
  examine: () => Promise<Finding[]>
  /** What the last try in this process has found; null before the first. */
  examined: () => readonly Finding[] | null
  /** From 0 to 1, for the spread of waiting times. */
  random: () => number
}
