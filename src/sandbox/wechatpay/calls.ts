/** One request to the API, as it arrived and as it was answered. */
export interface RecordedCall {
  /** Epoch ms by the real clock. */
  at: number
  method: string
  path: string
  /** Without the question mark; empty when there was none. */
  query: string
  userAgent: string | undefined
  /** The key by which the caller wants the answer signed. */
  wechatpaySerial: string | undefined
  nonce: string | undefined
  /** Whether an earlier request carried the same nonce: accepted, but a good client never does it. */
  nonceSeenBefore: boolean
  /** SHA-256 of the raw body in hex; of nothing for a request without one. */
  bodySha256: string
  bodyBytes: number
  /** Whether the signature was good. */
  verified: boolean
  /** Names of the faults that met this request. */
  faults: string[]
  /** Undefined while it is worked on, and for ever when no answer was sent. */
  status: number | undefined
  requestId: string
}

/** How many calls are remembered: a load test should not fill the memory. */
const KEPT = 20_000

export type Calls = ReturnType<typeof createCalls>

/** Remembers the latest calls; what `start` returns is filled in while the call goes on. */
export function createCalls() {
  let calls: RecordedCall[] = []
  let nonces = new Set<string>()

  return {
    start(call: Omit<RecordedCall, 'nonceSeenBefore' | 'verified' | 'faults' | 'status'>): RecordedCall {
      const nonceSeenBefore = call.nonce !== undefined && nonces.has(call.nonce)
      if (call.nonce !== undefined) nonces.add(call.nonce)
      const recorded: RecordedCall = {
        ...call,
        nonceSeenBefore,
        verified: false,
        faults: [],
        status: undefined,
      }
      calls.push(recorded)
      if (calls.length > 2 * KEPT) {
        calls = calls.slice(-KEPT)
        nonces = new Set(calls.flatMap(({ nonce }) => (nonce === undefined ? [] : [nonce])))
      }
      return recorded
    },
    list: (): RecordedCall[] => calls.map((call) => ({ ...call, faults: [...call.faults] })),
  }
}
