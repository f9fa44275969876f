/** One request to the API, as it arrived, and its answer. */
export interface RecordedCall {
  /** Epoch ms by the real clock. */
  at: number
  method: string
  path: string
  /** Without the question mark; empty if there was none. */
  query: string
  userAgent: string | undefined
  /** The key that the caller wants the answer signed with. */
  wechatpaySerial: string | undefined
  nonce: string | undefined
  /** Whether an earlier request had the same nonce: accepted, but a good client never repeats one. */
  nonceSeenBefore: boolean
  /** SHA-256 of the raw body in hex; without a body, of the empty text. */
  bodySha256: string
  bodyBytes: number
  /** Whether the signature was good. */
  verified: boolean
  /** Names of the faults that applied to this request. */
  faults: string[]
  /** Undefined while the request is in progress, and for ever if no answer was sent. */
  status: number | undefined
  requestId: string
}

/** How many calls to remember: a load test should not fill the memory. */
const KEPT = 20_000

export type Calls = ReturnType<typeof createCalls>

/** Remembers the latest calls. `start` returns an entry that is filled in as the call proceeds. */
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
