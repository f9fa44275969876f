import { newSecret } from './ids.ts'

export type Trigger = { userId: string; viewId?: string }
export type TriggerError = 'invalid_trigger_id' | 'expired_trigger_id' | 'exchanged_trigger_id'
export type Triggers = ReturnType<typeof createTriggers>

/** Keeps trigger ids: each lives `lifeMs` of real time from its delivery and works once. */
export function createTriggers({ lifeMs }: { lifeMs: number }) {
  const known = new Map<string, Trigger & { until: number; exchanged: boolean }>()
  let count = 0

  function create(trigger: Trigger): string {
    count += 1
    const id = `${Date.now()}.${count}.${newSecret()}`
    known.set(id, { ...trigger, until: performance.now() + lifeMs, exchanged: false })
    return id
  }

  /** Checks an id without using it up: Slack exchanges a trigger only for a view that it accepts. */
  function check(id: string): { trigger: Trigger } | { error: TriggerError } {
    const found = known.get(id)
    if (!found) return { error: 'invalid_trigger_id' }
    if (found.exchanged) return { error: 'exchanged_trigger_id' }
    if (performance.now() > found.until) return { error: 'expired_trigger_id' }
    return { trigger: found }
  }

  function exchange(id: string): void {
    const found = known.get(id)
    if (found) found.exchanged = true
  }

  /** Makes a trigger useless, for the fault with that name. */
  function expire(id: string): void {
    const found = known.get(id)
    if (found) found.until = -1
  }

  return { create, check, exchange, expire }
}
