import type { Finding } from '../doctor/index.ts'
import type { Policy } from '../domain/policy.ts'
import type { Ledger } from '../ledger/ledger.ts'
import type { WechatPay } from '../wechatpay/index.ts'
import type { Notifier } from './notifier.ts'

/** What every use case needs. */
export interface GrantsDeps {
  ledger: Ledger
  wechatpay: WechatPay
  notifier: Notifier
  policy: () => Policy
  /** Epoch ms: the business clock, for limits, expiries and the times that people read. */
  now: () => number
  logger: {
    debug(fields: object, message: string): void
    info(fields: object, message: string): void
    warn(fields: object, message: string): void
    error(fields: object, message: string): void
  }
  /** The name of this process among replicas; it owns leases. */
  worker: string
  /** Called when something may have become due, so that nothing waits for a timer. */
  wake: () => void
  /**
   * ms that an attempt and its record may take before another worker may take over: at least three times a call's total
   * time-out.
   */
  lease: number
  /** The same for drawing a card or sending a message, ms: longer than the time-out of any call to Slack. */
  cardLease: number
  /** Attempts a second, over all replicas. */
  rate: number
  /** How many attempts this process may have under way at once. */
  atOnce: number
  /** Signs the hash of a seal; null: there is no key. */
  signSeal: ((hash: string) => { key: string; signature: string }) | null
  /** Checks the whole set-up. */
  examine: () => Promise<Finding[]>
  /** The findings of this process's last check; null before the first. */
  examined: () => readonly Finding[] | null
  /** From 0 to 1, to spread waiting times. */
  random: () => number
}
