import type { AnyBlock } from '@slack/types'
import type { CandidatesOutcome, ListedCoupon } from '../../grants/index.ts'
import type { Reader } from '../reader.ts'
import { context, safe, section, sections } from '../text.ts'
import { byCode } from '../words/index.ts'

/** Of many attempts the first and the latest are told. */
const FIRST = 2
const LATEST = 8

type Found = Extract<CandidatesOutcome, { kind: 'candidates' }>

const code = (text: string, max: number) => `\`${safe(text.replaceAll('`', ''), max)}\``

/** What was sent to WeChat Pay for a grant, and what came of it. */
export function attemptBlocks({ attempts }: Pick<Found, 'attempts'>, reader: Reader): AnyBlock[] {
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

/** The coupons that may have come from it, and what that means for who says that none did. */
export function candidateBlocks(
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
      code(couponId, 130),
      ...(sentAt === null ? [] : [settle.sentAt(dates.slack(sentAt))]),
      state === null ? list.state.unknown : safe(state, 60),
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
