import type { FaultSpec as SlackFault } from '../../src/sandbox/slack/index.ts'
import type { FaultSpec as WechatFault } from '../../src/sandbox/wechatpay/index.ts'
import type { Random } from './random.ts'
import type { Stage } from './stage.ts'

const ofWechatPay: readonly WechatFault[] = [
  { name: 'no-answer-before' },
  { name: 'no-answer-after' },
  { name: 'no-answer-after' },
  { name: 'reset-before' },
  { name: 'reset-after' },
  { name: 'reset-after' },
  { name: 'too-many-requests' },
  { name: 'server-error' },
  { name: 'server-error', after: true },
  { name: 'bad-gateway-html', after: true },
  { name: 'bad-signature' },
  { name: 'missing-signature' },
  { name: 'slow', ms: 120 },
  { name: 'slow', ms: 500 },
]

/** Each start checks once whether answers can be verified, and that check would otherwise use up most faults. */
const sends = { method: 'POST' } as const

const ofSlack: readonly SlackFault[] = [
  { name: 'web_api_429', retryAfter: 1 },
  { name: 'web_api_500', acted: false },
  { name: 'web_api_500', acted: true },
  { name: 'web_api_hang', acted: true },
  { name: 'web_api_hang', acted: false },
  { name: 'web_api_reset', acted: true },
  // The app must find lost posts again; few calls are posts.
  { name: 'web_api_reset', acted: true, method: 'chat.postMessage' },
  { name: 'web_api_reset', acted: true, method: 'chat.postMessage' },
  { name: 'web_api_500', acted: true, method: 'chat.postMessage' },
  { name: 'ack_lost', kind: 'interaction' },
  { name: 'socket_cut' },
  { name: 'event_twice' },
  { name: 'command_twice' },
]

/** Plants faults of both sides, one every now and then. @returns how many were planted */
export function createTrouble({ stage, random }: { stage: Stage; random: Random }) {
  let count = 0
  return {
    count: () => count,
    plantOne(): void {
      count += 1
      // The coupon is given, the answer lost, and the repeat refused, however many other sends come before it.
      if (random.chance(0.12)) {
        stage.wechatpay.fault({ name: 'reset-after', match: sends })
        stage.wechatpay.fault({ name: 'limits-before-idempotency', times: 25, match: sends })
      } else if (random.chance(0.6)) {
        const fault = random.pick(ofWechatPay)
        stage.wechatpay.fault(random.chance(0.8) ? { ...fault, match: sends } : fault)
      } else stage.slack.fault(random.pick(ofSlack))
    },
    clear(): void {
      stage.wechatpay.clearFaults()
      stage.slack.clearFaults()
    },
  }
}
