import { type Language, withoutControls } from '../domain/text.ts'
import { type Finding, type Level, levelOf, partOf, parts, stepOf } from './finding.ts'
import { doctorWords } from './words/index.ts'

/** A finding in words. */
export interface Worded {
  level: Level
  seen: string
  /** Null if there is nothing to do. */
  remedy: string | null
  /** The step of "Connect it" in the README. */
  step: number
}

/** Puts a finding into words. */
export function word(finding: Finding, language: Language): Worded {
  const [seen, remedy = ''] = doctorWords[language].findings[finding.code](finding.values)
  return {
    level: levelOf(finding),
    seen: withoutControls(seen),
    remedy: remedy === '' ? null : withoutControls(remedy),
    step: stepOf(finding),
  }
}

/** Counts the findings of each level. */
export function countLevels(findings: readonly Finding[]): Record<Level, number> {
  const counts = { ok: 0, unknown: 0, warning: 0, blocks: 0 }
  for (const finding of findings) counts[levelOf(finding)] += 1
  return counts
}

/** How a terminal shows levels, titles and details; the words are the same without it. */
export interface Paint {
  level(level: Level, text: string): string
  title(text: string): string
  faint(text: string): string
}

export const plain: Paint = { level: (_, text) => text, title: (text) => text, faint: (text) => text }

/** All findings, grouped by part, as lines for a terminal. */
export function writeReport(findings: readonly Finding[], language: Language, paint: Paint = plain): string {
  const words = doctorWords[language]
  const width = Math.max(...Object.values(words.levels).map((text) => cells(text)))
  const lines = parts.flatMap((part) => {
    const ofPart = findings.filter((finding) => partOf(finding) === part)
    if (ofPart.length === 0) return []
    return ['', paint.title(words.parts[part]), ...ofPart.flatMap((finding) => linesOf(finding, width))]
  })
  return `${[...lines, '', words.summary(countLevels(findings))].join('\n').trimStart()}\n`

  function linesOf(finding: Finding, width: number): string[] {
    const { level, seen, remedy, step } = word(finding, language)
    const label = words.levels[level]
    const gap = ' '.repeat(width - cells(label))
    const first = `  ${paint.level(level, label)}${gap}  ${seen}`
    if (level === 'ok') return [first]
    const indent = ' '.repeat(width + 4)
    return [
      first,
      ...(remedy === null ? [] : [`${indent}→ ${remedy}`]),
      paint.faint(`${indent}${finding.code} · ${words.step(step)}`),
    ]
  }
}

/** Width of a label: a Chinese character takes two cells. */
function cells(text: string): number {
  return [...text].reduce((sum, character) => sum + (/\p{Script=Han}/u.test(character) ? 2 : 1), 0)
}

/** All findings as JSON for scripts. */
export function toJson(findings: readonly Finding[]): object {
  return {
    counts: countLevels(findings),
    findings: findings.map((finding) => {
      const { level, seen, remedy, step } = word(finding, 'en')
      return { code: finding.code, level, part: partOf(finding), seen, remedy, step, values: finding.values }
    }),
  }
}
