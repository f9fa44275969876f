import type { Policy } from '../domain/policy.ts'
import type { LedgerState } from '../ledger/ledger.ts'
import type { OptionFault, WechatPay } from '../wechatpay/index.ts'
import type { Exchange } from './exchange.ts'

/** Stands in a policy for an id that the settings lack. */
export const MISSING = 'missing'

/**
 * What was read of a set-up. What is missing is empty or null; the checks that
 * need it report that they could not check.
 */
export interface Setup {
  /** Mistakes in the environment. */
  problems: readonly { variable: string; problem: string; remedy: string }[]
  policy:
    | { ok: true; policy: Policy }
    | { ok: false; mistakes: readonly { mistake: string; remedy: string }[] }
  slack: { botToken: string; transport: 'socket' | 'http'; appToken?: string; apiUrl?: string | undefined }
  wechatpay: {
    mchid: string
    merchantSerial: string
    privateKey: string
    baseUrls?: readonly string[] | undefined
    /** PEM of `apiclient_cert.pem`, if it lies beside the private key. */
    certificate?: string | undefined
  }
  /** Whether a key signs the trail. */
  hasAuditKey: boolean
}

/** What the checks use. None of it opens a socket to Slack, posts anything or changes anything. */
export interface Instruments {
  slack: Exchange
  wechatpay: Exchange
  /** Null if the keys are wrong: `keyProblems` says why. */
  client: WechatPay | null
  /**
   * Mistakes in keys and serials: an English line that names the variable, and the
   * values that fill the words of other languages.
   */
  keyProblems: readonly ({ problem: string; variable: string } & Pick<
    OptionFault,
    'option' | 'fault' | 'detail'
  >)[]
  /** Resolves to null if the ledger's address is wrong: the settings report that. */
  ledger: () => Promise<LedgerState | null>
  /** A user whose coupons may be looked up under this appid; null if there is none. */
  openidFor: (appid: string) => Promise<string | null>
  /**
   * How many apps share this ledger, how many Socket Mode connections they have together, and how many
   * connections Slack last counted; null: unknown.
   */
  connections: () => Promise<{ own: number; counted: number; apps: number } | null>
  /**
   * Asks the merchant's own look-up of users; null if its secret is not set.
   * @returns why its answer is no use, or null
   */
  lookUp:
    | ((
        url: string,
        question: { kind: string; value: string; appids: string[]; askedBy: string },
      ) => Promise<{ fault: string; detail: string } | null>)
    | null
  node: string
  /** Epoch ms by the real clock. */
  now: () => number
}
