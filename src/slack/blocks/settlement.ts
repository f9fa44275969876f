import type { AnyBlock, SectionBlock } from '@slack/types'
import type { Flag, Grant } from '../../domain/grant.ts'
import { saidLines } from '../../domain/people-text.ts'
import type { Settlement, Verdict } from '../../domain/settlement.ts'
import { whichBlock } from './grant.ts'
import { actorText, type Reader } from './reader.ts'
import { safe, section, typed } from './text.ts'
import { byCode, type Words } from './words/index.ts'

/** Why the app can't tell how a grant ended, for mrkdwn. */
export function flagText({ reason }: Pick<Flag, 'reason'>, words: Words): string {
  const { flagged } = words
  const [, code = '', detail = ''] = /^([^:]*):?(.*)$/s.exec(reason) ?? []
  const says = byCode<(detail: string) => string>(flagged, code)
  if (!says || code === 'other') return flagged.other(`\`${safe(reason.replaceAll('`', ''), 100)}\``)
  // What it waited for last is a reason of its own.
  return says(code === 'no-outcome-in-24h' ? flagText({ reason: detail }, words) : safe(detail, 100))
}

/** Which grant is to be settled, and why it needs people. */
export function aboutBlocks(grant: Grant, reader: Reader): SectionBlock[] {
  const { words } = reader
  return [
    whichBlock(grant, reader),
    ...(grant.flag ? [section(words.stuck.why(flagText(grant.flag, words)))] : []),
  ]
}

/** Whether people must say how a grant ended. */
export function needsPeople({ state, flag }: Pick<Grant, 'state' | 'flag'>): boolean {
  return state === 'issuing' && flag?.kind === 'needs-look'
}

/** How a grant ended, as somebody says, for mrkdwn. */
export function verdictText(verdict: Verdict, { settle }: Words): string {
  return verdict.kind === 'issued' ? settle.issuedAs(`\`${safe(verdict.couponId, 130)}\``) : settle.notIssued
}

/** What was said about how a grant ended, by whom and how it is known. @param above lines to stand above it */
export function saidBlocks(
  { verdict, proposedBy, proposedAt, evidence }: Settlement,
  { words, dates }: Reader,
  above: readonly string[] = [],
): AnyBlock[] {
  const who = actorText(proposedBy, words)
  const said = words.settle.saidBy(verdictText(verdict, words), who, dates.slack(proposedAt))
  return [section([...above, said].join('\n')), typed(saidLines(evidence))]
}
