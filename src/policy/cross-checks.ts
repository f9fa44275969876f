import { didYouMean } from '../domain/did-you-mean.ts'
import { cut } from '../domain/people-text.ts'
import { durationMs, MAX_OPTIONS } from './schema.ts'

/**
 * What must fit together between places of the policy file. It reads the values as they were written, so that it can
 * speak together with mistakes of shape; what has the wrong shape is left to the schema.
 */

export interface RuleMistake {
  path: (string | number)[]
  message: string
  remedy: string
}

type Values = Record<string, unknown>

/** As the schema fills it in. */
const DEFAULT_EXPIRES_AFTER = '24h'
/** A file may have thousands of mistakes, of which 50 are shown. */
const MOST_GUESSES = 100

export function ruleMistakes(file: unknown): RuleMistake[] {
  const top = asRecord(file)
  const plain = [...reservedKeys(top), ...sameStockTwice(top)]
  // Each would be compared with each; that there are too many of them is told by the schema.
  if (isTooMuch(top)) return plain
  const guess = guesses()
  return [
    ...plain,
    ...deciderMistakes(top),
    ...reminderMistakes(top),
    ...levelMistakes(top, guess),
    ...automaticMistakes(top, guess),
    ...limitMistakes(top),
  ]
}

/** A list that says nobody where people must decide, and more approvals than there are people. */
function deciderMistakes(top: Values): RuleMistake[] {
  const { approvers } = asRecord(top.roles)
  const approval = asRecord(top.approval)
  const levels = asList(approval.levels).map((level, index) => ({
    level: asRecord(level),
    path: ['approval', 'levels', index, 'approvals'] as (string | number)[],
  }))
  const asked = [
    { path: ['approval', 'approvals'], needed: approval.approvals, of: approvers },
    ...levels
      .filter(({ level }) => level.approvals !== undefined || level.approvers !== undefined)
      .map(({ level, path }) => ({
        path: level.approvals === undefined ? path.slice(0, -1) : path,
        needed: level.approvals ?? approval.approvals,
        of: level.approvers ?? approvers,
      })),
  ]
  return [
    ...(Array.isArray(approvers) && approvers.length === 0
      ? [
          {
            path: ['roles', 'approvers'],
            message: 'names nobody, so nothing could be approved',
            remedy: 'list user groups and people: [S012AB3CD, U012AB3CD, person@example.com]',
          },
        ]
      : []),
    ...asked.flatMap(({ path, needed, of }) => {
      const people = new Set(asList(of).map((member) => String(member).trim().toLowerCase()))
      // How many are in a user group is not known here.
      const isKnown = people.size > 0 && [...people].every((member) => /^[uw]|@/.test(member))
      if (!isKnown || typeof needed !== 'number' || needed <= people.size) return []
      const message = `needs ${needed} approvals of ${people.size === 1 ? '1 person' : `${people.size} people`}, so nothing could be approved`
      return [{ path, message, remedy: 'name more approvers, or ask for fewer approvals' }]
    }),
  ]
}

/** A reminder that comes when the ask has expired. */
function reminderMistakes(top: Values): RuleMistake[] {
  const { remind, expires_after: expires = DEFAULT_EXPIRES_AFTER } = asRecord(top.approval)
  const [after, end] = [durationMs(asRecord(remind).after), durationMs(expires)]
  if (after === null || end === null || after < end) return []
  return [
    {
      path: ['approval', 'remind', 'after'],
      message: `reminds nobody: an ask has expired by then (expires_after: ${expires})`,
      remedy: 'write a time before it expires, e.g. 2h',
    },
  ]
}

function isTooMuch(top: Values): boolean {
  const { levels, automatic } = asRecord(top.approval)
  const named = [top.stocks, top.reasons].map((part) => Object.keys(asRecord(part)).length)
  return Math.max(...named, asList(levels).length, asList(automatic).length) > MAX_OPTIONS
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

/** The one key that a shape check of JavaScript objects passes over. */
function reservedKeys(top: Values): RuleMistake[] {
  return ['stocks', 'reasons']
    .filter((part) => Object.hasOwn(asRecord(top[part]), '__proto__'))
    .map((part) => ({
      path: [part, '__proto__'],
      message: 'is not a short name',
      remedy: 'start the name with a letter',
    }))
}

function sameStockTwice(top: Values): RuleMistake[] {
  const seen = new Map<string, string>()
  const mistakes: RuleMistake[] = []
  for (const [key, stock] of Object.entries(asRecord(top.stocks))) {
    const id = asRecord(stock).stock_id
    if (typeof id !== 'string') continue
    const first = seen.get(id)
    if (first === undefined) seen.set(id, key)
    else
      mistakes.push({
        path: ['stocks', key, 'stock_id'],
        message: `is the stock_id of ${cut(first, 60)} as well`,
        remedy: 'describe each stock of WeChat Pay once',
      })
  }
  return mistakes
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

/** The quotas of some stocks, or of all; fen. */
function quotasOf(top: Values, keys: unknown): number[] {
  return Object.entries(asRecord(top.stocks))
    .filter(([key]) => keys === undefined || asList(keys).includes(key))
    .flatMap(([, stock]) => {
      const { quota } = asRecord(stock)
      return typeof quota === 'number' ? [quota] : []
    })
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
    const name = typeof rule.name === 'string' ? rule.name.trim() : defaultRuleName(index)
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

function limitMistakes(top: Values): RuleMistake[] {
  const limits = ['per_user', 'per_requester', 'per_stock'].map((kind) => ({
    path: ['limits', kind] as (string | number)[],
    limit: asRecord(top.limits)[kind],
  }))
  const rules = asList(asRecord(top.approval).automatic).flatMap((rule, index) =>
    ['per_requester', 'per_user'].map((kind) => ({
      path: ['approval', 'automatic', index, kind] as (string | number)[],
      limit: asRecord(rule)[kind],
    })),
  )
  const lowest = Math.min(...quotasOf(top, undefined))
  const tooLow = limits.flatMap(({ path, limit }) => {
    const { quota } = asRecord(limit)
    if (typeof quota !== 'number' || quota < 1 || quota >= lowest || !Number.isFinite(lowest)) return []
    const message = `lets no coupon through: the lowest quota of a stock is ${lowest}`
    return [{ path: [...path, 'quota'], message, remedy: `write ${lowest} or more, or leave it out` }]
  })
  const nothing = [...limits, ...rules].flatMap(({ path, limit }) =>
    isRecord(limit) && limit.count === undefined && limit.quota === undefined
      ? [
          {
            path,
            message: 'limits nothing',
            remedy: 'add count (a number of coupons), quota (fen), or both',
          },
        ]
      : [],
  )
  return [...nothing, ...tooLow]
}

function isRecord(value: unknown): value is Values {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
function asRecord(value: unknown): Values {
  return isRecord(value) ? value : {}
}
function asList(value: unknown): unknown[] {
  return Array.isArray(value) ? value : []
}
