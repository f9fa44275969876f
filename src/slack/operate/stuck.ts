import type { AnyBlock } from '@slack/types'
import type { Edge, User } from '../edge.ts'
import { refusalBlocks } from '../refusal-blocks.ts'
import type { Respond } from '../respond.ts'
import { section } from '../text.ts'
import { type Acting, acting, READING } from './acting.ts'
import { stuckMessage } from './stuck-blocks.ts'

/** With what is stuck a message stays below 50 blocks; what a click did stands first. */
const MOST_TOLD = 2

/** Answers `stuck`. */
export async function stuckTyped(
  edge: Edge,
  { user, respond }: { user: User; respond: Respond },
): Promise<void> {
  await tellStuck(edge, await acting(edge, user, READING), { respond, told: [], replace: false })
}

/** Draws what is stuck. @param options.told what a click did, to stand above it */
export async function tellStuck(
  { grants, now }: Edge,
  { by, reader }: Acting,
  { respond, told, replace }: { respond: Respond; told: AnyBlock[]; replace: boolean },
): Promise<void> {
  const outcome = await grants.stuck({ by })
  if (outcome.kind === 'refused') {
    const { text, blocks } = refusalBlocks([outcome.refusal], grants.policy(), reader)
    // Whoever was told already why something is not theirs to do is not told it twice.
    return respond({ text, blocks: told.length > 0 ? told : blocks, replace })
  }
  // What is shown already stays, and what a click did is told all the same.
  if (outcome.kind === 'busy') {
    const { busy } = reader.words.notice
    return respond({ text: busy, blocks: [...told, section(busy)] })
  }
  const { text, blocks } = stuckMessage(outcome, now(), reader)
  await respond({ text, blocks: [...told.slice(0, MOST_TOLD), ...blocks], replace })
}
