import type { AnyBlock, Button, DividerBlock, SectionBlock } from '@slack/types'
import { z } from 'zod'
import { MAX_TICKET, type Refusal } from '../../domain/ask.ts'
import { type Grant, mayHoldUnknownCoupon } from '../../domain/grant.ts'
import type { Person } from '../../domain/permissions.ts'
import type { Policy } from '../../domain/policy.ts'
import { inOneLine } from '../../domain/text.ts'
import { shortOpenid } from '../../domain/wechatpay-ids.ts'
import type { ListedCoupon, ListOutcome } from '../../grants/index.ts'
import { button, buttonRow, moreMenu, moreOf } from '../blocks/buttons-and-views.ts'
import { refusalBlocks } from '../blocks/explain.ts'
import { listed, type Reader } from '../blocks/reader.ts'
import { type Cell, ROWS_OF_TABLE, rangeOf, rowLines, table, ticketCell } from '../blocks/table.ts'
import { context, header, type Message, safe, section, typedContext, unformatted } from '../blocks/text.ts'
import { byCode } from '../blocks/words/index.ts'
import type { Answer } from '../edge/answer.ts'
import type { Edge } from '../edge/handlers.ts'
import { ownGrant, type User } from '../edge/payloads.ts'
import { parseTypedLookup } from '../edge/typed-command.ts'
import { actions } from '../ids.ts'

/** ms; the command is already acknowledged, so Slack may take its time. */
const ROLES_WITHIN = 5000
const MOST_KEYS = 20

/** Answers `list <openid> [stock]`. */
export async function couponListTyped(
  edge: Edge,
  { user, text, answer }: { user: User; text: string; answer: Answer },
): Promise<void> {
  const { person, reader } = await edge.people.who(user, ROLES_WITHIN)
  const policy = edge.grants.policy()
  const { mayLookUp } = await edge.grants.abilities(person)
  if (mayLookUp) return answer(refusedMessage(mayLookUp, policy, reader))
  const { openid, stock } = parseTypedLookup(text, policy)
  if (openid === '') return answer({ text: reader.words.list.missing })
  await answerList(edge, { person, reader, value: { openid, stock, page: 1 }, answer, replace: false })
}

/** Answers a button: another page, or the coupons of a card's user. */
export async function showCouponList(
  edge: Edge,
  { user, value, answer, replace }: { user: User; value: CouponList; answer: Answer; replace: boolean },
): Promise<void> {
  await answerList(edge, { ...(await edge.people.who(user, ROLES_WITHIN)), value, answer, replace })
}

/** "Look up this user" on the requester's own card. */
export async function lookUpUser(
  edge: Edge,
  press: { user: User; grantId: string; answer: Answer },
): Promise<void> {
  const grant = await ownGrant(edge, press)
  if (!grant) return
  const value = { openid: grant.openid, stock: null, page: 1 }
  await showCouponList(edge, { ...press, value, replace: false })
}

async function answerList(
  { grants, now }: Edge,
  asked: { person: Person; reader: Reader; value: CouponList; answer: Answer; replace: boolean },
): Promise<void> {
  const { person, reader, value, answer, replace } = asked
  const [outcome, abilities] = await Promise.all([
    grants.list({ person, openid: value.openid, stock: value.stock, page: value.page, isTurned: replace }),
    grants.abilities(person),
  ])
  // If the next page fails, the list that is shown stays.
  switch (outcome.kind) {
    case 'refused':
      return answer(refusedMessage(outcome.refusal, grants.policy(), reader))
    case 'busy':
      return answer({ text: reader.words.notice.busy })
    case 'listed': {
      const mayGive = abilities.mayRequest === null
      const { page, stock } = value
      const { readsHistory } = abilities
      const shown = { page, stock, mayGive, readsHistory, now: now(), reader }
      return answer({ ...couponListMessage(outcome, shown), replace })
    }
  }
}

/** Why it was refused; for a mistyped stock, also the names there are. */
function refusedMessage(refusal: Refusal, policy: Policy, reader: Reader) {
  const { text, blocks } = refusalBlocks([refusal], policy, reader)
  if (refusal.code !== 'stock-unknown') return { text, blocks }
  const keys = listed(
    policy.stocks.map(({ key }) => key),
    MOST_KEYS,
    reader.words,
  )
  return { text, blocks: [...blocks, typedContext(reader.words.list.stocks(keys))] }
}

/** What a button below a list carries: a page of a user's coupons. */
interface CouponList {
  openid: string
  page: number
  /** A stock's key; null: every stock. */
  stock: string | null
}

const parts = z.tuple([
  z.string().regex(/^[0-9A-Za-z_-]{1,128}$/),
  z
    .string()
    .regex(/^[1-9][0-9]{0,5}$/)
    .transform(Number),
  z.string().max(200),
])

/** Writes a page of a user's coupons into the value of a button. */
export function writeCouponList({ openid, page, stock }: CouponList): string {
  return `${openid}|${page}|${stock ?? ''}`
}

/** Reads a button's list; null if this app did not write it. */
export function readCouponList(value: string | undefined): CouponList | null {
  const [openid, page, ...stock] = (value ?? '').split('|')
  const read = parts.safeParse([openid, page, stock.join('|')])
  if (!read.success) return null
  return { openid: read.data[0], page: read.data[1], stock: read.data[2] || null }
}

/** Rows of a table. */
const PAGE_SIZE = 20
const MAX_OPEN = 8
/** Characters of a state in a menu, where WeChat Pay's word for it is one of several parts. */
const MAX_STATE = 20
const MAX_FAILED = 8
/** Coupons, and requests, shown in one question. */
const MAX_ASKED = 3
/**
 * ms; WeChat Pay's clock isn't the app's: only a coupon sent a day before a request was made is certainly not its
 * coupon.
 */
const DAY = 86_400_000
const CERTAINLY_BEFORE = DAY

type Listed = Extract<ListOutcome, { kind: 'listed' }>

interface Shown {
  page: number
  stock: string | null
  mayGive: boolean
  readsHistory: boolean
  now: number
  reader: Reader
}

/** The coupons of a user: usable ones first, as entries or, if there are many, as a table with pages. */
export function couponListMessage(listed: Listed, options: Shown): Message {
  const { reader, now } = options
  const { words } = reader
  const { coupons, open, failed } = listed
  const questions = questionsOf(listed)
  const inQuestion = new Set<unknown>(
    questions.flatMap((question) => [...question.coupons, ...question.grants]),
  )
  const sure = coupons.filter((coupon) => !inQuestion.has(coupon))
  const waiting = open.filter((grant) => !inQuestion.has(grant))
  const pages = Math.max(1, Math.ceil(sure.length / PAGE_SIZE))
  // A page past the end shows the last one.
  const page = Math.min(Math.max(1, options.page), pages)
  const shown = sure.slice((page - 1) * PAGE_SIZE, page * PAGE_SIZE)
  const title = titleOf(listed, reader)
  const rows = shown.map((coupon) => cellsOf(coupon, now, reader))
  return {
    text: [`${title} · ${shortOpenid(listed.openid)}`, ...rowLines({ rows }, reader)].join('\n'),
    blocks: [
      header(title),
      context(shortOpenid(listed.openid), words.list.privacy),
      ...failed.slice(0, MAX_FAILED).map((failure) => section(failedText(failure, reader))),
      ...(failed.length > MAX_FAILED ? [context(words.list.failedMore(failed.length - MAX_FAILED))] : []),
      ...nothingBlocks(listed, reader),
      ...waiting.slice(0, MAX_OPEN).map((grant) => openBlock(grant, reader)),
      ...(waiting.length > MAX_OPEN ? [context(words.list.openMore(waiting.length - MAX_OPEN))] : []),
      ...(page === 1 ? questions.map((question) => section(questionText(question, now, reader))) : []),
      ...(sure.length >= ROWS_OF_TABLE
        ? [
            table({ caption: words.list.caption, columns: words.list.columns, rows }, reader),
            ...rangeOf({ from: (page - 1) * PAGE_SIZE, shown: rows.length, total: sure.length }, reader),
            ...menuBelow(shown, now, reader),
          ]
        : shown.flatMap((coupon, index) => [
            ...(index > 0 || waiting.length + questions.length > 0 ? [DIVIDER] : []),
            couponBlock(coupon, now, reader),
          ])),
      ...buttons(listed, { ...options, page, pages }),
    ],
  }
}

const DIVIDER: DividerBlock = { type: 'divider' }

/** How many are usable, and how much of them is left; a stock that could not be asked isn't counted as empty. */
function titleOf({ coupons, failed, stocks }: Listed, { words, money }: Reader): string {
  const { title } = words.list
  if (failed.length > 0 && coupons.length === 0 && failed.length >= stocks && stocks > 0) return title.failed
  const usable = coupons.filter((coupon) => coupon.usable)
  const lefts = usable.flatMap((coupon) => leftOf(coupon) ?? [])
  const isKnown = lefts.length === usable.length && (usable.length > 0 || coupons.every(({ state }) => state))
  const left = isKnown ? money(lefts.reduce((sum, one) => sum + one, 0)) : null
  const says = coupons.length === 0 ? title.none : title.some(usable.length, left, coupons.length)
  return failed.length > 0 ? title.incomplete(says) : says
}

function leftOf({ quota, used }: ListedCoupon): number | null {
  return quota === null || used === null ? null : Math.max(0, quota - used)
}

function nothingBlocks({ coupons, stocks, failed }: Listed, { words }: Reader): AnyBlock[] {
  if (coupons.length > 0) return []
  if (stocks === 0) return [section(words.list.noKinds)]
  const asked = stocks - failed.length
  return asked > 0 ? [section(words.list.none(asked))] : []
}

/** Coupons that no record accounts for, with the requests that they may have come from. */
interface Question {
  coupons: ListedCoupon[]
  grants: Grant[]
}

/** One for each stock: while a request's own coupon is unknown, the list doesn't call any of these another's. */
function questionsOf({ coupons, open }: Listed): Question[] {
  const asking = open.filter(mayHoldUnknownCoupon)
  return [...new Set(asking.map(({ stockId }) => stockId))].flatMap((stockId) => {
    const grants = asking.filter((grant) => grant.stockId === stockId)
    const since = Math.min(...grants.map(({ createdAt }) => createdAt)) - CERTAINLY_BEFORE
    const unknown = coupons.filter(
      ({ grant, stock, sentAt }) =>
        grant === null && stock.stockId === stockId && (sentAt === null || sentAt >= since),
    )
    return unknown.length > 0 ? [{ coupons: unknown, grants }] : []
  })
}

/** Shows the coupons and the requests as one thing, so that nobody counts them twice. */
function questionText({ coupons, grants }: Question, now: number, reader: Reader): string {
  const { list } = reader.words
  const more = (all: unknown[]) => (all.length > MAX_ASKED ? [list.questionMore(all.length - MAX_ASKED)] : [])
  return [
    `⚠ ${list.question(coupons.length, grants.length)}`,
    ...coupons.slice(0, MAX_ASKED).map((coupon) => couponText(coupon, now, reader, true)),
    ...more(coupons),
    ...grants.slice(0, MAX_ASKED).map((grant) => openText(grant, reader)),
    ...more(grants),
  ].join('\n')
}

/** One coupon: its state and what is left; below that, who gave it and why. */
function couponText(coupon: ListedCoupon, now: number, reader: Reader, isInQuestion = false): string {
  const { words, dates, name } = reader
  const { grant, stock } = coupon
  const facts = [
    `*${stateText(coupon, now, reader)}*`,
    amountText(coupon, reader),
    isInQuestion ? words.list.noExpiryYet : expiryText(coupon, now, reader),
  ]
  const given = [
    words.list.given(
      grant && `<@${grant.requester}>`,
      coupon.sentAt === null ? null : dates.slack(coupon.sentAt),
    ),
    ...(grant ? [name(grant.reasonName)] : []),
    ...(grant?.ticket ? [unformatted(inOneLine(grant.ticket, MAX_TICKET, grant.openid), MAX_TICKET)] : []),
    stock.name ? name(stock.name) : `\`${safe(stock.stockId, 32)}\``,
    // A coupon that this app has not given has no menu to copy the id from.
    ...(grant ? [] : [`\`${safe(coupon.couponId, 200)}\``]),
  ]
  return `${facts.join(' · ')}\n${given.filter((text) => text !== '').join(' · ')}`
}

function couponBlock(coupon: ListedCoupon, now: number, reader: Reader): SectionBlock {
  const block = section(couponText(coupon, now, reader))
  return coupon.grant ? { ...block, accessory: moreMenu(coupon.grant.id, ['ids', 'history'], reader) } : block
}

function cellsOf(coupon: ListedCoupon, now: number, reader: Reader): Cell[] {
  const { words, plainName, ticketUrl } = reader
  const { grant, stock, expiresAt, sentAt } = coupon
  return [
    stateText(coupon, now, reader, (text) => text),
    amountText(coupon, reader),
    expiresAt === null ? words.list.notKnown : { at: expiresAt },
    grant ? { user: grant.requester } : words.list.outside,
    sentAt === null ? words.list.notKnown : { at: sentAt },
    grant ? plainName(grant.reasonName) : '',
    grant ? ticketCell(grant, ticketUrl) : '',
    stock.name ? plainName(stock.name) : stock.stockId,
  ]
}

/** For a usable coupon, what is left; for any other, what was used. */
function amountText(coupon: ListedCoupon, { words, money }: Reader): string {
  const { quota, used, usable } = coupon
  const left = leftOf(coupon)
  if (usable && left !== null && quota !== null) return words.list.left(money(left), money(quota))
  return words.list.used(used === null ? null : money(used), quota === null ? null : money(quota))
}

/** An unknown state is shown as WeChat Pay wrote it. */
function stateText(
  coupon: ListedCoupon,
  now: number,
  { words }: Reader,
  as: (text: string) => string = (text) => safe(text, 60),
): string {
  const { state } = words.list
  if (coupon.usable) return state.usable
  if (coupon.state === 'USED') return state.usedUp
  const over = coupon.expiresAt !== null && coupon.expiresAt <= now
  if (coupon.state === 'EXPIRED' || (over && ['VALID', 'SENDED', null].includes(coupon.state)))
    return state.expired
  return coupon.state === null ? state.unknown : as(coupon.state)
}

function expiryText({ expiresAt, grant }: ListedCoupon, now: number, { words, dates }: Reader): string {
  if (expiresAt === null) return grant ? words.list.noExpiryOwn : words.list.noExpiry
  if (expiresAt <= now) return words.list.expired(dates.slack(expiresAt))
  const days = Math.floor((expiresAt - now) / DAY)
  return words.list.expires(dates.slack(expiresAt), dates.relative(expiresAt, now), days)
}

/** What a table has no room for, for the coupons that this app has given. */
function menuBelow(shown: readonly ListedCoupon[], now: number, reader: Reader): AnyBlock[] {
  const { words, dates } = reader
  return moreOf(
    shown.flatMap((coupon) => {
      const { grant, sentAt } = coupon
      if (!grant) return []
      const label = [
        stateText(coupon, now, reader, (text) => inOneLine(text, MAX_STATE)),
        amountText(coupon, reader),
        dates.words(sentAt ?? grant.createdAt),
      ]
      return [{ grantId: grant.id, label: label.join(' · ') }]
    }),
    ['history', 'ids'],
    words.list.moreOf,
    reader,
  )
}

function openBlock(grant: Grant, reader: Reader): SectionBlock {
  return { ...section(openText(grant, reader)), accessory: moreMenu(grant.id, ['ids', 'history'], reader) }
}

function openText(grant: Grant, { words, dates, name, money }: Reader): string {
  const { open } = words.list
  const flagged = grant.flag && (grant.flag.kind === 'checking' ? open.checking : open.needsLook)
  const asked = grant.notAsked ? open.notAsked : undefined
  const state = flagged ?? asked ?? open[grant.state as 'pending' | 'approved' | 'issuing']
  return words.list.openLine(
    state,
    money(grant.quota),
    `<@${grant.requester}>`,
    dates.slack(grant.createdAt),
    name(grant.reasonName),
    grant.state === 'pending' && grant.approvalChannel ? `<#${grant.approvalChannel}>` : null,
  )
}

function failedText({ stock, name, code }: Listed['failed'][number], reader: Reader): string {
  const { list } = reader.words
  const why = byCode<string>(list.failedWhy, code) ?? list.failedOther(`\`${safe(code, 60)}\``)
  return list.failed(name ? reader.name(name) : safe(stock, 60), why)
}

function buttons({ openid }: Listed, options: Shown & { pages: number }): AnyBlock[] {
  const { words } = options.reader
  const to = (actionId: string, text: string, page: number): Button =>
    button(actionId, text, writeCouponList({ openid, page, stock: options.stock }))
  const elements = [
    ...(options.mayGive ? [to(actions.giveToUser, words.list.give, options.page)] : []),
    ...(options.readsHistory ? [to(actions.recordsOfUser, words.list.records, 1)] : []),
    ...(options.page > 1 ? [to(actions.listPrevious, words.list.previous, options.page - 1)] : []),
    ...(options.page < options.pages ? [to(actions.listNext, words.list.next, options.page + 1)] : []),
  ]
  return elements.length > 0 ? [buttonRow(...elements)] : []
}
