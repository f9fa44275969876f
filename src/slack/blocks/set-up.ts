import type { AnyBlock } from '@slack/types'
import { countLevels, doctorWords, type Finding, kinds, partOf, parts, word } from '../../doctor/index.ts'
import type { News } from '../../domain/card.ts'
import type { Reader } from './reader.ts'
import { context, header, linesThatFit, type Message, safe, sections } from './text.ts'

/** Characters of what was seen, and of what to do. */
const MOST_SEEN = 600

/** What the checks of the set-up have found: first what is wrong, then how much is well. */
export function setUpMessage(findings: readonly Finding[], reader: Reader): Message {
  const { title, summary } = doctorWords[reader.language]
  const said = summary(countLevels(findings))
  return {
    text: `${title}: ${said}`,
    blocks: [header(title), ...problemBlocks(findings, reader), context(said)],
  }
}

/** What the operators are told when the set-up keeps the app from its work. */
export function blockedMessage(
  { findings }: Extract<News, { kind: 'set-up-blocked' }>,
  reader: Reader,
): Message {
  const says = reader.words.setUp
  // Another version of the app may have found what this one has no words for.
  const known = findings.filter((finding): finding is Finding => Object.hasOwn(kinds, finding.code))
  return {
    text: says.blockedTitle,
    blocks: [header(says.blockedTitle), ...problemBlocks(known, reader), context(says.blockedHint)],
  }
}

function problemBlocks(findings: readonly Finding[], reader: Reader): AnyBlock[] {
  const { levels, step } = doctorWords[reader.language]
  const lines = parts.flatMap((part) =>
    findings
      .filter((finding) => partOf(finding) === part)
      .flatMap((finding) => {
        const said = word(finding, reader.language)
        if (said.level === 'ok') return []
        const remedy = said.remedy === null ? '' : `\n→ ${safe(said.remedy, MOST_SEEN)}`
        return [`*${levels[said.level]}* ${safe(said.seen, MOST_SEEN)}${remedy}\n_${step(said.step)}_`]
      }),
  )
  const { shown, rest } = linesThatFit(lines, reader.words.cut.more)
  return [...sections(shown), ...rest]
}
