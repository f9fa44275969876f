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
  type YAMLMap,
} from 'yaml'
import type { z } from 'zod'
import { cut, didYouMean, type Language, withoutControls } from '../domain/text.ts'
import { keysAt, knownPlace } from './schema-places.ts'
import { type KnownPlace, type MistakeCode, policyWords, type Values } from './words/index.ts'
import type { RuleMistake } from './written-values.ts'

/** A mistake in the policy file; the words and the fix are in `words/`. Line and column count from 1. */
export interface Mistake {
  line: number
  column: number
  /** E.g. `stocks.withdraw-10.quota`; empty for the file as a whole. */
  path: string
  code: MistakeCode
  values: Values
  /** The word probably meant by a mistyped one. */
  meant: string | null
  /** The kind of place, if the words say what to write there. */
  place: KnownPlace | null
}

type Path = readonly PropertyKey[]
export type Parsed = Document.Parsed<ParsedNode>
interface Place {
  line: number
  column: number
}

const MAX_SHOWN = 50
/** Longest key to show. */
const MAX_NAME = 80

/** A mistake in words: `policy.yaml:12:5 stocks.withdraw-10.quota: what is wrong`, and what to do. */
export interface ToldMistake {
  mistake: string
  remedy: string
}

/** The mistakes in words, no more than people are shown. */
export function tellMistakes(
  file: string,
  mistakes: readonly Mistake[],
  language: Language,
): readonly ToldMistake[] {
  const words = policyWords[language]
  const more = mistakes.length - MAX_SHOWN
  const inLine = (text: string) => withoutControls(text).replaceAll('\n', ' ')
  const shown = mistakes.slice(0, MAX_SHOWN).map(({ line, column, path, code, values, meant, place }) => {
    const where = path === '' ? '' : ` ${path}:`
    const [wrong, ofCode] = words.mistakes[code](values)
    const remedy = meant ? words.meant(meant) : (ofCode ?? (place ? words.places[place] : words.compare))
    return { mistake: inLine(`${file}:${line}:${column}${where} ${wrong}`), remedy: inLine(remedy) }
  })
  return more > 0 ? [...shown, { mistake: words.more(file, more), remedy: '' }] : shown
}

/** The mistakes as lines for a person, each with its fix. */
export function formatMistakes(file: string, mistakes: readonly Mistake[], language: Language): string {
  return linesOf(tellMistakes(file, mistakes, language))
}

/** Lines, each mistake with its fix. */
export function linesOf(mistakes: readonly ToldMistake[]): string {
  return mistakes
    .map(({ mistake, remedy }) => (remedy === '' ? mistake : `${mistake} → ${remedy}`))
    .join('\n')
}

/** A mistake whose code says everything. */
export function mistakeAt(place: Place, path: string, code: MistakeCode, values: Values = {}): Mistake {
  return { ...place, path, code, values, meant: null, place: null }
}

/** The mistakes that the YAML parser found. */
export function syntaxMistakes(document: Parsed, lines: LineCounter): Mistake[] {
  return [...document.errors, ...document.warnings].map(({ pos, code, message }) => {
    const why = cut(message.replace(/; please .*/, ''), 200)
    return mistakeAt(placeAt(lines, pos[0]), '', 'not-yaml', { code, why })
  })
}

/** Keys that occur twice in one place. The YAML parser would compare each key with each. */
export function duplicateKeys(document: Parsed, lines: LineCounter): Mistake[] {
  const mistakes: Mistake[] = []
  visit(document, {
    Map(_, { items }) {
      const seen = new Set<string>()
      for (const { key } of items) {
        if (!isScalar(key)) continue
        const name = String(key.value)
        if (seen.has(name))
          mistakes.push(mistakeAt(placeAt(lines, key.range?.[0] ?? 0), '', 'same-key-twice'))
        seen.add(name)
      }
    },
  })
  return mistakes
}

/** How often the file refers to another place in it. */
export function countAliases(document: Parsed): number {
  let count = 0
  visit(document, {
    Alias() {
      count++
    },
  })
  return count
}

/** Aliases without an anchor before them. */
export function unboundAliases(document: Parsed, lines: LineCounter): Mistake[] {
  const mistakes: Mistake[] = []
  const anchors = new Set<string>()
  visit(document, {
    Value(_, { anchor }) {
      if (anchor) anchors.add(anchor)
    },
    Alias(_, alias) {
      if (anchors.has(alias.source)) return
      mistakes.push(mistakeAt(placeAt(lines, alias.range?.[0] ?? 0), '', 'alias-without-anchor'))
    },
  })
  return mistakes
}

/** The mistakes that the schema found in one place. */
export function shapeMistakes(
  issue: z.core.$ZodIssue,
  file: unknown,
  document: Parsed,
  lines: LineCounter,
): Mistake[] {
  if (issue.code === 'unrecognized_keys') {
    const known = keysAt(issue.path)
    return issue.keys.map((key) => {
      const path = [...issue.path, key]
      const place = placeOf(document, lines, path, 'key')
      const mistake = mistakeAt(place, writePath(path), 'unknown-key', { known: known.join(', ') })
      return { ...mistake, meant: didYouMean(key, known) }
    })
  }
  // Every number has a limit of its own, which reports the same.
  if (issue.code === 'too_big' && issue.maximum === Number.MAX_SAFE_INTEGER) return []
  const value = valueAt(file, issue.path)
  const isKey = issue.code === 'invalid_key'
  const { code, values = {} } = isKey ? ofIssue(issue.issues[0] ?? issue) : shapeOf(issue, value)
  return [
    {
      ...placeOf(document, lines, issue.path, isKey ? 'key' : 'value'),
      path: writePath(issue.path),
      code,
      values,
      meant: meantWord(issue, value),
      place: knownPlace(issue.path),
    },
  ]
}

/** Adds lines to mistakes between places of the file. */
export function placedMistakes(
  mistakes: readonly RuleMistake[],
  document: Parsed,
  lines: LineCounter,
): Mistake[] {
  return mistakes.map(({ path, code, values, meant = null }) => ({
    ...mistakeAt(placeOf(document, lines, path), writePath(path), code, values),
    meant,
  }))
}

/** The word probably meant, among those allowed here. */
function meantWord(issue: z.core.$ZodIssue, value: unknown): string | null {
  if (typeof value !== 'string') return null
  if (issue.code === 'invalid_value') return didYouMean(value, issue.values.map(String))
  return issue.message === 'not-a-time-zone' ? didYouMean(value, Intl.supportedValuesOf('timeZone')) : null
}

type Wrong = Pick<RuleMistake, 'code' | 'values'>

/** By zod's words; every number in a policy is a whole one. */
const kinds: Readonly<Record<string, string>> = {
  int: 'whole',
  number: 'whole',
  string: 'text',
  boolean: 'boolean',
  object: 'keys',
  record: 'keys',
  array: 'list',
}

function shapeOf(issue: z.core.$ZodIssue, value: unknown): Wrong {
  if (value === undefined) return { code: 'missing' }
  if (value === null) return { code: 'empty' }
  if (issue.code === 'invalid_type')
    return {
      code: 'wrong-type',
      values: { is: kindOf(value), value: String(value), expected: kinds[issue.expected] ?? '' },
    }
  if (issue.code === 'invalid_value')
    return { code: 'none-of', values: { known: issue.values.map(String).join(', ') } }
  return ofIssue(issue)
}

/** The code for an issue: by its kind if the schema gives no message, else from the message. */
function ofIssue(issue: z.core.$ZodRawIssue | z.core.$ZodIssue): Wrong {
  if (issue.code === 'too_small' && issue.origin !== 'string' && issue.origin !== 'array')
    return { code: 'at-least', values: { minimum: Number(issue.minimum) } }
  if (issue.code === 'too_small') return { code: 'empty' }
  if (issue.code === 'too_big') {
    const maximum = Number(issue.maximum)
    if (issue.origin === 'string') return { code: 'too-long', values: { maximum } }
    return { code: issue.origin === 'array' ? 'too-many' : 'at-most', values: { maximum } }
  }
  const values = issue.code === 'custom' ? (issue.params as Values | undefined) : undefined
  const code = issue.message ?? ''
  return isCode(code) ? { code, ...(values && { values }) } : { code: 'unfit' }
}

function isCode(message: string): message is MistakeCode {
  return Object.hasOwn(policyWords.en.mistakes, message)
}

function kindOf(value: unknown): string {
  if (Array.isArray(value)) return 'list'
  if (typeof value === 'object') return 'keys'
  return typeof value === 'string' ? 'text' : typeof value
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

/** The place of a value or its key; if it is missing, the place of what surrounds it. */
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

/** The pairs of a map by key, read once: a file may have thousands of mistakes in one place. */
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
