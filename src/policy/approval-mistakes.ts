import { cut, didYouMean } from '../domain/text.ts'
import { asList, asRecord, isRecord, quotasOf, type RuleMistake, type Values } from './written-values.ts'

/** A file may have thousands of mistakes, of which 50 are shown. */
const MOST_GUESSES = 100

/** Levels and automatic rules that name what is not there, say nothing, or are never reached. */
export function approvalRuleMistakes(top: Values): RuleMistake[] {
  const guess = guesses()
  return [...levelMistakes(top, guess), ...automaticMistakes(top, guess)]
}

type Guess = (word: string, described: Values) => string | null

/** What to write instead of a word that is none, for as many words as are shown; null: as for others. */
function guesses(): Guess {
  let left = MOST_GUESSES
  return (word, described) => {
    if (left-- <= 0) return null
    const known = Object.keys(described)
    const meant = didYouMean(word, known)
    return meant ? `did you mean ${meant}?` : `write one of: ${cut(known.slice(0, 10).join(', '), 300)}`
  }
}

function levelMistakes(top: Values, guess: Guess): RuleMistake[] {
  const levels = asList(asRecord(top.approval).levels)
  return levels.flatMap((level, index): RuleMistake[] => {
    if (!isRecord(level)) return []
    const path = ['approval', 'levels', index]
    const changes = level.approvals !== undefined || level.approvers !== undefined
    const mistakes = [
      ...namedKeys([...path, 'stocks'], level.stocks, top.stocks, 'stock', guess),
      ...(changes
        ? []
        : [
            { path, message: 'changes nothing', remedy: 'name what is other for it: approvals or approvers' },
          ]),
    ]
    if (mistakes.length > 0) return mistakes
    const earlier = levels.findIndex(
      (other, place) =>
        place < index &&
        isRecord(other) &&
        isPartOf(level.stocks, other.stocks) &&
        (other.above_quota === undefined || Number(level.above_quota) >= Number(other.above_quota)),
    )
    if (earlier >= 0)
      return [
        {
          path,
          message: `is never reached: level ${earlier + 1} fits whatever this one fits`,
          remedy: 'put it first, or take it out',
        },
      ]
    const quotas = quotasOf(top, level.stocks)
    // Without stocks it may be for coupons that the policy is still to get.
    if (level.stocks === undefined || typeof level.above_quota !== 'number' || quotas.length === 0) return []
    if (quotas.some((quota) => quota > Number(level.above_quota))) return []
    const message = `fits none of its stocks: the highest quota among them is ${Math.max(...quotas)}`
    return [{ path: [...path, 'above_quota'], message, remedy: 'write a lower quota, or leave the line out' }]
  })
}

/** Whether whatever one list of keys names the other names too; undefined: every key. */
function isPartOf(list: unknown, of: unknown): boolean {
  if (of === undefined) return true
  return Array.isArray(list) && list.length > 0 && list.every((key) => asList(of).includes(key))
}

function automaticMistakes(top: Values, guess: Guess): RuleMistake[] {
  const rules = asList(asRecord(top.approval).automatic)
  const names = new Map<string, number>()
  return rules.flatMap((rule, index): RuleMistake[] => {
    const path = ['approval', 'automatic', index]
    if (!isRecord(rule)) return []
    const mistakes = [
      ...namedKeys([...path, 'stocks'], rule.stocks, top.stocks, 'stock', guess),
      ...namedKeys([...path, 'reasons'], rule.reasons, top.reasons, 'reason', guess),
    ]
    const counted = ['per_requester', 'per_user'].filter((limit) => counts(asRecord(rule[limit])))
    if (counted.length > 0 && rule.name === undefined)
      mistakes.push({
        path,
        message: `has no name, but its use is counted (${counted.join(', ')})`,
        remedy: `give it a name of its own; name: ${defaultRuleName(index)} keeps what was counted so far`,
      })
    if (['stocks', 'reasons', 'up_to_quota'].every((part) => rule[part] === undefined))
      mistakes.push({
        path,
        message: 'would approve everything',
        remedy: 'name what it approves: stocks, reasons or up_to_quota',
      })
    const name = writtenName(rule.name) ?? defaultRuleName(index)
    const first = names.get(name)
    if (first !== undefined)
      mistakes.push({
        path: rule.name === undefined ? path : [...path, 'name'],
        message: `has the name ${JSON.stringify(cut(name, 80))}, as rule ${first + 1} has`,
        remedy: 'give each rule a name of its own: its use is counted by name',
      })
    names.set(name, first ?? index)
    return mistakes.length > 0 ? mistakes : neverFits(top, rules, index)
  })
}

/** What is wrong with a limit that does not is told at the limit. */
function counts({ count, quota, days }: Values): boolean {
  return days !== undefined && (count !== undefined || quota !== undefined)
}

/** A rule that approves nothing, whatever is asked for. */
function neverFits(top: Values, rules: unknown[], index: number): RuleMistake[] {
  const rule = asRecord(rules[index])
  const path = ['approval', 'automatic', index]
  const earlier = rules.findIndex(
    (other, place) =>
      place < index &&
      isRecord(other) &&
      other.per_requester === undefined &&
      other.per_user === undefined &&
      isPartOf(rule.stocks, other.stocks) &&
      isPartOf(rule.reasons, other.reasons) &&
      (other.up_to_quota === undefined || Number(rule.up_to_quota) <= Number(other.up_to_quota)),
  )
  if (earlier >= 0)
    return [
      {
        path,
        message: `is never reached: rule ${earlier + 1} approves whatever this one fits`,
        remedy: 'put it first, or take it out',
      },
    ]
  const quotas = quotasOf(top, rule.stocks)
  if (quotas.length === 0) return []
  const lowest = Math.min(...quotas)
  return ['per_requester', 'per_user'].flatMap((limit) => {
    const { quota } = asRecord(rule[limit])
    if (typeof quota !== 'number' || quota < 1 || quota >= lowest) return []
    return [
      {
        path: [...path, limit, 'quota'],
        message: `lets no coupon through: the lowest quota among its stocks is ${lowest}`,
        remedy: `write ${lowest} or more, or take the line out`,
      },
    ]
  })
}

/** The name by which a rule is counted. */
function writtenName(name: unknown): string | undefined {
  const counted = isRecord(name) ? name.en : name
  return typeof counted === 'string' ? counted.trim() : undefined
}

/** The name of a rule that has none. */
export function defaultRuleName(index: number): string {
  return `automatic-${index + 1}`
}

/** Keys that are not described, or stand in a list twice. */
function namedKeys(
  path: (string | number)[],
  named: unknown,
  described: unknown,
  what: string,
  guess: Guess,
): RuleMistake[] {
  if (!isRecord(described)) return []
  const seen = new Set<string>()
  return asList(named).flatMap((key, index) => {
    if (typeof key !== 'string') return []
    if (seen.has(key))
      return [
        {
          path: [...path, index],
          message: `${JSON.stringify(cut(key, 60))} stands here twice`,
          remedy: 'name it once',
        },
      ]
    seen.add(key)
    if (Object.hasOwn(described, key)) return []
    return [
      {
        path: [...path, index],
        message: `${JSON.stringify(cut(key, 60))} is not the short name of a ${what}`,
        remedy: guess(key, described) ?? `write the short name of a ${what}`,
      },
    ]
  })
}
