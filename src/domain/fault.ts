/** Reasons of holds while WeChat Pay can't be reached, or does not answer, since the app started or for some time. */
export const OUTAGES: readonly string[] = ['no-connection', 'no-answer']

/** How long WeChat Pay may be away before the operators are told, ms: networks fail for moments, and mend themselves. */
export const OUTAGE_TOLD_AFTER = 5 * 60_000

/** Reason of a hold while answers can't be verified. */
export const UNTRUSTED = 'untrusted-answers'

/** What a hold for untrusted answers says of its cause; null: it says none. */
export function trustFaultOf(message: string): { fault: string; came: string; expected: string } | null {
  const [, fault, came, expected] = /^([a-z-]+): came (\S+), expected (\S+): /.exec(message) ?? []
  return fault && came && expected ? { fault, came, expected } : null
}
