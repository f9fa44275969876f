import type { AnyBlock } from '@slack/types'
import { inOneLine } from '../../domain/text.ts'
import type { Outcome } from '../../grants/index.ts'
import { approvalTitle, progressBlocks, stateSign } from './grant-parts.ts'
import { actorText, type Reader, userCode, userText } from './reader.ts'
import { context, linesThatFit, type Message, section, sections, unformatted } from './text.ts'

/** An end, and the link to the requester's lasting message about it, if Slack gives one. */
export type Linked = Pick<Outcome, 'grant' | 'isAfterAll'> & { link: string | null }

/** One message tells at most this many ends, each in a line. */
export const MOST_TOGETHER = 20

/**
 * Tells a requester that requests have ended: everything the lasting message says about a single one, a line each
 * about several.
 */
export function endMessage(ends: readonly Linked[], reader: Reader): Message {
  const [one, ...others] = ends
  return one && others.length === 0 ? oneMessage(one, reader) : manyMessage(ends, reader)
}

function oneMessage(end: Linked, reader: Reader): Message {
  const { grant, link } = end
  const { outcome } = reader.words
  return {
    text: lineOf(end, wordOf(end, reader, true), userText(grant, reader), reader),
    blocks: [
      section(lineOf(end, `*${wordOf(end, reader, false)}*`, userCode(grant, reader), reader)),
      ...(isIssuedAfterAll(end) ? [section(outcome.afterAll)] : []),
      ...progressBlocks(grant, reader),
      ...(link === null ? [] : [context(linked(link, outcome.details))]),
    ],
  }
}

function manyMessage(ends: readonly Linked[], reader: Reader): Message {
  const { outcome } = reader.words
  const lines = ends.slice(0, MOST_TOGETHER).map((end) => {
    const line = lineOf(end, `*${wordOf(end, reader, true)}*`, userCode(end.grant, reader), reader)
    return end.link === null ? line : `${line} · ${linked(end.link, outcome.details)}`
  })
  const { shown } = linesThatFit(lines, outcome.more)
  const left = ends.length - shown.length
  const rest: AnyBlock[] = left > 0 ? [context(outcome.more(left))] : []
  const text = outcome.together(ends.length)
  return { text, blocks: [section(`*${text}*`), ...sections(shown), ...rest] }
}

function linked(link: string, text: string): string {
  return `<${link}|${text}>`
}

function isIssuedAfterAll({ grant, isAfterAll }: Linked): boolean {
  return isAfterAll && grant.state === 'issued'
}

/** How a grant ended. @param withWho whether to name the person who ended it, if nothing below does */
function wordOf(end: Linked, reader: Reader, withWho: boolean): string {
  const { outcome } = reader.words
  const { state, ended } = end.grant
  if (isIssuedAfterAll(end)) return outcome.issuedAfterAll
  const who = withWho && ended && ended.by !== 'policy' ? actorText(ended.by, reader.words) : null
  if (who !== null && state === 'rejected') return outcome.rejectedBy(who)
  if (who !== null && state === 'cancelled') return outcome.cancelledBy(who)
  return approvalTitle(end.grant, { decisions: [] }, reader)
}

/** @param word how it ended @param user as shown */
function lineOf({ grant }: Linked, word: string, user: string, { amount }: Reader): string {
  const { ticket, openid, quota } = grant
  const shown = ticket === null ? [] : [unformatted(inOneLine(ticket, 60, openid), 60)]
  return [`${stateSign(grant)} ${word}`, amount(quota), user, ...shown].join(' · ')
}
