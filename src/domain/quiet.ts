import { tzOffset } from '@date-fns/tz'
import type { Policy } from './policy.ts'

/** Hours in which nobody is pinged but operators. */

/** Minutes of a day; `from` is later than `to` where midnight lies between them. */
export interface QuietHours {
  from: number
  to: number
}

const MINUTE = 60_000
const DAY = 24 * 60

/** When the quiet hours began that last at this moment; null: it is not quiet. @param now epoch ms @returns epoch ms */
export function quietSince(
  { timezone, approval: { quiet } }: Pick<Policy, 'timezone' | 'approval'>,
  now: number,
): number | null {
  if (!quiet) return null
  const local = now / MINUTE + tzOffset(timezone, new Date(now))
  const minute = ((local % DAY) + DAY) % DAY
  const [since, lasts] = [(minute - quiet.from + DAY) % DAY, (quiet.to - quiet.from + DAY) % DAY]
  return since < lasts ? now - since * MINUTE : null
}

/** Whether a requester is not to be pinged now. Who has asked in these same quiet hours is awake, and waits for the end. */
export function isQuietFor(
  policy: Pick<Policy, 'timezone' | 'approval'>,
  { createdAt }: { createdAt: number },
  now: number,
): boolean {
  const since = quietSince(policy, now)
  return since !== null && createdAt < since
}
