import { payKinds } from '../domain/customer.ts'
import { wordsForAll } from '../domain/policy.ts'
import { cut, readPattern } from '../domain/text.ts'
import { approvalRuleMistakes } from './approval-mistakes.ts'
import { durationMs, MAX_OPTIONS } from './schema.ts'
import { asList, asRecord, isRecord, quotasOf, type RuleMistake, type Written } from './written-values.ts'

/**
 * Checks that places of the policy file fit together. It reads the values as written, so that its mistakes can be shown
 * together with those of the schema; it leaves values of the wrong shape to the schema.
 */

/** The schema's default. */
const DEFAULT_EXPIRES_AFTER = '24h'

/** All mistakes between places of the file. */
export function ruleMistakes(file: unknown): RuleMistake[] {
  const top = asRecord(file)
  const plain = [
    ...reservedKeys(top),
    ...stocksCalledAll(top),
    ...sameStockTwice(top),
    ...ticketMistakes(top),
  ]
  // Each would be compared with each; the schema reports that there are too many.
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

/** An example that the app itself would not accept. */
function ticketMistakes(top: Written): RuleMistake[] {
  const { pattern, example } = asRecord(top.ticket)
  if (typeof example !== 'string' || typeof pattern !== 'string') return []
  try {
    if (readPattern(pattern).finds(example.trim())) return []
  } catch {
    // The schema reports what is wrong with the pattern.
    return []
  }
  return [{ path: ['ticket', 'example'], code: 'ticket-example' }]
}

/** An empty list of approvers where people must decide, and more approvals than there are approvers. */
function deciderMistakes(top: Written): RuleMistake[] {
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
  const isNobody = Array.isArray(approvers) && approvers.length === 0
  return [
    ...(isNobody ? [{ path: ['roles', 'approvers'], code: 'no-approvers' as const }] : []),
    ...asked.flatMap(({ path, needed, of }): RuleMistake[] => {
      const people = new Set(asList(of).map((member) => String(member).trim().toLowerCase()))
      // The number of members in a user group is unknown here.
      const isKnown = people.size > 0 && [...people].every((member) => /^[uw]|@/.test(member))
      if (!isKnown || typeof needed !== 'number' || needed <= people.size) return []
      return [{ path, code: 'too-few-approvers', values: { needed, people: people.size } }]
    }),
  ]
}

/** A reminder that would come after the ask has expired. */
function reminderMistakes(top: Written): RuleMistake[] {
  const { remind, expires_after: expires = DEFAULT_EXPIRES_AFTER } = asRecord(top.approval)
  const [after, end] = [durationMs(asRecord(remind).after), durationMs(expires)]
  if (after === null || end === null || after < end) return []
  return [{ path: ['approval', 'remind', 'after'], code: 'late-reminder', values: { expires: `${expires}` } }]
}

/** An escalation that would come after the ask has expired. */
function escalationMistakes(top: Written): RuleMistake[] {
  const { escalate, expires_after: expires = DEFAULT_EXPIRES_AFTER } = asRecord(top.approval)
  const end = durationMs(expires)
  return asList(escalate).flatMap((step, index): RuleMistake[] => {
    const after = durationMs(asRecord(step).after)
    if (after === null || end === null || after < end) return []
    const path = ['approval', 'escalate', index, 'after']
    return [{ path, code: 'late-step', values: { expires: `${expires}` } }]
  })
}

/** Parts that can find nobody, because another part is missing. */
function customerMistakes(top: Written): RuleMistake[] {
  const customers = asRecord(top.customers)
  const { orders, complaints, endpoint } = customers
  const at = (key: string, code: RuleMistake['code']) => ({ path: ['customers', key], code })
  const kinds = Object.keys(asRecord(customers.kinds))
  const taken = kinds.filter((kind) => (payKinds as readonly string[]).includes(kind))
  return [
    ...(endpoint !== undefined && kinds.length === 0 ? [at('endpoint', 'endpoint-without-kinds')] : []),
    ...(endpoint === undefined && kinds.length > 0 ? [at('kinds', 'kinds-without-endpoint')] : []),
    ...(complaints === true && orders !== true ? [at('complaints', 'complaints-without-orders')] : []),
    ...['merchant_orders', 'sub_mchids']
      .filter((key) => customers[key] !== undefined && orders !== true)
      .map((key) => at(key, 'nothing-without-orders')),
    ...taken.map((kind) => ({
      path: ['customers', 'kinds', kind],
      code: 'kind-of-wechat-pay' as const,
    })),
  ]
}

function isTooMuch(top: Written): boolean {
  const { levels, automatic } = asRecord(top.approval)
  const named = [top.stocks, top.reasons].map((part) => Object.keys(asRecord(part)).length)
  return Math.max(...named, asList(levels).length, asList(automatic).length) > MAX_OPTIONS
}

/** The one key that a shape check of JavaScript objects ignores. */
function reservedKeys(top: Written): RuleMistake[] {
  return ['stocks', 'reasons']
    .filter((part) => Object.hasOwn(asRecord(top[part]), '__proto__'))
    .map((part) => ({ path: [part, '__proto__'], code: 'reserved-key' }))
}

/** `pause all` must mean every coupon, so no stock may be called `all`. */
function stocksCalledAll(top: Written): RuleMistake[] {
  const isAll = (written: unknown) =>
    typeof written === 'string' &&
    wordsForAll.has(
      written
        .normalize('NFKC')
        .toLowerCase()
        .replace(/^[^\p{L}\p{N}]+|[^\p{L}\p{N}]+$/gu, ''),
    )
  return Object.entries(asRecord(top.stocks)).flatMap(([key, stock]): RuleMistake[] => {
    const names = asRecord(asRecord(stock).name)
    const named = ['en', 'zh-CN'].filter((language) => isAll(names[language]))
    const paths = [
      ...(isAll(key) ? [['stocks', key]] : []),
      ...named.map((one) => ['stocks', key, 'name', one]),
    ]
    return paths.map((path) => ({ path, code: 'called-all' }))
  })
}

function sameStockTwice(top: Written): RuleMistake[] {
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
        code: 'same-stock-id',
        values: { other: cut(first, 60) },
      })
  }
  return mistakes
}

function limitMistakes(top: Written): RuleMistake[] {
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
  const tooLow = limits.flatMap(({ path, limit }): RuleMistake[] => {
    const { quota } = asRecord(limit)
    if (typeof quota !== 'number' || quota < 1 || quota >= lowest || !Number.isFinite(lowest)) return []
    return [{ path: [...path, 'quota'], code: 'limit-too-low', values: { lowest } }]
  })
  const nothing = [...limits, ...rules]
    .filter(({ limit }) => isRecord(limit) && limit.count === undefined && limit.quota === undefined)
    .map(({ path }) => ({ path, code: 'limits-nothing' as const }))
  return [...nothing, ...tooLow]
}
