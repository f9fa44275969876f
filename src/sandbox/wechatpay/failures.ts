import { type Answer, htmlAnswer, refusal, statusOf, success } from './answers.ts'
import type { FaultOf } from './faults.ts'

/** The faults that replace the answer. */
export const failureNames = [
  'no-answer-before',
  'no-answer-after',
  'reset-before',
  'reset-after',
  'too-many-requests',
  'server-error',
  'bad-gateway-html',
  'refuse',
] as const

export type Failure = FaultOf<(typeof failureNames)[number]>

/** Whether the requested action still takes place before the failure shows. */
export function actsFirst(failure: Failure): boolean {
  if (failure.name === 'no-answer-after' || failure.name === 'reset-after') return true
  return 'after' in failure && failure.after === true
}

/** How a failure shows: an answer, nothing at all, or a reset. */
export function failureAnswer(failure: Failure): Answer | 'silence' | 'reset' {
  switch (failure.name) {
    case 'no-answer-before':
    case 'no-answer-after':
      return 'silence'
    case 'reset-before':
    case 'reset-after':
      return 'reset'
    case 'too-many-requests':
      return unsigned(429, 'FREQUENCY_LIMITED', '频率限制，请降低频率后重试')
    case 'server-error':
      return unsigned(500, 'SYSTEM_ERROR', '系统异常，请稍后重试')
    case 'bad-gateway-html':
      return htmlAnswer(502, 'Bad Gateway')
    case 'refuse': {
      const { code, status = statusOf(code), message = `沙箱按要求返回${code}`, signed = true } = failure
      return refusal({ status, code, message, detail: failure.detail, signed })
    }
  }
}

/** The same answer with additional unknown fields, at the top and in every row of `data`. */
export function withExtraFields(answer: Answer, bytes = 100): Answer {
  const value = JSON.parse(answer.body) as Record<string, unknown>
  const { data } = value
  const rows = Array.isArray(data) ? { data: data.map((row) => ({ ...row, unknown_flag: true })) } : {}
  const unknown = { unknown_text: 'x'.repeat(bytes), unknown_object: { unknown_list: [1, null, {}] } }
  return success({ ...value, ...rows, ...unknown })
}

/** The same answer with other values at the top, and in the first row of `data`. */
export function withOddFields(answer: Answer, { top, row, without = [] }: FaultOf<'odd-answer'>): Answer {
  const value = JSON.parse(answer.body) as Record<string, unknown>
  const [first, ...others] = Array.isArray(value.data) ? value.data : []
  const odd = first && Object.entries({ ...first, ...row }).filter(([name]) => !without.includes(name))
  const rows = odd ? { data: [Object.fromEntries(odd), ...others] } : {}
  return success({ ...value, ...rows, ...top })
}

function unsigned(status: number, code: string, message: string): Answer {
  return refusal({ status, code, message, signed: false })
}
