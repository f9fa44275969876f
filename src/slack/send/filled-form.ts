import type { Ask } from '../../domain/ask.ts'
import { cleanOpenid } from '../../domain/openid.ts'
import { cleanOrNull } from '../../domain/people-text.ts'
import { actions, fields } from '../ids.ts'
import type { FormView } from '../payloads.ts'
import type { TypedAsk } from './typed-ask.ts'

/** What the form holds now; empty inputs as null. */
export function filledForm({ state }: FormView): TypedAsk {
  const input = (block: string, action: string) => state.values[block]?.[action]
  const text = (block: string, action: string) => cleanOrNull(input(block, action)?.value ?? null)
  return {
    openid: cleanOpenid(input(fields.openid, actions.openidInput)?.value ?? '') || null,
    stock: input(fields.stock, actions.stockSelect)?.selected_option?.value ?? null,
    reason: input(fields.reason, actions.reasonSelect)?.selected_option?.value ?? null,
    note: text(fields.note, actions.noteInput),
    ticket: text(fields.ticket, actions.ticketInput),
  }
}

/** The ask as submitted; a field that is missing becomes one that grants refuses with its reason. */
export function askOf(filled: TypedAsk): Ask {
  return {
    openid: filled.openid ?? '',
    stock: filled.stock ?? '',
    reason: filled.reason ?? '',
    note: filled.note,
    ticket: filled.ticket,
  }
}
