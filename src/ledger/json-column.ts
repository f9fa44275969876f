import { z } from 'zod'

/** A column that holds JSON as text; what is no JSON is not believed. */
export function jsonColumn<T extends z.ZodType>(schema: T) {
  return z
    .string()
    .transform((value, context) => {
      try {
        return JSON.parse(value) as unknown
      } catch {
        context.addIssue('not JSON')
        return z.NEVER
      }
    })
    .pipe(schema)
}
