import { z } from 'zod'
import type { CustomerMatch } from '../../customers/index.ts'
import type { FindKind, FoundBy } from '../../domain/customer.ts'

/** What else was typed besides the number, for the form; keys, as the form reads them. */
export interface TypedBeside {
  stock: string | null
  reason: string | null
  ticket: string | null
  note: string | null
}

/** A user who was found, how, and what else was typed. */
export interface FoundUser {
  openid: string
  foundBy: FoundBy
  beside: TypedBeside | null
}

const text = z.string().max(500).nullable()
const beside = z.strictObject({ stock: text, reason: text, ticket: text, note: text })
const user = z.strictObject({
  openid: z.string().regex(/^[0-9A-Za-z_-]{1,128}$/),
  kind: z.string().max(40),
  number: z.string().max(40),
  amount: z.int().nullable(),
  at: z.int().nullable(),
  beside: beside.nullable(),
})
const asking = z.strictObject({
  kind: z.string().max(40),
  number: z.string().max(200),
  beside: beside.nullable(),
})

/**
 * The value of a button that uses a user. Slack takes 2,000 characters, and the longest note leaves room for the rest.
 */
export function writeFound(match: CustomerMatch, typed: TypedBeside | null): string {
  return JSON.stringify(foundValue(match, typed))
}

/** The same, as part of what a view carries. */
export function foundValue(
  { openid, foundBy }: CustomerMatch,
  typed: TypedBeside | null,
): z.infer<typeof user> {
  const { kind, number, amount, at } = foundBy
  return { openid, kind, number, amount, at, beside: only(typed) }
}

/** Reads a found user; null if this app did not write it. @param kinds names of the current policy */
export function readFound(value: unknown, kinds: readonly FindKind[]): FoundUser | null {
  const read = user.safeParse(typeof value === 'string' ? parsed(value) : value)
  if (!read.success) return null
  const { openid, beside, kind, ...rest } = read.data
  const name = kinds.find(({ key }) => key === kind)?.name ?? null
  return { openid, beside, foundBy: { kind, name, ...rest } }
}

/** The value of a button that chooses the kind of a number. */
export function writeAsking({ beside, ...asked }: z.infer<typeof asking>): string {
  return JSON.stringify({ ...asked, beside: only(beside) } satisfies z.infer<typeof asking>)
}

/** Reads the value of a button that chooses the kind of a number; null if this app did not write it. */
export function readAsking(value: string | undefined): z.infer<typeof asking> | null {
  return asking.safeParse(parsed(value)).data ?? null
}

/** The form's whole content may come in, which has more fields. */
function only(typed: TypedBeside | null): TypedBeside | null {
  if (!typed) return null
  const { stock, reason, ticket, note } = typed
  return { stock, reason, ticket, note }
}

function parsed(value: string | undefined): unknown {
  try {
    return JSON.parse(value ?? '')
  } catch {
    return null
  }
}
