import { payKinds } from '../domain/customer.ts'
import { cut, readPattern } from '../domain/text.ts'
import { approvalRuleMistakes } from './approval-mistakes.ts'
import { durationMs, MAX_OPTIONS } from './schema.ts'
import { asList, asRecord, isRecord, quotasOf, type RuleMistake, type Values } from './written-values.ts'

/**
 * What must fit together between places of the policy file. It reads the values as they were written, so that it can
 * speak together with mistakes of shape; what has the wrong shape is left to the schema.
 */

/** As the schema fills it in. */
const DEFAULT_EXPIRES_AFTER = '24h'

export function ruleMistakes(file: unknown): RuleMistake[] {
  const top = asRecord(file)
  const plain = [...reservedKeys(top), ...sameStockTwice(top), ...ticketMistakes(top)]
  // Each would be compared with each; that there are too many of them is told by the schema.
  if (isTooMuch(top)) return plain
  return [
    ...plain,
    ...deciderMistakes(top),
    ...reminderMistakes(top),
    ...escalationMistakes(top),
    ...approvalRuleMistakes(top),
    ...limitMistakes(top),
    ...customerMistakes(top),
  ]
}

/** An example that the app would not take itself. */
function ticketMistakes(top: Values): RuleMistake[] {
  const { pattern, example } = asRecord(top.ticket)
  if (typeof example !== 'string' || typeof pattern !== 'string') return []
  try {
    if (readPattern(pattern).finds(example.trim())) return []
  } catch {
    // What is wrong with the pattern is told by the schema.
    return []
  }
  return [
    { path: ['ticket', 'example'], message: 'does not fit ticket.pattern', remedy: 'write one that does' },
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

/** A step that comes when the ask has expired. */
function escalationMistakes(top: Values): RuleMistake[] {
  const { escalate, expires_after: expires = DEFAULT_EXPIRES_AFTER } = asRecord(top.approval)
  const end = durationMs(expires)
  return asList(escalate).flatMap((step, index) => {
    const after = durationMs(asRecord(step).after)
    if (after === null || end === null || after < end) return []
    return [
      {
        path: ['approval', 'escalate', index, 'after'],
        message: `adds nobody: an ask has expired by then (expires_after: ${expires})`,
        remedy: 'write a time before it expires, e.g. 4h',
      },
    ]
  })
}

/** Parts by which nobody could be found, as another part of it is missing. */
function customerMistakes(top: Values): RuleMistake[] {
  const customers = asRecord(top.customers)
  const { orders, complaints, endpoint } = customers
  const at = (key: string, message: string, remedy: string) => ({ path: ['customers', key], message, remedy })
  const kinds = Object.keys(asRecord(customers.kinds))
  const taken = kinds.filter((kind) => (payKinds as readonly string[]).includes(kind))
  return [
    ...(endpoint !== undefined && kinds.length === 0
      ? [at('endpoint', 'is never asked: no kinds are named', 'name under kinds what it takes, e.g. phone')]
      : []),
    ...(endpoint === undefined && kinds.length > 0
      ? [
          at(
            'kinds',
            'are found by nobody: there is no endpoint',
            'write the address of your look-up under endpoint',
          ),
        ]
      : []),
    ...(complaints === true && orders !== true
      ? [
          at(
            'complaints',
            'find nobody without orders: only the order of a complaint tells whose openid it is',
            'write orders: true',
          ),
        ]
      : []),
    ...(['merchant_orders', 'sub_mchids'] as const)
      .filter((key) => customers[key] !== undefined && orders !== true)
      .map((key) => at(key, 'serves nothing without orders', 'write orders: true, or leave the line out')),
    ...taken.map((kind) => ({
      path: ['customers', 'kinds', kind],
      message: 'is a kind of WeChat Pay',
      remedy: 'choose another short name',
    })),
  ]
}

function isTooMuch(top: Values): boolean {
  const { levels, automatic } = asRecord(top.approval)
  const named = [top.stocks, top.reasons].map((part) => Object.keys(asRecord(part)).length)
  return Math.max(...named, asList(levels).length, asList(automatic).length) > MAX_OPTIONS
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
