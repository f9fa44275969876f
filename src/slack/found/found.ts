import type { AnyBlock } from '@slack/types'
import type { Person } from '../../domain/permissions.ts'
import type { FoundOutcome } from '../../grants/index.ts'
import type { Edge, User } from '../edge.ts'
import { createReader, type Reader } from '../reader.ts'
import { refusalBlocks } from '../refusal-blocks.ts'
import type { Respond } from '../respond.ts'
import { parseTypedLookup } from '../send/typed-ask.ts'
import { section } from '../text.ts'
import { foundMessage } from './found-blocks.ts'
import type { FoundValue } from './found-value.ts'

/** The command is acknowledged by then, so Slack may take its time. */
const ROLES_WITHIN = 5000

/** Answers `pending`, `mine` and `history <openid>`. */
export async function findTyped(
  edge: Edge,
  { user, kind, text, respond }: { user: User; kind: FoundValue['kind']; text: string; respond: Respond },
): Promise<void> {
  const policy = edge.grants.policy()
  const { person, language } = await edge.people.who(user, ROLES_WITHIN)
  // Who may not read it is told so, whatever was typed.
  const { readsHistory } = await edge.grants.abilities(person)
  const openid = kind === 'history' && readsHistory ? parseTypedLookup(text, policy).openid : null
  if (openid === '') return respond({ text: createReader(language, policy).words.found.missing })
  await showFound(edge, { user, list: { kind, page: 1, openid }, respond, replace: false, told: [] })
}

/** Draws a page of a list. @param told what a click did, to stand above it */
export async function showFound(
  edge: Edge,
  options: { user: User; list: FoundValue; respond: Respond; replace: boolean; told: AnyBlock[] },
): Promise<void> {
  const { user, list, respond, replace, told } = options
  const { person, language } = await edge.people.who(user, ROLES_WITHIN)
  const policy = edge.grants.policy()
  const reader = createReader(language, policy)
  const outcome = await ask(edge, person, list, replace)
  switch (outcome.kind) {
    case 'refused': {
      const { text, blocks } = refusalBlocks([outcome.refusal], policy, reader)
      return respond({ text, blocks: [...told, ...blocks], replace })
    }
    case 'busy': {
      // What is shown already stays, and what a click did is told all the same.
      const { busy } = reader.words.notice
      return respond({ text: busy, blocks: [...told, section(busy)] })
    }
    case 'found':
      return respond({ ...draw(outcome, list, reader, told), replace })
  }
}

function ask(
  { grants }: Edge,
  person: Person,
  { kind, page, openid }: FoundValue,
  isTurned: boolean,
): Promise<FoundOutcome> {
  if (kind === 'history') return grants.history({ person, openid: openid ?? '', page, isTurned })
  return kind === 'pending' ? grants.pending({ person, page }) : grants.mine({ person, page })
}

function draw(
  found: Extract<FoundOutcome, { kind: 'found' }>,
  list: FoundValue,
  reader: Reader,
  told: AnyBlock[],
): { text: string; blocks: AnyBlock[] } {
  const { text, blocks } = foundMessage(found, { ...list, page: found.page }, reader)
  return { text, blocks: [...told, ...blocks] }
}
