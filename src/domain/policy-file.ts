import { createHash } from 'node:crypto'
import {
  type Document,
  isAlias,
  isMap,
  isNode,
  isScalar,
  isSeq,
  LineCounter,
  type ParsedNode,
  parseDocument,
  type YAMLError,
} from 'yaml'
import type { z } from 'zod'
import { nearest } from './nearest.ts'
import type { Limit, Policy } from './policy.ts'
import { defaultRuleName, ruleMistakes } from './policy-rules.ts'
import { DEFAULT_LOOKUPS, keysAt, type PolicyFile, policySchema, remedyAt } from './policy-schema.ts'

/** Something in the policy file that must be put right, and how. Line and column count from 1. */
export interface Mistake {
  line: number
  column: number
  /** E.g. `stocks.withdraw-10.quota`; empty for the file as a whole. */
  path: string
  message: string
  remedy: string
}

export type ParsedPolicy = { ok: true; policy: Policy } | { ok: false; mistakes: Mistake[] }

/** Characters; a hundred stocks and reasons with long names need less than a fifth of it. */
const MAX_LENGTH = 256 * 1024
const MAX_ALIASES = 100
const MAX_SHOWN = 50

type Path = readonly PropertyKey[]
type Parsed = Document.Parsed<ParsedNode>
interface Place {
  line: number
  column: number
}

/**
 * Reads a policy, or tells every mistake in it at once.
 * @param text YAML 1.2
 * @param defaults of stocks that don't name their own
 */
export function parsePolicy(text: string, defaults: { mchid: string; appid: string }): ParsedPolicy {
  if (text.length > MAX_LENGTH)
    return whole(`is larger than ${MAX_LENGTH / 1024} KB`, 'check that it is the policy and not another file')
  if (text.includes('\0')) return whole('is not a text', 'save it as UTF-8 text')
  const lines = new LineCounter()
  let document: Parsed
  let file: unknown
  try {
    document = parseDocument(text, { lineCounter: lines, prettyErrors: false, stringKeys: true })
    const broken = syntaxMistakes(document, lines)
    if (document.errors.some((error) => error.code === 'RESOURCE_EXHAUSTION')) return exhausting()
    if (document.errors.some((error) => error.code !== 'DUPLICATE_KEY'))
      return { ok: false, mistakes: broken }
    file = document.toJS({ maxAliasCount: MAX_ALIASES })
    if (file === null) return whole('is empty', 'start from manifest/policy.example.yaml')
    const parsed = policySchema.safeParse(file)
    const mistakes = [
      ...broken,
      ...(parsed.error?.issues ?? []).flatMap((issue) => shapeMistakes(issue, file, document, lines)),
      ...ruleMistakes(file).map((mistake) => ({
        ...mistake,
        ...placeOf(document, lines, mistake.path),
        path: writePath(mistake.path),
      })),
    ]
    if (parsed.success && mistakes.length === 0)
      return { ok: true, policy: toPolicy(text, parsed.data, defaults) }
    return { ok: false, mistakes: mistakes.sort((a, b) => a.line - b.line || a.column - b.column) }
  } catch (error) {
    // Aliases of aliases, an alias of nothing, and nesting without end are only found when the values are built.
    if (error instanceof ReferenceError && /unresolved alias/i.test(error.message))
      return whole('has an alias (*name) before or without its anchor (&name)', 'write the value out')
    if (error instanceof RangeError || error instanceof ReferenceError) return exhausting()
    throw error
  }
}

/** Mistakes as lines for a person: `policy.yaml:12:5 stocks.withdraw-10.quota: what is wrong → what to do`. */
export function formatMistakes(file: string, mistakes: readonly Mistake[]): string {
  const more = mistakes.length - MAX_SHOWN
  const shown = mistakes
    .slice(0, MAX_SHOWN)
    .map(({ line, column, path, message, remedy }) => {
      const where = path === '' ? '' : ` ${path}:`
      return `${file}:${line}:${column}${where} ${message} → ${remedy}`
    })
    .join('\n')
  return more > 0 ? `${shown}\n${file}: and ${more} more` : shown
}

function whole(message: string, remedy: string): ParsedPolicy {
  return { ok: false, mistakes: [{ line: 1, column: 1, path: '', message, remedy }] }
}

function exhausting(): ParsedPolicy {
  return whole('is nested too deeply or repeats itself by too many aliases', 'write the values out')
}

const syntaxRemedies: Partial<Record<YAMLError['code'], string>> = {
  DUPLICATE_KEY: 'keep one of the two',
  TAB_AS_INDENT: 'indent with spaces',
  MULTIPLE_DOCS: 'take the line --- out',
  NON_STRING_KEY: 'write a plain word as the key',
  TAG_RESOLVE_FAILED: 'take the tag (!…) out',
  BAD_INDENT: 'check the spaces at the start of this line and the one before',
}

function syntaxMistakes(document: Parsed, lines: LineCounter): Mistake[] {
  return [...document.errors, ...document.warnings].map((error) => ({
    ...placeAt(lines, error.pos[0]),
    path: '',
    message:
      error.code === 'DUPLICATE_KEY'
        ? 'the same key stands here twice'
        : `is not YAML: ${error.message.replace(/; please .*/, '')}`,
    remedy: syntaxRemedies[error.code] ?? 'check colons, quotes and indentation around this place',
  }))
}

function shapeMistakes(
  issue: z.core.$ZodIssue,
  file: unknown,
  document: Parsed,
  lines: LineCounter,
): Mistake[] {
  if (issue.code === 'unrecognized_keys') {
    const known = keysAt(issue.path)
    return issue.keys.map((key) => {
      const meant = nearest(key, known)
      return {
        ...placeOf(document, lines, [...issue.path, key], 'key'),
        path: writePath([...issue.path, key]),
        message: 'is not known',
        remedy: meant ? `did you mean ${meant}?` : `known here: ${known.join(', ')}`,
      }
    })
  }
  const value = valueAt(file, issue.path)
  const isKey = issue.code === 'invalid_key'
  return [
    {
      ...placeOf(document, lines, issue.path, isKey ? 'key' : 'value'),
      path: writePath(issue.path),
      message: isKey ? (issue.issues[0]?.message ?? issue.message) : describe(issue, value),
      remedy: remedyAt(issue.path, value),
    },
  ]
}

const expectations: Record<string, string> = {
  int: 'a whole number',
  number: 'a number',
  string: 'text',
  boolean: 'true or false',
  object: 'keys with values',
  record: 'keys with values',
  array: 'a list',
}

function describe(issue: z.core.$ZodIssue, value: unknown): string {
  if (value === undefined) return 'is missing'
  if (value === null) return 'is empty'
  if (issue.code === 'invalid_type')
    return `is ${kindOf(value)}, not ${expectations[issue.expected] ?? issue.expected}`
  if (issue.code === 'invalid_value') return `is none of ${issue.values.join(', ')}`
  return issue.message
}

function kindOf(value: unknown): string {
  if (Array.isArray(value)) return 'a list'
  if (typeof value === 'object') return 'keys with values'
  if (typeof value === 'string') return 'text'
  return `the ${typeof value === 'boolean' ? 'word' : 'number'} ${value}`
}

function valueAt(file: unknown, path: Path): unknown {
  return path.reduce<unknown>(
    (value, part) =>
      typeof value === 'object' && value !== null ? (value as Record<PropertyKey, unknown>)[part] : undefined,
    file,
  )
}

function writePath(path: Path): string {
  return path.reduce<string>((text, part) => {
    if (typeof part === 'number') return `${text}[${part}]`
    return text === '' ? String(part) : `${text}.${String(part)}`
  }, '')
}

/** Where a value or its key stands; for what is missing, where the nearest thing around it stands. */
function placeOf(document: Parsed, lines: LineCounter, path: Path, of: 'key' | 'value' = 'value'): Place {
  let node: unknown = document.contents
  let offset = isNode(node) ? node.range?.[0] : 0
  for (const [index, part] of path.entries()) {
    const around = isAlias(node) ? node.resolve(document) : node
    if (isMap(around)) {
      const pair = around.items.find(({ key }) => isScalar(key) && String(key.value) === String(part))
      if (!pair) break
      const key = isNode(pair.key) ? pair.key.range?.[0] : undefined
      const isBlank = isScalar(pair.value) && pair.value.value === null
      const isCollection = isMap(pair.value) || isSeq(pair.value)
      const wantsKey = (of === 'key' && index === path.length - 1) || isBlank || isCollection
      node = pair.value
      offset = wantsKey || !isNode(node) ? key : node.range?.[0]
    } else if (isSeq(around)) {
      node = around.items[Number(part)]
      if (!isNode(node)) break
      offset = node.range?.[0]
    } else break
  }
  return placeAt(lines, offset ?? 0)
}

function placeAt(lines: LineCounter, offset: number): Place {
  const { line, col } = lines.linePos(offset)
  return { line: Math.max(line, 1), column: Math.max(col, 1) }
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
    ticket: ticket
      ? { required: ticket.required, pattern: ticket.pattern ?? null, url: ticket.url ?? null }
      : null,
    approval: {
      channel: approval.channel,
      approvals: approval.approvals,
      expiresAfter: approval.expires_after,
      automatic: approval.automatic.map((rule, index) => ({
        name: rule.name ?? defaultRuleName(index),
        stocks: rule.stocks ?? null,
        reasons: rule.reasons ?? null,
        upToQuota: rule.up_to_quota ?? null,
        perRequester: toLimit(rule.per_requester),
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
  }
}

function toLimit(limit: PolicyFile['limits']['per_user']): Limit | null {
  return limit ? { count: limit.count ?? null, quota: limit.quota ?? null, days: limit.days } : null
}
