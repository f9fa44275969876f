import type { AnyBlock } from '@slack/types'
import { type Hold, isSameScope } from '../../domain/hold.ts'
import { mayNot } from '../../domain/permissions.ts'
import type { Policy } from '../../domain/policy.ts'
import { didYouMean } from '../../domain/text.ts'
import type { NotDone, PauseOutcome, ResumeOutcome } from '../../grants/index.ts'
import { buttonRow, readHold, resumeButton } from '../blocks/buttons-and-views.ts'
import { explain, isNotDone, refusalBlocks } from '../blocks/explain.ts'
import { keyText, pauseBlocks, pausedStock } from '../blocks/hold.ts'
import { actorText, listed, type Reader } from '../blocks/reader.ts'
import { context, literal, type Message, message, safe, section } from '../blocks/text.ts'
import type { Answer } from '../edge/answer.ts'
import type { Edge, TypedOrder } from '../edge/handlers.ts'
import { type PressedMessage, tidyAlert, type User } from '../edge/payloads.ts'
import type { Actor } from '../edge/people.ts'
import { commands } from '../ids.ts'
import { showStuck } from './stuck.ts'
import { parseTypedPause, parseTypedResume, type TypedPause } from './typed-pause.ts'

/** ms; Slack waits 3 s for the acknowledgement, which comes after the commit. */
const ROLES_WITHIN = 700

/**
 * Answers `pause [stock] [reason…]`, without a form because it is for emergencies: commits, acknowledges, then
 * answers.
 */
export async function pauseTyped(edge: Edge, typed: TypedOrder): Promise<void> {
  const { text, triggerId, answer, ack, until } = typed
  const operator = await asOperator(edge, typed)
  if (!operator) return
  const { person, reader, policy } = operator
  const { stock, reason, unclear } = parseTypedPause(text, policy)
  if (unclear) {
    await ack()
    return answer(unclearMessage({ ...unclear, reason }, { policy, reader }))
  }
  const outcome = await edge.grants.pause({ by: { person }, stock, reason, order: triggerId, until })
  await ack()
  await answer(pauseMessage(outcome, { stock, policy, reader }))
}

/** Answers `resume [stock]`: commits, acknowledges, then answers. */
export async function resumeTyped(edge: Edge, typed: TypedOrder): Promise<void> {
  const { text, triggerId, answer, ack, until } = typed
  const operator = await asOperator(edge, typed)
  if (!operator) return
  const { person, reader, policy } = operator
  const stock = parseTypedResume(text, policy)
  const outcome = await edge.grants.resume({ by: { person }, stock, order: triggerId, until })
  await ack()
  await answer(resumeMessage(outcome, { stock, policy, reader }))
}

/**
 * The operator who gives the order; null: the person is none, and was told so before the rest of the text is read.
 */
async function asOperator(
  edge: Edge,
  { user, answer, ack }: TypedOrder,
): Promise<(Actor & { policy: Policy }) | null> {
  const who = await edge.people.who(user, ROLES_WITHIN)
  const policy = edge.grants.policy()
  const refusal = mayNot(policy, who.person, ['operator'])
  if (!refusal) return { ...who, policy }
  await ack()
  await answer(refusalBlocks([refusal], policy, who.reader))
  return null
}

/** A press of a button that pauses or resumes. */
interface PausePress {
  user: User
  value: string | undefined
  triggerId: string
  /** Null for a message that only this person sees. */
  message: PressedMessage | null
  answer: Answer
  ack: () => Promise<void>
  until: number
}

/** Pauses: commits, acknowledges, then answers. */
export async function pausePressed(edge: Edge, press: PausePress): Promise<void> {
  const who = await edge.people.who(press.user, ROLES_WITHIN)
  const { person, reader } = who
  const fault = readHold(press.value)
  const outcome = await edge.grants.pause({
    by: { person },
    stock: null,
    reason: null,
    order: press.triggerId,
    fault,
    until: press.until,
  })
  await press.ack()
  const policy = edge.grants.policy()
  await answerPress(edge, press, who, pauseMessage(outcome, { stock: null, policy, reader }))
  await tidyAlert(edge, fault, press.message)
}

/** Resumes: commits, acknowledges, then answers. */
export async function resumePressed(edge: Edge, press: PausePress): Promise<void> {
  const who = await edge.people.who(press.user, ROLES_WITHIN)
  const { person, reader } = who
  const pause = readHold(press.value)
  const outcome = await edge.grants.resume({ by: { person }, stock: null, pause, until: press.until })
  await press.ack()
  const policy = edge.grants.policy()
  await answerPress(edge, press, who, resumeMessage(outcome, { stock: null, policy, reader }))
  await tidyAlert(edge, pause, press.message)
}

/** Replaces a message that only this person sees with what is stuck now, so that no useless button stays. */
async function answerPress(
  edge: Edge,
  { message, answer }: PausePress,
  who: Actor,
  became: Message,
): Promise<void> {
  if (message) await answer(became)
  else await showStuck(edge, who, { answer, above: became.blocks, replace: true })
}

/** A message holds 50 blocks, and each pause takes two. */
const MOST_PAUSES = 15
const MOST_KEYS = 20
/** Characters; a block takes 3,000, including the words before the command. */
const MAX_COMMAND = 2800

interface Asked {
  /** A stock's key; null: everything. */
  stock: string | null
  policy: Policy
  reader: Reader
}

/** The result of pausing: exactly what is paused, and how to resume it. */
export function pauseMessage(outcome: PauseOutcome, asked: Asked): Message {
  const { reader } = asked
  if (outcome.kind === 'repeated' || outcome.kind === 'over') return tooLate(outcome, 'pause', reader)
  if (isNotDone(outcome)) return notDone(outcome, asked)
  const stock = pausedStock(outcome.hold) ?? null
  const { pausing, hold: says, gap } = reader.words
  const key = stock === null ? null : keyText(stock)
  const what = outcome.kind === 'paused' ? pausing.pausedWhat(key) : pausing.alreadyWhat(key)
  return message(
    what,
    ...pauseBlocks(outcome.hold, reader),
    section(says.waiting(outcome.hold.waiting) + gap + pausing.effect),
    buttonRow(resumeButton(outcome.hold, stock, reader)),
    context(pausing.toResume(typedCommand('resume', stock, reader))),
  )
}

/** Asks what the person means to pause; nothing is paused yet. */
export function unclearMessage(
  { word, key, rest, reason }: NonNullable<TypedPause['unclear']> & Pick<TypedPause, 'reason'>,
  { policy, reader }: Omit<Asked, 'stock'>,
): Message {
  const { pausing, separator, subcommands } = reader.words
  const text = pausing.unclear(literal(word, 60))
  const keys = policy.stocks.map((stock) => stock.key)
  // Repeats the rest of what was typed, so that nobody has to write a reason again.
  const again = (what: string, why: string) =>
    literal(`${commands.coupon} ${subcommands.pause} ${what} ${why}`.trim(), MAX_COMMAND)
  const offered = (stock: string | null) =>
    section(
      pausing.unclearOne(
        stock === null ? null : keyText(stock),
        stock === null ? again('all', reason ?? '') : again(stock, rest),
        (stock === null ? (reason ?? '') : rest) !== '',
      ),
    )
  return message(
    text,
    ...(key === null ? [] : [offered(key)]),
    offered(null),
    context(pausing.stocks(keys.slice(0, MOST_KEYS).map(keyText).join(separator))),
  )
}

/** The result of resuming, and what is still paused, each with its button. */
export function resumeMessage(outcome: ResumeOutcome, asked: Asked): Message {
  const { stock, policy, reader } = asked
  const { pausing, gap } = reader.words
  if (outcome.kind === 'repeated' || outcome.kind === 'over') return tooLate(outcome, 'resume', reader)
  if (isNotDone(outcome)) return notDone(outcome, asked)
  if (outcome.kind === 'resumed') {
    const ended = outcome.hold.stock
    const text = pausing.resumedWhat(ended === null ? null : keyText(ended))
    const left = outcome.holds.length > 0 ? [section(pausing.stillPaused)] : []
    return message(text, ...left, ...pauseRows(outcome.holds, reader))
  }
  const said = stock === null ? null : safe(stock, 60)
  const text = outcome.isKnown || said === null ? pausing.notPaused(said) : pausing.noneToResume(said)
  const paused = outcome.holds.map((hold) => pausedStock(hold)).filter((key) => typeof key === 'string')
  const near = stock === null ? null : didYouMean(stock, [...paused, ...policy.stocks.map(({ key }) => key)])
  const meant = near === null || near === stock ? '' : gap + pausing.meant(keyText(near))
  const rest = outcome.holds.length > 0 ? pausing.stillPaused : pausing.nothingPaused
  return { text, blocks: [section(text + meant), section(rest), ...pauseRows(outcome.holds, reader)] }
}

/** Why nothing was done, and what is paused now: the order came twice, or what its button was drawn for is over. */
function tooLate(
  outcome: Extract<ResumeOutcome, { kind: 'repeated' | 'over' }>,
  wanted: 'pause' | 'resume',
  reader: Reader,
): Message {
  const { words, dates } = reader
  const { pausing } = words
  const { holds } = outcome
  const rest = holds.length > 0 ? pausing.stillPaused : pausing.nothingPaused
  const rows = [section(rest), ...pauseRows(holds, reader)]
  const told = (text: string) => message(text, ...rows)
  if (outcome.kind === 'repeated') return told(pausing.repeated)
  const { over } = outcome
  if (!over || over.endedAt === null) return told(pausing.overUnknown)
  const when = dates.slack(over.endedAt)
  if (wanted === 'pause') return told(pausing.faultOver(when, typedCommand('pause', null, reader)))
  const says = pausing.over(actorText(over.endedBy ?? 'app', words), when)
  const later = holds.find((hold) => isSameScope(hold, over))
  if (!later) return told(says)
  const another = pausing.anotherOn(actorText(later.begunBy, words), dates.slack(later.since))
  return told(says + words.gap + another)
}

function pauseRows(holds: readonly Hold[], reader: Reader): AnyBlock[] {
  const { words, dates } = reader
  const rows = holds.slice(0, MOST_PAUSES).flatMap((hold) => {
    const stock = pausedStock(hold) ?? null
    const what = stock === null ? words.pausing.whole : keyText(stock)
    const line = words.pausing.pausedOne(what, actorText(hold.begunBy, words), dates.slack(hold.since))
    return [section(line), buttonRow(resumeButton(hold, stock, reader))]
  })
  const left = holds.length - MOST_PAUSES
  return left > 0 ? [...rows, context(words.stuck.holdsMore(left))] : rows
}

/** A command to copy. */
function typedCommand(name: 'pause' | 'resume', stock: string | null, { words }: Reader): string {
  const parts = [commands.coupon, words.subcommands[name], ...(stock === null ? [] : [safe(stock, 60)])]
  return `\`${parts.join(' ')}\``
}

/** Why nothing was done; for a mistyped coupon, also the names there are. */
function notDone(outcome: NotDone, { policy, reader }: Asked): Message {
  const { pausing, gap } = reader.words
  const explained = explain(outcome, { policy, reader, says: pausing })
  if (outcome.kind !== 'refused' || outcome.refusal.code !== 'stock-unknown') return explained
  const keys = policy.stocks.map(({ key }) => key)
  const near = didYouMean(outcome.refusal.stock, keys)
  const meant = near === null ? '' : pausing.meant(keyText(near)) + gap
  const known = pausing.stocks(listed(keys, MOST_KEYS, reader.words, keyText))
  return { ...explained, blocks: [...explained.blocks, context(meant + known)] }
}
