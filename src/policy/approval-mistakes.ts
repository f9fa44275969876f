import { cut, didYouMean } from '../domain/text.ts'
import { asList, asRecord, isRecord, quotasOf, type RuleMistake, type Written } from './written-values.ts'

/** A file may have thousands of mistakes, of which 50 are shown. */
const MOST_GUESSES = 100

/** Levels and automatic rules that name something unknown, have no effect, or are never reached. */
export function approvalRuleMistakes(top: Written): RuleMistake[] {
  const guess = guesses()
  return [...levelMistakes(top, guess), ...automaticMistakes(top, guess)]
}

type Guess = (word: string, described: Written) => { meant: string | null; known: string }

/** Suggests a word for a mistyped one, for as many words as are shown. */
function guesses(): Guess {
  let left = MOST_GUESSES
  return (word, described) => {
    if (left-- <= 0) return { meant: null, known: '' }
    const known = Object.keys(described)
    return { meant: didYouMean(word, known), known: cut(known.slice(0, 10).join(', '), 300) }
  }
}

function levelMistakes(top: Written, guess: Guess): RuleMistake[] {
  const levels = asList(asRecord(top.approval).levels)
  return levels.flatMap((level, index): RuleMistake[] => {
    if (!isRecord(level)) return []
    const path = ['approval', 'levels', index]
    const changes = level.approvals !== undefined || level.approvers !== undefined
    const mistakes: RuleMistake[] = [
      ...namedKeys([...path, 'stocks'], level.stocks, top.stocks, 'not-a-stock', guess),
      ...(changes ? [] : [{ path, code: 'level-changes-nothing' as const }]),
    ]
    if (mistakes.length > 0) return mistakes
    const earlier = earlierThat(
      levels,
      index,
      (other) =>
        isPartOf(level.stocks, other.stocks) &&
        (other.above_quota === undefined || Number(level.above_quota) >= Number(other.above_quota)),
    )
    if (earlier) return [{ path, code: 'level-never-reached', values: { level: earlier } }]
    const quotas = quotasOf(top, level.stocks)
    // Without stocks, it may be meant for coupons that the policy doesn't have yet.
    if (level.stocks === undefined || typeof level.above_quota !== 'number' || quotas.length === 0) return []
    if (quotas.some((quota) => quota > Number(level.above_quota))) return []
    const highest = Math.max(...quotas)
    return [{ path: [...path, 'above_quota'], code: 'level-fits-nothing', values: { highest } }]
  })
}

/** The number, from 1, of an earlier entry that matches everything that this one would; undefined: there is none. */
function earlierThat(
  entries: readonly unknown[],
  index: number,
  takesAll: (other: Written) => boolean,
): number | undefined {
  const place = entries.slice(0, index).findIndex((other) => isRecord(other) && takesAll(other))
  return place < 0 ? undefined : place + 1
}

/** Whether `of` contains every key of `list`; undefined: all keys. */
function isPartOf(list: unknown, of: unknown): boolean {
  if (of === undefined) return true
  return Array.isArray(list) && list.length > 0 && list.every((key) => asList(of).includes(key))
}

function automaticMistakes(top: Written, guess: Guess): RuleMistake[] {
  const rules = asList(asRecord(top.approval).automatic)
  const names = new Map<string, number>()
  return rules.flatMap((rule, index): RuleMistake[] => {
    const path = ['approval', 'automatic', index]
    if (!isRecord(rule)) return []
    const mistakes = [
      ...namedKeys([...path, 'stocks'], rule.stocks, top.stocks, 'not-a-stock', guess),
      ...namedKeys([...path, 'reasons'], rule.reasons, top.reasons, 'not-a-reason', guess),
    ]
    const counted = ['per_requester', 'per_user'].filter((limit) => counts(asRecord(rule[limit])))
    if (counted.length > 0 && rule.name === undefined)
      mistakes.push({
        path,
        code: 'rule-without-name',
        values: { limits: counted.join(', '), name: defaultRuleName(index) },
      })
    if (['stocks', 'reasons', 'up_to_quota'].every((part) => rule[part] === undefined))
      mistakes.push({ path, code: 'rule-for-everything' })
    const name = writtenName(rule.name) ?? defaultRuleName(index)
    const first = names.get(name)
    if (first !== undefined)
      mistakes.push({
        path: rule.name === undefined ? path : [...path, 'name'],
        code: 'same-rule-name',
        values: { name: JSON.stringify(cut(name, 80)), rule: first + 1 },
      })
    names.set(name, first ?? index)
    return mistakes.length > 0 ? mistakes : neverFits(top, rules, index)
  })
}

/** Whether a limit is complete. An incomplete one is reported at the limit itself. */
function counts({ count, quota, days }: Written): boolean {
  return days !== undefined && (count !== undefined || quota !== undefined)
}

/** A rule that approves nothing, whatever people ask for. */
function neverFits(top: Written, rules: unknown[], index: number): RuleMistake[] {
  const rule = asRecord(rules[index])
  const path = ['approval', 'automatic', index]
  const earlier = earlierThat(
    rules,
    index,
    (other) =>
      other.per_requester === undefined &&
      other.per_user === undefined &&
      isPartOf(rule.stocks, other.stocks) &&
      isPartOf(rule.reasons, other.reasons) &&
      (other.up_to_quota === undefined || Number(rule.up_to_quota) <= Number(other.up_to_quota)),
  )
  if (earlier) return [{ path, code: 'rule-never-reached', values: { rule: earlier } }]
  const quotas = quotasOf(top, rule.stocks)
  if (quotas.length === 0) return []
  const lowest = Math.min(...quotas)
  return ['per_requester', 'per_user'].flatMap((limit): RuleMistake[] => {
    const { quota } = asRecord(rule[limit])
    if (typeof quota !== 'number' || quota < 1 || quota >= lowest) return []
    return [{ path: [...path, limit, 'quota'], code: 'limit-too-low', values: { lowest } }]
  })
}

/** The name under which a rule's use is counted. */
function writtenName(name: unknown): string | undefined {
  const counted = isRecord(name) ? name.en : name
  return typeof counted === 'string' ? counted.trim() : undefined
}

/** The name of a rule without one. */
export function defaultRuleName(index: number): string {
  return `automatic-${index + 1}`
}

/** Keys that are unknown, or that a list contains twice. */
function namedKeys(
  path: (string | number)[],
  named: unknown,
  described: unknown,
  code: 'not-a-stock' | 'not-a-reason',
  guess: Guess,
): RuleMistake[] {
  if (!isRecord(described)) return []
  const seen = new Set<string>()
  return asList(named).flatMap((name, index): RuleMistake[] => {
    if (typeof name !== 'string') return []
    const at = [...path, index]
    const key = JSON.stringify(cut(name, 60))
    if (seen.has(name)) return [{ path: at, code: 'named-twice', values: { key } }]
    seen.add(name)
    if (Object.hasOwn(described, name)) return []
    const { meant, known } = guess(name, described)
    return [{ path: at, code, values: { key, known }, meant }]
  })
}
