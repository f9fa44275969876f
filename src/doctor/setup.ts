import type { Policy } from '../domain/policy.ts'
import type { LedgerState } from '../ledger/ledger.ts'
import type { OptionFault, WechatPay } from '../wechatpay/index.ts'
import type { Exchange } from './exchange.ts'

/** What stands in a policy for an id that the settings lack. */
export const MISSING = 'missing'

/** What was read of a set-up; what is missing is empty or null, and what needs it is told as not checked. */
export interface Setup {
  /** What is wrong with the environment. */
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
    /** PEM of `apiclient_cert.pem`, where it lies beside the private key. */
    certificate?: string | undefined
  }
  /** Whether there is a key that signs the trail. */
  hasAuditKey: boolean
}

/** What the checks look with. None of it opens a socket of Slack's, posts anything or changes anything. */
export interface Instruments {
  slack: Exchange
  wechatpay: Exchange
  /** Null where the keys are wrong: `keyProblems` says why. */
  client: WechatPay | null
  /** What is wrong with keys and serials: an English line that names the variable, and what the words of others are filled with. */
  keyProblems: readonly ({ problem: string; variable: string } & Pick<
    OptionFault,
    'option' | 'fault' | 'detail'
  >)[]
  /** Null where its address is wrong: the settings say so. */
  ledger: () => Promise<LedgerState | null>
  /** Somebody whose coupons may be looked up under this appid, where there is anybody. */
  openidFor: (appid: string) => Promise<string | null>
  /**
   * How many apps share this ledger, how often all of them are connected by Socket Mode, and how many connections Slack last
   * counted; null: unknown.
   */
  connections: () => Promise<{ own: number; counted: number; apps: number } | null>
  /** Asks the merchant's own look-up of users. @returns why its answer says nothing; null where its secret is not set */
  lookUp:
    | ((
        url: string,
        question: { kind: string; value: string; appids: string[]; askedBy: string },
      ) => Promise<{ fault: string; detail: string } | null>)
    | null
  node: string
  /** Epoch ms, the real time. */
  now: () => number
}
