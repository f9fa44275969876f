import { checkBlocks } from './check.ts'

/** What Slack would refuse in a view, each with a pointer to the place; empty when it passes. */
export function checkView(view: unknown, type: 'modal' | 'home'): string[] {
  if (typeof view !== 'object' || view === null) return ['[ERROR] must be an object [json-pointer:/view]']
  const given = view as Record<string, unknown>
  if (given.type !== type) return [`[ERROR] must be "${type}" [json-pointer:/view/type]`]
  const problems = checkBlocks(given.blocks, type, '/view/blocks')
  const wrong = (field: string, what: string) =>
    problems.push(`[ERROR] ${what} [json-pointer:/view/${field}]`)
  if (type === 'modal') {
    for (const field of ['title', 'submit', 'close']) {
      const value = given[field]
      if (value === undefined || value === null) {
        if (field === 'title') problems.push('[ERROR] missing required field: title [json-pointer:/view]')
        continue
      }
      const { type: kind, text } = Object(value) as Record<string, unknown>
      if (kind !== 'plain_text' || typeof text !== 'string') wrong(field, 'must be a plain_text object')
      else if (text.length === 0) wrong(`${field}/text`, 'must be more than 0 characters')
      else if (text.length > 24) wrong(`${field}/text`, 'must be less than 25 characters')
    }
    const hasInput =
      Array.isArray(given.blocks) && given.blocks.some((block) => Object(block).type === 'input')
    if (hasInput && !given.submit)
      wrong('submit', 'missing required field: submit, because there are input blocks')
  }
  for (const [field, most] of [
    ['private_metadata', 3000],
    ['callback_id', 255],
    ['external_id', 255],
  ] as const) {
    const value = given[field]
    if (value === undefined) continue
    if (typeof value !== 'string') wrong(field, 'must be a string')
    else if (value.length > most) wrong(field, `must be less than ${most + 1} characters`)
  }
  for (const field of ['clear_on_close', 'notify_on_close', 'submit_disabled'])
    if (given[field] !== undefined && typeof given[field] !== 'boolean') wrong(field, 'must be a boolean')
  return problems
}
