import { readFileSync } from 'node:fs'
import { Ajv, type ErrorObject, type ValidateFunction } from 'ajv'
import type { Block } from '../types.ts'
import { brokenRules, isTooLong, problem, type Surface } from './rules.ts'

let compiled: ValidateFunction | undefined

/** Prepares `checkBlocks`, which takes long, before anybody waits for an answer. */
export function prepareChecks(): void {
  schema()
}

/**
 * Compiled once: the schema is the same for everybody. Without the compiler's
 * optimizations, which take longer than they save here.
 */
function schema(): ValidateFunction {
  compiled ??= new Ajv({
    allErrors: true,
    strict: false,
    inlineRefs: false,
    code: { optimize: false },
  }).compile(JSON.parse(readFileSync(new URL('block-schema.json', import.meta.url), 'utf8')))
  return compiled
}

/**
 * What Slack would refuse in these blocks, in words like Slack's with a pointer to the place; empty if they are valid.
 *
 * @param at JSON pointer of the blocks.
 */
export function checkBlocks(blocks: unknown, surface: Surface, at = '/blocks'): string[] {
  if (!Array.isArray(blocks)) return [problem('must be an array', at)]
  const validate = schema()
  // A copy as it would travel, without undefined fields.
  const sent: unknown = JSON.parse(JSON.stringify(blocks))
  if (!validate(sent)) return told(validate.errors ?? [], at)
  const broken = brokenRules(sent as Block[], surface, at)
  const isLong = surface === 'message' && isTooLong(sent as Block[])
  return isLong ? [...broken, problem(TOO_LONG, at)] : broken
}

const TOO_LONG = 'msg blocks too long'

/** How Slack refuses a message with these blocks; null: it accepts them. */
export function refusedBlocks(blocks: unknown): { error: string; messages: string[] } | null {
  const messages = checkBlocks(blocks, 'message')
  if (messages.length === 0) return null
  const isOnlyLong = messages.every((message) => message.includes(TOO_LONG))
  return { error: isOnlyLong ? 'msg_blocks_too_long' : 'invalid_blocks', messages }
}

function told(errors: ErrorObject[], at: string): string[] {
  // "if" and "anyOf" only say that something inside them failed, and that has an error of its own.
  const inner = errors.filter(({ keyword }) => keyword !== 'if' && keyword !== 'anyOf')
  return [...new Set(inner.map((error) => problem(words(error), `${at}${error.instancePath}`)))]
}

function words({ keyword, params, message, instancePath }: ErrorObject): string {
  switch (keyword) {
    case 'required':
      return `missing required field: ${params.missingProperty}`
    case 'additionalProperties':
      return `no such field: ${params.additionalProperty}`
    case 'maxLength':
      return `must be less than ${params.limit + 1} characters`
    case 'minLength':
      return `must be more than ${params.limit - 1} characters`
    case 'maxItems':
      return `no more than ${params.limit} items allowed`
    case 'minItems':
      return `must provide at least ${params.limit} item`
    case 'enum':
      return instancePath.endsWith('/type')
        ? 'unsupported type'
        : `must be one of: ${params.allowedValues.join(', ')}`
    case 'const':
      return `must be ${JSON.stringify(params.allowedValue)}`
    default:
      return message ?? keyword
  }
}
