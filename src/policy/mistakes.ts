import {
  type Document,
  isAlias,
  isMap,
  isNode,
  isScalar,
  isSeq,
  type LineCounter,
  type ParsedNode,
  visit,
  type YAMLError,
  type YAMLMap,
} from 'yaml'
import type { z } from 'zod'
import { cut, didYouMean, withoutControls } from '../domain/text.ts'
import { keysAt, remedyAt } from './remedies.ts'
import type { RuleMistake } from './written-values.ts'

/** Something in the policy file that must be put right, and how. Line and column count from 1. */
export interface Mistake {
  line: number
  column: number
  /** E.g. `stocks.withdraw-10.quota`; empty for the file as a whole. */
  path: string
  message: string
  remedy: string
}

type Path = readonly PropertyKey[]
export type Parsed = Document.Parsed<ParsedNode>
interface Place {
  line: number
  column: number
}

const MAX_SHOWN = 50
/** Of a key that is told. */
const MAX_NAME = 80

/** Mistakes as lines for a person: `policy.yaml:12:5 stocks.withdraw-10.quota: what is wrong → what to do`. */
export function formatMistakes(file: string, mistakes: readonly Mistake[]): string {
  const more = mistakes.length - MAX_SHOWN
  const shown = mistakes
    .slice(0, MAX_SHOWN)
    .map(({ line, column, path, message, remedy }) => {
      const where = path === '' ? '' : ` ${path}:`
      return withoutControls(`${file}:${line}:${column}${where} ${message} → ${remedy}`).replaceAll('\n', ' ')
    })
    .join('\n')
  return more > 0 ? `${shown}\n${file}: and ${more} more` : shown
}

const syntaxRemedies: Partial<Record<YAMLError['code'], string>> = {
  TAB_AS_INDENT: 'indent with spaces',
  MULTIPLE_DOCS: 'take the line --- out',
  NON_STRING_KEY: 'write a plain word as the key',
  TAG_RESOLVE_FAILED: 'take the tag (!…) out',
  BAD_INDENT: 'check the spaces at the start of this line and the one before',
}

/** What the reader of YAML found. */
export function syntaxMistakes(document: Parsed, lines: LineCounter): Mistake[] {
  return [...document.errors, ...document.warnings].map((error) => ({
    ...placeAt(lines, error.pos[0]),
    path: '',
    message: `is not YAML: ${cut(error.message.replace(/; please .*/, ''), 200)}`,
    remedy: syntaxRemedies[error.code] ?? 'check colons, quotes and indentation around this place',
  }))
}

/** Keys that stand twice in one place; the reader of YAML would compare each with each. */
export function duplicateKeys(document: Parsed, lines: LineCounter): Mistake[] {
  const mistakes: Mistake[] = []
  visit(document, {
    Map(_, { items }) {
      const seen = new Set<string>()
      for (const { key } of items) {
        if (!isScalar(key)) continue
        const name = String(key.value)
        if (seen.has(name))
          mistakes.push({
            ...placeAt(lines, key.range?.[0] ?? 0),
            path: '',
            message: 'the same key stands here twice',
            remedy: 'keep one of the two',
          })
        seen.add(name)
      }
    },
  })
  return mistakes
}

/** How often the file refers to another of its places. */
export function countAliases(document: Parsed): number {
  let count = 0
  visit(document, {
    Alias() {
      count++
    },
  })
  return count
}

/** What the schema found at one place. */
export function shapeMistakes(
  issue: z.core.$ZodIssue,
  file: unknown,
  document: Parsed,
  lines: LineCounter,
): Mistake[] {
  if (issue.code === 'unrecognized_keys') {
    const known = keysAt(issue.path)
    return issue.keys.map((key) => {
      const meant = didYouMean(key, known)
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
      remedy: meantWord(issue, value) ?? remedyAt(issue.path, value),
    },
  ]
}

/** Gives mistakes between places of the file their lines. */
export function placedMistakes(
  mistakes: readonly RuleMistake[],
  document: Parsed,
  lines: LineCounter,
): Mistake[] {
  return mistakes.map((mistake) => ({
    ...mistake,
    ...placeOf(document, lines, mistake.path),
    path: writePath(mistake.path),
  }))
}

/** Of a few words that may stand there, the one that was probably meant. */
function meantWord(issue: z.core.$ZodIssue, value: unknown): string | null {
  if (issue.code !== 'invalid_value' || typeof value !== 'string') return null
  const meant = didYouMean(value, issue.values.map(String))
  return meant && `did you mean ${meant}?`
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
    const name = cut(String(part), MAX_NAME)
    return text === '' ? name : `${text}.${name}`
  }, '')
}

/** Where a value or its key stands; for what is missing, where the didYouMean thing around it stands. */
function placeOf(document: Parsed, lines: LineCounter, path: Path, of: 'key' | 'value' = 'value'): Place {
  let node: unknown = document.contents
  let offset = isNode(node) ? node.range?.[0] : 0
  for (const [index, part] of path.entries()) {
    const around = isAlias(node) ? node.resolve(document) : node
    if (isMap(around)) {
      const pair = pairsOf(around).get(String(part))
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

/** By its keys, read once: a file may have thousands of mistakes in one place. */
const pairs = new WeakMap<YAMLMap, Map<string, Pair>>()
type Pair = YAMLMap['items'][number]
function pairsOf(map: YAMLMap): Map<string, Pair> {
  const read =
    pairs.get(map) ??
    new Map(map.items.flatMap((pair) => (isScalar(pair.key) ? [[String(pair.key.value), pair]] : [])))
  pairs.set(map, read)
  return read
}

function placeAt(lines: LineCounter, offset: number): Place {
  const { line, col } = lines.linePos(offset)
  return { line: Math.max(line, 1), column: Math.max(col, 1) }
}
