import { z } from 'zod'

/** What a button under a list carries: a page of a user's coupons. */
export interface ListValue {
  openid: string
  page: number
  /** Key; null: every stock. */
  stock: string | null
}

const parts = z.tuple([
  z.string().regex(/^[0-9A-Za-z_-]{1,128}$/),
  z
    .string()
    .regex(/^[1-9][0-9]{0,5}$/)
    .transform(Number),
  z.string().max(200),
])

export function writeListValue({ openid, page, stock }: ListValue): string {
  return `${openid}|${page}|${stock ?? ''}`
}

/** Reads it back; null where it is not what this app wrote. */
export function readListValue(value: string | undefined): ListValue | null {
  const [openid, page, ...stock] = (value ?? '').split('|')
  const read = parts.safeParse([openid, page, stock.join('|')])
  if (!read.success) return null
  return { openid: read.data[0], page: read.data[1], stock: read.data[2] || null }
}
