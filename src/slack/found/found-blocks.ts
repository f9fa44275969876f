import type { AnyBlock, Button } from '@slack/types'
import { isOpen } from '../../domain/grant.ts'
import { shortOpenid } from '../../domain/openid.ts'
import type { FoundGrant, FoundOutcome } from '../../grants/index.ts'
import { approvalTitle } from '../cards/approval-blocks.ts'
import { button, cancelOwnButton, decideButtons } from '../cards/buttons.ts'
import { holdReason } from '../cards/grant-blocks.ts'
import { actions } from '../ids.ts'
import type { Reader } from '../reader.ts'
import { context, header, safe, section, unformatted } from '../text.ts'
import { type FoundValue, writeFoundValue, writeGrantValue } from './found-value.ts'

type Found = Extract<FoundOutcome, { kind: 'found' }>

/** Grants as a list for one person: what waits, what was asked for, or what a user was given. */
export function foundMessage(
  found: Found,
  list: FoundValue,
  reader: Reader,
): { text: string; blocks: AnyBlock[] } {
  const { words } = reader
  const title = titleOf(list, reader)
  const none = {
    pending: words.found.pendingNone,
    mine: words.found.mineNone,
    history: words.found.historyNone,
  }
  return {
    text: title,
    blocks: [
      header(title),
      ...(found.grants.length === 0 ? [section(none[list.kind])] : []),
      ...found.grants.flatMap((one) => grantRow(one, list, reader)),
      ...paging(found, list, reader),
      ...(list.kind === 'history' ? [context(words.list.privacy)] : []),
    ],
  }
}

function titleOf({ kind, openid }: FoundValue, { words }: Reader): string {
  if (kind === 'history') return words.found.historyTitle(shortOpenid(openid ?? ''))
  return kind === 'pending' ? words.found.pendingTitle : words.found.mineTitle
}

function grantRow({ grant, decisions }: FoundGrant, list: FoundValue, reader: Reader): AnyBlock[] {
  const { words, dates, name } = reader
  const line = words.found.line(
    approvalTitle(grant, { decisions }, reader),
    name(grant.stockName),
    `\`${shortOpenid(grant.openid)}\``,
    `<@${grant.requester}>`,
    dates.slack(grant.createdAt),
  )
  const why = isOpen(grant.state) ? holdReason(grant, words) : null
  const facts = [
    words.found.reason(name(grant.reasonName)),
    ...(grant.ticket ? [`${words.approval.ticket} ${unformatted(grant.ticket)}`] : []),
    ...(grant.state === 'pending' && grant.expiresAt !== null
      ? [words.approval.until(dates.slack(grant.expiresAt))]
      : []),
    ...(why === null ? [] : [why]),
    ...(grant.couponId ? [`\`${safe(grant.couponId, 200)}\``] : []),
  ]
  const value = writeGrantValue(grant.id, list)
  const elements: Button[] = [
    ...(list.kind === 'pending' ? decideButtons(grant, value, reader) : []),
    ...(list.kind === 'mine' && ['pending', 'approved'].includes(grant.state)
      ? [cancelOwnButton(value, reader)]
      : []),
    button(actions.history, words.approval.history, value),
  ]
  return [section(`${line}\n${facts.join(' · ')}`), { type: 'actions', elements }]
}

function paging({ page, hasMore }: Found, list: FoundValue, { words }: Reader): AnyBlock[] {
  const to = (target: number) => writeFoundValue({ ...list, page: target })
  const elements = [
    ...(page > 1 ? [button(actions.foundPrevious, words.list.previous, to(page - 1))] : []),
    ...(hasMore ? [button(actions.foundNext, words.list.next, to(page + 1))] : []),
  ]
  return elements.length > 0 ? [{ type: 'actions', elements }, context(words.found.page(page))] : []
}
