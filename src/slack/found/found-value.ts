import { z } from 'zod'

/** Which list of grants a button belongs to, and its page. */
export interface FoundValue {
  kind: 'pending' | 'mine' | 'history'
  page: number
  /** Of `history`. */
  openid: string | null
}

const parts = z.tuple([
  z.enum(['pending', 'mine', 'history']),
  z
    .string()
    .regex(/^[1-9][0-9]{0,5}$/)
    .transform(Number),
  z.string().regex(/^[0-9A-Za-z_-]{0,128}$/),
])

export function writeFoundValue({ kind, page, openid }: FoundValue): string {
  return `${kind}|${page}|${openid ?? ''}`
}

/** Reads it back; null where it is not what this app wrote. */
export function readFoundValue(value: string | undefined): FoundValue | null {
  const read = parts.safeParse((value ?? '').split('|'))
  if (!read.success) return null
  const [kind, page, openid] = read.data
  if ((kind === 'history') !== (openid !== '')) return null
  return { kind, page, openid: openid || null }
}

/** A grant's button, which in a list carries the list too, to be drawn anew. */
export function writeGrantValue(grantId: string, list: FoundValue | null): string {
  return list ? `${grantId}|${writeFoundValue(list)}` : grantId
}

export function readGrantValue(value: string | undefined): { grantId: string; list: FoundValue | null } {
  const [id = '', ...rest] = (value ?? '').split('|')
  return { grantId: readGrantId(id), list: rest.length > 0 ? readFoundValue(rest.join('|')) : null }
}

/** A grant's id as it comes back from Slack; empty, which is no grant's, where it can't be one. */
export function readGrantId(text: string): string {
  return /^[0-9A-Za-z-]{1,64}$/.test(text) ? text : ''
}
