import type { Refusal } from './ask.ts'
import type { CustomerRules, Policy } from './policy.ts'
import { type Named, readPattern } from './text.ts'
import { bare } from './wechatpay-ids.ts'

/** Finding a user by what the user knows: an order, a complaint, or a number that the merchant's own endpoint takes. */

/** The kinds of number that WeChat Pay can be asked about. The policy names the kinds of the merchant's endpoint. */
export const payKinds = ['order', 'merchant-order', 'complaint'] as const
export type PayKind = (typeof payKinds)[number]

/** A kind of number by which a user can be found. `name`: the policy's name, for a kind of the endpoint. */
export interface FindKind {
  key: string
  name: Named | null
}

/** How the user of a grant was found. It names nobody: only enough of the number remains to tell it from others. */
export interface FoundBy {
  kind: string
  name: Named | null
  /** Masked. */
  number: string
  /** What the order cost, in fen; null: unknown, or not an order. */
  amount: number | null
  /** When it was paid, epoch ms. */
  at: number | null
}

/** The form of WeChat's numbers: orders have 28 digits, complaints a constant followed by a day. */
const FORMS: Partial<Record<PayKind, RegExp>> = {
  order: /^42\d{26}$/,
  complaint: /^200\d{17,29}$/,
}
/** What WeChat Pay may give out; wider than today's numbers. */
const TAKEN: Record<PayKind, RegExp> = {
  order: /^(?=.*\d)[0-9A-Za-z]{8,32}$/,
  'merchant-order': /^[0-9A-Za-z_\-|*]{6,32}$/,
  complaint: /^(?=.*\d)[0-9A-Za-z]{8,64}$/,
}
const MAX_VALUE = 100

/**
 * The kinds of number by which a user can be found here.
 * @param hasEndpoint whether the merchant's endpoint can be asked
 */
export function findKinds(policy: Pick<Policy, 'customers'>, hasEndpoint: boolean): FindKind[] {
  const { customers } = policy
  if (!customers) return []
  const ofPay: PayKind[] = [
    ...(customers.orders ? (['order', 'merchant-order'] as const) : []),
    ...(customers.complaints ? (['complaint'] as const) : []),
  ]
  const ofEndpoint = hasEndpoint && customers.endpoint !== null ? customers.kinds : []
  return [...ofPay.map((key) => ({ key, name: null })), ...ofEndpoint.map(({ key, name }) => ({ key, name }))]
}

/** A copied number without what stands around it. Spaces and dashes between digits don't belong to it. */
export function cleanNumber(text: string): string {
  const plain = bare(readable(text))
  return isOfDigits(plain) ? plain.replace(/[\s-]/g, '') : plain
}

const readable = (text: string) =>
  text
    .normalize('NFKC')
    .replace(/\p{Cf}/gu, '')
    .trim()
const isOfDigits = (text: string) => /^\+?[\d\s-]+$/.test(text) && /\d/.test(text)

/**
 * Everything that a typed number can mean. The text as typed comes first: a merchant's own number may have dashes and
 * end with a star.
 */
function readings(text: string): string[] {
  const typed = readable(text)
  const plain = bare(typed)
  return [typed, plain, isOfDigits(plain) ? plain.replace(/\s/g, '') : plain, cleanNumber(text)]
}

/** The typed number in the form of its kind; null: it doesn't have that form, or the kind has none. */
function inForm(customers: CustomerRules, key: string, text: string): string | null {
  const pattern =
    key === 'merchant-order'
      ? customers.merchantOrders
      : (customers.kinds.find((kind) => kind.key === key)?.pattern ?? null)
  const form = FORMS[key as PayKind]
  if (!form && pattern === null) return null
  const own = pattern === null ? null : readPattern(pattern)
  return readings(text).find((one) => (form ? form.test(one) : own?.fits(one))) ?? null
}

/** The number to ask for if a typed number is of this kind. */
export function numberAs(customers: CustomerRules, key: string, text: string): string {
  const isOfPay = (payKinds as readonly string[]).includes(key)
  return (
    inForm(customers, key, text) ??
    (isOfPay ? readings(text).find((one) => canBeOf(key, one)) : undefined) ??
    cleanNumber(text)
  )
}

/** Whether no number of this kind can look as typed. A merchant's own order numbers may have looked different once. */
export function isMalformed(customers: CustomerRules, key: string, text: string): boolean {
  const hasPattern = customers.kinds.some((kind) => kind.key === key && kind.pattern !== null)
  if (hasPattern) return inForm(customers, key, text) === null
  const number = numberAs(customers, key, text)
  return number === '' || !canBeOf(key, number)
}

/** The kinds whose form a typed text has. A kind without a form never matches. */
export function kindsByForm(
  customers: CustomerRules | null,
  kinds: readonly FindKind[],
  text: string,
): string[] {
  if (!customers || text.length > MAX_VALUE) return []
  return kinds.filter(({ key }) => inForm(customers, key, text) !== null).map(({ key }) => key)
}

/** The kinds that a typed text may be of, if none is chosen: those whose form it has, else those without a form. */
export function kindsFor(
  customers: CustomerRules | null,
  kinds: readonly FindKind[],
  text: string,
): string[] {
  const byForm = kindsByForm(customers, kinds, text)
  if (byForm.length > 0 || !customers) return byForm
  return kinds
    .filter(({ key }) => !hasForm(customers, key) && canBeOf(key, numberAs(customers, key, text)))
    .map(({ key }) => key)
}

function hasForm({ merchantOrders, kinds }: CustomerRules, key: string): boolean {
  if (key === 'merchant-order') return merchantOrders !== null
  return Object.hasOwn(FORMS, key) || (kinds.find((kind) => kind.key === key)?.pattern ?? null) !== null
}

/** Whether a cleaned text can be a number of this kind at all. */
export function canBeOf(kind: string, text: string): boolean {
  const taken = Object.hasOwn(TAKEN, kind) ? TAKEN[kind as PayKind] : /^[^\p{C}]+$/u
  return text.length <= MAX_VALUE && taken.test(text)
}

/**
 * Shortens a number so that it finds nobody: the ends of a long one,
 * the last characters of a short one (a phone's, a name).
 */
export function maskedNumber(text: string): string {
  const characters = [...text]
  if (characters.length >= 16) return `${characters.slice(0, 4).join('')}…${characters.slice(-4).join('')}`
  const left = Math.min(4, Math.floor(characters.length / 3))
  return `…${characters.slice(characters.length - left).join('')}`
}

/** Why one more look-up would be too many, or null. @param made the person's look-ups within the limit's time */
export function lookupsReached(
  { limits: { lookups } }: Pick<Policy, 'limits'>,
  made: { count: number; oldestAt: number | null },
  now: number,
): Refusal | null {
  if (!lookups || made.count < lookups.perPerson) return null
  const againAt = (made.oldestAt ?? now) + lookups.per
  return { code: 'lookups-reached', max: lookups.perPerson, per: lookups.per, againAt }
}
