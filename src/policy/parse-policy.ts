import { createHash } from 'node:crypto'
import { LineCounter, parseDocument } from 'yaml'
import type { Limit } from '../domain/limit.ts'
import type { AutomaticRule, Policy } from '../domain/policy.ts'
import { languages, type Named } from '../domain/text.ts'
import { defaultRuleName } from './approval-mistakes.ts'
import { ruleMistakes } from './cross-checks.ts'
import {
  countAliases,
  duplicateKeys,
  type Mistake,
  mistakeAt,
  placedMistakes,
  shapeMistakes,
  syntaxMistakes,
  unboundAliases,
} from './mistakes.ts'
import { DEFAULT_LOOKUPS, type PolicyFile, policySchema } from './schema.ts'
import type { MistakeCode, Values } from './words/index.ts'

export type ParsedPolicy = { ok: true; policy: Policy } | { ok: false; mistakes: Mistake[] }

/** Characters; a hundred stocks and reasons with long names need less than a fifth of this. */
const MAX_LENGTH = 256 * 1024
const MAX_ALIASES = 100

/**
 * Reads a policy, or reports every mistake in it at once.
 * @param text YAML 1.2
 * @param defaults for stocks that don't name their own
 */
export function parsePolicy(text: string, defaults: { mchid: string; appid: string }): ParsedPolicy {
  if (text.length > MAX_LENGTH) return whole('too-large', { kilobytes: MAX_LENGTH / 1024 })
  if (text.includes('\0')) return whole('not-a-text')
  const lines = new LineCounter()
  try {
    const document = parseDocument(text, {
      lineCounter: lines,
      prettyErrors: false,
      stringKeys: true,
      uniqueKeys: false,
    })
    const broken = syntaxMistakes(document, lines)
    if (document.errors.some((error) => error.code === 'RESOURCE_EXHAUSTION')) return whole('too-deep')
    if (document.errors.length > 0) return { ok: false, mistakes: broken }
    if (countAliases(document) > MAX_ALIASES) return whole('too-deep')
    const unbound = unboundAliases(document, lines)
    if (unbound.length > 0) return { ok: false, mistakes: [...broken, ...unbound] }
    const file: unknown = document.toJS({ maxAliasCount: MAX_ALIASES })
    if (file === null) return whole('empty-file')
    const parsed = policySchema.safeParse(file)
    const mistakes = [
      ...broken,
      ...duplicateKeys(document, lines),
      ...(parsed.error?.issues ?? []).flatMap((issue) => shapeMistakes(issue, file, document, lines)),
      ...placedMistakes(ruleMistakes(file), document, lines),
    ]
    if (parsed.success && mistakes.length === 0)
      return { ok: true, policy: toPolicy(text, parsed.data, defaults) }
    return { ok: false, mistakes: mistakes.sort((a, b) => a.line - b.line || a.column - b.column) }
  } catch (error) {
    // Aliases of aliases and endless nesting show up only when the values are built.
    if (error instanceof RangeError || error instanceof ReferenceError) return whole('too-deep')
    throw error
  }
}

function whole(code: MistakeCode, values?: Values): ParsedPolicy {
  return { ok: false, mistakes: [mistakeAt({ line: 1, column: 1 }, '', code, values)] }
}

function toPolicy(text: string, file: PolicyFile, defaults: { mchid: string; appid: string }): Policy {
  const { roles, ticket, approval, limits } = file
  return {
    hash: createHash('sha256').update(text).digest('hex'),
    text,
    timezone: file.timezone,
    language: file.language,
    roles: {
      viewer: roles.viewers,
      requester: roles.requesters,
      approver: roles.approvers,
      auditor: roles.auditors,
      operator: roles.operators,
    },
    alerts: file.alerts ?? null,
    stocks: Object.entries(file.stocks).map(([key, stock]) => ({
      key,
      stockId: stock.stock_id,
      appid: stock.appid ?? defaults.appid,
      mchid: stock.mchid ?? defaults.mchid,
      name: stock.name,
      quota: stock.quota,
      cost: stock.cost_fen ?? null,
    })),
    reasons: Object.entries(file.reasons).map(([key, { note, ...name }]) => ({
      key,
      name,
      noteRequired: note === 'required',
    })),
    rejections: Object.entries(file.rejections).map(([key, name]) => ({ key, name })),
    openid: file.openid ?? null,
    customers: file.customers ? toCustomerRules(file.customers) : null,
    passOn: languages
      .toSorted((one) => (one === 'zh-CN' ? -1 : 1))
      .flatMap((language) => {
        const text = file.pass_on?.[language]
        return text === undefined ? [] : [{ language, text }]
      }),
    ticket: ticket
      ? {
          required: ticket.required,
          pattern: ticket.pattern ?? null,
          url: ticket.url ?? null,
          example: ticket.example ?? null,
        }
      : null,
    approval: {
      channel: approval.channel,
      approvals: approval.approvals,
      expiresAfter: approval.expires_after,
      issueWithin: approval.issue_within,
      selfApproval: approval.self_approval === 'allowed',
      remind: approval.remind ?? null,
      quiet: approval.quiet ?? null,
      escalate: approval.escalate.map(({ after, add }) => ({ after, add: [...new Set(add)] })),
      levels: approval.levels.map((level) => ({
        stocks: level.stocks ?? null,
        aboveQuota: level.above_quota ?? null,
        approvals: level.approvals ?? approval.approvals,
        approvers: level.approvers ? [...new Set(level.approvers)] : roles.approvers,
      })),
      automatic: approval.automatic.map((rule, index) => ({
        ...namesOf(rule.name ?? defaultRuleName(index)),
        stocks: rule.stocks ?? null,
        reasons: rule.reasons ?? null,
        upToQuota: rule.up_to_quota ?? null,
        perRequester: toLimit(rule.per_requester),
        perUser: toLimit(rule.per_user),
      })),
    },
    limits: {
      perUser: toLimit(limits.per_user),
      perRequester: toLimit(limits.per_requester),
      perStock: toLimit(limits.per_stock),
      lookups: limits.lookups
        ? { perPerson: limits.lookups.per_person, per: limits.lookups.per }
        : DEFAULT_LOOKUPS,
    },
    records: { keep: file.records.keep ?? null },
    reconcile: file.reconcile ? { perMinute: file.reconcile.per_minute, days: file.reconcile.days } : null,
  }
}

function toCustomerRules(file: NonNullable<PolicyFile['customers']>): Policy['customers'] {
  const { openid_help: help } = file
  return {
    orders: file.orders,
    complaints: file.complaints,
    merchantOrders: file.merchant_orders ?? null,
    subMchids: file.sub_mchids ?? [],
    endpoint: file.endpoint ?? null,
    kinds: Object.entries(file.kinds ?? {}).map(([key, { pattern, ...name }]) => ({
      key,
      name,
      pattern: pattern ?? null,
    })),
    openidHelp: help ? { text: { en: help.en, 'zh-CN': help['zh-CN'] }, url: help.url ?? null } : null,
  }
}

/**
 * A rule's use is counted, and its decisions are recorded, by its English name:
 * the Chinese one may change without loss.
 */
function namesOf(name: string | Named): Pick<AutomaticRule, 'name' | 'title'> {
  return typeof name === 'string' ? { name, title: null } : { name: name.en, title: name }
}

function toLimit(limit: PolicyFile['limits']['per_user']): Limit | null {
  return limit ? { count: limit.count ?? null, quota: limit.quota ?? null, days: limit.days } : null
}
