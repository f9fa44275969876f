import { doctorWords } from '../../doctor/index.ts'
import { section } from '../blocks/text.ts'
import type { Answer } from '../edge/answer.ts'
import type { Edge } from '../edge/handlers.ts'
import type { User } from '../edge/payloads.ts'

/** The click is acknowledged by then. */
const PERSON_WITHIN = 5000

/** Answers the button that a check of the set-up has sent: that the click has arrived, and how long it took. */
export async function pressed(
  { people, now }: Edge,
  { user, at, answer }: { user: User; at: number | null; answer: Answer },
): Promise<void> {
  // Slack's clock dates the click: where it is ahead, nothing is told that can't be.
  const ms = at === null ? null : Math.max(0, Math.round(now() - at * 1000))
  const { reader } = await people.who(user, PERSON_WITHIN)
  const text = doctorWords[reader.language].press.pressed(ms)
  await answer({ text, blocks: [section(text)], replace: true })
}
