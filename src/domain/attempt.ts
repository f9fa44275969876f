import type { Doubt } from './grant.ts'
import type { TrustFault } from './hold.ts'

/** What the result of one attempt means for its grant. */

export type AttemptResult =
  /** A verified answer with a coupon. `expiresAt`: epoch ms, or null if WeChat Pay didn't say. */
  | { kind: 'issued'; couponId: string; expiresAt: number | null }
  /** WeChat Pay refused with a code from its table. `verified`: the answer was signed, which not every refusal is. */
  | { kind: 'refused'; code: string; message: string; requestId: string | null; verified: boolean }
  /** Keys, authority or ids are wrong: never executed. */
  | { kind: 'setup'; scope: 'all' | 'stock'; code: string; message: string; verified?: boolean }
  /** No byte went out, or WeChat Pay didn't accept the call (429). `why`: in words, as below. */
  | { kind: 'not-executed'; reason: string; why?: string; verified?: boolean }
  /** A coupon may exist. `untrusted`: the answer's signature couldn't be trusted. */
  | {
      kind: 'unknown'
      reason: 'no-answer' | 'untrusted' | 'unexpected' | 'lost'
      detail: string
      why?: string
      verified?: boolean
      /** For `untrusted`: what doesn't match, and what to do. */
      trust?: TrustFault & { remedy: string }
    }

export interface Before {
  /** Whether an earlier attempt for this grant may have been executed: one of them left doubt. */
  maybeExecuted: boolean
  /** Attempts made so far, this one included. */
  attempts: number
  /** Epoch ms of the first attempt that was not taken back: WeChat Pay may know the number since then. */
  firstAttemptAt: number
}

export type Settlement =
  | { step: 'issue' }
  | { step: 'refuse' }
  /** Back to approved; due again after `retryIn` ms. */
  | { step: 'release'; retryIn: number }
  /** Stays issuing. `retryIn` null: the app doesn't send it again; people must look. */
  | { step: null; retryIn: number | null; flag: { kind: 'checking' | 'needs-look' } & Doubt }

const SECOND = 1000
const MINUTE = 60 * SECOND
const HOUR = 60 * MINUTE

/** WeChat Pay doesn't document how long it remembers a number; after this, a repeat no longer counts as safe. */
export const REPEAT_FOR = 24 * HOUR

/**
 * Whether an attempt at this time (epoch ms) may still repeat the first one; after that, people must settle the grant.
 */
export function mayRepeat(firstAttemptAt: number, at: number): boolean {
  return at - firstAttemptAt < REPEAT_FOR
}

const backoff = [1, 3, 10, 30, 60, 120, 300, 600].map((seconds) => seconds * SECOND)
/** ms to wait before the next attempt, after this many. */
export function retryDelay(attempts: number): number {
  return backoff[Math.min(Math.max(attempts, 1), backoff.length) - 1] ?? 10 * MINUTE
}

/** Whether the result is an answer that WeChat Pay provably signed, whatever it says. */
export function isVerified(result: AttemptResult): boolean {
  return result.kind === 'issued' || result.verified === true
}

const existsAlready = ['ALREADY_EXISTS', 'RESOURCE_ALREADY_EXISTS'] as const

function saysItExists(code: string): code is (typeof existsAlready)[number] {
  return (existsAlready as readonly string[]).includes(code)
}

/**
 * Whether a refusal ends the grant. After an attempt with an unknown outcome a coupon may exist, and "limit reached"
 * can be its echo; "already exists" always says that something does. Keeping such a grant open costs people a look;
 * calling it refused could cost a second coupon.
 */
export function isDefinite(code: string, before: Pick<Before, 'maybeExecuted'>): boolean {
  return !before.maybeExecuted && !saysItExists(code)
}

/**
 * Whether, after this result, a coupon may exist that the grant doesn't know about: then every later attempt must get
 * `maybeExecuted`. "Already exists" counts, although nobody here saw an attempt succeed.
 */
export function leavesDoubt(result: AttemptResult): boolean {
  return result.kind === 'unknown' || (result.kind === 'refused' && saysItExists(result.code))
}

/** The flag that asks people to look when it is too late for a repeat. @param last the last unknown outcome */
export function givenUp(last: Doubt): { kind: 'needs-look' } & Doubt {
  return { kind: 'needs-look', reason: 'no-outcome-in-24h', last }
}

/** The next step of an issuing grant after the result of an attempt. */
export function settle(result: AttemptResult, before: Before, now: number): Settlement {
  const delay = retryDelay(before.attempts)
  const repeats = mayRepeat(before.firstAttemptAt, now + delay)
  const retryIn = repeats ? delay : null
  const openWith = (doubt: Doubt, kind: 'checking' | 'needs-look'): Settlement => ({
    step: null,
    retryIn,
    flag: repeats ? { kind, ...doubt } : givenUp(doubt),
  })
  switch (result.kind) {
    case 'issued':
      return { step: 'issue' }
    case 'refused':
      if (isDefinite(result.code, before)) return { step: 'refuse' }
      return openWith(
        saysItExists(result.code)
          ? { reason: result.code }
          : { reason: 'refused-after-unknown', code: result.code },
        'needs-look',
      )
    case 'setup':
      return before.maybeExecuted
        ? openWith({ reason: 'setup', code: result.code }, 'checking')
        : { step: 'release', retryIn: MINUTE }
    case 'not-executed':
      return before.maybeExecuted
        ? openWith({ reason: 'other', code: result.reason }, 'checking')
        : { step: 'release', retryIn: delay }
    case 'unknown':
      return openWith({ reason: result.reason }, result.reason === 'unexpected' ? 'needs-look' : 'checking')
  }
}
