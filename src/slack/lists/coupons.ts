import type { AnyBlock, Button } from '@slack/types'
import { z } from 'zod'
import type { Refusal } from '../../domain/ask.ts'
import { type Grant, mayHoldUnknownCoupon } from '../../domain/grant.ts'
import type { Person } from '../../domain/permissions.ts'
import type { Policy } from '../../domain/policy.ts'
import { shortOpenid } from '../../domain/wechatpay-ids.ts'
import type { ListedCoupon, ListOutcome } from '../../grants/index.ts'
import { refusalBlocks } from '../blocks/explain.ts'
import { listed, type Reader } from '../blocks/reader.ts'
import { context, header, type Message, plain, safe, section, typedContext } from '../blocks/text.ts'
import { byCode } from '../blocks/words/index.ts'
import type { Answer } from '../edge/answer.ts'
import type { Edge } from '../edge/handlers.ts'
import { ownGrant, type User } from '../edge/payloads.ts'
import { parseTypedLookup } from '../edge/typed-command.ts'
import { actions } from '../ids.ts'

/** The command is acknowledged by then, so Slack may take its time. */
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

/** "Look up this user" on a card of that requester's. */
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
  // A list that was shown stays when the next page can't be had.
  switch (outcome.kind) {
    case 'refused':
      return answer(refusedMessage(outcome.refusal, grants.policy(), reader))
    case 'busy':
      return answer({ text: reader.words.notice.busy })
    case 'listed': {
      const mayGive = abilities.mayRequest === null
      const { page, stock } = value
      return answer({ ...couponListMessage(outcome, { page, stock, mayGive, now: now(), reader }), replace })
    }
  }
}

/** Why, and for a slip in the name of a stock, which there are. */
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

/** What a button under a list carries: a page of a user's coupons. */
interface CouponList {
  openid: string
  page: number
  /** Key; null: every stock. */
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

export function writeCouponList({ openid, page, stock }: CouponList): string {
  return `${openid}|${page}|${stock ?? ''}`
}

/** Reads it back; null where it is not what this app wrote. */
export function readCouponList(value: string | undefined): CouponList | null {
  const [openid, page, ...stock] = (value ?? '').split('|')
  const read = parts.safeParse([openid, page, stock.join('|')])
  if (!read.success) return null
  return { openid: read.data[0], page: read.data[1], stock: read.data[2] || null }
}

/** Coupons on a page: with all that may stand beside them a message stays far below 50 blocks. */
const PAGE_SIZE = 8
const MAX_OPEN = 8
const MAX_FAILED = 8
/** Of coupons, and of requests, in one question. */
const MAX_ASKED = 3
/** WeChat Pay's clock is not ours: only what was sent a day before a request was made is certainly not its coupon, ms. */
const CERTAINLY_BEFORE = 86_400_000

type Listed = Extract<ListOutcome, { kind: 'listed' }>

/** The coupons of a user, one page of them. A page past the end shows the last. */
export function couponListMessage(
  listed: Listed,
  options: { page: number; stock: string | null; mayGive: boolean; now: number; reader: Reader },
): Message {
  const { reader, now } = options
  const { words } = reader
  const { coupons, open, failed } = listed
  const questions = questionsOf(listed)
  const inQuestion = new Set<unknown>(
    questions.flatMap((question) => [...question.coupons, ...question.grants]),
  )
  const sure = coupons.filter((coupon) => !inQuestion.has(coupon))
  const waiting = open.filter((grant) => !inQuestion.has(grant))
  const rows = [
    ...questions.map((question) => questionText(question, now, reader)),
    ...sure.map((coupon) => couponText(coupon, now, reader)),
  ]
  const pages = Math.max(1, Math.ceil(rows.length / PAGE_SIZE))
  const page = Math.min(Math.max(1, options.page), pages)
  const title = words.list.title(coupons.length, shortOpenid(listed.openid), knownOf(listed))
  const shown = rows.slice((page - 1) * PAGE_SIZE, page * PAGE_SIZE)
  return {
    text: title,
    blocks: [
      header(title),
      ...summary(listed, reader),
      ...shown.map((row) => section(row)),
      ...waiting.slice(0, MAX_OPEN).map((grant) => section(openText(grant, reader))),
      ...(waiting.length > MAX_OPEN ? [context(words.list.openMore(waiting.length - MAX_OPEN))] : []),
      ...failed.slice(0, MAX_FAILED).map((failure) => section(failedText(failure, reader))),
      ...(failed.length > MAX_FAILED ? [context(words.list.failedMore(failed.length - MAX_FAILED))] : []),
      ...buttons(listed, { ...options, page, pages }),
      context(
        ...(pages > 1 ? [words.list.page(page, pages)] : []),
        ...(failed.length > 0 ? [words.list.incomplete] : []),
        words.list.privacy,
      ),
    ],
  }
}

/** Coupons that nothing recorded accounts for, with the requests of which they may have come. */
interface Question {
  coupons: ListedCoupon[]
  grants: Grant[]
}

/** By stock: while a request's own coupon is not known, no coupon is said to be another's. */
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

/** The coupons and the requests as one thing, so that nobody counts two. */
function questionText({ coupons, grants }: Question, now: number, reader: Reader): string {
  const { list } = reader.words
  const more = (all: unknown[]) => (all.length > MAX_ASKED ? [list.questionMore(all.length - MAX_ASKED)] : [])
  return [
    ...coupons.slice(0, MAX_ASKED).map((coupon) => couponText(coupon, now, reader, true)),
    ...more(coupons),
    `_${list.question(coupons.length, grants.length)}_`,
    ...grants.slice(0, MAX_ASKED).map((grant) => openText(grant, reader)),
    ...more(grants),
  ].join('\n')
}

/** What could not be asked is not known to be empty. */
function knownOf({ failed, stocks, coupons }: Listed): 'all' | 'some' | 'none' {
  if (failed.length === 0) return 'all'
  return coupons.length > 0 || failed.length < stocks ? 'some' : 'none'
}

function summary({ coupons, stocks, failed }: Listed, { words, money }: Reader): AnyBlock[] {
  if (coupons.length === 0) {
    const asked = stocks - failed.length
    if (stocks === 0) return [section(words.list.noKinds)]
    return asked > 0 ? [section(words.list.none(asked))] : []
  }
  const usable = coupons.filter((coupon) => coupon.usable)
  const lefts = usable.flatMap(({ quota, used }) =>
    quota === null || used === null ? [] : [Math.max(0, quota - used)],
  )
  const isKnown = lefts.length === usable.length && (usable.length > 0 || coupons.every(({ state }) => state))
  const left = isKnown ? money(lefts.reduce((sum, one) => sum + one, 0)) : null
  return [section(words.list.summary(usable.length, left))]
}

function couponText(coupon: ListedCoupon, now: number, reader: Reader, isInQuestion = false): string {
  const { words, dates, money, name } = reader
  const { grant } = coupon
  const title = coupon.stock.name ? name(coupon.stock.name) : `\`${safe(coupon.stock.stockId, 32)}\``
  const facts = [
    title,
    words.list.used(
      coupon.used === null ? null : money(coupon.used),
      coupon.quota === null ? null : money(coupon.quota),
    ),
    ...(coupon.sentAt === null ? [] : [words.list.sent(dates.slack(coupon.sentAt))]),
    isInQuestion ? words.list.noExpiryYet : expiryText(coupon, now, reader),
    ...(grant ? [words.list.by(`<@${grant.requester}>`, name(grant.reasonName))] : []),
  ]
  return `*${stateText(coupon, now, reader)}*  ${facts.join(' · ')}\n\`${safe(coupon.couponId, 200)}\``
}

/** A state that is not known is shown as WeChat Pay wrote it. */
function stateText(coupon: ListedCoupon, now: number, { words }: Reader): string {
  const { state } = words.list
  if (coupon.usable) return state.usable
  if (coupon.state === 'USED') return state.usedUp
  const over = coupon.expiresAt !== null && coupon.expiresAt <= now
  if (coupon.state === 'EXPIRED' || (over && ['VALID', 'SENDED', null].includes(coupon.state)))
    return state.expired
  return coupon.state === null ? state.unknown : safe(coupon.state, 60)
}

function expiryText({ expiresAt, grant }: ListedCoupon, now: number, { words, dates }: Reader): string {
  if (expiresAt === null) return grant ? words.list.noExpiryOwn : words.list.noExpiry
  if (expiresAt <= now) return words.list.expired(dates.slack(expiresAt))
  return words.list.expires(dates.slack(expiresAt), dates.relative(expiresAt, now))
}

function openText(grant: Grant, { words, dates, name }: Reader): string {
  const { open } = words.list
  const flagged = grant.flag && (grant.flag.kind === 'checking' ? open.checking : open.needsLook)
  const asked = grant.notAsked ? open.notAsked : undefined
  const state = flagged ?? asked ?? open[grant.state as 'pending' | 'approved' | 'issuing']
  return words.list.openLine(
    state,
    name(grant.stockName),
    `<@${grant.requester}>`,
    dates.slack(grant.createdAt),
    grant.state === 'pending' && grant.approvalChannel ? `<#${grant.approvalChannel}>` : null,
  )
}

function failedText({ stock, name, code }: Listed['failed'][number], reader: Reader): string {
  const { list } = reader.words
  const why = byCode<string>(list.failedWhy, code) ?? list.failedOther(`\`${safe(code, 60)}\``)
  return list.failed(name ? reader.name(name) : safe(stock, 60), why)
}

function buttons(
  { openid }: Listed,
  options: { page: number; pages: number; stock: string | null; mayGive: boolean; reader: Reader },
): AnyBlock[] {
  const { words } = options.reader
  const button = (actionId: string, text: string, page: number): Button => ({
    type: 'button',
    action_id: actionId,
    text: plain(text, 75),
    value: writeCouponList({ openid, page, stock: options.stock }),
  })
  const elements = [
    ...(options.mayGive ? [button(actions.giveToUser, words.list.give, options.page)] : []),
    ...(options.page > 1 ? [button(actions.listPrevious, words.list.previous, options.page - 1)] : []),
    ...(options.page < options.pages ? [button(actions.listNext, words.list.next, options.page + 1)] : []),
  ]
  return elements.length > 0 ? [{ type: 'actions', elements }] : []
}
