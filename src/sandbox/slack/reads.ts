import type { Signal } from './signal.ts'

export type Reads = ReturnType<typeof createReads>

/** How far every person has read every channel: the ts of the last message seen. */
export function createReads({ signal }: { signal: Signal }) {
  const marks = new Map<string, Record<string, string>>()
  return {
    mark(userId: string, channelId: string, ts: string): void {
      const own = marks.get(userId) ?? {}
      // Two windows of one person: the one that is behind changes nothing.
      if (Number(own[channelId] ?? 0) >= Number(ts)) return
      marks.set(userId, { ...own, [channelId]: ts })
      signal.touch()
    },
    of: (userId: string): Record<string, string> => ({ ...marks.get(userId) }),
  }
}
