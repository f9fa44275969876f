import type { Refusal } from './ask.ts'
import type { CustomerRules, Policy } from './policy.ts'
import { type Named, readPattern } from './text.ts'
import { bare } from './wechatpay-ids.ts'

/** Finding a user by what the user can tell: an order, a complaint, or what the merchant's own endpoint takes. */

/** What WeChat Pay is asked by; the kinds of the merchant's endpoint have names of the policy's. */
export const payKinds = ['order', 'merchant-order', 'complaint'] as const
export type PayKind = (typeof payKinds)[number]

/** A kind of number by which a user can be found. `name`: the policy's, of a kind of the endpoint. */
export interface FindKind {
  key: string
  name: Named | null
}

/** How the user of a grant was found. It names nobody: of the number only what tells it from others is left. */
export interface FoundBy {
  kind: string
  name: Named | null
  /** Masked. */
  number: string
  /** Fen that the order cost; null: not known, or no order. */
  amount: number | null
  /** When it was paid, epoch ms. */
  at: number | null
}

/** The form of numbers that WeChat gives out: of orders 28 digits, of complaints a day behind a constant. */
const FORMS: Partial<Record<PayKind, RegExp>> = {
  order: /^42\d{26}$/,
  complaint: /^200\d{17,29}$/,
}
/** What WeChat Pay takes; wider than how the numbers look today. */
const TAKEN: Record<PayKind, RegExp> = {
  order: /^[0-9A-Za-z]{1,32}$/,
  'merchant-order': /^[0-9A-Za-z_\-|*]{6,32}$/,
  complaint: /^[0-9A-Za-z]{1,64}$/,
}
const MAX_VALUE = 100

/** By what a user can be found here. @param hasEndpoint whether the merchant's endpoint can be asked */
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

/** A number as it was copied, without what stands around it: spaces and dashes between digits are nobody's. */
export function cleanNumber(text: string): string {
  const plain = bare(text.normalize('NFKC').replace(/\p{Cf}/gu, ''))
  return /^\+?[\d\s-]+$/.test(plain) && /\d/.test(plain) ? plain.replace(/[\s-]/g, '') : plain
}

/** The kinds whose form a cleaned text has. It is none's that can't be told apart from others. */
export function kindsByForm(
  customers: CustomerRules | null,
  kinds: readonly FindKind[],
  text: string,
): string[] {
  if (!customers || text === '' || text.length > MAX_VALUE) return []
  const patternOf = (key: string) =>
    key === 'merchant-order'
      ? customers.merchantOrders
      : (customers.kinds.find((kind) => kind.key === key)?.pattern ?? null)
  return kinds
    .filter(({ key }) => {
      const form = FORMS[key as PayKind]
      if (form) return form.test(text)
      const pattern = patternOf(key)
      return pattern !== null && readPattern(pattern).fits(text)
    })
    .map(({ key }) => key)
}

/** The kinds that a cleaned text may be of, where none is chosen: those whose form it has, else those without a form. */
export function kindsFor(
  customers: CustomerRules | null,
  kinds: readonly FindKind[],
  text: string,
): string[] {
  const byForm = kindsByForm(customers, kinds, text)
  if (byForm.length > 0 || !customers) return byForm
  return kinds.filter(({ key }) => canBeOf(key, text) && !hasForm(customers, key)).map(({ key }) => key)
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

/** A number by which nobody is found: of a long one its ends, of a short one (a phone's, a name) the last characters. */
export function maskedNumber(text: string): string {
  const characters = [...text]
  if (characters.length >= 16) return `${characters.slice(0, 4).join('')}…${characters.slice(-4).join('')}`
  return `…${characters.slice(-Math.min(4, Math.floor(characters.length / 3))).join('')}`
}

/** Why one more look-up would be too many, or null. @param made by the person, within the limit's time */
export function lookupsReached(
  { limits: { lookups } }: Pick<Policy, 'limits'>,
  made: { count: number; oldestAt: number | null },
  now: number,
): Refusal | null {
  if (!lookups || made.count < lookups.perPerson) return null
  const againAt = (made.oldestAt ?? now) + lookups.per
  return { code: 'lookups-reached', max: lookups.perPerson, per: lookups.per, againAt }
}
