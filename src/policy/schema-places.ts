import { z } from 'zod'
import { policySchema } from './schema.ts'
import { type KnownPlace, policyWords } from './words/index.ts'

const places = Object.keys(policyWords.en.places) as KnownPlace[]
const patterns = places.map((place) => ({ place, parts: place.split('.') }))

/** The kind of place for which the words say what to write: the longest known ending of the path. */
export function knownPlace(path: readonly PropertyKey[]): KnownPlace | null {
  const parts = path.map(String)
  for (let from = 0; from < parts.length; from++) {
    const end = parts.slice(from)
    const found = patterns.find(({ parts: wanted }) => fits(wanted, end))
    if (found) return found.place
  }
  return null
}

function fits(wanted: string[], parts: string[]): boolean {
  return (
    wanted.length === parts.length && wanted.every((part, index) => part === '*' || part === parts[index])
  )
}

/** Keys allowed at a place of the file; empty if the person chooses them. */
export function keysAt(path: readonly PropertyKey[]): string[] {
  let schema: unknown = policySchema
  for (const part of path) schema = inner(plain(schema), part)
  const object = plain(schema)
  return object instanceof z.ZodObject ? Object.keys(object.shape) : []
}

function inner(schema: unknown, part: PropertyKey): unknown {
  if (schema instanceof z.ZodObject) return schema.shape[String(part)]
  if (schema instanceof z.ZodRecord) return schema.valueType
  if (schema instanceof z.ZodArray) return schema.element
  return undefined
}

function plain(schema: unknown): unknown {
  if (schema instanceof z.ZodOptional || schema instanceof z.ZodDefault) return plain(schema.unwrap())
  if (schema instanceof z.ZodPipe) return plain(schema.in)
  return schema
}
