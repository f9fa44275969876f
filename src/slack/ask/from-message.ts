import type { AnyBlock } from '@slack/types'
import { openidProblemOf, ticketIn } from '../../domain/ask.ts'
import type { Policy } from '../../domain/policy.ts'
import { bare } from '../../domain/wechatpay-ids.ts'
import type { Reader } from '../blocks/reader.ts'
import { asPlain, context, safe } from '../blocks/text.ts'
import type { Edge } from '../edge/handlers.ts'
import type { GivenMessage } from '../edge/payloads.ts'
import { withoutLabel, wordsOf } from '../edge/typed-command.ts'
import type { FormContent } from './form.ts'

/** What a message says about the coupon to give. */
interface ReadMessage {
  openid: string | null
  ticket: string | null
  /** Without an openid: the number of an order or complaint, by which the user can be found. */
  number: string | null
  /** How many openids the message holds: from several, none is taken, since only a person knows which is meant. */
  openids: number
}

/** Characters; the rest of a longer message isn't read. */
const MOST_READ = 20_000
const MOST_WORDS = 8000
/** Chinese puts no spaces around a ticket. */
const BETWEEN = /[\s\p{Script=Han}，。；：！？、（）()【】「」《》“”"'<>|,;]+/u

/**
 * Looks for an openid and a ticket in a message, wherever Slack keeps its text; failing an openid, for a number that
 * finds the user.
 * @param finds whether users are found by what looks like this
 */
export function readMessage(
  message: GivenMessage['says'],
  policy: Policy,
  finds: (text: string) => boolean = () => false,
): ReadMessage {
  const text = wordsIn(message).join('\n').slice(0, MOST_READ)
  const words = [...wordsOf(text).map(({ text }) => text), ...text.split(BETWEEN)].slice(0, MOST_WORDS)
  const openids = openidsIn(text, words, policy)
  return {
    openid: openids.length === 1 ? (openids[0] ?? null) : null,
    ticket: firstTicket(words, policy),
    number: openids.length === 0 ? numberIn(words, finds) : null,
    openids: openids.length,
  }
}

/** These also occur between Chinese characters and within an address. */
const CANDIDATES = /[0-9A-Za-z_-]{6,128}/g

function openidsIn(text: string, words: readonly string[], policy: Policy): string[] {
  const isOne = (candidate: string) => openidProblemOf(policy, candidate) === null
  // If openids have no fixed form, only what is labelled as one is taken.
  if (policy.openid !== null) {
    const { text: rest, isLabelled } = withoutLabel(labelledPart(text), policy)
    const [first] = wordsOf(rest)
    return isLabelled && first && isOne(bare(first.text)) ? [bare(first.text)] : []
  }
  const all = [...words, ...(text.match(CANDIDATES) ?? [])]
  return [...new Set(all.filter(isOne))]
}

/** The text from the first label of an openid on. */
function labelledPart(text: string): string {
  return text.slice(Math.max(0, text.search(/open[\s_-]?id/iu)))
}

/** The first word that is a ticket in the policy's form, or its address. */
function firstTicket(words: readonly string[], policy: Policy): string | null {
  for (const word of words) {
    const ticket = ticketIn(policy, bare(word))
    if (ticket !== null) return ticket
  }
  return null
}

/** The form of an order's number. From several numbers, none is taken, as only a person knows which is meant. */
const NUMBER = /^(?=.*\d{6})[0-9A-Za-z_-]{8,64}$/

function numberIn(words: readonly string[], finds: (text: string) => boolean): string | null {
  const numbers = new Set(words.map(bare).filter((word) => NUMBER.test(word) && finds(word)))
  const [only] = numbers
  return only !== undefined && numbers.size === 1 ? only : null
}

const MOST_DEPTH = 12
/** Where Slack keeps text: in blocks, attachments and their fields. A fallback only repeats it. */
const WORDS = ['text', 'pretext', 'title', 'title_link', 'value', 'url', 'footer', 'from_url', 'alt_text']

/** All text of a message. Messages of other apps often have text only in blocks or attachments. */
function wordsIn(part: unknown, depth = 0): string[] {
  if (depth > MOST_DEPTH || typeof part !== 'object' || part === null) return []
  if (Array.isArray(part)) return part.flatMap((one) => wordsIn(one, depth + 1))
  return Object.entries(part).flatMap(([key, value]) => {
    if (typeof value === 'string') return WORDS.includes(key) ? [unlinked(value.slice(0, MOST_READ))] : []
    return wordsIn(value, depth + 1)
  })
}

/**
 * Turns each of Slack's links into two words, its address and its label. The pattern has a single run of characters,
 * as otherwise it would take quadratic time.
 */
function unlinked(text: string): string {
  return asPlain(text.replace(/<([^<>]*)>/g, (_, link: string) => ` ${link.replace('|', ' ')} `))
}

/** The address of a message; null if the app may not see it, for example in a channel that it is not in. */
export async function addressOf(
  { client, logger }: Pick<Edge, 'client' | 'logger'>,
  { channel, ts }: Pick<GivenMessage, 'channel' | 'ts'>,
): Promise<string | null> {
  try {
    const { permalink } = await client.chat.getPermalink({ channel, message_ts: ts })
    return permalink ?? null
  } catch (error) {
    logger.info({ err: error, channel }, 'the address of a message could not be had: it is not kept')
    return null
  }
}

/**
 * The form as far as a message fills it in. A number goes in the openid's place, where "Find the user…" picks it up.
 */
export function filledFromMessage(
  { openid, ticket, number }: ReadMessage,
  source: string | null,
): FormContent {
  return { openid: openid ?? number, ticket, stock: null, reason: null, note: null, source }
}

/** Shows the person who fills in the rest what was taken from the message. */
export function fromMessageBlock(
  { openid, ticket, number, openids }: ReadMessage,
  source: string | null,
  { words }: Reader,
): AnyBlock {
  const { fromMessage } = words
  const found = [
    ...(openid ? [fromMessage.openid] : []),
    ...(number ? [fromMessage.number] : []),
    ...(ticket ? [fromMessage.ticket] : []),
  ]
  return context(
    found.length > 0 ? fromMessage.found(found.join(words.separator)) : fromMessage.nothing,
    ...(openids > 1 ? [fromMessage.several(openids)] : []),
    source === null
      ? fromMessage.noAddress
      : fromMessage.kept(`<${safe(source, 500)}|${fromMessage.message}>`),
  )
}
