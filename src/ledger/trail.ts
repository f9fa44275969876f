import { sql } from 'kysely'
import { type Hold, type Holdable, holdThatStops, SAME_USER } from '../domain/hold.ts'
import type { EventSays, LedgerEvent, NewEvent } from './events.ts'
import { sinceDue } from './queue.ts'
import { noteText } from './subjects.ts'
import { inChunks, type Tx } from './tx.ts'

/** A line whose text is already stored. */
type Line = Omit<NewEvent, 'said'> & { text?: string | null }

/** Adds lines to the trail. The caller raises each grant's version by as many, in the same statement as its change. */
export async function addEvents(tx: Tx, events: Line[]): Promise<void> {
  const at = tx.now()
  await inChunks(events, (some) =>
    tx.db
      .insertInto('events')
      .values(
        some.map((event) => ({
          grant_id: event.grantId ?? null,
          kind: event.kind,
          actor: event.actor,
          subject: event.subject ?? null,
          at,
          data: JSON.stringify(event.data ?? {}),
          said_text: event.text ?? null,
        })),
      )
      .execute(),
  )
}

/** Makes the cards of grants due, except those that have nothing left to draw on. */
export async function makeCardsDue(tx: Tx, grantIds: string[]): Promise<void> {
  await inChunks(grantIds, (some) =>
    tx.db
      .updateTable('cards')
      .set({ due_at: tx.clock, lags_since: sinceDue(tx) })
      .where('grant_id', 'in', some)
      .where('gone', '=', 0)
      .execute(),
  )
}

/**
 * Makes the cards of grants due even if nothing about the grant changed; a card that is being drawn is drawn once more.
 */
export async function drawAnew(tx: Tx, grantIds: string[]): Promise<void> {
  await inChunks(grantIds, (some) =>
    tx.db.updateTable('grants').set({ version: sql<number>`version + 1` }).where('id', 'in', some).execute(),
  )
  await makeCardsDue(tx, grantIds)
}

/** Adds the same line to each of these grants, whose change raised their versions, and makes their cards due. */
export async function tellGrants(
  tx: Tx,
  grants: readonly { id: string }[],
  event: EventSays & { actor: string; text?: string | null },
): Promise<void> {
  await addEvents(
    tx,
    grants.map(({ id }) => ({ grantId: id, ...event })),
  )
  await makeCardsDue(
    tx,
    grants.map(({ id }) => id),
  )
}

/** Adds a single line, which raises its grant's version. */
export async function addEvent(tx: Tx, event: NewEvent): Promise<void> {
  const { said, ...line } = event
  await addEvents(tx, [{ ...line, text: await noteText(tx, said) }])
  if (event.grantId) await drawAnew(tx, [event.grantId])
}

/** A hold and its place among the events. */
export interface PlacedHold {
  hold: Hold
  /** Ids of the last events before it began and ended. */
  begunAfter: number
  endedAfter: number | null
  /** Whether an older version wrote lines about its begin. */
  isLined: boolean
}

type Waiting = Pick<Holdable, 'state' | 'attempts'>

/**
 * Adds to a grant's trail when holds made it wait, and until when: a hold writes nothing on its grants when it begins
 * or ends. Waiting for another grant is written, and shown only while no hold stops the grant too.
 */
export function withHoldLines(
  events: readonly LedgerEvent[],
  holds: readonly PlacedHold[],
  stockRef: string,
): LedgerEvent[] {
  const turns = holds
    .flatMap((placed) => {
      const { hold, begunAfter, endedAfter } = placed
      const begin = { at: hold.since, after: begunAfter, placed, isBegin: true }
      if (hold.endedAt === null || endedAfter === null) return [begin]
      return [begin, { at: hold.endedAt, after: endedAfter, placed, isBegin: false }]
    })
    // If no event lies between: replicas' clocks may say that a hold ended before it began.
    .toSorted(
      (one, other) =>
        one.after - other.after || Number(other.isBegin) - Number(one.isBegin) || one.at - other.at,
    )
  const lines: LedgerEvent[] = []
  const open = new Set<Hold>()
  let waiting: Waiting | null = null
  /** Other grants of its user and stock with an unknown outcome. */
  const blockers = new Set<string>()
  let shown: Hold | typeof SAME_USER | null = null

  function stopsNow(): Hold | null {
    return waiting && holdThatStops([...open], { ...waiting, stockRef })
  }
  function whyNow(): typeof shown {
    return stopsNow() ?? (waiting?.state === 'approved' && blockers.size > 0 ? SAME_USER : null)
  }

  /** Checks what stops the grant now, and adds a line if that is new. */
  function look(at: number, id: number, turn: (typeof turns)[number] | null): void {
    const stopping = whyNow()
    if (stopping === shown) return
    shown = stopping
    // The grant's last line already tells that the waiting is over.
    if (!waiting || (turn?.isBegin && turn.placed.isLined)) return
    const line = { id, grantId: events[0]?.grantId ?? null, actor: 'app', subject: null, at, said: null }
    if (stopping === SAME_USER) {
      const [grant = ''] = blockers
      lines.push({ ...line, kind: 'held', data: { reason: SAME_USER, grant } })
      return
    }
    // Ending one hold doesn't mean beginning the other.
    const who = stopping
      ? turn?.placed.hold === stopping
        ? stopping.begunBy
        : null
      : turn?.placed.hold.endedBy
    const by = who && who !== 'app' ? { by: who } : {}
    if (stopping) lines.push({ ...line, kind: 'held', data: { reason: stopping.reason, ...by } })
    else lines.push({ ...line, kind: 'resumed', data: by })
  }
  function take(turn: (typeof turns)[number]): void {
    const { hold } = turn.placed
    if (turn.isBegin) open.add(hold)
    else open.delete(hold)
    look(turn.at, turn.after, turn)
  }

  let next = 0
  for (const event of events) {
    for (; next < turns.length; next++) {
      const turn = turns[next]
      if (!turn || turn.after >= event.id) break
      take(turn)
    }
    if (isOfOther(event)) {
      const { grant = '' } = event.data
      if (event.kind === 'held') blockers.add(grant)
      else blockers.delete(grant)
      if (stopsNow()) continue
      lines.push(event)
      shown = whyNow()
      continue
    }
    lines.push(event)
    waiting = after(waiting, event)
    look(event.at, event.id, null)
  }
  for (const turn of turns.slice(next)) take(turn)
  return lines
}

/** Whether the line says that the grant waits for another one of its user and stock, or no longer does. */
function isOfOther(event: LedgerEvent): event is LedgerEvent<'held' | 'resumed'> {
  return (event.kind === 'held' || event.kind === 'resumed') && event.data.reason === SAME_USER
}

/** A grant's state for holds after an event; null: no hold can stop it. */
function after(before: Waiting | null, event: LedgerEvent): Waiting | null {
  const attempts = before?.attempts ?? 0
  switch (event.kind) {
    case 'approve':
    case 'approved-by-rule':
    case 'release':
      return { state: 'approved', attempts }
    case 'attempt':
      return { state: 'issuing', attempts: event.data.number }
    case 'restored':
      return { state: 'issuing', attempts }
    case 'issue':
    case 'refuse':
    case 'cancel':
    case 'reject':
    case 'expire':
      return null
    default:
      return before
  }
}
