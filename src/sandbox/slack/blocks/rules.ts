import { optionsOf, placedElements } from '../inputs.ts'
import type { Block } from '../types.ts'

const MOST_BLOCKS: Record<Surface, number> = { message: 50, modal: 100, home: 100 }
const ONLY_IN_MESSAGES = new Set([
  'card',
  'carousel',
  'context_actions',
  'data_table',
  'data_visualization',
  'file',
  'markdown',
  'plan',
  'table',
  'task_card',
])
/** Characters in all tables of a message. */
const MOST_CELL_TEXT = 20_000
const WITH_OPTIONS = new Set([
  'static_select',
  'multi_static_select',
  'radio_buttons',
  'checkboxes',
  'overflow',
])

/** The rules that span fields, which a schema of single fields can't hold. */
export function brokenRules(blocks: Block[], surface: Surface, at: string): string[] {
  const most = MOST_BLOCKS[surface]
  const problems = blocks.length > most ? [problem(`no more than ${most} items allowed`, at)] : []
  const seenIds = new Set<string>()
  for (const [index, block] of blocks.entries()) {
    const here = `${at}/${index}`
    if (block.block_id !== undefined && seenIds.has(block.block_id))
      problems.push(problem(`block_id ${block.block_id} already exists`, `${here}/block_id`))
    if (block.block_id !== undefined) seenIds.add(block.block_id)
    if (surface !== 'message' && ONLY_IN_MESSAGES.has(block.type))
      problems.push(problem(`unsupported type: ${block.type} is for messages only`, `${here}/type`))
    problems.push(...brokenInBlock(block, surface, here))
  }
  if (blocks.filter(({ type }) => type === 'table').length > 1)
    problems.push(problem('only one table block allowed', at))
  if (blocks.filter(({ type }) => type === 'data_visualization').length > 2)
    problems.push(problem('no more than 2 data_visualization blocks allowed', at))
  const cells = blocks.filter(({ type }) => type === 'table' || type === 'data_table').map(({ rows }) => rows)
  if (textLength(cells) > MOST_CELL_TEXT)
    problems.push(problem(`tables must be less than ${MOST_CELL_TEXT + 1} characters`, at))
  const focused = placedElements(blocks).filter(({ element }) => element.focus_on_load === true)
  if (focused.length > 1) problems.push(problem('only one element can set focus_on_load', at))
  return problems
}

function brokenInBlock(block: Block, surface: Surface, at: string): string[] {
  const problems: string[] = []
  if (block.type === 'section' && block.text === undefined && block.fields === undefined)
    problems.push(problem('missing required field: text or fields', at))
  if (block.type === 'rich_text') problems.push(...emptyTexts(block.elements, `${at}/elements`))
  if (block.type === 'table' || block.type === 'data_table') problems.push(...brokenTable(block, at))
  if (block.type === 'data_visualization') problems.push(...brokenChart(block, `${at}/chart`))
  const actionIds = new Set<unknown>()
  for (const { element } of placedElements([block])) {
    const where =
      block.type === 'input'
        ? `${at}/element`
        : block.type === 'section'
          ? `${at}/accessory`
          : `${at}/elements`
    if (element.action_id !== undefined && actionIds.has(element.action_id))
      problems.push(problem(`action_id ${String(element.action_id)} already exists`, where))
    actionIds.add(element.action_id)
    if (element.type === 'file_input' && surface !== 'modal')
      problems.push(problem('unsupported type: file_input is for modals only', where))
    problems.push(...brokenInElement(element, where))
  }
  return problems
}

/** Finds empty pieces of rich text, at any depth. */
function emptyTexts(elements: unknown, at: string): string[] {
  if (!Array.isArray(elements)) return []
  return (elements as Block[]).flatMap((element, index) => [
    ...(element.type === 'text' && element.text === ''
      ? [problem('must be more than 0 characters', `${at}/${index}/text`)]
      : []),
    ...emptyTexts(element.elements, `${at}/${index}/elements`),
  ])
}

function brokenInElement(element: Block, at: string): string[] {
  const problems: string[] = []
  if (WITH_OPTIONS.has(element.type)) problems.push(...brokenOptions(element, at))
  const { min_length, max_length } = element
  if (typeof min_length === 'number' && typeof max_length === 'number' && min_length > max_length)
    problems.push(problem('min_length must not be greater than max_length', `${at}/min_length`))
  if (
    element.min_value !== undefined &&
    element.max_value !== undefined &&
    Number(element.min_value) > Number(element.max_value)
  )
    problems.push(problem('min_value must not be greater than max_value', `${at}/min_value`))
  if (typeof max_length === 'number' && (max_length < 1 || max_length > 3000))
    problems.push(problem('must be from 1 to 3000', `${at}/max_length`))
  const { initial_value } = element
  if (
    typeof initial_value === 'string' &&
    typeof max_length === 'number' &&
    initial_value.length > max_length
  )
    problems.push(problem('initial_value must not be longer than max_length', `${at}/initial_value`))
  if (element.type === 'plain_text_input' && typeof initial_value === 'string' && initial_value.length > 3000)
    problems.push(problem('must be less than 3001 characters', `${at}/initial_value`))
  return problems
}

function brokenOptions(element: Block, at: string): string[] {
  const problems: string[] = []
  if ((element.options === undefined) === (element.option_groups === undefined))
    problems.push(problem('provide exactly one of options and option_groups', at))
  const options = optionsOf(element)
  for (const [index, option] of options.entries()) {
    if (option.value === undefined)
      problems.push(problem('missing required field: value', `${at}/options/${index}`))
    if (option.url !== undefined && element.type !== 'overflow')
      problems.push(problem('url is for overflow menus only', `${at}/options/${index}/url`))
  }
  const initial = [element.initial_option ?? [], element.initial_options ?? []].flat() as {
    value?: string
    text?: { text: string }
  }[]
  for (const one of initial)
    if (!options.some((option) => option.value === one.value && option.text.text === one.text?.text))
      problems.push(problem(`initial option ${String(one.value)} is not among the options`, at))
  return problems
}

function brokenTable(block: Block, at: string): string[] {
  const rows = Array.isArray(block.rows) ? (block.rows as Block[][]) : []
  const problems: string[] = []
  for (const [index, row] of rows.entries())
    if (Array.isArray(row) && row.length > 20)
      problems.push(problem('no more than 20 items allowed', `${at}/rows/${index}`))
  if (block.type !== 'data_table') return problems
  if (rows.length < 2 || rows.length > 201)
    problems.push(problem('must have 2 to 201 rows, the header among them', `${at}/rows`))
  const [head = []] = rows
  if (head.length === 0) problems.push(problem('must provide at least 1 item', `${at}/rows/0`))
  if (rows.some(({ length }) => length !== head.length))
    problems.push(problem('all rows must have the same number of cells', `${at}/rows`))
  for (const [index, { type }] of head.entries())
    if (type === 'rich_text')
      problems.push(problem('unsupported type: the header has no rich_text', `${at}/rows/0/${index}/type`))
  if (block.caption === '') problems.push(problem('must be more than 0 characters', `${at}/caption`))
  if (!isWholeFrom(block.page_size, 1, 100))
    problems.push(problem('must be from 1 to 100', `${at}/page_size`))
  if (!isWholeFrom(block.row_header_column_index, 0, head.length - 1))
    problems.push(problem('must be the index of a column', `${at}/row_header_column_index`))
  return problems
}

/** Each series needs a unique name, and a value for each category, in the categories' order. */
function brokenChart({ chart }: Block, at: string): string[] {
  const { series = [], axis_config } = chart as {
    series?: { name: string; data: { label: string }[] }[]
    axis_config?: { categories: string[] }
  }
  const problems: string[] = []
  if (new Set(series.map(({ name }) => name)).size < series.length)
    problems.push(problem('series names must be unique', `${at}/series`))
  const categories = JSON.stringify(axis_config?.categories)
  for (const [index, { data }] of series.entries())
    if (JSON.stringify(data.map(({ label }) => label)) !== categories)
      problems.push(problem('labels must match the categories', `${at}/series/${index}/data`))
  return problems
}

/** A missing value passes. */
function isWholeFrom(value: unknown, least: number, most: number): boolean {
  return value === undefined || (Number.isInteger(value) && Number(value) >= least && Number(value) <= most)
}

/**
 * The most text of a message, over all its blocks. Slack names no number:
 * https://github.com/slackapi/bolt-js/issues/2509
 */
const MOST_TEXT = 12_000
/**
 * Blocks have a weight themselves: Slack refused 11,341 characters in 45 blocks, and accepted 9,597 in 50 and 13,297
 * in one. Measured in the field: https://github.com/slackapi/bolt-js/issues/2867
 */
const MOST_WEIGHT = 13_200
const BLOCK_WEIGHT = 50
/** These have limits of their own. */
const TABLES = new Set(['table', 'data_table'])

/** Whether Slack refuses these blocks of one message with `msg_blocks_too_long`. */
export function isTooLong(blocks: Block[]): boolean {
  const text = blocks
    .filter(({ type }) => !TABLES.has(type))
    .reduce((sum, block) => sum + textLength(block), 0)
  return text > MOST_TEXT || text + blocks.length * BLOCK_WEIGHT > MOST_WEIGHT
}

/** Characters of all texts in a node, at any depth, as Slack stores them: with `&`, `<` and `>` as entities. */
export function textLength(node: unknown): number {
  if (typeof node !== 'object' || node === null) return 0
  if (Array.isArray(node)) return node.reduce((sum: number, item) => sum + textLength(item), 0)
  const { type, text } = node as Block
  const own = typeof text === 'string' ? (type === 'mrkdwn' ? text.length : escapedLength(text)) : 0
  return Object.values(node).reduce((sum, value) => sum + textLength(value), own)
}

function escapedLength(text: string): number {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').length
}

export type Surface = 'message' | 'modal' | 'home'

/** One refusal of Slack's, in the form of `response_metadata.messages`. */
export function problem(what: string, pointer: string): string {
  return `[ERROR] ${what} [json-pointer:${pointer}]`
}
