import { parse } from 'yaml'
import type { Change } from '../domain/news.ts'

/**
 * The differences between two policy texts, value by value, in the order of the newer one.
 * Comments, order and the spelling of a value don't count. Both texts must be valid policies.
 */
export function policyDifference(before: string, after: string): Change[] {
  const old = valuesOf(before)
  const now = valuesOf(after)
  const paths = new Set([...now.keys(), ...old.keys()])
  return [...paths].flatMap((path) => {
    const change = { path, before: old.get(path) ?? null, after: now.get(path) ?? null }
    return change.before === change.after ? [] : [change]
  })
}

/** Every value by its path. A list of plain values is one value, because its order seldom matters by itself. */
function valuesOf(text: string): Map<string, string> {
  const values = new Map<string, string>()
  const walk = (value: unknown, path: string) => {
    if (isPlain(value) || (Array.isArray(value) && value.every(isPlain)))
      return void values.set(path, Array.isArray(value) ? `[${value.join(', ')}]` : String(value))
    for (const [key, inner] of Object.entries(value as object))
      walk(inner, Array.isArray(value) ? `${path}[${key}]` : path === '' ? key : `${path}.${key}`)
  }
  walk(parse(text), '')
  return values
}

function isPlain(value: unknown): boolean {
  return typeof value !== 'object' || value === null
}
