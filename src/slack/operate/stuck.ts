import type { AnyBlock, SectionBlock } from '@slack/types'
import type { ClosedChannel } from '../../domain/card.ts'
import type { Grant, Settlement } from '../../domain/grant.ts'
import { type CountedHold, isStockHold } from '../../domain/hold.ts'
import type { StuckOutcome } from '../../grants/index.ts'
import {
  buttonRow,
  confirmButton,
  resumeButton,
  settleButton,
  withdrawButton,
} from '../blocks/buttons-and-views.ts'
import { refusalBlocks } from '../blocks/explain.ts'
import { approvalTitle, flagText, needsPeople, saidBlocks } from '../blocks/grant-parts.ts'
import { checkText, faultScope, keyText, pauseBlocks, pausedStock } from '../blocks/hold.ts'
import { channelText, closedCheckText } from '../blocks/news.ts'
import { type Reader, userCode } from '../blocks/reader.ts'
import { context, header, type Message, safe, section } from '../blocks/text.ts'
import type { Answer } from '../edge/answer.ts'
import type { Edge } from '../edge/handlers.ts'
import type { User } from '../edge/payloads.ts'
import type { Actor } from '../edge/people.ts'

/** Blocks about a click, which come first; with what is stuck below them, a message stays under 50 blocks. */
const MOST_ABOVE = 2

/** ms; the command is already acknowledged, so Slack may take its time. */
const ROLES_WITHIN = 5000

/** Answers `stuck`. */
export async function stuckTyped(
  edge: Edge,
  { user, answer }: { user: User; answer: Answer },
): Promise<void> {
  await showStuck(edge, await edge.people.who(user, ROLES_WITHIN), { answer, above: [], replace: false })
}

/** Shows what is stuck. @param options.above blocks about a click, shown above it */
export async function showStuck(
  { grants, now }: Edge,
  { person, reader }: Actor,
  { answer, above, replace }: { answer: Answer; above: AnyBlock[]; replace: boolean },
): Promise<void> {
  const outcome = await grants.stuck({ by: { person } })
  if (outcome.kind === 'refused') {
    const { text, blocks } = refusalBlocks([outcome.refusal], grants.policy(), reader)
    // The refusal of a click already says why: it isn't repeated.
    return answer({ text, blocks: above.length > 0 ? above : blocks, replace })
  }
  // Leaves the message in place, and still says what the click did.
  if (outcome.kind === 'busy') {
    const { busy } = reader.words.notice
    return answer({ text: busy, blocks: [...above, section(busy)] })
  }
  const { text, blocks } = stuckMessage(outcome, now(), reader)
  await answer({ text, blocks: [...above.slice(0, MOST_ABOVE), ...blocks], replace })
}

/** With this many holds and ten grants, a message stays under 50 blocks. */
const MOST_HOLDS = 4

/** They share one block. */
const MOST_CLOSED = 5

type Stuck = Extract<StuckOutcome, { kind: 'stuck' }>

/** What makes coupons wait, and the grants whose outcome is unknown; those that need people come first. */
export function stuckMessage(
  { holds, closed, grants, hasMore }: Stuck,
  now: number,
  reader: Reader,
): Message {
  const { stuck } = reader.words
  const left = holds.length - MOST_HOLDS
  const isNothing = holds.length === 0 && closed.length === 0 && grants.length === 0
  return {
    text: isNothing ? stuck.none : stuck.title,
    blocks: [
      header(stuck.title),
      ...(isNothing ? [section(stuck.none)] : []),
      ...(holds.length > 0 ? [section(`*${stuck.holds}*`)] : []),
      ...holds.slice(0, MOST_HOLDS).flatMap((hold) => holdRows(hold, now, reader)),
      ...(left > 0 ? [context(stuck.holdsMore(left))] : []),
      ...closedRow(closed, now, reader),
      ...(grants.length > 0 ? [section(`*${stuck.grants}*`)] : []),
      ...grants.flatMap((one) => grantRows(one, now, reader)),
      context(...(hasMore ? [stuck.more] : []), stuck.privacy),
    ],
  }
}

function holdRows(hold: CountedHold, now: number, reader: Reader): AnyBlock[] {
  const { words, dates } = reader
  const { stuck, pausing } = words
  const paused = pausedStock(hold)
  const what =
    paused === undefined
      ? faultScope(hold, false, reader)
      : pausing.title(paused === null ? null : keyText(paused))
  const lines = [
    stuck.hold(what, dates.slack(hold.since), dates.relative(hold.since, now)),
    ...(paused === undefined ? [checkText(hold, words)] : []),
    stuck.waiting(hold.waiting),
  ]
  if (paused === undefined) {
    const row = section(lines.join('\n'))
    return [isStockHold(hold) ? { ...row, accessory: resumeButton(hold, hold.stock, reader) } : row]
  }
  const title: SectionBlock = { ...section(lines.join('\n')), accessory: resumeButton(hold, paused, reader) }
  return [title, ...pauseBlocks(hold, reader)]
}

/** One block, however many channels there are. */
function closedRow(closed: readonly ClosedChannel[], now: number, reader: Reader): AnyBlock[] {
  const { stuck } = reader.words
  if (closed.length === 0) return []
  const left = closed.length - MOST_CLOSED
  return [
    section(
      [
        `*${stuck.closed}*`,
        ...closed.slice(0, MOST_CLOSED).map((one) => closedText(one, now, reader)),
        ...(left > 0 ? [stuck.holdsMore(left)] : []),
      ].join('\n'),
    ),
  ]
}

function closedText(
  { channel, code, since, waiting, asks }: ClosedChannel,
  now: number,
  reader: Reader,
): string {
  const { words, dates } = reader
  const where = channelText(channel, words)
  return [
    words.stuck.closedLine(where, `\`${safe(code)}\``, dates.slack(since), dates.relative(since, now)),
    closedCheckText(code, words),
    words.stuck.closedWaiting(waiting, asks),
  ].join('\n')
}

function grantRows(
  { grant, settlement }: { grant: Grant; settlement: Settlement | null },
  now: number,
  reader: Reader,
): AnyBlock[] {
  const { stuck } = reader.words
  const lines = grantLines(grant, now, reader)
  if (settlement)
    return [
      ...saidBlocks(settlement, reader, lines),
      buttonRow(confirmButton(grant.id, settlement.id, reader), withdrawButton(settlement.id, reader)),
    ]
  return [
    section(lines.join('\n')),
    ...(needsPeople(grant) ? [buttonRow(settleButton(grant.id, stuck.settle))] : []),
  ]
}

function grantLines(grant: Grant, now: number, reader: Reader): string[] {
  const { words, dates, name } = reader
  const { stuck } = words
  const { flag } = grant
  const state = approvalTitle(grant, { decisions: [] }, reader)
  const user = userCode(grant, reader)
  const line = stuck.line(state, name(grant.stockName), user, `<@${grant.requester}>`)
  const number = `send_request_no \`${grant.id}\``
  if (!flag) return [line, number]
  return [
    line,
    stuck.since(dates.slack(flag.at), dates.relative(flag.at, now), grant.attempts),
    stuck.why(flagText(flag, words)),
    ...(flag.kind === 'checking' ? [grant.hold ? stuck.paused : stuck.goesOn] : []),
    number,
  ]
}
