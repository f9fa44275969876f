import type { AnyBlock } from '@slack/types'
import type { Decision, Grant } from '../../domain/grant.ts'
import type { News } from '../../domain/notice.ts'
import { shortOpenid } from '../../domain/openid.ts'
import { levelFor, type Policy } from '../../domain/policy.ts'
import type { About } from '../../grants/index.ts'
import { mentions, type Reader } from '../reader.ts'
import { context, header, safe, section, sections, typed } from '../text.ts'
import { buttonRow, settleButton, withdrawButton } from './buttons.ts'
import { numbersBlock } from './grant-blocks.ts'
import { flagText, saidBlocks } from './settlement-blocks.ts'

const MOST_CHANGES = 40
const MAX_VALUE = 150

/** What approvers are reminded of, in the thread of the card. */
export function reminderText(
  { grant, decisions }: { grant: Grant; decisions: readonly Decision[] },
  policy: Policy,
  { words, dates }: Reader,
): string {
  const have = decisions.filter(({ kind }) => kind === 'approve').length
  const who = mentions(levelFor(policy, grant).approvers, words) ?? words.approval.approvers
  return words.approval.reminder(who, grant.approvalsNeeded - have, dates.slack(grant.expiresAt ?? 0))
}

/** What the operators are told of a grant: that it needs people, what somebody has found out, or that it was wrong. */
export function lookMessage(
  news: Extract<News, { grantId: string }>,
  { grant, settlement }: About,
  reader: Reader,
): { text: string; blocks: AnyBlock[] } {
  const { words, name } = reader
  const { look, stuck } = words
  const title = settlement ? look.settlementTitle : look.title
  const user = `\`${shortOpenid(grant.openid)}\``
  const about = section(words.approval.about(`<@${grant.requester}>`, name(grant.stockName), user))
  if (news.kind === 'coupon-after-end')
    return {
      text: look.afterEndTitle,
      blocks: [
        header(look.afterEndTitle),
        about,
        section(look.afterEndText(`\`${safe(news.couponId, 200)}\``)),
        numbersBlock(grant),
      ],
    }
  if (news.kind === 'issued-after-all')
    return {
      text: look.afterAllTitle,
      blocks: [header(look.afterAllTitle), about, section(look.afterAllText), numbersBlock(grant)],
    }
  if (settlement)
    return {
      text: title,
      blocks: [
        header(title),
        about,
        ...saidBlocks(settlement, reader),
        section(look.settlementText),
        buttonRow(settleButton(grant.id, stuck.confirm), withdrawButton(settlement.id, reader)),
        numbersBlock(grant),
      ],
    }
  return {
    text: title,
    blocks: [
      header(title),
      about,
      ...(grant.flag ? [section(stuck.why(flagText(grant.flag, words)))] : []),
      section(look.text),
      buttonRow(settleButton(grant.id, stuck.look)),
      numbersBlock(grant),
    ],
  }
}

/** What the operators are told of the policy. */
export function policyMessage(
  news: Extract<News, { kind: 'policy-changed' | 'policy-broken' }>,
  { words }: Reader,
): { text: string; blocks: AnyBlock[] } {
  const says = words.policyNews
  if (news.kind === 'policy-broken')
    return {
      text: says.brokenTitle,
      blocks: [
        header(says.brokenTitle),
        section(says.brokenText),
        ...sections(news.mistakes.split('\n'), typed),
      ],
    }
  const value = (text: string) => safe(text, MAX_VALUE)
  const lines = news.changes.slice(0, MOST_CHANGES).map(({ path, before, after }) => {
    const where = `\`${safe(path)}\``
    if (before === null) return says.added(where, value(after ?? ''))
    return after === null
      ? says.removed(where, value(before))
      : says.changed(where, value(before), value(after))
  })
  const more = news.changes.length - lines.length
  const shown = [...lines, ...(more > 0 ? [says.more(more)] : [])]
  return {
    text: says.changedTitle,
    blocks: [
      header(says.changedTitle),
      section(says.changedText),
      ...sections(shown.length > 0 ? shown : [says.nothing]),
      context(says.version(`\`${news.to.slice(0, 12)}\``)),
    ],
  }
}
