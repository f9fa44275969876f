import { faultNames } from '../faults.ts'
import type { FaultSpec } from '../types.ts'
import { type Body, FieldError, onlyFields, optionalText, text, wholeNumber } from './fields.ts'

const KINDS = ['command', 'interaction', 'event']

/** Reads a fault from a body. @throws FieldError: a fault that never fires would prove nothing */
export function faultOf(body: Body): FaultSpec {
  onlyFields(body, ['name', 'method', 'kind', 'times', 'acted', 'retryAfter', 'error'])
  const name = text(body, 'name')
  if (!faultNames.includes(name)) throw new FieldError('name', `must be one of ${faultNames.join(', ')}.`)
  const kind = optionalText(body, 'kind')
  if (kind !== undefined && !KINDS.includes(kind))
    throw new FieldError('kind', `must be one of ${KINDS.join(', ')}.`)
  if (body.acted !== undefined && typeof body.acted !== 'boolean')
    throw new FieldError('acted', 'must be true or false.')
  for (const key of ['method', 'error']) optionalText(body, key)
  if (body.times !== undefined) wholeNumber(body, 'times', { least: 1, most: 1_000_000 })
  if (body.retryAfter !== undefined) wholeNumber(body, 'retryAfter', { least: 0, most: 86_400 })
  return body as FaultSpec
}
