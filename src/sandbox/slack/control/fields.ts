/** A field of a body is wrong; the message says how. */
export class FieldError extends Error {
  override readonly name = 'FieldError'
  /** Its path in the body, for example `values.note`. */
  readonly field: string

  constructor(field: string, problem: string) {
    super(`${field} ${problem}`)
    this.field = field
  }
}

export type Body = Record<string, unknown>

/** @throws FieldError for a field that is not among these: a mistyped name would be passed over in silence. */
export function onlyFields(body: Body, known: readonly string[]): void {
  const stray = Object.keys(body).find((name) => !known.includes(name))
  if (stray === undefined) return
  throw new FieldError(stray, `is no field here; there is ${known.join(', ') || 'none'}.`)
}

/** @throws FieldError */
export function text(body: Body, name: string): string {
  const value = body[name]
  if (typeof value === 'string') return value
  throw new FieldError(name, value === undefined ? 'is missing.' : 'must be a text.')
}

/** @throws FieldError */
export function optionalText(body: Body, name: string): string | undefined {
  return body[name] === undefined ? undefined : text(body, name)
}

/** @throws FieldError */
export function wholeNumber(body: Body, name: string, { least, most }: { least: number; most: number }) {
  const value = body[name]
  if (typeof value === 'number' && Number.isInteger(value) && value >= least && value <= most) return value
  throw new FieldError(name, `must be a whole number from ${least} to ${most}.`)
}

/** What is typed into inputs: a text, a list of texts, or null for nothing. @throws FieldError */
export function typedValues(body: Body, name: string): Record<string, string | string[] | null> {
  const values = body[name]
  if (typeof values !== 'object' || values === null || Array.isArray(values))
    throw new FieldError(name, 'must be an object of texts by action_id.')
  for (const [key, value] of Object.entries(values)) {
    const isList = Array.isArray(value) && value.every((one) => typeof one === 'string')
    if (value !== null && typeof value !== 'string' && !isList)
      throw new FieldError(`${name}.${key}`, 'must be a text, a list of texts, or null.')
  }
  return values as Record<string, string | string[] | null>
}
