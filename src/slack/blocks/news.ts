import type { AnyBlock } from '@slack/types'
import { DIRECT_MESSAGES } from '../../domain/card.ts'
import type { Decision, Grant } from '../../domain/grant.ts'
import type { News } from '../../domain/news.ts'
import { levelFor } from '../../domain/permissions.ts'
import type { Policy } from '../../domain/policy.ts'
import type { About, Asked } from '../../grants/index.ts'
import { buttonRow, confirmButton, settleButton, withdrawButton } from './buttons-and-views.ts'
import { erasureMessage } from './erasure.ts'
import { aboutBlocks, numbersBlock, saidBlocks, whichBlock } from './grant-parts.ts'
import { mentions, type Reader, userText } from './reader.ts'
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

/** Tells operators some news. @returns null for news of a grant that is not in the ledger */
export function newsMessage(
  news: Exclude<News, { kind: 'reminder' | 'reminders' | 'outcome' | 'escalated' | 'erasure-ended' }>,
  about: About | null,
  reader: Reader,
): Message | null {
  if ('grantId' in news) return about && lookMessage(news, about, reader)
  if (news.kind === 'erasure') return erasureMessage(news, reader)
  if (news.kind === 'sealed') return sealedMessage(news, reader)
  if (news.kind === 'coupon-differs') return differsMessage(news, reader)
  if (news.kind === 'set-up-blocked') return blockedMessage(news, reader)
  const isOfChannel = news.kind === 'channel-closed' || news.kind === 'channel-open'
  return isOfChannel ? channelMessage(news, reader) : policyMessage(news, reader)
}

const faults: readonly News['kind'][] = [
  'set-up-blocked',
  'policy-broken',
  'needs-look',
  'stranded',
  'issued-after-all',
  'coupon-after-end',
  'settlement',
  'erasure',
  'channel-closed',
]

/** Whether operators must act on it, so it is more than news. */
export function isFault({ kind }: News): boolean {
  return faults.includes(kind)
}

/** Adds a line that notifies people: on its own and below the title, as a header takes no mentions. */
export function mentioning({ text, blocks }: Message, who: string): Message {
  return { text: `${who} ${text}`, blocks: [...blocks.slice(0, 1), section(who), ...blocks.slice(1)] }
}

const MAX_VALUE = 150

/** Reminds approvers of a grant, in the thread of its card. */
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

/** One reminder lists at most this many requests. */
export const MOST_REMINDED = 20

/** Reminds approvers of several requests at once, in the channel, each with a link to its card. */
export function remindersMessage(
  asks: readonly (Pick<Asked, 'grant' | 'decisions'> & { link: string | null })[],
  approvers: readonly string[],
  reader: Reader,
): Message {
  const { words, dates, amount } = reader
  const says = words.reminders
  const text = says.title(mentions(approvers, words) ?? words.approval.approvers, asks.length)
  const lines = asks.slice(0, MOST_REMINDED).map(({ grant, decisions, link }) => {
    const what = `${amount(grant.quota)} · ${userText(grant, reader)}`
    const have = decisions.filter(({ kind }) => kind === 'approve').length
    const until = grant.expiresAt === null ? null : dates.slack(grant.expiresAt)
    return says.line(link === null ? what : `<${link}|${what}>`, have, grant.approvalsNeeded, until)
  })
  const left = asks.length - lines.length
  return {
    text,
    blocks: [section(text), ...sections(lines), ...(left > 0 ? [context(says.more(left))] : [])],
  }
}

/**
 * Tells approvers that the policy has added them to a waiting grant, in the thread of its card.
 * @param added people, groups and addresses, to be mentioned
 */
export function escalatedText(
  { grant, decisions }: { grant: Grant; decisions: readonly Decision[] },
  { words, dates }: Reader,
  added: readonly string[],
): string {
  const have = decisions.filter(({ kind }) => kind === 'approve').length
  const who = mentions(added, words) ?? words.approval.approvers
  return words.escalation.told(who, grant.approvalsNeeded - have, dates.slack(grant.expiresAt ?? 0))
}

/** Tells operators about a grant: that it needs people, how somebody settled it, or that its end was wrong. */
export function lookMessage(
  news: Exclude<Extract<News, { grantId: string }>, { kind: 'reminder' | 'escalated' }>,
  { grant, settlement }: About,
  reader: Reader,
): Message {
  const { look, stuck } = reader.words
  const message = (title: string, ...blocks: AnyBlock[]) => ({
    text: title,
    blocks: [header(title), ...blocks, numbersBlock(grant, settlement)],
  })
  const which = whichBlock(grant, reader)
  if (news.kind === 'stranded') {
    const { escalation } = reader.words
    return message(
      escalation.strandedTitle,
      which,
      section(escalation.strandedText(news.needed, news.reachable)),
    )
  }
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

/** Tells operators that Slack takes no messages in a channel, or that it takes them again. */
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

/** A channel, or direct messages in general. */
export function channelText(channel: string, { channels }: Words): string {
  return channel === DIRECT_MESSAGES ? channels.directMessages : `<#${safe(channel)}>`
}

/** What an operator can do about a closed channel. */
export function closedCheckText(code: string, { channels: { check } }: Words): string {
  return byCode(check, code.startsWith('restricted_action') ? 'restricted_action' : code) ?? check.other
}

/** Tells operators of a coupon that does not match the grants. */
export function differsMessage(
  { couponId, differs, of, stock }: Extract<News, { kind: 'coupon-differs' }>,
  { words: { records } }: Reader,
): Message {
  const title = differs === 'no-grant' ? records.noGrantTitle : records.notListedTitle
  const text = differs === 'no-grant' ? records.noGrantText : records.notListedText
  return {
    text: title,
    blocks: [
      header(title),
      section(text(`\`${safe(couponId, 200)}\``, safe(stock, 100))),
      ...(of === null ? [] : [context(records.ofGrant(`\`${safe(of)}\``))]),
    ],
  }
}

/** Tells operators the latest seal, in the form that `npm run audit -- verify --head` takes. */
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

/** Tells operators that the policy has changed or is broken. */
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
