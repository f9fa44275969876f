import type { z } from 'zod'

export interface InputProblem {
  /** Its path, for example `values.note`. */
  field: string
  problem: string
  value?: string
}

/** Says which fields of a person's input (a fault, a stock, an act) are wrong, and what is allowed. */
export class SandboxInputError extends Error {
  override readonly name = 'SandboxInputError'
  readonly problems: InputProblem[]

  constructor(what: string, problems: InputProblem[]) {
    const lines = problems.map(({ field, problem, value }) =>
      value === undefined ? `${field}: ${problem}` : `${field}: ${problem}, got ${value}`,
    )
    super(`${what} is not valid: ${lines.join('; ')}`)
    this.problems = problems
  }
}

/**
 * Reads a person's input by a schema.
 *
 * @param what names the thing in the error, for example "fault"
 * @throws SandboxInputError with every problem
 */
export function readInput<S extends z.ZodType>(schema: S, value: unknown, what: string): z.output<S> {
  const parsed = schema.safeParse(value)
  if (parsed.success) return parsed.data
  const nameOf = (path: PropertyKey[]) => path.map(String).join('.') || what
  // Unknown names come first: a mistyped name explains why another one is missing, and would otherwise be ignored.
  const strays = parsed.error.issues.flatMap((issue) =>
    issue.code === 'unrecognized_keys'
      ? issue.keys.map((key) => ({ field: nameOf([...issue.path, key]), problem: 'no such field here' }))
      : [],
  )
  const others = parsed.error.issues
    .filter(({ code }) => code !== 'unrecognized_keys')
    .map((issue) => {
      const field = nameOf(issue.path)
      const found = shown(valueAt(value, issue.path))
      if (found !== undefined) return { field, problem: issue.message, value: found }
      return { field, problem: issue.code === 'invalid_type' ? 'missing' : issue.message }
    })
  throw new SandboxInputError(what, [...strays, ...others])
}

function valueAt(value: unknown, path: readonly PropertyKey[]): unknown {
  let found = value
  for (const key of path) {
    if (typeof found !== 'object' || found === null) return undefined
    found = (found as Record<PropertyKey, unknown>)[key]
  }
  return found
}

function shown(value: unknown): string | undefined {
  const text = JSON.stringify(value)
  return text === undefined || text.length <= 80 ? text : `${text.slice(0, 80)}…`
}
