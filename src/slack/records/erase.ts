import type { AskErasureOutcome, EndErasureOutcome } from '../../grants/index.ts'
import { endedErasureMessage } from '../blocks/erasure.ts'
import { explain, isNotDone } from '../blocks/explain.ts'
import { actorText, createReader, listed, type Reader } from '../blocks/reader.ts'
import { literal, type Message, message, safe, section } from '../blocks/text.ts'
import type { Answer } from '../edge/answer.ts'
import type { Edge, TypedOrder } from '../edge/handlers.ts'
import { type PressedMessage, readGrantId, type User } from '../edge/payloads.ts'
import { joined, parseTypedUser } from '../edge/typed-command.ts'

/** ms; Slack waits 3 s for the acknowledgement, which comes after the commit. */
const ROLES_WITHIN = 700
const MOST_GRANTS = 10

/** Answers `erase <openid or subject>`: once the request is committed, operators are asked. */
export async function eraseTyped(
  edge: Edge,
  { user, text, triggerId, answer, ack, until }: TypedOrder,
): Promise<void> {
  const { person, reader } = await edge.people.who(user, ROLES_WITHIN)
  const policy = edge.grants.policy()
  const { openid: typed, more } = parseTypedUser(text, policy)
  if (more.length > 0) {
    await ack()
    return answer(message(reader.words.notice.oneAtATime(literal(joined(more), 60))))
  }
  const outcome = await edge.grants.askErasure({ by: person, typed, order: triggerId, until })
  await ack()
  const { erasure: says, notice } = reader.words
  if (isNotDone(outcome))
    return answer(explain(outcome, { policy, reader, says: { busy: notice.busy, notSure: says.notSure } }))
  await answer(typed === '' ? message(says.usage) : askedMessage(outcome, reader))
}

function askedMessage(
  outcome: Exclude<AskErasureOutcome, { kind: 'busy' | 'refused' | 'gone' | 'not-sure' }>,
  reader: Reader,
): Message {
  const { erasure: says } = reader.words
  if (outcome.kind !== 'found') return message(says[outcome.kind])
  const texts = outcome.found.map((one) => {
    if (one.kind === 'open') return says.open(idsOf(one.grants, reader))
    if (one.kind === 'erased') return says.already(`\`${safe(one.subject)}\``)
    return says[one.kind](`\`${safe(one.erasure.subject)}\``, `<#${outcome.channel}>`)
  })
  return { text: texts.join('\n'), blocks: texts.map((text) => section(text)) }
}

const idsOf = (grants: readonly string[], { words }: Reader) =>
  listed(grants, MOST_GRANTS, words, (id) => `\`${safe(id)}\``)

interface Press {
  user: User
  /** The erasure's id. */
  value: string | undefined
  message: PressedMessage | null
  answer: Answer
  ack: () => Promise<void>
  until: number
}

/**
 * Confirms or declines: commits, acknowledges, answers the person who pressed, then updates the message in the
 * channel.
 */
export async function endErasurePressed(edge: Edge, press: Press & { confirms: boolean }): Promise<void> {
  const { user, value, message: pressed, answer, ack, confirms, until } = press
  const { person, reader } = await edge.people.who(user, ROLES_WITHIN)
  const erasureId = readGrantId(value ?? '')
  const outcome = await edge.grants.endErasure({ by: person, erasureId, confirms, until })
  await ack()
  await answer(endMessage(edge, outcome, reader))
  if (!('erasure' in outcome) || !outcome.erasure.ended || !pressed) return
  const { channel, ts } = pressed
  const policy = edge.grants.policy()
  const drawn = endedErasureMessage(outcome.erasure, createReader(policy.language, policy))
  await edge.client.chat.update({ channel, ts, ...drawn }).catch(async (error: unknown) => {
    edge.logger.warn(
      { err: error },
      'a message still asks whether to erase somebody: its thread says how it ended',
    )
    await edge.client.chat.postMessage({ channel, thread_ts: ts, ...drawn }).catch((again: unknown) => {
      edge.logger.warn({ err: again }, 'nor does its thread: pressing it does')
    })
  })
}

function endMessage({ grants }: Edge, outcome: EndErasureOutcome, reader: Reader): Message {
  const { erasure: says, notice } = reader.words
  if (isNotDone(outcome))
    return explain(outcome, {
      policy: grants.policy(),
      reader,
      says: { busy: notice.busy, notSure: says.notSure },
    })
  switch (outcome.kind) {
    case 'erased':
      return message(says.done(outcome.grants))
    case 'declined':
      return message(says.declined)
    case 'open':
      return message(says.open(idsOf(outcome.grants, reader)))
    case 'lapsed':
      return message(says.lapsed(actorText(outcome.erasure.askedBy, reader.words)))
    case 'already':
      return endedErasureMessage(outcome.erasure, reader)
  }
}
