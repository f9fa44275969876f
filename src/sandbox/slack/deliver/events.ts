import { newId } from '../ids.ts'
import { eventPayload } from '../payloads.ts'
import type { World } from '../world.ts'
import type { Deliver } from './deliver.ts'

export type Events = ReturnType<typeof createEvents>

/** Sends the events that the manifest subscribes to, and repeats an unacknowledged one up to three times. */
export function createEvents(world: World, deliver: Deliver) {
  const timers = new Set<NodeJS.Timeout>()

  /** Resolves after the first try. */
  async function send(
    event: { type: string } & Record<string, unknown>,
    subscription = event.type,
  ): Promise<void> {
    if (!world.manifest.botEvents.has(subscription)) return
    const payload = eventPayload(world, { event, eventId: newId('Ev') })
    const isTwice = world.faults.take(['event_twice']) !== undefined
    await Promise.all([
      attempt(payload, event.type, 0, ''),
      ...(isTwice ? [attempt(payload, event.type, 0, '')] : []),
    ])
  }

  async function attempt(
    payload: Record<string, unknown>,
    name: string,
    num: number,
    reason: string,
  ): Promise<void> {
    const ack = await deliver({
      kind: 'event',
      name,
      payload,
      ...(num > 0 ? { retry: { num, reason } } : {}),
    })
    const wait = world.patience.eventRetryMs[num]
    if (ack.ok || wait === undefined) return
    const why = ack.error === 'operation_timeout' ? 'http_timeout' : 'http_error'
    const timer = setTimeout(() => {
      timers.delete(timer)
      void attempt(payload, name, num + 1, why)
    }, wait)
    timers.add(timer)
  }

  function close(): void {
    for (const timer of timers) clearTimeout(timer)
    // A try in progress may fail after this; it must not start another.
    world.patience.eventRetryMs = []
  }

  return { send, close }
}
