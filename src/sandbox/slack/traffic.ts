import type { Changes } from './changes.ts'
import type { TrafficEntry } from './types.ts'

const KEPT = 5000

export type Traffic = ReturnType<typeof createTraffic>

/** Records the traffic in both directions. Payloads are snapshots: a view changes later, its log entry doesn't. */
export function createTraffic({ now, changes }: { now: () => number; changes: Changes }) {
  let entries: TrafficEntry[] = []
  let lastId = 0

  /** Logs the beginning of a call or delivery; the returned function adds how it ended. */
  function begin(start: Omit<TrafficEntry, 'id' | 'at'>) {
    const began = performance.now()
    const entry: TrafficEntry = { ...start, request: snapshot(start.request), id: ++lastId, at: now() }
    entries.push(entry)
    // Cut in large steps: shifting at every call would cost more than the calls.
    if (entries.length > KEPT * 2) entries = entries.slice(-KEPT)
    changes.announce()
    return (end: Pick<TrafficEntry, 'answer' | 'status' | 'error' | 'fault'>) => {
      entry.ms = performance.now() - began
      if (end.answer !== undefined) entry.answer = snapshot(end.answer)
      if (end.status !== undefined) entry.status = end.status
      if (end.error !== undefined) entry.error = end.error
      if (end.fault !== undefined) entry.fault = end.fault
      changes.announce()
    }
  }

  return { begin, all: () => entries.slice(-KEPT).map((entry) => ({ ...entry })) }
}

function snapshot(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value
  return structuredClone(value)
}
