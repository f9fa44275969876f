import { mayNotAct, type Person } from '../domain/permissions.ts'
import type { Policy } from '../domain/policy.ts'
import { inTime, LedgerBusyError, type LedgerTx } from '../ledger/ledger.ts'
import { writeOrBusy } from './commit-together.ts'
import type { GrantsDeps } from './deps.ts'

/** What a use case must ask Slack about people before it writes. */

/** A write needs this answer from Slack first, and has written nothing. */
export interface AskFirst<A> {
  kind: 'ask-first'
  about: A
}

/**
 * Runs a write for a waiting person that may need an answer from Slack. The app never asks Slack while the ledger is
 * locked: the write ends, and runs again with the answer. The question may change in the meantime.
 * @param write gets null before Slack was asked
 * @param atMost how often to ask Slack before giving up as busy
 * @param until as in `Awaited`
 */
export async function writeAsking<T extends { kind: string }, A, B>(
  deps: Pick<GrantsDeps, 'ledger'>,
  write: (tx: LedgerTx, asked: B | null) => Promise<T | AskFirst<A>>,
  ask: (about: A) => Promise<B>,
  { atMost = 2, until }: { atMost?: number; until?: number | undefined } = {},
): Promise<T | { kind: 'busy' } | { kind: 'not-sure' }> {
  let asked: B | null = null
  for (let times = 0; ; times++) {
    const outcome = await writeOrBusy(deps, (tx) => write(tx, asked), until)
    if (!isAskFirst(outcome)) return outcome
    if (times === atMost) return { kind: 'busy' }
    asked = await ask(outcome.about)
  }
}

function isAskFirst<T extends { kind: string }, A>(outcome: T | AskFirst<A>): outcome is AskFirst<A> {
  return outcome.kind === 'ask-first'
}

/** Who people are, according to Slack, under this policy. */
export interface AskedPeople {
  policy: Policy
  people: ReadonlyMap<string, Person>
}

/** Asks Slack who these people are, within the time of the waiting person. @param until as in `Awaited` */
export async function askWho(
  { policy, notifier }: Pick<GrantsDeps, 'policy'> & { notifier?: Pick<GrantsDeps['notifier'], 'who'> },
  ids: readonly string[],
  until: number | undefined,
): Promise<AskedPeople> {
  const under = policy()
  const people = (await notifier?.who(ids, slackWithin(until))) ?? []
  return { policy: under, people: new Map(people.map((person) => [person.id, person])) }
}

/**
 * A person together with those they stand in for now. Asks Slack only if there are any.
 * @param until as in `Awaited`
 * @throws LedgerBusyError
 */
export async function withAbsent(
  { ledger, notifier, now }: Pick<GrantsDeps, 'ledger' | 'notifier' | 'now'>,
  person: Person,
  until?: number,
): Promise<Person> {
  if (mayNotAct(person)) return person
  const reading = ledger.absencesOf({ standIn: person.id, now: now() })
  const read = until === undefined ? { value: await reading } : await inTime(reading, until - LEFT_FOR_LEDGER)
  if (!read) throw new LedgerBusyError('the ledger was not read in time')
  if (read.value.length === 0) return person
  const away = read.value.map((absence) => absence.person)
  return { ...person, standsInFor: await notifier.who(away, slackWithin(until)) }
}

/** ms of a person's waiting time that are reserved for the ledger. */
const LEFT_FOR_LEDGER = 1000

/** How long Slack may take to answer, ms. @param until as in `Awaited` */
function slackWithin(until: number | undefined): number | undefined {
  return until === undefined ? undefined : Math.max(0, until - LEFT_FOR_LEDGER - performance.now())
}
