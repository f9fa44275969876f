import type { AnyBlock, DividerBlock, SectionBlock } from '@slack/types'
import { z } from 'zod'
import { isOpen } from '../../domain/grant.ts'
import type { Person } from '../../domain/permissions.ts'
import { inOneLine } from '../../domain/text.ts'
import { shortOpenid } from '../../domain/wechatpay-ids.ts'
import type { FoundGrant, FoundOutcome } from '../../grants/index.ts'
import {
  button,
  buttonRow,
  cancelOwnButton,
  decideButtons,
  moreMenu,
  moreOf,
} from '../blocks/buttons-and-views.ts'
import { refusalBlocks } from '../blocks/explain.ts'
import { askBlock, decisionFacts, foundByLines } from '../blocks/grant-facts.ts'
import {
  approvalLines,
  approvalTitle,
  endedLines,
  expiryText,
  holdReason,
  isEndedByPerson,
  stateSign,
  whyEnded,
} from '../blocks/grant-parts.ts'
import { actorText, type Reader, userCode, userText } from '../blocks/reader.ts'
import { type Cell, ROWS_OF_TABLE, rangeOf, table, ticketCell } from '../blocks/table.ts'
import {
  context,
  header,
  literal,
  type Message,
  message,
  safe,
  section,
  typed,
  unformatted,
} from '../blocks/text.ts'
import { type Answer, createAnswer } from '../edge/answer.ts'
import type { Edge } from '../edge/handlers.ts'
import { readGrantId, type User } from '../edge/payloads.ts'
import { parseTypedKey } from '../edge/typed-command.ts'
import { actions, type Choice } from '../ids.ts'

/** ms; the command is already acknowledged, so Slack may take its time. */
const ROLES_WITHIN = 5000
const MAX_KEY = 60

/** Answers `pending`, `mine` and `history <openid, ticket, coupon id or send_request_no>`. */
export async function grantListTyped(
  edge: Edge,
  { user, kind, text, answer }: { user: User; kind: GrantList['kind']; text: string; answer: Answer },
): Promise<void> {
  const { person, reader } = await edge.people.who(user, ROLES_WITHIN)
  // A person who may not read the history is told so, whatever they typed.
  const { readsHistory } = await edge.grants.abilities(person)
  const isKeyed = kind === 'history' && readsHistory
  const { key, more } = isKeyed ? parseTypedKey(text, edge.grants.policy()) : { key: null, more: '' }
  if (more !== '') return answer(message(reader.words.notice.oneAtATime(literal(more, 60))))
  if (key === '') return answer({ text: reader.words.found.missing })
  await showGrantList(edge, { user, list: { kind, page: 1, key }, answer, replace: false, above: [] })
}

/**
 * Shows a page of a list.
 * @param options.above blocks about a click, shown above the list
 * @param options.isTurned whether this person already has the same user's list before them; default: whether it
 * replaces a list
 */
export async function showGrantList(
  edge: Edge,
  options: {
    user: User
    list: GrantList
    answer: Answer
    replace: boolean
    above: AnyBlock[]
    isTurned?: boolean
  },
): Promise<void> {
  const { user, list, answer, replace, above, isTurned = replace } = options
  const { person, reader } = await edge.people.who(user, ROLES_WITHIN)
  const outcome = await ask(edge, person, list, isTurned)
  switch (outcome.kind) {
    case 'refused': {
      const { text, blocks } = refusalBlocks([outcome.refusal], edge.grants.policy(), reader)
      return answer({ text, blocks: [...above, ...blocks], replace })
    }
    case 'unknown-key': {
      const { text, blocks } = unknownKey(edge, outcome, list.key ?? '', reader)
      return answer({ text, blocks: [...above, ...blocks], replace })
    }
    case 'busy': {
      // Leaves the list in place, and still says what the click did.
      const { busy } = reader.words.notice
      return answer({ text: busy, blocks: [...above, section(busy)] })
    }
    case 'found': {
      const links = await Promise.all(outcome.grants.map(({ card }) => card && edge.permalink(card)))
      const shown = {
        ...outcome,
        grants: outcome.grants.map((one, at) => ({ ...one, link: links[at] ?? null })),
      }
      const { text, blocks } = grantListMessage(shown, { ...list, page: outcome.page }, reader)
      return answer({ text, blocks: [...above, ...blocks], replace })
    }
  }
}

function ask(
  { grants }: Edge,
  person: Person,
  { kind, page, key }: GrantList,
  isTurned: boolean,
): Promise<FoundOutcome> {
  if (kind === 'history') return grants.history({ person, key: key ?? '', page, isTurned })
  return kind === 'pending' ? grants.pending({ person, page }) : grants.mine({ person, page })
}

/** A key that is nearly an openid: the answer says what is wrong with it. */
const nearlyOpenid = /^o[0-9A-Za-z_-]{19,40}$/

function unknownKey(
  { grants }: Edge,
  { problem }: Extract<FoundOutcome, { kind: 'unknown-key' }>,
  key: string,
  reader: Reader,
): Message {
  if (problem && nearlyOpenid.test(key))
    return refusalBlocks([{ code: 'openid-malformed', problem }], grants.policy(), reader)
  const says = reader.words.found.unknownKey(inOneLine(key, MAX_KEY))
  return { text: safe(says, 300), blocks: [typed(says)] }
}

interface Entry extends FoundGrant {
  /** The link to its card for approvers. */
  link: string | null
}

type Found = Omit<Extract<FoundOutcome, { kind: 'found' }>, 'grants'> & { grants: Entry[] }

const DIVIDER: DividerBlock = { type: 'divider' }

/**
 * Grants as a list for one person: what waits, what they asked for, or what a user was given. Grants that this person
 * can act on are entries with buttons; many read-only ones become a table.
 */
export function grantListMessage(found: Found, list: GrantList, reader: Reader): Message {
  const title = titleOf(found, list, reader)
  const { grants } = found
  const canAct = ({ grant }: Entry) =>
    list.kind === 'pending' || (list.kind === 'mine' && ['pending', 'approved'].includes(grant.state))
  const read = grants.filter((one) => !canAct(one))
  // A page may be empty, and a table needs rows.
  const isLong = list.kind === 'history' && found.total >= ROWS_OF_TABLE
  const isTable = read.length >= ROWS_OF_TABLE || (isLong && read.length > 0)
  const entries = isTable ? grants.filter(canAct) : grants
  const range = { from: found.from, shown: grants.length, total: found.total, isMore: found.isMore }
  return {
    text: [title, ...grants.map((one) => lineText(one, reader))].join('\n'),
    blocks: [
      header(title),
      ...(list.kind === 'history' ? [context(reader.words.list.privacy)] : []),
      ...noneBlocks(found, list, reader),
      ...entries.flatMap((one, at) => [...(at > 0 ? [DIVIDER] : []), ...entryBlocks(one, list, reader)]),
      ...(isTable ? tableOf(read, found, reader) : []),
      ...rangeOf(range, reader),
      ...paging(found, list, reader),
    ],
  }
}

function titleOf({ of, total, isMore }: Found, { kind, key }: GrantList, { words }: Reader): string {
  const { found } = words
  if (kind === 'pending') return found.pendingTitle(total, isMore)
  if (kind === 'mine') return found.mineTitle
  if (of === 'user') return found.historyTitle(shortOpenid(key ?? ''))
  return found.keyTitle(of as 'number' | 'coupon' | 'ticket', inOneLine(key ?? '', MAX_KEY))
}

function noneBlocks({ total }: Found, { kind }: GrantList, { words: { found } }: Reader): AnyBlock[] {
  if (total > 0) return []
  return [section({ pending: found.pendingNone, mine: found.mineNone, history: found.historyNone }[kind])]
}

/** An entry or a row as one line, for where neither can be shown. */
function lineText(one: Entry, reader: Reader): string {
  const { grant } = one
  const { words, name, dates } = reader
  return [
    stateText(one, reader),
    `<@${grant.requester}>`,
    dates.slack(grant.createdAt),
    name(grant.reasonName),
    ...(grant.ticket ? [unformatted(inOneLine(grant.ticket, MAX_KEY, grant.openid), MAX_KEY)] : []),
    ...(grant.note ? [words.found.note(unformatted(inOneLine(grant.note, 100, grant.openid)))] : []),
  ].join(' · ')
}

function stateText({ grant, decisions }: Entry, reader: Reader): string {
  const state = `${stateSign(grant)} *${approvalTitle(grant, { decisions }, reader)}*`
  return `${state} · ${reader.amount(grant.quota)} · ${userCode(grant, reader)}`
}

/** State and amount, what happened, who asked and why, and what this person can do about it. */
function entryBlocks(one: Entry, list: GrantList, reader: Reader): AnyBlock[] {
  const { grant, decisions, forDeciding, link } = one
  const value = writeGrantValue(grant.id, list)
  const linked = link === null ? [] : [`<${link}|${reader.words.found.card}>`]
  const offered: Choice[] = list.kind === 'pending' ? ['openid', 'history', 'ids'] : ['history', 'ids']
  const head: SectionBlock = {
    ...section([stateText(one, reader), ...linked].join(' · ')),
    accessory: moreMenu(grant.id, offered, reader),
  }
  if (list.kind === 'pending')
    return [
      head,
      ...decisionFacts(grant, { decisions, forDeciding }, reader),
      buttonRow(...decideButtons({ grant, decisions }, value, reader)),
    ]
  const canCancel = list.kind === 'mine' && ['pending', 'approved'].includes(grant.state)
  return [
    head,
    askBlock(grant, reader),
    ...whyEnded(grant, reader, 3),
    context(factsOf(one, reader).join(' · ')),
    ...(canCancel
      ? [buttonRow(button(actions.change, reader.words.card.change, value), cancelOwnButton(value, reader))]
      : []),
  ]
}

/** When it was asked for, who decided it, and its current state. */
function factsOf({ grant, decisions }: Entry, reader: Reader): string[] {
  const { words, dates, ruleName } = reader
  const why = isOpen(grant.state) ? holdReason(grant, words) : null
  return [
    dates.slack(grant.createdAt),
    ...foundByLines(grant, reader),
    ...(grant.approvedByRule === null ? [] : [words.card.byRule(safe(ruleName(grant.approvedByRule)))]),
    ...approvalLines(grant, decisions, reader),
    ...endedLines(grant, reader),
    ...(grant.state === 'issued' ? [expiryText(grant, reader)] : []),
    ...(grant.state === 'pending' && grant.expiresAt !== null
      ? [words.approval.until(dates.slack(grant.expiresAt))]
      : []),
    ...(why === null ? [] : [why]),
  ]
}

/** A table of read-only grants, with one menu below for what a row has no room for. */
function tableOf(read: readonly Entry[], { of }: Found, reader: Reader): AnyBlock[] {
  const { words, dates, amount } = reader
  const isOfUser = of === 'user'
  const isMine = of === 'mine'
  const { when, state, amount: howMuch, user, requester, reason, ticket, decided, note } = words.found.columns
  const columns = [
    when,
    state,
    howMuch,
    ...(isOfUser ? [] : [user]),
    ...(isMine ? [] : [requester]),
    reason,
    ticket,
    decided,
    note,
  ]
  const rows = read.map((one): Cell[] => {
    const { grant, decisions } = one
    return [
      { at: grant.createdAt },
      approvalTitle(grant, { decisions }, reader),
      amount(grant.quota),
      ...(isOfUser ? [] : [userText(grant, reader)]),
      ...(isMine ? [] : [{ user: grant.requester }]),
      reader.plainName(grant.reasonName),
      ticketCell(grant, reader.ticketUrl),
      decidedCell(one, reader),
      noteCell(one, reader),
    ]
  })
  const label = (one: Entry) =>
    [
      approvalTitle(one.grant, { decisions: one.decisions }, reader),
      amount(one.grant.quota),
      dates.words(one.grant.createdAt),
    ].join(' · ')
  return [
    table({ caption: words.found.caption, columns, rows }, reader),
    ...moreOf(
      read.map((one) => ({ grantId: one.grant.id, label: label(one) })),
      ['history', 'ids'],
      words.list.moreOf,
      reader,
    ),
  ]
}

/** Who approved or ended it; a rule of the policy by its name. */
function decidedCell({ grant, decisions }: Entry, { words, ruleName }: Reader): Cell {
  const { ended, approvedByRule } = grant
  const approvers = decisions.filter(({ kind }) => kind === 'approve').map(({ approver }) => approver)
  const people = ended && /^[UW][0-9A-Z]+$/.test(ended.by) ? [ended.by] : approvers
  if (people.length > 0) return people.flatMap((user, at) => [...(at > 0 ? [words.separator] : []), { user }])
  if (approvedByRule !== null) return ruleName(approvedByRule)
  // Nobody decided it: its state says so.
  if (grant.state === 'expired') return ''
  return ended ? actorText(ended.by, words).replace(/[<>]/g, '') : ''
}

/** The note of the ask, and why it was ended; a reason of the policy's in the reader's language. */
function noteCell({ grant }: Entry, { words, plainName }: Reader): Cell {
  const { note, ended, openid } = grant
  const why = isEndedByPerson(grant) ? [ended?.named && plainName(ended.named), ended?.reason] : []
  const said = why.filter((text) => typeof text === 'string' && text !== '').join(': ')
  return [
    ...(note ? [inOneLine(note, 150, openid)] : []),
    ...(said === '' ? [] : [words.found.why(inOneLine(said, 150, openid))]),
  ].join(' · ')
}

function paging({ page, hasMore }: Found, list: GrantList, { words }: Reader): AnyBlock[] {
  const to = (target: number) => writeGrantList({ ...list, page: target })
  const elements = [
    ...(page > 1 ? [button(actions.foundPrevious, words.list.previous, to(page - 1))] : []),
    ...(hasMore ? [button(actions.foundNext, words.list.next, to(page + 1))] : []),
  ]
  return elements.length > 0 ? [buttonRow(...elements)] : []
}

/** The list that a button belongs to, and its page. */
export interface GrantList {
  kind: 'pending' | 'mine' | 'history'
  page: number
  /** For `history`: an openid, a ticket, a coupon's id or a `send_request_no`. */
  key: string | null
}

const parts = z.tuple([
  z.enum(['pending', 'mine', 'history']),
  z
    .string()
    .regex(/^[1-9][0-9]{0,5}$/)
    .transform(Number),
  z
    .string()
    .regex(/^[0-9A-Za-z_.!~*'()%-]{0,1500}$/)
    .transform((text, context) => {
      try {
        return decodeURIComponent(text)
      } catch {
        context.addIssue({ code: 'custom', message: 'is not written by this app' })
        return z.NEVER
      }
    }),
])

/** Writes a list of grants and its page into the value of a button. */
export function writeGrantList({ kind, page, key }: GrantList): string {
  return `${kind}|${page}|${encodeURIComponent(key ?? '')}`
}

/** Reads a button's list; null if this app did not write it. */
export function readGrantList(value: string | undefined): GrantList | null {
  const read = parts.safeParse((value ?? '').split('|'))
  if (!read.success) return null
  const [kind, page, key] = read.data
  if ((kind === 'history') !== (key !== '')) return null
  return { kind, page, key: key || null }
}

/** Characters. The form carries more than this, and Slack keeps 3,000; Slack's own addresses have about 100. */
const LONGEST_URL = 500

/** The list that a form was opened from, and where it is shown; null: none, or one that can't be redrawn. */
export function writeListPlace(press: { list: GrantList | null; responseUrl: string | null }): string | null {
  const { list, responseUrl } = press
  if (list === null || responseUrl === null || responseUrl.length > LONGEST_URL) return null
  return `${writeGrantList(list)}\n${responseUrl}`
}

/**
 * Redraws the list from which a form was opened, after that form has changed it.
 * @param place as `writeListPlace` wrote it
 */
export async function redrawList(edge: Edge, { user, place }: { user: User; place: string }): Promise<void> {
  const [written, responseUrl = ''] = place.split('\n')
  const list = readGrantList(written)
  if (!list || !URL.canParse(responseUrl)) return
  const words = () => edge.people.readerOf(user.id).words
  const answer = createAnswer(edge, { responseUrl, user: user.id }, words)
  await showGrantList(edge, { user, list, answer, replace: true, above: [] })
}

/** The value of a grant's button; in a list, it also carries the list, which is redrawn after the click. */
function writeGrantValue(grantId: string, list: GrantList): string {
  return `${grantId}|${writeGrantList(list)}`
}

/** Reads the value of a grant's button: the grant's id and, for a button in a list, that list. */
export function readGrantValue(value: string | undefined): { grantId: string; list: GrantList | null } {
  const [id = '', ...rest] = (value ?? '').split('|')
  return { grantId: readGrantId(id), list: rest.length > 0 ? readGrantList(rest.join('|')) : null }
}
