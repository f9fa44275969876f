import type { Refusal } from '../domain/ask.ts'
import type { ClosedChannel } from '../domain/card.ts'
import { doubtText, type Grant, type Settlement } from '../domain/grant.ts'
import { type CountedHold, type Hold, MOST_COUNTED } from '../domain/hold.ts'
import { inOneLine, withoutControls } from '../domain/text.ts'
import { shortOpenid } from '../domain/wechatpay-ids.ts'
import type {
  CandidatesOutcome,
  ConfirmOutcome,
  PauseOutcome,
  ProposeOutcome,
  ResumeOutcome,
  StuckOutcome,
  WithdrawOutcome,
} from '../grants/index.ts'
import { counted, refusalLine } from './refusals.ts'
import type { Terminal } from './terminal.ts'

/** Reports an outcome as lines at the command line. @returns whether something was done */
export function told(
  terminal: Terminal,
  outcome: PauseOutcome | ResumeOutcome | ProposeOutcome | ConfirmOutcome | WithdrawOutcome,
): boolean {
  switch (outcome.kind) {
    case 'paused':
      return say(terminal, `paused: ${scope(outcome.hold)}; ${waiting(outcome.hold)}`)
    case 'resumed':
      return say(
        terminal,
        'resumed: the app issues what waited, unless something else holds it',
        ...outcome.holds.map(holdLine),
      )
    case 'repeated':
      return not(
        terminal,
        'this was already done',
        ...('holds' in outcome ? outcome.holds.map(holdLine) : []),
      )
    case 'over':
      return not(terminal, 'that is over', ...outcome.holds.map(holdLine))
    case 'not-paused':
      return not(
        terminal,
        outcome.isKnown
          ? 'that was not paused'
          : 'the policy has no such coupon, and there is no pause of one',
        ...outcome.holds.map(holdLine),
      )
    case 'proposed':
      return say(
        terminal,
        `proposed for ${grantLine(outcome.grant)}`,
        'a second person must confirm it: an operator or approver in Slack, or another user here',
      )
    case 'settled':
      return say(terminal, `settled: ${grantLine(outcome.grant)}`)
    case 'withdrawn':
      return say(terminal, `withdrawn for ${grantLine(outcome.grant)}`)
    case 'waits':
      return not(terminal, `something else was proposed already: ${settlementLine(outcome.settlement)}`)
    case 'already':
      if ('hold' in outcome) return say(terminal, `already paused: ${holdLine(outcome.hold)}`)
      return not(terminal, `that is over: ${grantLine(outcome.grant)}`)
    case 'lapsed':
      return not(
        terminal,
        `the person who proposed it is no longer an operator, so it was withdrawn: ${grantLine(outcome.grant)}`,
      )
    case 'sent-since':
      return not(terminal, `it was sent again since you looked, so look again: ${grantLine(outcome.grant)}`)
    case 'not-stuck':
      return not(terminal, `there is nothing to settle: ${grantLine(outcome.grant)}`)
    case 'under-way':
      return not(
        terminal,
        'a call to WeChat Pay is under way for it, which may settle it: try again in a minute',
      )
    default:
      return notDone(terminal, outcome)
  }
}

export function tellStuck(terminal: Terminal, outcome: StuckOutcome): boolean {
  if (outcome.kind !== 'stuck') return notDone(terminal, outcome)
  const { holds, closed, grants, hasMore } = outcome
  if (holds.length + closed.length + grants.length === 0) return say(terminal, 'nothing is stuck')
  return say(
    terminal,
    ...holds.map(holdLine),
    ...closed.map(closedLine),
    ...grants.flatMap(({ grant, settlement }) => [
      `${grantLine(grant)}, ${flagWords(grant)}`,
      ...(settlement ? [`  ${settlementLine(settlement)}`] : []),
    ]),
    ...(hasMore ? ['… and more'] : []),
  )
}

export function tellCandidates(terminal: Terminal, outcome: CandidatesOutcome): boolean {
  if (outcome.kind !== 'candidates') return notDone(terminal, outcome)
  const { grant, settlement, attempts, coupons, failure } = outcome
  return say(
    terminal,
    grantLine(grant),
    `  number at WeChat Pay ${grant.sendRequestNo}, stock ${grant.stockId}, ${flagWords(grant)}`,
    ...attempts.map(
      ({ number, startedAt, outcome: result, code, requestId }) =>
        `  attempt ${number} ${time(startedAt)} ${[result ?? 'under way', code, requestId && `Request-ID ${requestId}`].filter(Boolean).join(', ')}`,
    ),
    ...(settlement ? [`  ${settlementLine(settlement)}`] : []),
    failure
      ? `  WeChat Pay could not be asked what the user holds: ${failure}`
      : `  coupons of this stock that no grant accounts for: ${coupons.length === 0 ? 'none' : ''}`,
    ...coupons.map(
      ({ couponId, sentAt, state }) => `    ${couponId} sent ${sentAt ? time(sentAt) : '?'} ${state ?? '?'}`,
    ),
  )
}

/** Says that the second person named another outcome than the proposed one. @returns false: nothing was done */
export function tellOther(terminal: Terminal, settlement: Settlement): false {
  return not(terminal, `nothing was confirmed: another outcome waits: ${settlementLine(settlement)}`)
}

function notDone(
  terminal: Terminal,
  outcome: { kind: 'refused'; refusal: Refusal } | { kind: 'gone' | 'busy' | 'not-sure' },
): boolean {
  switch (outcome.kind) {
    case 'refused':
      return not(terminal, `refused: ${refusalLine(outcome.refusal)}`)
    case 'gone':
      return not(terminal, 'there is no such grant')
    case 'busy':
      return not(
        terminal,
        'the ledger could not be read or written in time, and nothing was changed: try again',
      )
    case 'not-sure':
      return not(terminal, 'it is not known whether this was written: look before you try again')
  }
}

const time = (ms: number) => new Date(ms).toISOString()

function scope({ kind, stock }: Hold): string {
  if (stock !== null) return `the stock ${stock}`
  return kind === 'paused' ? 'everything' : kind
}

function waiting({ waiting }: CountedHold): string {
  if (waiting === 0) return 'no approved coupon waits'
  if (waiting > MOST_COUNTED) return `more than ${MOST_COUNTED} approved coupons wait`
  return `${counted(waiting, 'approved coupon')} ${waiting === 1 ? 'waits' : 'wait'}`
}

function holdLine(hold: CountedHold): string {
  const { reason, message, since, begunBy } = hold
  const what = hold.kind === 'paused' ? `paused: ${scope(hold)} by ${begunBy}` : `held: ${scope(hold)}`
  return `${what} since ${time(since)}, ${reason}${message ? ` (${inOneLine(message, 600)})` : ''}; ${waiting(hold)}`
}

function closedLine({ channel, code, since, waiting, asks }: ClosedChannel): string {
  return `Slack takes no messages in ${channel} since ${time(since)} (${code}): ${counted(waiting, 'message')} ${waiting === 1 ? 'waits' : 'wait'}${asks === 0 ? '' : `, including ${counted(asks, 'request')} that no approver has seen`}`
}

function grantLine({ id, openid, stock, state, couponId, requester, createdAt }: Grant): string {
  const coupon = couponId === null ? '' : ` with ${couponId}`
  const user = openid === '' ? 'a person who was erased' : shortOpenid(openid)
  return `${id} ${stock} for ${user}, asked for by ${requester} ${time(createdAt)}: ${state}${coupon}`
}

function flagWords({ flag }: Pick<Grant, 'flag'>): string {
  return flag ? `${flag.kind}: ${doubtText(flag)}` : 'no flag'
}

function settlementLine({ verdict, evidence, proposedBy, proposedAt }: Settlement): string {
  const how = verdict.kind === 'issued' ? `issued as ${verdict.couponId}` : 'not issued'
  return `${proposedBy} proposed ${time(proposedAt)}: ${how} (${inOneLine(evidence, 600)})`
}

function say(terminal: Terminal, ...lines: string[]): true {
  const shown = lines.map((line) => withoutControls(line).replaceAll('\n', ' / '))
  terminal.out(`${shown.join('\n')}\n`)
  return true
}

function not(terminal: Terminal, ...lines: string[]): false {
  say(terminal, ...lines)
  return false
}
