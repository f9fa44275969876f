import { nearest } from './nearest.ts'

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

export function ruleMistakes(file: unknown): RuleMistake[] {
  const top = asRecord(file)
  return [
    ...reservedKeys(top),
    ...sameStockTwice(top),
    ...levelMistakes(top),
    ...automaticMistakes(top),
    ...limitMistakes(top),
  ]
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
        message: `is the stock_id of ${first} as well`,
        remedy: 'describe each stock of WeChat Pay once',
      })
  }
  return mistakes
}

function levelMistakes(top: Values): RuleMistake[] {
  return asList(asRecord(top.approval).levels).flatMap((level, index) => {
    if (!isRecord(level)) return []
    const path = ['approval', 'levels', index]
    const changes = level.approvals !== undefined || level.approvers !== undefined
    return [
      ...unknownKeys([...path, 'stocks'], level.stocks, top.stocks, 'stock'),
      ...(changes
        ? []
        : [
            { path, message: 'changes nothing', remedy: 'name what is other for it: approvals or approvers' },
          ]),
    ]
  })
}

function automaticMistakes(top: Values): RuleMistake[] {
  const rules = asList(asRecord(top.approval).automatic)
  const names = new Map<string, number>()
  return rules.flatMap((rule, index) => {
    const path = ['approval', 'automatic', index]
    if (!isRecord(rule)) return []
    const mistakes = [
      ...unknownKeys([...path, 'stocks'], rule.stocks, top.stocks, 'stock'),
      ...unknownKeys([...path, 'reasons'], rule.reasons, top.reasons, 'reason'),
    ]
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
        message: `has the name ${JSON.stringify(name)}, as rule ${first + 1} has`,
        remedy: 'give each rule a name of its own: its use is counted by name',
      })
    names.set(name, first ?? index)
    return mistakes
  })
}

/** The name of a rule that has none. */
export function defaultRuleName(index: number): string {
  return `automatic-${index + 1}`
}

function unknownKeys(
  path: (string | number)[],
  named: unknown,
  described: unknown,
  what: string,
): RuleMistake[] {
  if (!isRecord(described)) return []
  const known = Object.keys(described)
  return asList(named).flatMap((key, index) => {
    if (typeof key !== 'string' || known.includes(key)) return []
    const meant = nearest(key, known)
    return [
      {
        path: [...path, index],
        message: `${JSON.stringify(key)} is not the short name of a ${what}`,
        remedy: meant ? `did you mean ${meant}?` : `write one of: ${known.slice(0, 10).join(', ')}`,
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
  return [...limits, ...rules].flatMap(({ path, limit }) =>
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
