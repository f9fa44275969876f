import { writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { createGenerator, type Definition, type Schema } from 'ts-json-schema-generator'

/**
 * Writes `block-schema.json` beside this file: the block types of `@slack/types` as JSON Schema, with the limits from
 * their doc comments. Run it by hand after an update of `@slack/types`, and look at the difference:
 *
 *     ./node_modules/.bin/node src/sandbox/slack/blocks/make-block-schema.ts
 *     ./node_modules/.bin/biome check --write src/sandbox/slack/blocks
 */
export function makeBlockSchema(): Schema {
  const types = fileURLToPath(import.meta.resolve('@slack/types')).replace(/\.js$/, '.d.ts')
  const generator = createGenerator({
    path: types,
    skipTypeCheck: true,
    topRef: false,
    encodeRefs: false,
    additionalProperties: false,
  })
  const root = generator.createSchema('KnownBlock') as Node
  const definitions = root.definitions as Record<string, Node>
  for (const [name, definition] of Object.entries(definitions))
    if (/^(?!RichText).*/.test(name)) liftLimits(definition)
  for (const option of ['PlainTextOption', 'MrkdwnOption']) {
    const value = definitions[option]?.properties?.value
    if (value) value.maxLength = MOST_OPTION_VALUE
  }
  definitions.DataVisualizationBlock = dataVisualization
  root.anyOf?.push({ $ref: '#/definitions/DataVisualizationBlock' })
  const { anyOf } = root
  const KnownBlock = { anyOf: anyOf as Node[] }
  definitions.KnownBlock = KnownBlock
  for (const definition of Object.values(definitions)) walk(definition, (node) => byType(node, definitions))
  for (const definition of Object.values(definitions))
    walk(definition, (node) => {
      delete node.description
    })
  return { definitions, type: 'array', items: { $ref: '#/definitions/KnownBlock' } } as Schema
}

type Node = Definition & {
  properties?: Record<string, Node>
  items?: Node
  anyOf?: Node[]
  allOf?: Node[]
  definitions?: Record<string, Node>
}

/** Slack's documentation has raised this limit; the doc comments still say 75. */
const MOST_OPTION_VALUE = 150

/** Arrays in which Slack wants at least one item, which no doc comment says. */
const NEVER_EMPTY = new Set(['elements', 'options', 'option_groups', 'fields', 'rows'])

const shape = (properties: Record<string, unknown>, optional: readonly string[] = []) => ({
  type: 'object',
  properties,
  required: Object.keys(properties).filter((name) => !optional.includes(name)),
  additionalProperties: false,
})
const words = (maxLength: number) => ({ type: 'string', minLength: 1, maxLength })
const list = (items: unknown, maxItems: number) => ({ type: 'array', items, minItems: 1, maxItems })
const points = list(shape({ label: words(20), value: { type: 'number' } }), 20)
const axes = shape({ categories: list(words(20), 20), x_label: words(50), y_label: words(50) }, [
  'x_label',
  'y_label',
])
const slice = shape({ label: words(20), value: { type: 'number', exclusiveMinimum: 0 } })

/**
 * Not in `@slack/types` yet, so written by hand from Slack's page:
 * https://docs.slack.dev/reference/block-kit/blocks/data-visualization-block
 */
const dataVisualization = shape(
  {
    type: { type: 'string', const: 'data_visualization' },
    block_id: words(255),
    title: words(50),
    chart: {
      anyOf: [
        shape({ type: { type: 'string', const: 'pie' }, segments: list(slice, 6) }),
        ...['bar', 'area', 'line'].map((type) =>
          shape({
            type: { type: 'string', const: type },
            series: list(shape({ name: words(20), data: points }), 6),
            axis_config: axes,
          }),
        ),
      ],
    },
  },
  ['block_id'],
) as unknown as Node

/** Copies the limits from the doc comments of a definition's fields into its schema. */
function liftLimits(definition: Node): void {
  for (const variant of [definition, ...(definition.anyOf ?? [])])
    for (const [name, field] of Object.entries(variant.properties ?? {})) liftInto(name, field)
}

function liftInto(name: string, field: Node): void {
  const told = (field.description ?? '').replaceAll(/\{@link[^}]*\}/g, '').replaceAll(/\s+/g, ' ')
  if (field.type === 'array') {
    const most = number(told, /maximum (?:of|number of [a-z ]+ is)? ?(\d+)/i) ?? number(told, /up to (\d+)/i)
    if (most !== undefined) field.maxItems = most
    if (NEVER_EMPTY.has(name)) field.minItems = 1
    const each = number(told, /text in each item is ([\d,]+)/i)
    if (each !== undefined && !Array.isArray(field.items)) field.items = limited(field.items as Node, each)
    return
  }
  const most =
    number(told, /maximum length (?:for [^.]*? |is )(?:is )?([\d,]+)/i) ??
    number(told, /limit ([\d,]+) characters/i)
  if (field.type === 'string') {
    if (most !== undefined) field.maxLength = most
    if (/minimum length is 1/i.test(told)) field.minLength = 1
    if (name === 'block_id' || name === 'action_id') field.minLength = 1
  } else if (field.type === 'number') {
    const least = number(told, /minimum (?:number is|of) `?(\d+)/i)
    const highest = number(told, /maximum (?:value is|of) `?(\d+)/i)
    if (least !== undefined) field.minimum = least
    if (highest !== undefined) field.maximum = highest
  } else if (most !== undefined) {
    const { $ref, anyOf } = field
    delete field.$ref
    delete field.anyOf
    Object.assign(field, limited(($ref ? { $ref } : { anyOf }) as Node, most))
  }
}

/** A text object with the limit of its place, besides its own limit. */
function limited(text: Node, most: number): Node {
  return { allOf: [text, { properties: { text: { type: 'string', maxLength: most } } }] } as Node
}

function number(words: string, pattern: RegExp): number | undefined {
  const found = pattern.exec(words)?.[1]
  return found === undefined ? undefined : Number(found.replaceAll(',', ''))
}

/**
 * Turns "any of these shapes" into "the shape of this type", so that a mistake is reported once, at its
 * place, and not for each of twenty shapes.
 */
function byType(node: Node, definitions: Record<string, Node>): void {
  if (!node.anyOf) return
  const shapes = new Map<string, Node[]>()
  for (const member of flat(node.anyOf, definitions)) {
    const type = (member.$ref ? definitions[name(member.$ref)] : member)?.properties?.type?.const
    if (typeof type !== 'string') return
    shapes.set(type, [...(shapes.get(type) ?? []), member])
  }
  if (shapes.size < 2) return
  delete node.anyOf
  Object.assign(node, {
    type: 'object',
    required: ['type'],
    properties: { type: { enum: [...shapes.keys()] } },
    allOf: [...shapes].map(([type, members]) => ({
      if: { properties: { type: { const: type } } },
      // biome-ignore lint/suspicious/noThenProperty: a word of JSON Schema; nothing awaits this object
      then: members.length === 1 ? members[0] : { anyOf: members },
    })),
  })
}

function flat(members: Node[], definitions: Record<string, Node>): Node[] {
  return members.flatMap((member) => {
    const meant = member.$ref ? definitions[name(member.$ref)] : member
    if (meant?.anyOf) return flat(meant.anyOf, definitions)
    // Already turned: its shapes are the branches.
    const turned = (meant?.allOf as { then?: Node }[] | undefined)?.flatMap((branch) => branch.then ?? [])
    return turned && turned.length > 0 ? flat(turned, definitions) : [member]
  })
}

function name(ref: string): string {
  return ref.replace('#/definitions/', '')
}

function walk(node: Node, visit: (node: Node) => void): void {
  if (typeof node !== 'object' || node === null) return
  // A field may have the name "description": so visit fields one by one, never as a node.
  for (const [key, value] of Object.entries(node)) {
    if (key === 'properties')
      for (const field of Object.values(value as Record<string, Node>)) walk(field, visit)
    else if (Array.isArray(value)) for (const item of value) walk(item as Node, visit)
    else walk(value as Node, visit)
  }
  if (!Array.isArray(node)) visit(node)
}

if (import.meta.main)
  writeFileSync(new URL('block-schema.json', import.meta.url), `${JSON.stringify(makeBlockSchema())}\n`)
