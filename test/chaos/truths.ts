import { z } from 'zod'
import { isOpen, reservingStates } from '../../src/domain/grant.ts'
import type { IssuedCoupon, RecordedCall } from '../../src/sandbox/wechatpay/index.ts'
import { en } from '../../src/slack/blocks/words/en/index.ts'
import type { Verified } from '../../src/tools/verify-trail.ts'
import type { Life } from './apps.ts'
import type { Doings } from './people.ts'
import { type GrantRecord, leftToPeople, needsLook, type Records } from './records.ts'
import { type LoggedAttempt, sendsAreWritten } from './sends.ts'
import type { Listening, Said, Told } from './told.ts'

/** Counts of what must never happen. */
export interface Counts {
  /**
   * Announced or logged as recorded or decided, or sent, but not in the ledger; or
   * approved, but neither ended nor left to people.
   */
  lost: number
  /** Coupons without a grant of their own, and calls for a grant or a user while another one was in progress. */
  doubled: number
  /** Attempts that began while a hold stopped them. */
  sentThoughHeld: number
  /** Untrue statements. */
  wronglyTold: number
  /** Messages that don't show their grant's state, or have live buttons after its end. */
  staleCards: number
  /** Two messages for one card, or for one end. */
  messagesDoubled: number
  /** Requesters whose view was closed, and whom no new message told the end. */
  untold: number
  limitsPassed: number
  /**
   * Grants that take a place in a limit although they can yield no coupon any more, and
   * limits whose count differs from the grants'.
   */
  reservationsLeaked: number
  /**
   * The chain of seals does not verify, or a grant's row contradicts its trail, although nobody has changed anything.
   */
  unproven: number
}

export interface Found {
  counts: Counts
  /** Grants that WeChat Pay's faults left to people, and that say so. */
  needsLook: number
  /** Ends that requesters were told in separate messages. */
  toldOfEnds: number
  /** The findings in words. */
  lines: string[]
}

export interface Evidence {
  records: Records
  /** The result of verifying the trail. */
  verified: Verified
  coupons: IssuedCoupon[]
  /** The calls that reached WeChat Pay's stand-in. */
  calls: RecordedCall[]
  /** What the apps' logs say about attempts. */
  logged: LoggedAttempt[]
  listening: Listening
  doings: Doings
  lives: Life[]
  /** ms of an attempt's lease. */
  lease: number
  limits: { perUser: number; perRequester: number; perStock: number }
  messages: (channel: string) => { ts: string; text: string; blocks?: unknown; metadata?: unknown }[]
  channels: string[]
}

/** Compares what people were told with the ledger and with the stand-ins' own records. */
export function compare(evidence: Evidence): Found {
  const counts: Counts = {
    lost: 0,
    doubled: 0,
    sentThoughHeld: 0,
    wronglyTold: 0,
    staleCards: 0,
    messagesDoubled: 0,
    untold: 0,
    limitsPassed: 0,
    reservationsLeaked: 0,
    unproven: 0,
  }
  const lines: string[] = []
  const find = (kind: keyof Counts, line: string, by = 1) => {
    counts[kind] += by
    lines.push(`${kind}: ${line}`)
  }
  const { records, coupons, verified } = evidence
  if (!verified.ok) find('unproven', `${verified.where}: ${verified.problem}`)
  else if (verified.proof.seals === 0) find('unproven', 'nothing was sealed')
  const grants = new Map(records.grants.map((grant) => [grant.id, grant]))
  const couponOf = new Map(coupons.map((coupon) => [coupon.send_request_no, coupon]))

  const people = leftToPeople(records.grants)
  for (const grant of records.grants) endsWell(grant, couponOf.get(grant.id), people.has(grant), find)
  for (const { send_request_no, coupon_id } of coupons)
    if (!grants.has(send_request_no))
      find('doubled', `${coupon_id} was given under ${send_request_no}, which no grant has`)
  for (const told of evidence.listening.told) isTrue(told, grants.get(told.grantId), couponOf, find)
  answersAreKept(evidence, find)
  sendsAreWritten(evidence, find)
  limitsHold(evidence, find)
  limitsCount(records, find)
  messagesShow(evidence, grants, find)
  const toldOfEnds = endsAreTold(evidence, grants, find)
  return { counts, toldOfEnds, needsLook: records.grants.filter(needsLook).length, lines }
}

export type Find = (kind: keyof Counts, line: string, by?: number) => void

function endsWell(
  grant: GrantRecord,
  coupon: IssuedCoupon | undefined,
  isForPeople: boolean,
  find: Find,
): void {
  const { id, state } = grant
  if (state === 'issued' && coupon?.coupon_id !== grant.coupon_id)
    find(
      'wronglyTold',
      `${id} is issued with ${grant.coupon_id}, WeChat Pay has ${coupon?.coupon_id ?? 'none'}`,
    )
  if (!isOpen(state) && state !== 'issued' && coupon)
    find('wronglyTold', `${id} is ${state} though it gave ${coupon.coupon_id}`)
  if ((state === 'approved' || state === 'issuing') && !isForPeople) {
    find('lost', `${id} is still ${state} (flag ${grant.flag}, due ${grant.due_at})`)
    if (grant.due_at === null) find('reservationsLeaked', `${id} is ${state} and will never be tried again`)
  }
}

function isTrue(
  told: Told,
  grant: GrantRecord | undefined,
  couponOf: Map<string, IssuedCoupon>,
  find: Find,
): void {
  const { grantId, state, at } = told
  if (!grant) {
    find('lost', `${grantId} was told of at ${at}, and is not in the ledger`)
    return
  }
  if (state === null || state === 'recorded') return
  const coupon = couponOf.get(grantId)
  if (state === 'issued') {
    if (!coupon || Date.parse(coupon.send_time) > at)
      find(
        'wronglyTold',
        `${grantId} was told to be issued at ${at}; WeChat Pay gave it ${coupon?.send_time ?? 'never'}`,
      )
    else if (told.coupons.some((id) => id !== coupon.coupon_id))
      find('wronglyTold', `${grantId} was told with the coupon of another`)
    return
  }
  if (grant.state !== (state satisfies Said))
    find('wronglyTold', `${grantId} was told to be ${state}, and is ${grant.state}`)
  if (coupon) find('wronglyTold', `${grantId} was told to be ${state}, and gave ${coupon.coupon_id}`)
}

/** "Approved" is said at most as often as it is written, and every form that showed "recorded" is recorded. */
function answersAreKept({ records, listening, doings }: Evidence, find: Find): void {
  const submissions = new Set(records.grants.map(({ submission }) => submission))
  for (const view of doings.recordedViews)
    if (!submissions.has(view)) find('lost', `the form ${view} was shown as recorded, and is not`)
  const kept = {
    [en.decided.result]: records.decisions.filter(({ decision }) => decision === 'approve').length,
    [en.decided.resultHeld]: records.decisions.filter(({ decision }) => decision === 'approve').length,
    [en.decided.rejected]: records.decisions.filter(({ decision }) => decision === 'reject').length,
    [en.decided.cancelled]: records.cancelled.filter(({ actor }) => /^U/.test(actor)).length,
  }
  for (const [words, count] of Object.entries(kept)) {
    const said = listening.answers.get(words) ?? 0
    if (said > count) find('lost', `"${words}" was said ${said} times for ${count}`, said - count)
  }
}

function limitsHold({ records, coupons, limits }: Evidence, find: Find): void {
  const held = records.grants.filter(({ state }) => (reservingStates as readonly string[]).includes(state))
  const check = (what: string, keys: string[], max: number) => {
    for (const [key, all] of Map.groupBy(keys, (one) => one))
      if (all.length > max) find('limitsPassed', `${what} ${key} has ${all.length} of ${max}`)
  }
  check(
    'user',
    held.map(({ openid }) => openid),
    limits.perUser,
  )
  check(
    'requester',
    held.map(({ requester }) => requester),
    limits.perRequester,
  )
  check(
    'stock',
    held.map(({ stock }) => stock),
    limits.perStock,
  )
  check(
    'user with coupons',
    coupons.map(({ openid }) => openid),
    limits.perUser,
  )
}

/** The counts that limits use equal a count of the grants. */
function limitsCount({ grants, usage }: Records, find: Find): void {
  const counts = new Map<string, { count: number; quota: number }>()
  const add = (owner: (string | number)[], count: number, quota: number) => {
    const key = owner.join(' ')
    const before = counts.get(key) ?? { count: 0, quota: 0 }
    counts.set(key, { count: before.count + count, quota: before.quota + quota })
  }
  for (const { kind, owner, rule, day, count, quota } of usage) add([kind, owner, rule, day], count, quota)
  for (const { state, subject, requester, stock_ref, approved_by_rule, day, quota } of grants) {
    if (!(reservingStates as readonly string[]).includes(state)) continue
    add(['user', subject, '', day], -1, -quota)
    add(['requester', requester, '', day], -1, -quota)
    add(['stock', stock_ref, '', day], -1, -quota)
    if (approved_by_rule !== null) add(['requester', requester, approved_by_rule, day], -1, -quota)
  }
  for (const [key, { count, quota }] of counts)
    if (count !== 0 || quota !== 0)
      find(
        'reservationsLeaked',
        `${key} counts ${count} and ${quota} fen more than its grants`,
        Math.abs(count) || 1,
      )
}

const live = /"action_id":"(?:approve|reject|cancel_issue|cancel_own)"/

function messagesShow(evidence: Evidence, grants: Map<string, GrantRecord>, find: Find): void {
  const shown = new Map<string, { text: string; channel: string }[]>()
  for (const channel of evidence.channels)
    for (const { text, blocks, metadata } of evidence.messages(channel)) {
      const payload = (metadata as { event_payload?: { card_id?: string } } | undefined)?.event_payload
      if (!payload?.card_id) continue
      const all = shown.get(payload.card_id) ?? []
      all.push({ channel, text: `${text} ${JSON.stringify(blocks)}` })
      shown.set(payload.card_id, all)
    }
  for (const card of evidence.records.cards) {
    if (card.kind === 'view') continue
    const grant = grants.get(card.grant_id)
    const all = shown.get(card.id) ?? []
    if (!grant) continue
    if (all.length > 1) find('messagesDoubled', `${grant.id} has ${all.length} messages of one ${card.kind}`)
    if (all.length === 0) find('staleCards', `${grant.id} has no ${card.kind} message`)
    if (card.due_at !== null)
      find('staleCards', `the ${card.kind} of ${grant.id} was never drawn as version ${grant.version}`)
    for (const { text } of all) {
      if (!text.includes(titleOf(grant)))
        find(
          'staleCards',
          `the ${card.kind} of ${grant.id}, which is ${grant.state}, shows ${text.slice(0, 120)}`,
        )
      if (!isOpen(grant.state) && live.test(text))
        find('staleCards', `the ${card.kind} of ${grant.id} has live buttons`)
    }
  }
}

function titleOf(grant: GrantRecord): string {
  const isChecked = grant.state === 'issuing' && grant.flag !== null
  // Nothing is paused at the end: an approved grant still waits only behind the
  // same user's grant that people must look at.
  const open = grant.state === 'approved' ? 'held' : grant.state
  const key = needsLook(grant) ? 'needsLook' : isChecked ? 'checking' : open
  return en.approval.title[key]
}

const alsoTold = z.object({ also: z.array(z.object({ grantId: z.string(), state: z.string() })).default([]) })

/** A message that tells an end: its notice's id consists of the grant and the end. */
const toldEnd = /^([0-9A-HJKMNP-TV-Z]{26})-([a-z]+)$/

/**
 * Each end is told at most once, and truthfully; and it is told to each requester whose view was closed. A message
 * about several ends tells those in its notice.
 * @returns how many were told
 */
function endsAreTold(evidence: Evidence, grants: Map<string, GrantRecord>, find: Find): number {
  const { records, listening } = evidence
  const told = new Map<string, string[]>()
  const hasSeen = ({ id, state }: GrantRecord) =>
    records.cards.some(({ grant_id, kind, shown }) => grant_id === id && kind === 'view' && shown === state)
  const also = new Map(records.outcomes.map(({ id, data }) => [id, alsoTold.parse(JSON.parse(data)).also]))
  for (const channel of evidence.channels)
    for (const { text, metadata } of evidence.messages(channel)) {
      const payload = (metadata as { event_payload?: { notice_id?: string } } | undefined)?.event_payload
      const id = payload?.notice_id ?? ''
      if (!toldEnd.test(id)) continue
      const others = (also.get(id) ?? []).map(({ grantId, state }) => `${grantId}-${state}`)
      // In a message about several, an end that was overtaken before it was told is left to its own notice.
      const isSo = (end: string) => grants.get(end.slice(0, 26))?.state === end.slice(27)
      // Nor does it tell again an end that the requester's view has shown.
      const isLeftOut = (end: string) => {
        const grant = grants.get(end.slice(0, 26))
        return grant && hasSeen(grant) && !isToldAs(grant, text) && !isOfSeveral(text)
      }
      const ends = others.length === 0 ? [id] : [id, ...others].filter((end) => isSo(end) && !isLeftOut(end))
      if (ends.length === 0)
        find('wronglyTold', `${text} was told as ${[id, ...others]}, none of which is so`)
      for (const end of ends) told.set(end, [...(told.get(end) ?? []), text])
    }
  for (const [id, texts] of told) {
    const [, grantId = '', state] = toldEnd.exec(id) ?? []
    const grant = grants.get(grantId)
    if (texts.length > 1) find('messagesDoubled', `${grantId} was told ${texts.length} times to be ${state}`)
    if (!grant || grant.state !== state)
      find('wronglyTold', `${grantId} was told to be ${state}, and is ${grant?.state ?? 'in no ledger'}`)
    else if (!texts.every((text) => isToldAs(grant, text) || isOfSeveral(text)))
      find('wronglyTold', `${grantId}, which is ${state}, was told by ${texts.join()}`)
  }
  const own = new Set(records.cancelled.map(({ grant_id, actor }) => `${grant_id} ${actor}`))
  for (const grant of records.grants) {
    const { id, state, requester } = grant
    if (isOpen(state) || (state === 'cancelled' && own.has(`${id} ${requester}`))) continue
    const of = records.cards.filter(({ grant_id }) => grant_id === id)
    const dm = of.find(({ kind }) => kind === 'dm')
    const isNew = dm && listening.postedAs.get(dm.id)?.has(state)
    if (dm && !hasSeen(grant) && !isNew && !told.has(`${id}-${state}`))
      find('untold', `${requester} was not told that ${id} is ${state}`)
  }
  return told.size
}

function isOfSeveral(text: string): boolean {
  return text === en.outcome.together(Number.parseInt(text, 10))
}

function isToldAs({ state }: GrantRecord, text: string): boolean {
  const { title } = en.approval
  const says: Partial<Record<typeof state, string>> = {
    issued: `✅ ${title.issued} · `,
    refused: `❌ ${title.refused} · `,
    rejected: `❌ ${en.outcome.rejectedBy('<@')}`,
    cancelled: `↩ ${title.cancelled}`,
    expired: `⌛ ${title.expired} · `,
  }
  return text.startsWith(says[state] ?? ' ')
}
