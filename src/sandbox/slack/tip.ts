import type { Changes } from './changes.ts'
import type { Tip } from './types.ts'

export type Tips = ReturnType<typeof createTips>

/**
 * The first step for a person who opens the page, until they have taken it: a text to follow and something to copy. It
 * counts as taken once a command or form that they send contains the copied text.
 */
export function createTips({ changes }: { changes: Changes }) {
  let tip: Tip | undefined
  const followed = new Set<string>()
  return {
    give(next: Tip): void {
      tip = next
      followed.clear()
      changes.announce()
    },
    /** Records that a person sent this to the app. */
    sent(userId: string, payload: unknown): void {
      if (!tip || followed.has(userId) || !JSON.stringify(payload).includes(tip.copy)) return
      followed.add(userId)
      changes.announce()
    },
    of: (userId: string): Tip | undefined => (followed.has(userId) ? undefined : tip),
  }
}
