import type { AnyBlock } from '@slack/types'
import type { WebClient } from '@slack/web-api'
import type { Logger } from 'pino'
import { type Card, DIRECT_MESSAGES, type Place } from '../domain/card.ts'
import { type Grant, isOpen } from '../domain/grant.ts'
import type { News, Notice } from '../domain/news.ts'
import { decidersOf } from '../domain/permissions.ts'
import type { Policy } from '../domain/policy.ts'
import {
  type CardFacts,
  ChannelClosedError,
  DrawLaterError,
  type DrawnOn,
  type Notifier,
  type Outcome,
} from '../grants/index.ts'
import { erasureEndText } from './blocks/erasure.ts'
import { grantButtons, recordedView, showApproval, showGrant } from './blocks/grant-cards.ts'
import { isSettledNotIssued } from './blocks/grant-parts.ts'
import { holdMessage, isOpenFault } from './blocks/hold.ts'
import {
  escalatedText,
  isFault,
  MOST_REMINDED,
  mentioning,
  newsMessage,
  remindersMessage,
  reminderText,
} from './blocks/news.ts'
import { endMessage, MOST_TOGETHER } from './blocks/outcome-message.ts'
import { createReader, mentions, type Reader } from './blocks/reader.ts'
import { context, type Message, section } from './blocks/text.ts'
import type { Channels } from './edge/channels.ts'
import {
  isClosedForAll,
  isContentRefused,
  isNobody,
  retryAfterMs,
  slackCode,
  slackProblems,
} from './edge/errors.ts'
import type { People } from './edge/people.ts'
import { createPoster, type Metadata } from './edge/poster.ts'
import { cardMetadata, holdMetadata, noticeMetadata } from './ids.ts'

/** ms; a submission's answer waits at most this long for it. */
const REACH_WITHIN = 1000

/** ms; the person who pressed waits for it, and Slack allows 3 s in all. */
const WHO_WITHIN = 700

/** ms; a person whom Slack hasn't named by then is shown by e-mail address. */
const NAMED_WITHIN = 2000

/**
 * Creates the notifier of `grants`: draws requesters' messages, the view after a submission and approvers' cards, and
 * posts alerts.
 */
export function createCards(deps: {
  /** The client for notifications. */
  client: WebClient
  people: People
  channels: Channels
  policy: () => Policy
  logger: Logger
  /** Epoch ms, by the machine's clock. */
  now?: () => number
}): Notifier {
  const { client, people, channels, policy, logger, now = Date.now } = deps
  const poster = createPoster(client, logger)

  /** Replaces e-mail addresses by ids, because Slack notifies only ids. */
  async function withNames(beside: CardFacts): Promise<CardFacts> {
    const { forDeciding } = beside
    if (!forDeciding) return beside
    const approvers = await people.named(forDeciding.approvers, NAMED_WITHIN)
    return { ...beside, forDeciding: { ...forDeciding, approvers } }
  }

  async function drawMessage(card: Card, grant: Grant, beside: CardFacts): Promise<DrawnOn> {
    const reader = createReader(card.language, policy())
    const { text, blocks } =
      card.kind === 'approval'
        ? showApproval(grant, await withNames(beside), reader)
        : withButtons(showGrant(grant, reader, beside), grantButtons(grant, reader))
    const { words } = reader
    const content = (replaces: boolean) => ({
      text,
      blocks: replaces ? [...blocks.slice(0, 1), context(words.card.replaces), ...blocks.slice(1)] : blocks,
      words,
    })
    const metadata = { event_type: cardMetadata, event_payload: { card_id: card.id, grant_id: grant.id } }
    const known = card.place && 'channel' in card.place ? card.place : null
    let replaces = known?.replaces ?? false
    if (known) {
      const became = await poster.change(known, content(replaces), metadata)
      if (became === 'changed') return { place: known }
      replaces ||= became === 'unchangeable'
      const line = { grantId: grant.id, cardId: card.id }
      logger.warn(
        line,
        `message of a grant ${became === 'gone' ? 'has vanished' : 'can not be changed any more'}: posting it anew`,
      )
    }
    const channel = card.kind === 'approval' ? card.recipient : await openDm(card.recipient)
    if (channel === null) return notWritable(card, grant)
    // An earlier post may have arrived although its answer was lost: readers couldn't tell a second message from the
    // first.
    const isThis: Metadata = { event_type: cardMetadata, event_payload: { card_id: card.id } }
    const where = { since: grant.createdAt, lost: known?.ts ?? null }
    const found = card.tries > 0 ? await poster.find(channel, isThis, where) : null
    const mark = replaces ? { replaces: true as const } : {}
    // Keeps the state in which the message was new, because that is what Slack notified its reader of.
    const postedAs = (state: unknown) => ({
      ...metadata,
      event_payload: { ...metadata.event_payload, state: String(state) },
    })
    if (found) {
      const { says, ...place } = found
      if (await poster.update(place, content(replaces), postedAs(says.state)))
        return { place: { ...place, ...mark }, isNews: says.state === grant.state }
    }
    const place = await poster.post({ channel, ...content(replaces) }, postedAs(grant.state))
    return { place: { ...place, ...mark }, posted: true, isNews: true }
  }

  function notWritable(card: Card, grant: Grant): { gone: true } {
    reportNobody(card.recipient, grant.id)
    return { gone: true }
  }

  function reportNobody(person: string, grantId: string): void {
    logger.warn({ grantId, person }, 'requester can no longer be written to')
  }

  /** Adds links to the cards of the first `most`. */
  function withLinks<T extends { card: Place | null }>(
    all: readonly T[],
    most: number,
  ): Promise<(T & { link: string | null })[]> {
    return Promise.all(
      all.map(async (one, index) => ({ ...one, link: index < most ? await linkTo(one.card) : null })),
    )
  }

  /** The link to the full card; null if Slack gives none. */
  async function linkTo(place: Place | null): Promise<string | null> {
    if (!place || !('channel' in place)) return null
    const { channel, ts } = place
    const told = await client.chat.getPermalink({ channel, message_ts: ts }).catch(() => null)
    return told?.permalink ?? null
  }

  async function drawApproval(card: Card, grant: Grant, beside: CardFacts): ReturnType<typeof drawMessage> {
    try {
      return await drawMessage(card, grant, beside)
    } catch (error) {
      if (error instanceof ChannelClosedError) channels.forget(error.channel)
      throw error
    }
  }

  /**
   * When one person's direct messages take nothing, only some error codes mean that all direct messages are closed.
   */
  async function drawDm(card: Card, grant: Grant, beside: CardFacts): ReturnType<typeof drawMessage> {
    try {
      return await drawMessage(card, grant, beside)
    } catch (error) {
      // Whatever failed, the next try asks Slack again whether the person can be written to.
      dms.delete(card.recipient)
      if (isNobody(error)) return notWritable(card, grant)
      const ofAll = asOfAll(error)
      // The message went with its channel; if the app opens the conversation again, Slack may give it another channel.
      if (ofAll === null && isOfUpdate(error) && card.place)
        return drawDm({ ...card, place: null }, grant, beside)
      throw ofAll ?? causeOf(error)
    }
  }

  async function tellOutcomes(
    { id, since, tries }: Pick<Notice, 'id' | 'since' | 'tries'>,
    outcomes: readonly Outcome[],
  ): Promise<boolean> {
    const [first] = outcomes
    if (!first) return false
    const { recipient, language } = first.card
    const reader = createReader(language, policy())
    const metadata = { event_type: noticeMetadata, event_payload: { notice_id: id } }
    try {
      const channel = await openDm(recipient)
      if (channel === null) {
        reportNobody(recipient, first.grant.id)
        return false
      }
      if (tries > 0 && (await poster.find(channel, metadata, { since }))) return true
      const placed = outcomes.map((outcome) => ({ ...outcome, card: outcome.card.place }))
      const linked = await withLinks(placed, MOST_TOGETHER)
      await poster.post({ channel, ...endMessage(linked, reader), words: reader.words }, metadata)
      return true
    } catch (error) {
      dms.delete(recipient)
      if (!isNobody(error)) throw asOfAll(error) ?? causeOf(error)
      reportNobody(recipient, first.grant.id)
      return false
    }
  }

  /** @returns false when this person can no longer be written to */
  async function tellAsker(
    news: Extract<News, { kind: 'erasure-ended' }>,
    metadata: Metadata,
    { since, tries }: { since: number; tries: number },
  ): Promise<boolean> {
    const channel = await openDm(news.askedBy)
    if (channel === null) return false
    if (tries > 0 && (await poster.find(channel, metadata, { since }))) return true
    const reader = people.readerOf(news.askedBy)
    await poster.post({ channel, text: erasureEndText(news, reader), words: reader.words }, metadata)
    return true
  }

  /** A person's channel stays the same: the app asks once, as Slack counts the calls. */
  const dms = new Map<string, string>()

  async function openDm(user: string): Promise<string | null> {
    const known = dms.get(user)
    if (known !== undefined) return known
    try {
      const { channel } = await client.conversations.open({ users: user })
      if (!channel?.id) throw new Error('Slack opened no conversation')
      dms.set(user, channel.id)
      return channel.id
    } catch (error) {
      if (isNobody(error)) return null
      const code = slackCode(error) ?? ''
      if (!isClosedForAll(code)) throw error
      throw new ChannelClosedError({ channel: DIRECT_MESSAGES, code, foundBy: 'post' }, { cause: error })
    }
  }

  /** Redraws the view while it is open; once it shows the grant's end, nothing more is drawn. */
  async function drawView(card: Card, grant: Grant, { decisions, settlement }: CardFacts): Promise<DrawnOn> {
    if (!card.place || !('viewId' in card.place)) return { gone: true }
    const reader = createReader(card.language, policy())
    const view_id = card.place.viewId
    try {
      const view = recordedView(grant, reader, { decisions, settlement })
      await client.views.update({ view_id, view }).catch((error: unknown) => {
        if (!isContentRefused(error)) throw error
        logger.error(
          { grantId: grant.id, code: slackCode(error), problems: slackProblems(error) },
          'Slack does not take a view as it is: showing a short one. Please report this line, it is a mistake of this app',
        )
        return client.views.update({ view_id, view: { ...view, blocks: shortBlocks(view.blocks, reader) } })
      })
    } catch (error) {
      if (slackCode(error) !== 'not_found' && !isContentRefused(error)) throw error
      return { gone: true }
    }
    // A coupon that people have settled as not issued may still turn out to be issued.
    const isFollowed = isOpen(grant.state) || isSettledNotIssued(grant)
    return isFollowed ? { place: card.place } : { gone: true, isShown: true }
  }

  async function toOperators(message: Message, { words }: Reader): Promise<Message> {
    const who = mentions(await people.named(policy().roles.operator, NAMED_WITHIN), words)
    return who === null ? message : mentioning(message, who)
  }

  return {
    draw: (card, grant, beside) =>
      waiting(() => ({ view: drawView, dm: drawDm, approval: drawApproval })[card.kind](card, grant, beside)),

    async reach({ channel, ...of }) {
      const [count, checked] = await Promise.all([
        people.countReachable(of, REACH_WITHIN),
        channels.check(channel, REACH_WITHIN),
      ])
      if (count === null || checked === null) return null
      return { people: count, channel: checked === 'ok' ? null : checked }
    },

    async who(ids, within = WHO_WITHIN) {
      const ms = Math.min(within, WHO_WITHIN)
      const told = await Promise.all(ids.map((id) => people.who({ id, team: null }, ms)))
      return told.map(({ person }) => person)
    },

    remind({ id, news, since, tries }, asks) {
      const reader = createReader(policy().language, policy())
      const metadata = { event_type: noticeMetadata, event_payload: { notice_id: id } }
      return waiting(async () => {
        const [first] = asks
        if (news.kind !== 'reminders' || !first) return
        const { channel } = news
        if (tries > 0 && (await poster.find(channel, metadata, { since }))) return
        const approvers = await people.named(decidersOf(policy(), first.grant, now()), NAMED_WITHIN)
        const linked = await withLinks(asks, MOST_REMINDED)
        const message = remindersMessage(linked, approvers, reader)
        await poster.post({ channel, ...message, words: reader.words }, metadata)
      })
    },

    tellOutcomes: (notice, outcomes) => waiting(() => tellOutcomes(notice, outcomes)),

    tell({ id, news, since, tries }, about) {
      const { alerts, language } = policy()
      const reader = createReader(language, policy())
      const metadata = { event_type: noticeMetadata, event_payload: { notice_id: id } }
      return waiting(async () => {
        if (news.kind === 'outcome' || news.kind === 'reminders') return false
        if (news.kind === 'reminder' || news.kind === 'escalated') {
          const thread = about?.thread
          if (!about || !thread || !('channel' in thread))
            throw new DrawLaterError(5000, { cause: new Error('the card to remind of is not posted yet') })
          const { channel, ts } = thread
          if (tries > 0 && (await poster.find(channel, metadata, { since, thread: ts }))) return true
          const members = news.kind === 'escalated' ? news.added : decidersOf(policy(), about.grant, now())
          const named = await people.named(members, NAMED_WITHIN)
          const text =
            news.kind === 'escalated'
              ? escalatedText(about, reader, named)
              : reminderText(about, policy(), reader, named)
          await poster.post({ channel, thread_ts: ts, text, words: reader.words }, metadata)
          return true
        }
        if (news.kind === 'erasure-ended') return tellAsker(news, metadata, { since, tries })
        // Without an alerts channel, the log has already said it.
        if (alerts === null) return false
        if (tries > 0 && (await poster.find(alerts, metadata, { since }))) return true
        const message = newsMessage(news, about, reader)
        if (!message) return false
        const posted = isFault(news) ? await toOperators(message, reader) : message
        await poster.post({ channel: alerts, ...posted, words: reader.words }, metadata)
        return true
      })
    },

    tellHold(hold, place, tried = { tries: 0, channel: null }) {
      const { alerts, language } = policy()
      const reader = createReader(language, policy())
      const content = { ...holdMessage(hold, reader), words: reader.words }
      const isThis: Metadata = { event_type: holdMetadata, event_payload: { hold_id: hold.id } }
      const known = place && 'channel' in place ? place : null
      return waiting(async () => {
        const isUpdated =
          known &&
          (await poster.update(known, content, isThis).catch((error: unknown) => {
            // If the hold's message is in an earlier alerts channel and can't be changed, it is posted in the current
            // one.
            if (error instanceof ChannelClosedError && known.channel !== alerts) return false
            throw error
          }))
        if (isUpdated) return known
        if (alerts === null) {
          logger.error(
            { hold: hold.kind, stock: hold.stock, reason: hold.reason },
            'the policy names no alerts channel, so the operators are told only here: issuing waits',
          )
          return null
        }
        // An earlier post may have arrived although its answer was lost, perhaps in the previous alerts channel.
        for (const channel of tried.tries > 0 ? new Set([alerts, tried.channel ?? alerts]) : []) {
          const where = { since: hold.since, lost: known?.ts ?? null }
          const found = await poster.find(channel, isThis, where).catch((error: unknown) => {
            if (channel === alerts) throw error
            return null
          })
          if (!found) continue
          const posted = { channel: found.channel, ts: found.ts }
          if (await poster.update(posted, content, isThis)) return posted
        }
        // Mentions operators once per fault: a message that is posted again has already notified them.
        const first = known === null && isOpenFault(hold) ? await toOperators(content, reader) : content
        return poster.post({ channel: alerts, ...first, words: reader.words }, isThis)
      })
    },

    async takeAway(place) {
      if (!('channel' in place)) return
      await client.chat.delete({ channel: place.channel, ts: place.ts }).catch((error: unknown) => {
        logger.warn({ err: error }, 'a stray copy of a message could not be taken away')
      })
    },

    async stands(place) {
      if (!('channel' in place)) return null
      try {
        await client.chat.getPermalink({ channel: place.channel, message_ts: place.ts })
        return true
      } catch (error) {
        const code = slackCode(error) ?? ''
        return ['message_not_found', 'channel_not_found', 'not_in_channel'].includes(code) ? false : null
      }
    },
  }
}

/** The error for all direct messages, if one person's closed channel means that all are closed; else null. */
function asOfAll(error: unknown): ChannelClosedError | null {
  if (!(error instanceof ChannelClosedError) || !isClosedForAll(error.code)) return null
  const { code, foundBy, cause } = error
  return new ChannelClosedError({ channel: DIRECT_MESSAGES, code, foundBy }, { cause })
}

function isOfUpdate(error: unknown): boolean {
  return error instanceof ChannelClosedError && error.foundBy === 'update'
}

function causeOf(error: unknown): unknown {
  return error instanceof ChannelClosedError ? error.cause : error
}

function shortBlocks([title]: readonly AnyBlock[], { words }: Reader): AnyBlock[] {
  return [...(title?.type === 'header' ? [title] : []), section(words.card.shortened)]
}

function withButtons({ text, blocks }: Message, buttons: AnyBlock): Message {
  return { text, blocks: [...blocks, buttons] }
}

/** Passes on how long Slack asks to wait. */
async function waiting<T>(call: () => Promise<T>): Promise<T> {
  try {
    return await call()
  } catch (error) {
    const retryIn = retryAfterMs(error)
    throw retryIn === null ? error : new DrawLaterError(retryIn, { cause: error })
  }
}
