import type { AnyBlock } from '@slack/types'
import {
  countLevels,
  doctorWords,
  type Finding,
  kinds,
  levelOf,
  partOf,
  parts,
  word,
  worstFirst,
} from '../../doctor/index.ts'
import type { News } from '../../domain/news.ts'
import type { Reader } from './reader.ts'
import { context, header, linesThatFit, type Message, safe, sections } from './text.ts'

/** Characters of what was found, and of the remedy. */
const MOST_SEEN = 600

/** What the checks of the set-up found: first what is wrong, then how much is in order. */
export function setUpMessage(findings: readonly Finding[], reader: Reader): Message {
  const { title, summary } = doctorWords[reader.language]
  const said = summary(countLevels(findings))
  return {
    text: `${title}: ${said}`,
    blocks: [header(title), ...problemBlocks(findings, reader), context(said)],
  }
}

/** Tells operators that the set-up keeps the app from working. */
export function blockedMessage(
  { findings }: Extract<News, { kind: 'set-up-blocked' }>,
  reader: Reader,
): Message {
  const says = reader.words.setUp
  // Another version of the app may have findings that this one has no words for.
  const known = findings.filter((finding): finding is Finding => Object.hasOwn(kinds, finding.code))
  return {
    text: says.blockedTitle,
    blocks: [header(says.blockedTitle), ...problemBlocks(known, reader), context(says.blockedHint)],
  }
}

/** The worst findings with their remedies, and how many there are in all. @param most findings shown */
export function setUpBlocks(findings: readonly Finding[], most: number, reader: Reader): AnyBlock[] {
  const wrong = worstFirst(findings).filter((finding) => ['blocks', 'warning'].includes(levelOf(finding)))
  const left = wrong.length - most
  return [
    ...sections(wrong.slice(0, most).map((finding) => findingText(finding, reader))),
    context(
      ...(left > 0 ? [reader.words.cut.more(left)] : []),
      doctorWords[reader.language].summary(countLevels(findings)),
    ),
  ]
}

function problemBlocks(findings: readonly Finding[], reader: Reader): AnyBlock[] {
  const lines = parts.flatMap((part) =>
    findings
      .filter((finding) => partOf(finding) === part)
      .filter((finding) => levelOf(finding) !== 'ok')
      .map((finding) => findingText(finding, reader)),
  )
  const { shown, rest } = linesThatFit(lines, reader.words.cut.more)
  return [...sections(shown), ...rest]
}

function findingText(finding: Finding, { language }: Reader): string {
  const { levels, step: stepText } = doctorWords[language]
  const { level, seen, remedy, step } = word(finding, language)
  const what = remedy === null ? '' : `\n→ ${safe(remedy, MOST_SEEN)}`
  return `*${levels[level]}* ${safe(seen, MOST_SEEN)}${what}\n_${stepText(step)}_`
}
