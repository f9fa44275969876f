import type { AnyBlock } from '@slack/types'
import { type CountedHold, type Hold, isStockHold, OUTAGES } from '../../domain/hold.ts'
import { saidLines } from '../../domain/text.ts'
import { buttonRow, pauseButton, resumeButton } from './buttons-and-views.ts'
import { actorText, type Reader } from './reader.ts'
import { header, type Message, safe, section, typed, typedContext } from './text.ts'
import { byCode, type Words } from './words/index.ts'

/** Tells operators of a fault or a pause that makes coupons wait, and later of its end, in the same message. */
export function holdMessage(hold: CountedHold, reader: Reader): Message {
  const paused = pausedStock(hold)
  return paused === undefined ? faultMessage(hold, reader) : pauseMessage(hold, paused, reader)
}

/** Whether it is an open fault that operators must see to: they know what they have paused. */
export function isOpenFault({ kind, endedAt }: Pick<Hold, 'kind' | 'endedAt'>): boolean {
  return kind !== 'paused' && endedAt === null
}

/** The stock that a pause applies to; null: everything; undefined: the hold is no pause. */
export function pausedStock({ kind, stock }: Pick<Hold, 'kind' | 'stock'>): string | null | undefined {
  return kind === 'paused' ? stock : undefined
}

/** A stock's key, for mrkdwn. */
export function keyText(key: string): string {
  return `\`${safe(key.replaceAll('`', ''), 60)}\``
}

/** A serial, for mrkdwn. */
function code(text: string): string {
  return `\`${safe(text.replaceAll('`', ''), 100)}\``
}

/** Who paused it, when and why. */
export function pauseBlocks(hold: Hold, { words, dates }: Reader): AnyBlock[] {
  const when = dates.slack(hold.since)
  if (hold.reason === 'restored') return [section(words.pausing.restored(when))]
  return [
    section(words.pausing.by(actorText(hold.begunBy, words), when)),
    ...(hold.message ? [typed(saidLines(hold.message))] : []),
  ]
}

function pauseMessage(hold: CountedHold, stock: string | null, reader: Reader): Message {
  const { words, dates } = reader
  const { begunBy, endedAt, endedBy, waiting } = hold
  const says = endedAt === null ? words.pausing.title : words.pausing.ended
  const title = says(stock === null ? null : keyText(stock))
  return {
    text: endedAt === null ? `${title} · ${actorText(begunBy, words)}` : title,
    blocks: [
      header(says(stock)),
      ...pauseBlocks(hold, reader),
      ...(endedAt === null
        ? [
            section(words.hold.waiting(waiting) + words.gap + words.pausing.effect),
            buttonRow(resumeButton(hold, stock, reader)),
          ]
        : [section(words.pausing.resumedBy(actorText(endedBy ?? 'app', words), dates.slack(endedAt)))]),
    ],
  }
}

/** What a fault stops or stopped, in words. */
export function faultScope(
  { kind, stock }: Pick<Hold, 'kind' | 'stock'>,
  ended: boolean,
  { words }: Reader,
): string {
  if (stock !== null) return words.hold.stock(keyText(stock), ended)
  return kind === 'first-attempts' ? words.hold.firstAttempts(ended) : words.hold.all(ended)
}

/** What an operator can check about a fault. */
export function checkText({ reason, trust }: Pick<Hold, 'reason' | 'trust'>, words: Words): string {
  const says = trust && byCode<string>(words.hold.trust, trust.fault)
  if (trust && says) return `${says}\n${words.hold.serials(code(trust.came), code(trust.expected))}`
  return byCode(words.hold.check, reason === 'NOAUTH' ? 'NO_AUTH' : reason) ?? words.hold.check.other
}

function faultMessage(hold: CountedHold, reader: Reader): Message {
  const { words, dates } = reader
  const ended = hold.endedAt !== null
  const title = words.hold.title(ended)
  const { stock } = hold
  return {
    text: words.hold.text(title, safe(hold.reason)),
    blocks: [
      header(title),
      section(
        [
          faultScope(hold, ended, reader),
          words.hold.since(dates.slack(hold.since)),
          ...(hold.endedAt === null ? [] : [words.hold.until(dates.slack(hold.endedAt))]),
        ].join(' · '),
      ),
      ...(ended ? [] : [section(checkText(hold, words))]),
      section(
        ended ? words.hold.ended : `${words.hold.waiting(hold.waiting)}${words.gap}${goesOn(hold, words)}`,
      ),
      ...(ended
        ? []
        : [
            buttonRow(
              ...(isStockHold(hold) ? [resumeButton(hold, stock, reader)] : []),
              pauseButton(hold, stock, reader),
            ),
          ]),
      ...(hold.message && !isToldWhole(hold, words) ? [typedContext(messageOf(hold, words))] : []),
    ],
  }
}

/** While answers are missing or can't be trusted, the app sends nothing to find out: a look-up ends the hold. */
function goesOn({ kind, reason }: Hold, words: Words): string {
  if (OUTAGES.includes(reason)) return words.hold.goesOnWhenBack
  if (isStockHold({ kind, reason })) return words.hold.goesOnOrResume
  return kind === 'first-attempts' ? words.hold.goesOnWhenTrusted : words.hold.goesOn
}

/** Whether the advice already says everything in the message, in the reader's language. */
function isToldWhole({ trust, endedAt }: Hold, words: Words): boolean {
  return (
    trust !== undefined &&
    endedAt === null &&
    trust.fault !== 'unsigned' &&
    byCode<string>(words.hold.trust, trust.fault) !== undefined
  )
}

/** The app's own reasons aren't attributed to WeChat Pay. */
function messageOf({ reason, message }: Hold, words: Words): string {
  const isOurs = !/^[A-Z_]+$/.test(reason) || ['SETUP', 'INVALID_CALL'].includes(reason)
  return isOurs ? message : words.hold.says(reason, message)
}
