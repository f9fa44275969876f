import { mayNot } from '../../domain/permissions.ts'
import { roles } from '../../domain/policy.ts'
import type { Edge, User } from '../edge.ts'
import { createReader } from '../reader.ts'
import { refusalBlocks } from '../refusal-blocks.ts'
import type { Respond } from '../respond.ts'
import { MAX_TYPED } from '../typed-text.ts'
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

/** Tells whoever may do something here that a command is too long to be read. */
export async function tooLong(
  edge: Edge,
  { user, respond }: { user: User; respond: Respond },
): Promise<void> {
  const { grants, people } = edge
  const { person, language } = await people.who(user, ROLES_WITHIN)
  const policy = grants.policy()
  const reader = createReader(language, policy)
  const refusal = mayNot(policy, person, roles)
  await respond(
    refusal ? refusalBlocks([refusal], policy, reader) : { text: reader.words.notice.tooLong(MAX_TYPED) },
  )
}
