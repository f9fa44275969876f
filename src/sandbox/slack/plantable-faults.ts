import { z } from 'zod'
import { createFaultPlan } from '../fault-plan.ts'
import { readInput } from '../input.ts'

export const faultNames = [
  'web_api_429',
  'web_api_500',
  'web_api_hang',
  'web_api_reset',
  'web_api_error',
  'ack_lost',
  'late_ack',
  'click_twice',
  'submit_twice',
  'command_twice',
  'event_twice',
  'socket_cut',
  'unsigned',
  'bad_signature',
  'stale_signature',
  'trigger_expired',
  'trigger_reused',
] as const

/**
 * A fault for the next `times` (default 1) matching calls or deliveries.
 *
 * - `ack_lost`: the app gets the delivery, but Slack never gets its acknowledgement.
 * - `late_ack`: the delivery reaches the app only after Slack stopped waiting.
 * - `socket_cut`: every socket is cut right after the next delivery was sent.
 */
const faultSchema = z.strictObject({
  name: z.enum(faultNames, { error: `expected one of ${faultNames.join(', ')}` }),
  times: z.int().min(1).optional(),
  /** Limits `web_api_*` to one method. */
  method: z.string().optional(),
  /** Limits `web_api_*` to calls that name this channel. */
  channel: z.string().optional(),
  /** Limits a delivery fault. */
  kind: z.enum(['command', 'interaction', 'event']).optional(),
  /** For `web_api_*`: the call takes effect, then its answer is lost (500, hang, reset). */
  acted: z.boolean().optional(),
  /** For `web_api_429`, in seconds. */
  retryAfter: z.int().min(0).max(86_400).optional(),
  /** For `web_api_error`: the code. */
  error: z.string().optional(),
})

export type FaultSpec = z.output<typeof faultSchema>
export type FaultName = FaultSpec['name']
export type Faults = ReturnType<typeof createFaults>

/** The planted faults of Slack. */
export function createFaults() {
  const plan = createFaultPlan<FaultSpec>({
    read: (spec) => readInput(faultSchema, spec, 'fault'),
    timesOf: ({ times = 1 }) => times,
  })
  return {
    ...plan,
    /** The faults that still wait, each with the number of calls or deliveries left. */
    waiting: () =>
      plan.list().flatMap(({ spec, left }) => (left === 0 ? [] : [{ ...spec, times: Number(left) }])),
  }
}
