import type { Person } from '../../domain/permissions.ts'
import type { Policy } from '../../domain/policy.ts'
import type { Refusal } from '../../domain/refusal.ts'
import type { Edge, User } from '../edge.ts'
import { createReader, listed, type Reader } from '../reader.ts'
import { refusalBlocks } from '../refusal-blocks.ts'
import type { Respond } from '../respond.ts'
import { parseTypedLookup } from '../send/typed-ask.ts'
import { typedContext } from '../text.ts'
import { listMessage } from './list-blocks.ts'
import type { ListValue } from './list-value.ts'

/** The command is acknowledged by then, so Slack may take its time. */
const ROLES_WITHIN = 5000
const MOST_KEYS = 20

/** Answers `list <openid> [stock]`. */
export async function listTyped(
  edge: Edge,
  { user, text, respond }: { user: User; text: string; respond: Respond },
): Promise<void> {
  const { person, reader } = await asking(edge, user)
  const policy = edge.grants.policy()
  const { mayLookUp } = await edge.grants.abilities(person)
  if (mayLookUp) return respond(refusedMessage(mayLookUp, policy, reader))
  const { openid, stock } = parseTypedLookup(text, policy)
  if (openid === '') return respond({ text: reader.words.list.missing })
  await tellList(edge, { person, reader, value: { openid, stock, page: 1 }, respond, replace: false })
}

/** Answers a button: another page, or the coupons of a card's user. */
export async function listPage(
  edge: Edge,
  { user, value, respond, replace }: { user: User; value: ListValue; respond: Respond; replace: boolean },
): Promise<void> {
  await tellList(edge, { ...(await asking(edge, user)), value, respond, replace })
}

async function asking(edge: Edge, user: User): Promise<{ person: Person; reader: Reader }> {
  const { person, language } = await edge.people.who(user, ROLES_WITHIN)
  return { person, reader: createReader(language, edge.grants.policy()) }
}

async function tellList(
  { grants, now }: Edge,
  asked: { person: Person; reader: Reader; value: ListValue; respond: Respond; replace: boolean },
): Promise<void> {
  const { person, reader, value, respond, replace } = asked
  const [outcome, abilities] = await Promise.all([
    grants.list({ person, openid: value.openid, stock: value.stock, page: value.page, isTurned: replace }),
    grants.abilities(person),
  ])
  // A list that was shown stays when the next page can't be had.
  switch (outcome.kind) {
    case 'refused':
      return respond(refusedMessage(outcome.refusal, grants.policy(), reader))
    case 'busy':
      return respond({ text: reader.words.notice.busy })
    case 'listed': {
      const mayGive = abilities.mayRequest === null
      const { page, stock } = value
      return respond({ ...listMessage(outcome, { page, stock, mayGive, now: now(), reader }), replace })
    }
  }
}

/** Why, and for a slip in the name of a stock, which there are. */
function refusedMessage(refusal: Refusal, policy: Policy, reader: Reader) {
  const { text, blocks } = refusalBlocks([refusal], policy, reader)
  if (refusal.code !== 'stock-unknown') return { text, blocks }
  const keys = listed(
    policy.stocks.map(({ key }) => key),
    MOST_KEYS,
    reader.words,
  )
  return { text, blocks: [...blocks, typedContext(reader.words.list.stocks(keys))] }
}
