import { secondsAhead } from './exchange.ts'
import { type Finding, found } from './finding.ts'

/** Seconds. WeChat Pay refuses what was signed five minutes from its own time, and Slack's triggers live for three. */
const WARN_FROM = 60
const BLOCKS_FROM = 240

/** How far the clock is off, by the date of an answer; nothing, where it has none. */
export function checkClock(
  service: 'Slack' | 'WeChat Pay',
  answer: { headers: Readonly<Record<string, string>> },
  now: number,
): Finding[] {
  const seconds = secondsAhead(answer, now)
  if (seconds === null) return []
  const off = Math.abs(seconds)
  const values = { service, seconds: off, direction: seconds < 0 ? 'behind' : 'ahead' }
  if (off >= BLOCKS_FROM) return [found('clock-wrong', values)]
  return [found(off >= WARN_FROM ? 'clock-off' : 'clock-good', values)]
}
