import type { AnyBlock, Button } from '@slack/types'
import { z } from 'zod'
import { isOpen } from '../../domain/grant.ts'
import { shortOpenid } from '../../domain/openid.ts'
import type { Person } from '../../domain/permissions.ts'
import type { FoundGrant, FoundOutcome } from '../../grants/index.ts'
import { parseTypedLookup } from '../ask/open-form.ts'
import { button, cancelOwnButton, decideButtons } from '../blocks/buttons.ts'
import { refusalBlocks } from '../blocks/explain.ts'
import { holdReason } from '../blocks/grant.ts'
import { approvalTitle } from '../blocks/grant-cards.ts'
import { createReader, type Reader } from '../blocks/reader.ts'
import { context, header, safe, section, unformatted } from '../blocks/text.ts'
import type { Respond } from '../edge/answer.ts'
import type { Edge, User } from '../edge/handlers.ts'
import { actions } from '../ids.ts'

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

/** The command is acknowledged by then, so Slack may take its time. */
const ROLES_WITHIN = 5000

/** Answers `pending`, `mine` and `history <openid>`. */
export async function findTyped(
  edge: Edge,
  { user, kind, text, respond }: { user: User; kind: FoundValue['kind']; text: string; respond: Respond },
): Promise<void> {
  const policy = edge.grants.policy()
  const { person, language } = await edge.people.who(user, ROLES_WITHIN)
  // Who may not read it is told so, whatever was typed.
  const { readsHistory } = await edge.grants.abilities(person)
  const openid = kind === 'history' && readsHistory ? parseTypedLookup(text, policy).openid : null
  if (openid === '') return respond({ text: createReader(language, policy).words.found.missing })
  await showFound(edge, { user, list: { kind, page: 1, openid }, respond, replace: false, told: [] })
}

/** Draws a page of a list. @param told what a click did, to stand above it */
export async function showFound(
  edge: Edge,
  options: { user: User; list: FoundValue; respond: Respond; replace: boolean; told: AnyBlock[] },
): Promise<void> {
  const { user, list, respond, replace, told } = options
  const { person, language } = await edge.people.who(user, ROLES_WITHIN)
  const policy = edge.grants.policy()
  const reader = createReader(language, policy)
  const outcome = await ask(edge, person, list, replace)
  switch (outcome.kind) {
    case 'refused': {
      const { text, blocks } = refusalBlocks([outcome.refusal], policy, reader)
      return respond({ text, blocks: [...told, ...blocks], replace })
    }
    case 'busy': {
      // What is shown already stays, and what a click did is told all the same.
      const { busy } = reader.words.notice
      return respond({ text: busy, blocks: [...told, section(busy)] })
    }
    case 'found':
      return respond({ ...draw(outcome, list, reader, told), replace })
  }
}

function ask(
  { grants }: Edge,
  person: Person,
  { kind, page, openid }: FoundValue,
  isTurned: boolean,
): Promise<FoundOutcome> {
  if (kind === 'history') return grants.history({ person, openid: openid ?? '', page, isTurned })
  return kind === 'pending' ? grants.pending({ person, page }) : grants.mine({ person, page })
}

function draw(
  found: Extract<FoundOutcome, { kind: 'found' }>,
  list: FoundValue,
  reader: Reader,
  told: AnyBlock[],
): { text: string; blocks: AnyBlock[] } {
  const { text, blocks } = foundMessage(found, { ...list, page: found.page }, reader)
  return { text, blocks: [...told, ...blocks] }
}

/** Which list of grants a button belongs to, and its page. */
export interface FoundValue {
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

export function writeFoundValue({ kind, page, openid }: FoundValue): string {
  return `${kind}|${page}|${openid ?? ''}`
}

/** Reads it back; null where it is not what this app wrote. */
export function readFoundValue(value: string | undefined): FoundValue | null {
  const read = parts.safeParse((value ?? '').split('|'))
  if (!read.success) return null
  const [kind, page, openid] = read.data
  if ((kind === 'history') !== (openid !== '')) return null
  return { kind, page, openid: openid || null }
}

/** A grant's button, which in a list carries the list too, to be drawn anew. */
export function writeGrantValue(grantId: string, list: FoundValue | null): string {
  return list ? `${grantId}|${writeFoundValue(list)}` : grantId
}

export function readGrantValue(value: string | undefined): { grantId: string; list: FoundValue | null } {
  const [id = '', ...rest] = (value ?? '').split('|')
  return { grantId: readGrantId(id), list: rest.length > 0 ? readFoundValue(rest.join('|')) : null }
}

/** A grant's id as it comes back from Slack; empty, which is no grant's, where it can't be one. */
export function readGrantId(text: string): string {
  return /^[0-9A-Za-z-]{1,64}$/.test(text) ? text : ''
}
