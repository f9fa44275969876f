import { z } from 'zod'
import { bare } from '../../domain/openid.ts'
import type { Verdict } from '../../domain/settlement.ts'
import { actions, fields } from '../ids.ts'
import type { FormView } from '../payloads.ts'

/** What the form for settling carries: the grant, and the coupons to choose from, whose ids are too long for options. */
const carried = z.object({
  grantId: z.string(),
  coupons: z.array(z.string()),
  /** How many attempts are shown. */
  attempts: z.int().optional(),
})
export type Settled = z.infer<typeof carried>

export const ANOTHER = 'another'
export const NOT_ISSUED = 'not-issued'

export function writeSettled(settled: Settled): string {
  return JSON.stringify(settled)
}

export function candidateValue(index: number): string {
  return `candidate:${index}`
}

export interface Filled {
  grantId: string
  attempts: number | undefined
  /** Null: none was chosen. */
  verdict: Verdict | null
  /** The field in which the coupon's id was given. */
  couponField: 'verdict' | 'couponId'
  evidence: string
}

/** What was filled in; null where the form is not one that this app made. */
export function filledSettle(view: FormView): Filled | null {
  const read = carried.safeParse(json(view.private_metadata))
  if (!read.success) return null
  const { grantId, coupons, attempts } = read.data
  const { values } = view.state
  const chosen = values[fields.verdict]?.[actions.verdictRadio]?.selected_option?.value
  const typed = values[fields.couponId]?.[actions.couponIdInput]?.value ?? ''
  return {
    grantId,
    attempts,
    verdict: verdictOf(chosen, coupons, typed),
    couponField: chosen === ANOTHER ? 'couponId' : 'verdict',
    evidence: values[fields.evidence]?.[actions.evidenceInput]?.value ?? '',
  }
}

function verdictOf(chosen: string | undefined, coupons: readonly string[], typed: string): Verdict | null {
  if (chosen === NOT_ISSUED) return { kind: 'not-issued' }
  if (chosen === ANOTHER) return { kind: 'issued', couponId: bare(typed.replace(/\p{Cf}/gu, '')) }
  const couponId = coupons.find((_id, index) => candidateValue(index) === chosen)
  return couponId === undefined ? null : { kind: 'issued', couponId }
}

function json(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}
