import type { AnyBlock, Button } from '@slack/types'
import { z } from 'zod'
import { isOpen } from '../../domain/grant.ts'
import type { Person } from '../../domain/permissions.ts'
import { shortOpenid } from '../../domain/wechatpay-ids.ts'
import type { FoundGrant, FoundOutcome } from '../../grants/index.ts'
import { button, cancelOwnButton, decideButtons } from '../blocks/buttons-and-views.ts'
import { refusalBlocks } from '../blocks/explain.ts'
import { foundByLines } from '../blocks/found-by.ts'
import { approvalTitle, holdReason } from '../blocks/grant.ts'
import type { Reader } from '../blocks/reader.ts'
import { context, header, type Message, safe, section, unformatted } from '../blocks/text.ts'
import type { Answer } from '../edge/answer.ts'
import type { Edge } from '../edge/handlers.ts'
import { readGrantId, type User } from '../edge/payloads.ts'
import { parseTypedLookup } from '../edge/typed-command.ts'
import { actions } from '../ids.ts'

/** The command is acknowledged by then, so Slack may take its time. */
const ROLES_WITHIN = 5000

/** Answers `pending`, `mine` and `history <openid>`. */
export async function grantListTyped(
  edge: Edge,
  { user, kind, text, answer }: { user: User; kind: GrantList['kind']; text: string; answer: Answer },
): Promise<void> {
  const { person, reader } = await edge.people.who(user, ROLES_WITHIN)
  // Who may not read it is told so, whatever was typed.
  const { readsHistory } = await edge.grants.abilities(person)
  const openid =
    kind === 'history' && readsHistory ? parseTypedLookup(text, edge.grants.policy()).openid : null
  if (openid === '') return answer({ text: reader.words.found.missing })
  await showGrantList(edge, { user, list: { kind, page: 1, openid }, answer, replace: false, above: [] })
}

/** Draws a page of a list. @param above what a click did, to stand above it */
export async function showGrantList(
  edge: Edge,
  options: { user: User; list: GrantList; answer: Answer; replace: boolean; above: AnyBlock[] },
): Promise<void> {
  const { user, list, answer, replace, above } = options
  const { person, reader } = await edge.people.who(user, ROLES_WITHIN)
  const outcome = await ask(edge, person, list, replace)
  switch (outcome.kind) {
    case 'refused': {
      const { text, blocks } = refusalBlocks([outcome.refusal], edge.grants.policy(), reader)
      return answer({ text, blocks: [...above, ...blocks], replace })
    }
    case 'busy': {
      // What is shown already stays, and what a click did is told all the same.
      const { busy } = reader.words.notice
      return answer({ text: busy, blocks: [...above, section(busy)] })
    }
    case 'found': {
      const { text, blocks } = grantListMessage(outcome, { ...list, page: outcome.page }, reader)
      return answer({ text, blocks: [...above, ...blocks], replace })
    }
  }
}

function ask(
  { grants }: Edge,
  person: Person,
  { kind, page, openid }: GrantList,
  isTurned: boolean,
): Promise<FoundOutcome> {
  if (kind === 'history') return grants.history({ person, openid: openid ?? '', page, isTurned })
  return kind === 'pending' ? grants.pending({ person, page }) : grants.mine({ person, page })
}

type Found = Extract<FoundOutcome, { kind: 'found' }>

/** Grants as a list for one person: what waits, what was asked for, or what a user was given. */
export function grantListMessage(found: Found, list: GrantList, reader: Reader): Message {
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

function titleOf({ kind, openid }: GrantList, { words }: Reader): string {
  if (kind === 'history') return words.found.historyTitle(shortOpenid(openid ?? ''))
  return kind === 'pending' ? words.found.pendingTitle : words.found.mineTitle
}

function grantRow({ grant, decisions }: FoundGrant, list: GrantList, reader: Reader): AnyBlock[] {
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
    ...foundByLines(grant, reader),
    ...(grant.ticket ? [`${words.approval.ticket} ${unformatted(grant.ticket)}`] : []),
    ...(grant.state === 'pending' && grant.expiresAt !== null
      ? [words.approval.until(dates.slack(grant.expiresAt))]
      : []),
    ...(why === null ? [] : [why]),
    ...(grant.couponId ? [`\`${safe(grant.couponId, 200)}\``] : []),
  ]
  const value = writeGrantValue(grant.id, list)
  const elements: Button[] = [
    ...(list.kind === 'pending' ? decideButtons({ grant, decisions }, value, reader) : []),
    ...(list.kind === 'mine' && ['pending', 'approved'].includes(grant.state)
      ? [cancelOwnButton(value, reader)]
      : []),
    button(actions.history, words.approval.history, value),
  ]
  return [section(`${line}\n${facts.join(' · ')}`), { type: 'actions', elements }]
}

function paging({ page, hasMore }: Found, list: GrantList, { words }: Reader): AnyBlock[] {
  const to = (target: number) => writeGrantList({ ...list, page: target })
  const elements = [
    ...(page > 1 ? [button(actions.foundPrevious, words.list.previous, to(page - 1))] : []),
    ...(hasMore ? [button(actions.foundNext, words.list.next, to(page + 1))] : []),
  ]
  return elements.length > 0 ? [{ type: 'actions', elements }, context(words.found.page(page))] : []
}

/** Which list of grants a button belongs to, and its page. */
interface GrantList {
  kind: 'pending' | 'mine' | 'history'
  page: number
  /** Of `history`. */
  openid: string | null
}

const parts = z.tuple([
  z.enum(['pending', 'mine', 'history']),
  z
    .string()
    .regex(/^[1-9][0-9]{0,5}$/)
    .transform(Number),
  z.string().regex(/^[0-9A-Za-z_-]{0,128}$/),
])

function writeGrantList({ kind, page, openid }: GrantList): string {
  return `${kind}|${page}|${openid ?? ''}`
}

/** Reads it back; null where it is not what this app wrote. */
export function readGrantList(value: string | undefined): GrantList | null {
  const read = parts.safeParse((value ?? '').split('|'))
  if (!read.success) return null
  const [kind, page, openid] = read.data
  if ((kind === 'history') !== (openid !== '')) return null
  return { kind, page, openid: openid || null }
}

/** A grant's button, which in a list carries the list too, to be drawn anew. */
function writeGrantValue(grantId: string, list: GrantList | null): string {
  return list ? `${grantId}|${writeGrantList(list)}` : grantId
}

export function readGrantValue(value: string | undefined): { grantId: string; list: GrantList | null } {
  const [id = '', ...rest] = (value ?? '').split('|')
  return { grantId: readGrantId(id), list: rest.length > 0 ? readGrantList(rest.join('|')) : null }
}
