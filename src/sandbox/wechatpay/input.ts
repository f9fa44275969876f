import type { z } from 'zod'

export interface InputProblem {
  field: string
  problem: string
  value?: string
}

/** Says which fields of something a person wrote (a fault, a stock, a change) are wrong, and what is allowed. */
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
 * Reads something a person wrote by a schema.
 *
 * @param what names the thing in the error, for example "fault"
 * @throws SandboxInputError with every problem
 */
export function readInput<S extends z.ZodType>(schema: S, value: unknown, what: string): z.output<S> {
  const parsed = schema.safeParse(value)
  if (parsed.success) return parsed.data
  throw new SandboxInputError(
    what,
    parsed.error.issues.map((issue) => {
      const field = issue.path.map(String).join('.') || what
      const found = shown(valueAt(value, issue.path))
      return found === undefined
        ? { field, problem: issue.message }
        : { field, problem: issue.message, value: found }
    }),
  )
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
