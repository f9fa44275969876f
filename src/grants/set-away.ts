import { type Absence, LONGEST_ABSENCE } from '../domain/absence.ts'
import type { Refusal } from '../domain/ask.ts'
import { decidesSome, isNotTold, mayNot, mayNotAct, type Person } from '../domain/permissions.ts'
import { writeOrBusy } from './commit-together.ts'
import type { GrantsDeps } from './deps.ts'
import type { Awaited, NotDone } from './grants.ts'

export interface AwayInput extends Awaited {
  by: Person
  /** Who is away. Operators may set this for others. */
  person: Person
  /** Null: the person is back. */
  absence: { /** Epoch ms. */ until: number; standIn: Person | null } | null
  /** The id of the request, which takes effect once. */
  order: string
}

export type AwayOutcome =
  | { kind: 'away'; absence: Absence }
  /** `isNew` false: the person wasn't away. */
  | { kind: 'back'; isNew: boolean }
  /** The app has seen this request before. */
  | { kind: 'repeated'; absence: Absence | null }
  | NotDone

/** Records that somebody is away, and who decides for them. A later call replaces an earlier one. */
export async function setAway(deps: GrantsDeps, input: AwayInput): Promise<AwayOutcome> {
  const { by, person, absence, order } = input
  const { id } = person
  const refusal = mayNotSetAway(deps, input)
  if (refusal) return { kind: 'refused', refusal }
  // A person who isn't away can say "back" any number of times: nothing is written for it.
  if (!absence && (await deps.ledger.absencesOf({ person: id, now: deps.now() })).length === 0)
    return { kind: 'back', isNew: false }
  return writeOrBusy(
    deps,
    async (tx): Promise<AwayOutcome> => {
      const read = async () => (await tx.absencesOf({ person: id, now: deps.now() }))[0] ?? null
      if (!(await tx.order(order))) return { kind: 'repeated', absence: await read() }
      const isNew = await tx.setAbsence({
        person: id,
        by: by.id,
        absence: absence && { until: absence.until, standIn: absence.standIn?.id ?? null },
      })
      const kept = await read()
      return kept ? { kind: 'away', absence: kept } : { kind: 'back', isNew }
    },
    input.until,
  )
}

function mayNotSetAway(deps: GrantsDeps, { by, person, absence }: AwayInput): Refusal | null {
  const policy = deps.policy()
  const refusal = mayNotAct(by)
  if (refusal) return refusal
  const isOwn = by.id === person.id
  if (!isOwn) {
    const forbidden = mayNot(policy, by, ['operator'])
    if (forbidden) return forbidden
  }
  // A person who no longer decides anything can still be reported back.
  if (!absence) return null
  if (!decidesSome(policy, person)) return whyNot(person, isOwn ? 'you' : 'person')
  const { until, standIn } = absence
  const now = deps.now()
  if (until <= now || until > now + LONGEST_ABSENCE)
    return { code: 'absence-time', days: LONGEST_ABSENCE / 86_400_000 }
  if (!standIn) return null
  if (standIn.id === person.id) return { code: 'own-stand-in' }
  return decidesSome(policy, standIn) ? null : whyNot(standIn, 'stand-in')
}

function whyNot(person: Person, who: 'you' | 'person' | 'stand-in'): Refusal {
  const refusal = mayNotAct(person)
  if (refusal && isNotTold(refusal)) return refusal
  return { code: 'no-decider', who, id: person.id }
}
