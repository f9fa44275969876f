import { refusalBlocks } from '../blocks/explain.ts'
import { setUpMessage } from '../blocks/set-up.ts'
import type { Answer } from '../edge/answer.ts'
import type { Edge } from '../edge/handlers.ts'
import type { User } from '../edge/payloads.ts'

/** The command is acknowledged by then, so Slack may take its time. */
const ROLES_WITHIN = 5000

/** Answers `doctor`: tries the whole set-up, and says what is wrong and what to do. */
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
