import { doctorWords } from '../../doctor/index.ts'
import { refusalBlocks } from '../blocks/explain.ts'
import { setUpMessage } from '../blocks/set-up.ts'
import { section } from '../blocks/text.ts'
import type { Answer } from '../edge/answer.ts'
import type { Edge } from '../edge/handlers.ts'
import type { User } from '../edge/payloads.ts'

/** ms; the command is already acknowledged, so Slack may take its time. */
const ROLES_WITHIN = 5000

/** Answers `doctor`: checks the whole set-up and says what is wrong and what to do. */
export async function setUpTyped(
  { grants, people }: Edge,
  { user, answer }: { user: User; answer: Answer },
): Promise<void> {
  const { person, reader } = await people.who(user, ROLES_WITHIN)
  const outcome = await grants.setUp({ by: { person } })
  switch (outcome.kind) {
    case 'refused':
      return answer(refusalBlocks([outcome.refusal], grants.policy(), reader))
    case 'busy':
      return answer({ text: reader.words.notice.busy })
    case 'checked':
      return answer(setUpMessage(outcome.findings, reader))
  }
}

/** ms; the click is already acknowledged. */
const PERSON_WITHIN = 5000

/** Answers the button that a check of the set-up has sent: says that the click arrived, and how long it took. */
export async function pressed(
  { people, now }: Edge,
  { user, at, answer }: { user: User; at: number | null; answer: Answer },
): Promise<void> {
  // Slack's clock dates the click; if that clock is ahead, the time shown is 0, not negative.
  const ms = at === null ? null : Math.max(0, Math.round(now() - at * 1000))
  const { reader } = await people.who(user, PERSON_WITHIN)
  const text = doctorWords[reader.language].press.pressed(ms)
  await answer({ text, blocks: [section(text)], replace: true })
}
