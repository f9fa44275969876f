import { checkBlocks } from './check.ts'
import { problem } from './rules.ts'

type Given = Record<string, unknown>
type Wrong = (field: string, what: string) => void

/** What Slack would refuse in a view, each with a pointer to its place; empty if the view is valid. */
export function checkView(view: unknown, type: 'modal' | 'home'): string[] {
  if (typeof view !== 'object' || view === null) return [problem('must be an object', '/view')]
  const given = view as Given
  if (given.type !== type) return [problem(`must be "${type}"`, '/view/type')]
  const problems = checkBlocks(given.blocks, type, '/view/blocks')
  const wrong: Wrong = (field, what) =>
    problems.push(problem(what, field === '' ? '/view' : `/view/${field}`))
  for (const field of Object.keys(given)) if (!FIELDS.has(field)) wrong(field, 'no such field')
  if (type === 'modal') checkWords(given, wrong)
  for (const [field, most] of TEXTS) {
    const value = given[field]
    if (value === undefined || value === null) continue
    if (typeof value !== 'string') wrong(field, 'must be a string')
    else if (value.length > most) wrong(field, `must be less than ${most + 1} characters`)
  }
  for (const field of FLAGS)
    if (given[field] !== undefined && typeof given[field] !== 'boolean') wrong(field, 'must be a boolean')
  return problems
}

const TEXTS = [
  ['private_metadata', 3000],
  ['callback_id', 255],
  ['external_id', 255],
] as const
const FLAGS = ['clear_on_close', 'notify_on_close', 'submit_disabled']
const FIELDS = new Set([
  'type',
  'blocks',
  'title',
  'submit',
  'close',
  ...TEXTS.map(([field]) => field),
  ...FLAGS,
])

/** Title and buttons: plain text of at most 24 characters each. */
function checkWords(given: Given, wrong: Wrong): void {
  if (given.title === undefined || given.title === null) wrong('', 'missing required field: title')
  for (const field of ['title', 'submit', 'close']) {
    const value = given[field]
    if (value === undefined || value === null) continue
    const { type, text } = Object(value) as Given
    if (type !== 'plain_text' || typeof text !== 'string') wrong(field, 'must be a plain_text object')
    else if (text.length === 0) wrong(`${field}/text`, 'must be more than 0 characters')
    else if (text.length > 24) wrong(`${field}/text`, 'must be less than 25 characters')
  }
  const hasInput = Array.isArray(given.blocks) && given.blocks.some((block) => Object(block).type === 'input')
  if (hasInput && !given.submit) wrong('submit', 'missing required field: submit, as there are inputs')
}
