import type { AnyBlock } from '@slack/types'
import { DIRECT_MESSAGES, type News } from '../../domain/card.ts'
import type { Decision, Grant } from '../../domain/grant.ts'
import { levelFor } from '../../domain/permissions.ts'
import type { Policy } from '../../domain/policy.ts'
import type { About } from '../../grants/index.ts'
import { buttonRow, confirmButton, settleButton, withdrawButton } from './buttons-and-views.ts'
import { aboutBlocks, numbersBlock, saidBlocks, whichBlock } from './grant.ts'
import { mentions, type Reader } from './reader.ts'
import { blockedMessage } from './set-up.ts'
import {
  context,
  header,
  linesThatFit,
  type Message,
  safe,
  section,
  sections,
  typed,
  unformatted,
} from './text.ts'
import { byCode, type Words } from './words/index.ts'

/** What the operators are told. @returns null for news of a grant that is not in the ledger */
export function newsMessage(
  news: Exclude<News, { kind: 'reminder' }>,
  about: About | null,
  reader: Reader,
): Message | null {
  if ('grantId' in news) return about && lookMessage(news, about, reader)
  if (news.kind === 'sealed') return sealedMessage(news, reader)
  if (news.kind === 'set-up-blocked') return blockedMessage(news, reader)
  const isOfChannel = news.kind === 'channel-closed' || news.kind === 'channel-open'
  return isOfChannel ? channelMessage(news, reader) : policyMessage(news, reader)
}

const MAX_VALUE = 150

/** What approvers are reminded of, in the thread of the card. */
export function reminderText(
  { grant, decisions }: { grant: Grant; decisions: readonly Decision[] },
  policy: Policy,
  { words, dates }: Reader,
  approvers: readonly string[] = levelFor(policy, grant).approvers,
): string {
  const have = decisions.filter(({ kind }) => kind === 'approve').length
  const who = mentions(approvers, words) ?? words.approval.approvers
  return words.approval.reminder(who, grant.approvalsNeeded - have, dates.slack(grant.expiresAt ?? 0))
}

/** What the operators are told of a grant: that it needs people, what somebody has found out, or that it was wrong. */
export function lookMessage(
  news: Extract<News, { grantId: string }>,
  { grant, settlement }: About,
  reader: Reader,
): Message {
  const { look, stuck } = reader.words
  const message = (title: string, ...blocks: AnyBlock[]) => ({
    text: title,
    blocks: [header(title), ...blocks, numbersBlock(grant)],
  })
  const which = whichBlock(grant, reader)
  if (news.kind === 'coupon-after-end') {
    const couponId = `\`${safe(news.couponId, 200)}\``
    return message(look.afterEndTitle, which, section(look.afterEndText(couponId)))
  }
  if (news.kind === 'issued-after-all') return message(look.afterAllTitle, which, section(look.afterAllText))
  if (settlement)
    return message(
      look.settlementTitle,
      which,
      ...saidBlocks(settlement, reader),
      section(look.settlementText),
      buttonRow(confirmButton(grant.id, settlement.id, reader), withdrawButton(settlement.id, reader)),
    )
  return message(
    look.title,
    ...aboutBlocks(grant, reader),
    section(look.text),
    buttonRow(settleButton(grant.id, stuck.look)),
  )
}

/** What the operators are told of a channel in which Slack takes no messages, and once it takes them again. */
export function channelMessage(
  news: Extract<News, { kind: 'channel-closed' | 'channel-open' }>,
  { words }: Reader,
): Message {
  const { channels } = words
  const where = channelText(news.channel, words)
  if (news.kind === 'channel-open')
    return {
      text: channels.openTitle,
      blocks: [header(channels.openTitle), section(channels.openText(where))],
    }
  return {
    text: channels.closedTitle,
    blocks: [
      header(channels.closedTitle),
      section(channels.closedText(where)),
      section(closedCheckText(news.code, words)),
      context(channels.says(`\`${safe(news.code)}\``)),
    ],
  }
}

/** A channel, or the messages to single people. */
export function channelText(channel: string, { channels }: Words): string {
  return channel === DIRECT_MESSAGES ? channels.directMessages : `<#${safe(channel)}>`
}

/** What an operator can do about a closed channel. */
export function closedCheckText(code: string, { channels: { check } }: Words): string {
  return byCode(check, code.startsWith('restricted_action') ? 'restricted_action' : code) ?? check.other
}

/** What the operators are told of the chain of seals, as `npm run audit -- verify --head` takes it. */
export function sealedMessage(
  { number, hash, last, key }: Extract<News, { kind: 'sealed' }>,
  { words: { records } }: Reader,
): Message {
  return {
    text: records.sealedTitle,
    blocks: [
      header(records.sealedTitle),
      section(records.sealedText(last)),
      context(records.sealedHead(`\`${number}:${hash}\``)),
      context(key === null ? records.sealedUnsigned : records.sealedKey(`\`${safe(key)}\``)),
    ],
  }
}

/** What the operators are told of the policy. */
export function policyMessage(
  news: Extract<News, { kind: 'policy-changed' | 'policy-broken' }>,
  { words }: Reader,
): Message {
  const says = words.policyNews
  if (news.kind === 'policy-broken') {
    const { shown, rest } = linesThatFit(news.mistakes.split('\n'), says.moreMistakes)
    return {
      text: says.brokenTitle,
      blocks: [header(says.brokenTitle), section(says.brokenText), ...sections(shown, typed), ...rest],
    }
  }
  const value = (text: string) => unformatted(text, MAX_VALUE)
  const lines = news.changes.map(({ path, before, after }) => {
    const where = `\`${safe(path)}\``
    if (before === null) return says.added(where, value(after ?? ''))
    return after === null
      ? says.removed(where, value(before))
      : says.changed(where, value(before), value(after))
  })
  const { shown, rest } = linesThatFit(lines, says.more)
  return {
    text: says.changedTitle,
    blocks: [
      header(says.changedTitle),
      section(says.changedText),
      ...sections(shown.length > 0 ? shown : [says.nothing]),
      ...rest,
      context(says.version(`\`${news.to.slice(0, 12)}\``)),
    ],
  }
}
