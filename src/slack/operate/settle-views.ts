import type { AnyBlock, InputBlock, ModalView, PlainTextOption } from '@slack/types'
import { z } from 'zod'
import { type Grant, MAX_EVIDENCE, type Settlement, type Verdict } from '../../domain/grant.ts'
import { bare } from '../../domain/wechatpay-ids.ts'
import type { CandidatesOutcome, ListedCoupon } from '../../grants/index.ts'
import { modal } from '../blocks/buttons-and-views.ts'
import { askBlock, grantHeadline } from '../blocks/grant-facts.ts'
import { flagText, numbersBlock, saidBlocks } from '../blocks/grant-parts.ts'
import type { Reader } from '../blocks/reader.ts'
import { context, header, plain, safe, section, sections } from '../blocks/text.ts'
import { byCode, type Words } from '../blocks/words/index.ts'
import type { FormView } from '../edge/payloads.ts'
import { actions, fields, views } from '../ids.ts'

/** Slack takes ten radio buttons, and two of them stand for no candidate. */
const MOST_CANDIDATES = 8
/** Characters of an option's description. */
const MAX_ID = 75
/** ms; clocks differ. */
const SOME_EARLIER = 60_000

type Found = Extract<CandidatesOutcome, { kind: 'candidates' }>

/**
 * Asks how a grant ended and shows everything known: its attempts, and the coupons that may be its own. What each
 * answer does stands above the answers, together with what speaks against it.
 */
export function settleView(found: Found, reader: Reader): ModalView {
  const { words } = reader
  const { settle } = words
  const { grant } = found
  const coupons = byLikelihood(found).slice(0, MOST_CANDIDATES)
  return modal(reader, {
    id: views.settle,
    carries: writeSettled({
      grantId: grant.id,
      coupons: coupons.map(({ couponId }) => couponId),
      attempts: grant.attempts,
    }),
    title: settle.title,
    submit: settle.submit,
    close: words.cancel,
    blocks: [
      header(grantHeadline(grant, { decisions: [] }, reader)),
      ...whyBlocks(grant, reader),
      askBlock(grant, reader),
      ...attemptBlocks(found, reader),
      { type: 'divider' },
      section(settle.does),
      ...candidateBlocks(found, coupons, reader),
      verdictInput(coupons, reader),
      couponIdInput(reader),
      evidenceInput(reader),
      context(settle.second),
      numbersBlock(grant),
    ],
  })
}

/** Why the app can't tell by itself. */
function whyBlocks({ flag }: Grant, { words }: Reader): AnyBlock[] {
  return flag ? [section(words.stuck.why(flagText(flag, words)))] : []
}

/** Coupons sent after the first attempt come first: they may be from it. */
function byLikelihood({ grant, coupons }: Found): ListedCoupon[] {
  const from = (grant.firstAttemptAt ?? grant.createdAt) - SOME_EARLIER
  const isEarlier = ({ sentAt }: ListedCoupon) => Number(sentAt !== null && sentAt < from)
  return coupons.toSorted(
    (one, other) => isEarlier(one) - isEarlier(other) || (one.sentAt ?? 0) - (other.sentAt ?? 0),
  )
}

function verdictInput(coupons: readonly ListedCoupon[], { words, dates }: Reader): InputBlock {
  const { settle } = words
  const option = (text: string, description: string, value: string): PlainTextOption => ({
    text: plain(text, 75),
    description: plain(description, 75),
    value,
  })
  return {
    type: 'input',
    block_id: fields.verdict,
    label: plain(settle.verdict, 150),
    element: {
      type: 'radio_buttons',
      action_id: actions.verdictRadio,
      options: [
        ...coupons.map(({ couponId, sentAt }, index) =>
          option(
            settle.asCandidate(sentAt === null ? null : dates.words(sentAt)),
            middleCut(couponId),
            candidateValue(index),
          ),
        ),
        option(settle.asAnother, settle.asAnotherHint, ANOTHER),
        option(settle.notIssued, settle.notIssuedHint, NOT_ISSUED),
      ],
    },
  }
}

/** Cuts the middle, as ids differ at their ends. */
function middleCut(id: string): string {
  return id.length <= MAX_ID ? id : `${id.slice(0, 12)}…${id.slice(13 - MAX_ID)}`
}

function couponIdInput({ words: { settle } }: Reader): InputBlock {
  return {
    type: 'input',
    block_id: fields.couponId,
    optional: true,
    label: plain(settle.couponId, 150),
    hint: plain(settle.couponIdHint, 150),
    element: { type: 'plain_text_input', action_id: actions.couponIdInput, max_length: 200 },
  }
}

function evidenceInput({ words: { settle } }: Reader): InputBlock {
  return {
    type: 'input',
    block_id: fields.evidence,
    label: plain(settle.evidence, 150),
    hint: plain(settle.evidenceHint, 150),
    element: {
      type: 'plain_text_input',
      action_id: actions.evidenceInput,
      multiline: true,
      max_length: MAX_EVIDENCE,
    },
  }
}

/**
 * Asks a second person whether a grant ended as the first one says. Carries the settlement's id.
 * @param over the settlement that the button was drawn for, if it is another one
 */
export function confirmView(
  grant: Grant,
  settlement: Settlement,
  reader: Reader,
  over: Settlement | null = null,
): ModalView {
  const { words } = reader
  const { settle } = words
  return modal(reader, {
    id: views.confirm,
    carries: settlement.id,
    title: settle.confirmTitle,
    submit: settle.confirmSubmit,
    blocks: [
      header(grantHeadline(grant, { decisions: [] }, reader)),
      ...(over ? [section(settle.another)] : []),
      ...saidBlocks(settlement, reader),
      { type: 'divider' },
      section(settlement.verdict.kind === 'issued' ? settle.confirmIssued : settle.confirmNotIssued),
      section(settle.confirmAsk),
      { type: 'divider' },
      ...whyBlocks(grant, reader),
      askBlock(grant, reader),
      context(settle.confirmElse),
      numbersBlock(grant, settlement),
    ],
  })
}

/** Of many attempts, the view shows the first and the latest. */
const FIRST = 2
const LATEST = 8

const code = (text: string, max: number) => `\`${safe(text.replaceAll('`', ''), max)}\``

/** What the app sent to WeChat Pay for a grant, and the results. */
function attemptBlocks({ attempts }: Pick<Found, 'attempts'>, reader: Reader): AnyBlock[] {
  const { settle } = reader.words
  const lines = attempts.map((attempt) => attemptLine(attempt, reader))
  if (lines.length === 0) return []
  const left = lines.length - FIRST - LATEST
  const shown =
    left > 0 ? [...lines.slice(0, FIRST), settle.attemptsCut(left), ...lines.slice(-LATEST)] : lines
  return sections([`*${settle.attempts}*`, ...shown])
}

function attemptLine(
  { number, startedAt, outcome, code: says, detail }: Found['attempts'][number],
  { words: { settle }, dates }: Reader,
): string {
  const what =
    outcome === null
      ? settle.outcomes.underWay
      : (byCode<string>(settle.outcomes, outcome) ?? safe(outcome, 60))
  const why = says ?? detail
  return settle.attempt(number, dates.slack(startedAt), why ? `${what}  ${code(why, 80)}` : what)
}

/** The coupons that may come from the grant, and what they mean for a person who says that none does. */
function candidateBlocks(
  { coupons, failure }: Pick<Found, 'coupons' | 'failure'>,
  shown: readonly ListedCoupon[],
  { words, dates }: Reader,
): AnyBlock[] {
  const { settle, list } = words
  const why = failure && (byCode<string>(list.failedWhy, failure) ?? list.failedOther(code(failure, 60)))
  const warning = why === null ? [] : [section(settle.warnFailure(why))]
  if (coupons.length === 0) return why === null ? [section(settle.noCandidates)] : warning
  const lines = shown.map(({ couponId, sentAt, state }) =>
    [
      ...(sentAt === null ? [] : [settle.sentAt(dates.slack(sentAt))]),
      stateText(state, words),
      code(couponId, 130),
    ].join(' · '),
  )
  const left = coupons.length - shown.length
  return [
    ...warning,
    ...sections([settle.candidates(coupons.length), ...lines]),
    ...(left > 0 ? [context(settle.candidatesMore(left))] : []),
    section(settle.warnCandidates(coupons.length)),
  ]
}

/** A state in words if the app knows it, else as WeChat Pay wrote it. */
function stateText(state: string | null, { list }: Words): string {
  const { usable, usedUp, expired, unknown } = list.state
  const known: Record<string, string> = { SENDED: usable, VALID: usable, USED: usedUp, EXPIRED: expired }
  return state === null ? unknown : (byCode(known, state) ?? safe(state, 60))
}

/**
 * What the form for settling carries: the grant, and the coupons to choose from, whose ids are too long for options.
 */
const carried = z.object({
  grantId: z.string(),
  coupons: z.array(z.string()),
  /** How many attempts the form shows. */
  attempts: z.int().optional(),
})
export type Settled = z.infer<typeof carried>

export const ANOTHER = 'another'
const NOT_ISSUED = 'not-issued'

/** Writes what the form for settling carries. */
export function writeSettled(settled: Settled): string {
  return JSON.stringify(settled)
}

function candidateValue(index: number): string {
  return `candidate:${index}`
}

export interface Filled {
  grantId: string
  attempts: number | undefined
  /** Null: nothing was chosen. */
  verdict: Verdict | null
  /** The field that gave the coupon's id. */
  couponField: 'verdict' | 'couponId'
  evidence: string
}

/** Reads a submitted form; null if this app did not make it. */
export function filledSettle(view: FormView): Filled | null {
  const read = carried.safeParse(json(view.private_metadata))
  if (!read.success) return null
  const { grantId, coupons, attempts } = read.data
  const { values } = view.state
  const chosen = values[fields.verdict]?.[actions.verdictRadio]?.selected_option?.value
  const typed = values[fields.couponId]?.[actions.couponIdInput]?.value ?? ''
  return {
    grantId,
    attempts,
    verdict: verdictOf(chosen, coupons, typed),
    couponField: chosen === ANOTHER ? 'couponId' : 'verdict',
    evidence: values[fields.evidence]?.[actions.evidenceInput]?.value ?? '',
  }
}

function verdictOf(chosen: string | undefined, coupons: readonly string[], typed: string): Verdict | null {
  if (chosen === NOT_ISSUED) return { kind: 'not-issued' }
  if (chosen === ANOTHER) return { kind: 'issued', couponId: bare(typed.replace(/\p{Cf}/gu, '')) }
  const couponId = coupons.find((_id, index) => candidateValue(index) === chosen)
  return couponId === undefined ? null : { kind: 'issued', couponId }
}

function json(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}
