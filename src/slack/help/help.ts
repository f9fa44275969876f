import type { Edge, User } from '../edge.ts'
import { createReader } from '../reader.ts'
import type { Respond } from '../respond.ts'
import { helpMessage } from './help-message.ts'
import type { Parsed } from './subcommand.ts'

const ROLES_WITHIN = 5000

/** Tells this person what is possible here. */
export async function help(
  { grants, people }: Edge,
  { user, asked, respond }: { user: User; asked: Parsed; respond: Respond },
): Promise<void> {
  const { person, language } = await people.who(user, ROLES_WITHIN)
  const policy = grants.policy()
  const reader = createReader(language, policy)
  await respond(helpMessage({ asked, abilities: await grants.abilities(person), policy, reader }))
}
