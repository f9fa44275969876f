import type { FaultName, FaultSpec } from '../plantable-faults.ts'
import type { SeenError, TrafficEntry } from '../types.ts'
import type { World } from '../world.ts'

export type Delivery = {
  kind: 'command' | 'interaction' | 'event' | 'options'
  /** The command, interaction type or event type. */
  name: string
  payload: Record<string, unknown>
  retry?: { num: number; reason: string }
}
/** `why` goes to the traffic log; the person sees `error`. */
export type Ack = { ok: true; payload: unknown } | { ok: false; error: SeenError; why: string }
export type Sent =
  | { ok: true; payload: unknown; status?: number }
  | { ok: false; why: string; status?: number }

/** A way to reach the app. It never rejects: failing to reach the app is a result too. */
export type Transport = {
  name: TrafficEntry['transport']
  send(delivery: Delivery, signal: AbortSignal, fault: FaultSpec | undefined): Promise<Sent>
}
export type Deliver = (delivery: Delivery) => Promise<Ack>

const FAULTS: FaultName[] = [
  'ack_lost',
  'late_ack',
  'socket_cut',
  'unsigned',
  'bad_signature',
  'stale_signature',
  'trigger_expired',
  'trigger_reused',
]

/** Creates the one function that delivers everything to the app and returns its acknowledgement, or gives up. */
export function createDeliver(world: World, transport: Transport): Deliver {
  return async (delivery) => {
    const fault = world.faults.take(
      FAULTS,
      (spec) =>
        spec.kind === undefined ||
        spec.kind === (delivery.kind === 'options' ? 'interaction' : delivery.kind),
    )
    const triggerId = delivery.payload.trigger_id
    if (typeof triggerId === 'string') {
      if (fault?.name === 'trigger_expired') world.triggers.expire(triggerId)
      if (fault?.name === 'trigger_reused') world.triggers.exchange(triggerId)
    }
    const end = world.traffic.begin({
      direction: 'to_app',
      kind: delivery.kind,
      name: delivery.name,
      transport: transport.name,
      request: delivery.payload,
      ...(delivery.retry ? { retry: delivery.retry.num } : {}),
    })
    const sent = await withinPatience(world, transport, delivery, fault)
    end({
      ...(sent?.ok ? { answer: sent.payload } : { error: sent ? sent.why : 'timed out' }),
      ...(sent?.status === undefined ? {} : { status: sent.status }),
      ...(fault ? { fault: fault.name } : {}),
    })
    if (!sent) return { ok: false, error: 'operation_timeout', why: 'http_timeout' }
    if (!sent.ok) return { ok: false, error: 'dispatch_failed', why: sent.why }
    return { ok: true, payload: sent.payload }
  }
}

/** @returns undefined if Slack stopped waiting. */
async function withinPatience(
  world: World,
  transport: Transport,
  delivery: Delivery,
  fault: FaultSpec | undefined,
): Promise<Sent | undefined> {
  const giveUp = new AbortController()
  let timer: NodeJS.Timeout | undefined
  const tooLate = new Promise<undefined>((resolve) => {
    timer = setTimeout(() => resolve(undefined), world.patience.ackMs)
  })
  if (fault?.name === 'late_ack') {
    await tooLate
    // The app starts work only when nobody waits any more, and its acknowledgement goes nowhere.
    void transport.send(delivery, AbortSignal.timeout(world.patience.ackMs), fault)
    return undefined
  }
  const sending = transport.send(delivery, giveUp.signal, fault)
  const sent = await Promise.race([
    fault?.name === 'ack_lost' ? sending.then(() => tooLate) : sending,
    tooLate,
  ])
  clearTimeout(timer)
  giveUp.abort()
  return sent
}
