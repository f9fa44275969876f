import type { AnyBlock } from '@slack/types'
import type { Grant } from '../../domain/grant.ts'
import { shortOpenid } from '../../domain/openid.ts'
import { actions } from '../ids.ts'
import type { Reader } from '../reader.ts'
import { context, header, plain, safe, section, typedContext } from '../text.ts'
import { byCode } from '../words/index.ts'

/** A grant as its requester sees it, in the message and in the view after the submission. */
export interface GrantShown {
  /** One line that says what is so; also the message's text. */
  title: string
  blocks: AnyBlock[]
}

export function showGrant(grant: Grant, reader: Reader): GrantShown {
  const title = titleOf(grant, reader)
  const { words, name, money } = reader
  return {
    title,
    blocks: [
      header(title),
      section(words.card.quota(`*${name(grant.stockName)}*`, money(grant.quota))),
      ...stateBlocks(grant, reader),
      ...detailBlocks(grant, reader),
    ],
  }
}

/** The buttons of a message about a grant. */
export function grantButtons(grant: Grant, { words }: Reader): AnyBlock {
  const button = (actionId: string, text: string) => ({
    type: 'button' as const,
    action_id: actionId,
    text: plain(text, 75),
    value: grant.id,
  })
  return {
    type: 'actions',
    elements: [
      button(actions.lookUpUser, words.card.lookUp),
      ...(grant.state === 'issued' ? [button(actions.giveAnother, words.card.giveAnother)] : []),
    ],
  }
}

function titleOf(grant: Grant, { words }: Reader): string {
  const user = shortOpenid(grant.openid)
  if (grant.state === 'issuing' && grant.flag)
    return grant.flag.kind === 'checking' ? words.card.checking(user) : words.card.needsLook(user)
  if (grant.state === 'approved' && grant.flag?.kind === 'needs-look') return words.card.needsLook(user)
  return words.card[grant.state](user)
}

function stateBlocks(grant: Grant, reader: Reader): AnyBlock[] {
  const { words, dates } = reader
  switch (grant.state) {
    case 'pending':
      return [
        section(
          words.card.pendingText(
            grant.approvalChannel ? `<#${grant.approvalChannel}>` : '—',
            grant.expiresAt === null ? null : dates.slack(grant.expiresAt),
          ),
        ),
      ]
    case 'approved':
      return [section(approvedText(grant, reader))]
    case 'issuing':
      if (!grant.flag) return [section(words.card.issuingText)]
      return [section(grant.flag.kind === 'checking' ? words.card.checkingText : words.card.needsLookText)]
    case 'issued':
      return issuedBlocks(grant, reader)
    case 'refused':
      return refusedBlocks(grant, reader)
    case 'rejected':
      return [section(words.card.rejectedText)]
    case 'cancelled':
      return [section(words.card.cancelledText)]
    case 'expired':
      return [section(words.card.expiredText)]
  }
}

function approvedText(grant: Grant, { words }: Reader): string {
  if (grant.hold) return words.card.holdText(byCode(words.holdBy, grant.hold.reason) ?? words.holdBy.other)
  return words.card.approvedText
}

function issuedBlocks(grant: Grant, reader: Reader): AnyBlock[] {
  const { words, dates, money } = reader
  const until = grant.couponExpiresAt
  return [
    section(until === null ? words.card.noExpiry : words.card.expires(dates.slack(until))),
    section(words.card.passOnLabel),
    {
      type: 'rich_text',
      elements: [
        {
          type: 'rich_text_preformatted',
          elements: [
            {
              type: 'text',
              text: words.card.passOn(money(grant.quota), until === null ? null : dates.words(until)),
            },
          ],
        },
      ],
    },
  ]
}

function refusedBlocks(grant: Grant, { words }: Reader): AnyBlock[] {
  const refusal = grant.refusal
  const code = refusal?.code === 'RULELIMIT' ? 'RULE_LIMIT' : (refusal?.code ?? '')
  const why = byCode(words.refusedBy, code) ?? words.refusedOther
  if (!refusal) return [section(words.card.refusedText(why))]
  return [
    section(words.card.refusedText(why)),
    typedContext(
      words.card.wechatSays(refusal.code, refusal.message),
      ...(refusal.requestId ? [words.card.requestId(refusal.requestId)] : []),
    ),
  ]
}

function detailBlocks(grant: Grant, { words, name }: Reader): AnyBlock[] {
  return [
    context(
      words.card.reason(name(grant.reasonName)),
      ...(grant.approvedByRule === null ? [] : [words.card.byRule(safe(grant.approvedByRule))]),
    ),
    ...(grant.ticket ? [typedContext(words.card.ticket(grant.ticket))] : []),
    context(
      ...(grant.couponId ? [`\`${safe(grant.couponId, 200)}\``] : []),
      `\`${safe(grant.sendRequestNo, 64)}\``,
    ),
  ]
}
