import type { Refusal } from '../domain/ask.ts'
import type { Erasure } from '../domain/erasure.ts'
import { isNotTold, mayNot, type Person } from '../domain/permissions.ts'
import type { LedgerTx } from '../ledger/ledger.ts'
import { type AskedPeople, type AskFirst, askWho, writeAsking } from './ask-slack.ts'
import { writeOrBusy } from './commit-together.ts'
import type { GrantsDeps } from './deps.ts'
import type { Awaited, NotDone } from './grants.ts'

/** Erasing a person: an auditor asks for it, and an operator who is somebody else confirms it. */

type Deps = Pick<GrantsDeps, 'ledger' | 'policy' | 'logger' | 'wake' | 'now' | 'notifier'>

/** The result for one subject: the erasure is asked for now, or why not. */
export type AskedErasure =
  | { kind: 'asked' | 'waits'; erasure: Erasure }
  | { kind: 'open'; subject: string; grants: string[] }
  | { kind: 'erased'; subject: string }

export type AskErasureOutcome =
  /** One result for each appid under which the openid is known. */
  | { kind: 'found'; found: AskedErasure[]; channel: string }
  /** The ledger knows nobody by it. */
  | { kind: 'unknown' }
  /** The policy names no channel in which to ask the operators. */
  | { kind: 'no-alerts' }
  /** The app has seen this very command before. */
  | { kind: 'repeated' }
  | NotDone

/** Asks for a person's erasure, which an operator must confirm. @param input.typed an openid, or the id of a subject */
export async function askErasure(
  deps: Deps,
  { by, typed, order, until }: { by: Person; typed: string; order: string } & Awaited,
): Promise<AskErasureOutcome> {
  const { alerts } = deps.policy()
  const refusal = mayNot(deps.policy(), by, ['auditor'])
  if (refusal) return { kind: 'refused', refusal }
  if (alerts === null) return { kind: 'no-alerts' }
  const outcome = await writeOrBusy(
    deps,
    async (tx): Promise<AskErasureOutcome> => {
      if (!(await tx.order(order))) return { kind: 'repeated' }
      const byOpenid = await tx.erasable({ openid: typed })
      const all = byOpenid.length > 0 ? byOpenid : await tx.erasable({ subject: typed })
      if (all.length === 0) return { kind: 'unknown' }
      const found: AskedErasure[] = []
      for (const { subject, isErased, open, grants, waiting } of all) {
        if (isErased) found.push({ kind: 'erased', subject })
        else if (open.length > 0) found.push({ kind: 'open', subject, grants: open })
        else if (waiting) found.push({ kind: 'waits', erasure: waiting })
        else {
          const erasure = await tx.askErasure({ subject, by: by.id })
          await tx.notice({ kind: 'erasure', erasureId: erasure.id, subject, askedBy: by.id, grants })
          found.push({ kind: 'asked', erasure })
        }
      }
      return { kind: 'found', found, channel: alerts }
    },
    until,
  )
  if (outcome.kind === 'found') deps.wake()
  return outcome
}

export type EndErasureOutcome =
  | { kind: 'erased'; erasure: Erasure; grants: number }
  | { kind: 'declined'; erasure: Erasure }
  /** The person has open grants again, so the erasure keeps waiting. */
  | { kind: 'open'; erasure: Erasure; grants: string[] }
  /** It was decided before, or the person was erased another way. */
  | { kind: 'already'; erasure: Erasure }
  /** The person who asked is no longer an auditor: the erasure is declined and nobody is erased. */
  | { kind: 'lapsed'; erasure: Erasure }
  | NotDone

interface EndErasureInput extends Awaited {
  by: Person
  erasureId: string
  confirms: boolean
}

/**
 * Confirms the erasure and erases the person, or declines it. The auditor who asked may decline but never confirm.
 * Before anything is erased, it checks that they still are an auditor: otherwise only one person would have decided.
 */
export async function endErasure(deps: Deps, input: EndErasureInput): Promise<EndErasureOutcome> {
  const { by, until } = input
  const outcome = await writeAsking(
    deps,
    (tx, asked: AskedPeople | null) => end(deps, tx, input, asked),
    (asker: string) => askWho(deps, [asker], until),
    { until },
  )
  if (outcome.kind === 'erased') {
    const { subject, askedBy } = outcome.erasure
    deps.logger.warn({ subject, askedBy, confirmedBy: by.id }, 'a person was erased')
  }
  deps.wake()
  return outcome
}

async function end(
  deps: Deps,
  tx: LedgerTx,
  { by, erasureId, confirms }: EndErasureInput,
  asked: AskedPeople | null,
): Promise<EndErasureOutcome | AskFirst<string>> {
  const erasure = await tx.erasure(erasureId)
  const refusal = mayNotEnd(deps, by, erasure, confirms)
  if (refusal) return { kind: 'refused', refusal }
  if (!erasure) return { kind: 'gone' }
  if (erasure.ended) return { kind: 'already', erasure }
  const { subject, askedBy } = erasure
  const endBy = async (actor: string, outcome: 'erased' | 'declined' | 'over') => {
    const ended = await tx.endErasure(erasureId, { by: actor, outcome })
    if (!ended) throw new Error('an erasure that waits could not be ended')
    await tx.notice({ kind: 'erasure-ended', subject, askedBy, by: actor, outcome })
    return ended
  }
  if (!confirms) return { kind: 'declined', erasure: await endBy(by.id, 'declined') }
  if (asked?.policy !== deps.policy()) return { kind: 'ask-first', about: askedBy }
  const asker = asked.people.get(askedBy)
  const lapsed = asker && mayNot(deps.policy(), asker, ['auditor'])
  if (!asker || (lapsed && isNotTold(lapsed))) return { kind: 'refused', refusal: { code: 'asker-unknown' } }
  if (lapsed) return { kind: 'lapsed', erasure: await endBy('app', 'declined') }
  const [erased] = await tx.erase({ subject }, { by: by.id, reason: 'asked', askedBy })
  if (erased?.kind === 'open') return { kind: 'open', erasure, grants: erased.grants }
  if (erased?.kind !== 'erased') return { kind: 'already', erasure: await endBy(by.id, 'over') }
  return { kind: 'erased', erasure: await endBy(by.id, 'erased'), grants: erased.grants }
}

function mayNotEnd(deps: Deps, by: Person, erasure: Erasure | null, confirms: boolean): Refusal | null {
  const isOwn = erasure?.askedBy === by.id
  if (isOwn && !confirms) return mayNot(deps.policy(), by, ['auditor', 'operator'])
  const refusal = mayNot(deps.policy(), by, ['operator'])
  if (refusal) return refusal
  return isOwn ? { code: 'own-erasure' } : null
}
