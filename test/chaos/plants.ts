import type { EngineName } from '../ledger/engines.ts'
import type { Counts } from './truths.ts'

/** A fault that the machine must find: a piece of the app's source, and what stands there instead. */
export interface Plant {
  /** Below src/. */
  file: string
  from: string
  to: string
  /** As what it must be found. */
  found: keyof Counts
  engine: EngineName
  kills: number
}

export const plants: Record<string, Plant> = {
  'ack-before-commit': {
    file: 'ledger/writes.ts',
    from: 'const committed = tx.commit().execute()',
    // Only what a person is answered with is late, so that the worker goes on as it does.
    to: `const late = typeof value?.kind === 'string' ? 150 : 0
    const committed = new Promise((resolve) => setTimeout(resolve, late)).then(() => tx.commit().execute())
    giveOn(committed)
    return value`,
    found: 'lost',
    engine: 'sqlite',
    kills: 12,
  },
  'new-number-on-retry': {
    file: 'grants/issue-grant.ts',
    from: 'sendRequestNo: send_request_no } = grant',
    to: `sendRequestNo } = grant
  const send_request_no = grant.attempts > 1 ? sendRequestNo + 'R' + grant.attempts : sendRequestNo`,
    found: 'doubled',
    engine: 'sqlite',
    kills: 10,
  },
  'no-lease': {
    file: 'ledger/claims.ts',
    // Whatever is under way counts as lost.
    from: 'a.ended_at is null and (g.lease_until is null or g.lease_until <= $' + '{tx.clock})',
    to: 'a.ended_at is null',
    found: 'doubled',
    engine: 'postgres',
    kills: 6,
  },
  'every-refusal-definite': {
    file: 'domain/attempt.ts',
    from: 'return !before.maybeExecuted && !existsAlready.includes(code)',
    to: 'return true',
    found: 'wronglyTold',
    engine: 'sqlite',
    kills: 60,
  },
  'card-before-issue': {
    file: 'grants/tell.ts',
    from: 'await notifier.draw(card, grant,',
    to: `await notifier.draw(card, grant.state === 'issuing' ? { ...grant, state: 'issued', couponId: 'X', issuedAt: 0, flag: null } : grant,`,
    found: 'wronglyTold',
    engine: 'sqlite',
    kills: 6,
  },
  'place-not-given-back': {
    file: 'ledger/steps.ts',
    from: 'if (held !== holds)',
    to: 'if (holds && !held)',
    found: 'reservationsLeaked',
    engine: 'sqlite',
    kills: 6,
  },
  'limits-outside-lock': {
    file: 'grants/request-grant.ts',
    from: '(of) => tx.usage(of))',
    // What is counted was read before others wrote.
    to: `(of) => {
    const kept = (globalThis.counted ??= new Map())
    const key = JSON.stringify(of)
    if (!kept.has(key)) {
      kept.set(key, tx.usage(of))
      setTimeout(() => kept.delete(key), 300)
    }
    return kept.get(key)
  })`,
    found: 'limitsPassed',
    engine: 'sqlite',
    kills: 8,
  },
}
