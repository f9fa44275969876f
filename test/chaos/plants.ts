import type { EngineName } from '../ledger/engines.ts'
import type { Counts } from './truths.ts'

/** A fault that the run must find: pieces of the app's source, and their replacements. */
export interface Plant {
  changes: Change[]
  /** The count that must find it. */
  found: keyof Counts
  /** The truth that it breaks, so that the comparison finds it. */
  truth: string
  engine: EngineName
  kills: number
}

export interface Change {
  /** Path relative to src/. */
  file: string
  from: string
  to: string
}

/** The sources with the fault in them, by file. @throws if a source does not hold the replaced piece exactly once */
export function planted({ changes }: Plant, read: (file: string) => string): Map<string, string> {
  const sources = new Map<string, string>()
  for (const { file, from, to } of changes) {
    const source = sources.get(file) ?? read(file)
    if (source.split(from).length !== 2)
      throw new Error(`${file} does not hold once what the fault replaces: ${from}`)
    sources.set(
      file,
      source.replace(from, () => to),
    )
  }
  return sources
}

export const plants: Record<string, Plant> = {
  'ack-before-commit': {
    changes: [
      {
        file: 'ledger/writes.ts',
        from: 'const committed = tx.commit().execute()',
        // Delay only answers to people, so that the worker goes on as usual.
        to: `const late = typeof value?.kind === 'string' ? 150 : 0
    const committed = new Promise((resolve) => setTimeout(resolve, late)).then(() => tx.commit().execute())
    giveOn(committed)
    return value`,
      },
    ],
    found: 'lost',
    truth: 'what was told as recorded or decided is in the ledger',
    engine: 'sqlite',
    kills: 12,
  },
  'new-number-on-retry': {
    changes: [
      {
        file: 'grants/issue-grant.ts',
        from: 'sendRequestNo: send_request_no } = grant',
        to: `sendRequestNo } = grant
  const send_request_no = grant.attempts > 1 ? sendRequestNo + 'R' + grant.attempts : sendRequestNo`,
      },
    ],
    found: 'doubled',
    truth: 'each coupon was given under the number of a grant',
    engine: 'sqlite',
    kills: 10,
  },
  'no-lease': {
    changes: [
      {
        file: 'ledger/attempts.ts',
        // Everything in progress counts as lost.
        from: 'a.ended_at is null and $' + "{isFree({ clock }, 'g')}",
        to: 'a.ended_at is null',
      },
    ],
    found: 'doubled',
    truth: 'no attempt counts as lost while its process is well and its lease runs',
    engine: 'postgres',
    kills: 6,
  },
  'line-of-another-coupon': {
    changes: [
      {
        file: 'ledger/attempts.ts',
        from: "actor: 'wechatpay', data: { couponId } }",
        to: "actor: 'wechatpay', data: { couponId: 'another' } }",
      },
    ],
    found: 'unproven',
    truth: 'each row agrees with its trail',
    engine: 'sqlite',
    kills: 3,
  },
  'every-refusal-definite': {
    changes: [
      {
        file: 'domain/attempt.ts',
        from: 'return !before.maybeExecuted && !saysItExists(code)',
        to: 'return true',
      },
    ],
    found: 'wronglyTold',
    truth: 'no grant that ended without a coupon gave one',
    engine: 'sqlite',
    kills: 60,
  },
  'card-before-issue': {
    changes: [
      {
        file: 'grants/draw-cards.ts',
        from: 'await notifier.draw(card, grant,',
        to: `await notifier.draw(card, grant.state === 'issuing' ? { ...grant, state: 'issued', couponId: 'X', issuedAt: 0, flag: null } : grant,`,
      },
    ],
    found: 'wronglyTold',
    truth: 'what is told as issued had been given by then',
    engine: 'sqlite',
    kills: 6,
  },
  'place-not-given-back': {
    changes: [
      {
        file: 'ledger/grants.ts',
        from: 'if (held !== holds)',
        to: 'if (holds && !held)',
      },
    ],
    found: 'reservationsLeaked',
    truth: 'limits count what the grants count',
    engine: 'sqlite',
    kills: 6,
  },
  'limits-outside-lock': {
    changes: [
      {
        file: 'grants/request-grant.ts',
        from: '(of) => tx.usage(of))',
        // The count was read before others wrote.
        to: `(of) => {
    const kept = (globalThis.counted ??= new Map())
    const key = JSON.stringify(of)
    if (!kept.has(key)) {
      kept.set(key, tx.usage(of))
      setTimeout(() => kept.delete(key), 1000)
    }
    return kept.get(key)
  })`,
      },
    ],
    found: 'limitsPassed',
    truth: 'no user, requester or stock has more than its limit',
    engine: 'sqlite',
    kills: 8,
  },
  'claims-before-commit': {
    changes: [
      {
        file: 'ledger/writes.ts',
        from: 'const committed = tx.commit().execute()',
        // A claimed grant is sent before its claim is on the disk, or the outcomes written with it.
        to: `const late = [value].flat().some((one) => one?.attempt) ? 150 : 0
    const committed = new Promise((resolve) => setTimeout(resolve, late)).then(() => tx.commit().execute())
    if (late > 0) {
      giveOn(committed)
      return value
    }`,
      },
    ],
    found: 'lost',
    truth: 'each call has an attempt in the ledger that began before it',
    engine: 'sqlite',
    kills: 12,
  },
  'outcomes-before-commit': {
    changes: [
      {
        file: 'grants/commit-together.ts',
        from: 'const recordAll =',
        to: `for (const { done } of group) done()
      await sleep(150)
      const recordAll =`,
      },
    ],
    found: 'lost',
    truth: 'what was logged as recorded is in the ledger',
    engine: 'sqlite',
    kills: 12,
  },
  'outcome-lost-of-group': {
    changes: [
      {
        file: 'grants/commit-together.ts',
        from: 'recordGroup(tx, deps, group)',
        to: 'recordGroup(tx, deps, group.length > 1 ? group.slice(1) : group)',
      },
    ],
    found: 'lost',
    truth: 'what was logged as recorded is in the ledger',
    engine: 'sqlite',
    kills: 12,
  },
  'hold-ignored': {
    changes: [
      {
        file: 'ledger/claim-grants.ts',
        from: 'await find(claimable(holds),',
        to: 'await find(claimable([]),',
      },
    ],
    found: 'sentThoughHeld',
    truth: 'no attempt began while a hold stopped it',
    engine: 'sqlite',
    kills: 6,
  },
  'two-of-one-user': {
    changes: [
      {
        file: 'ledger/holds.ts',
        from: '((select count(*) from attempts a',
        to: '(1 = 1 or (select count(*) from attempts a',
      },
      {
        file: 'ledger/claim-grants.ts',
        from: 'on conflict (subject) where ended_at is null do nothing',
        to: '',
      },
      {
        file: 'ledger/migrations/0008-made-anew.ts',
        from: 'create unique index attempts_open on attempts (subject)',
        to: 'create index attempts_open on attempts (subject)',
      },
    ],
    found: 'doubled',
    truth: 'one attempt of a user is open at a time',
    engine: 'postgres',
    kills: 6,
  },
  'end-not-told': {
    changes: [
      {
        file: 'grants/draw-cards.ts',
        from: 'return { grantId, state, isQuiet',
        // What a kill may do to code that would tell it from memory.
        to: `if (grantId.charCodeAt(25) % 2) return null
  return { grantId, state, isQuiet`,
      },
    ],
    found: 'untold',
    truth: 'who has closed the view is told of the end by a new message',
    engine: 'sqlite',
    kills: 6,
  },
  'end-told-again': {
    changes: [
      {
        file: 'slack/notifier.ts',
        from: 'if (tries > 0 && (await poster.find(channel, metadata, { since }))) return true\n      const placed',
        to: 'const placed',
      },
    ],
    found: 'messagesDoubled',
    truth: 'an end is told once, though the answer to a post is lost',
    engine: 'sqlite',
    kills: 100,
  },
}
