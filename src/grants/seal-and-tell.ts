import { randomBytes } from 'node:crypto'
import { MOST_SEALED } from '../ledger/ledger.ts'
import type { GrantsDeps } from './deps.ts'

/** How often people are told where the chain stands, ms. */
const TELL_EVERY = 24 * 60 * 60 * 1000

/**
 * Seals what the trail has gained, a step at a time, and has the last seal told once a day: in the log and in the alerts
 * channel it is out of reach of whoever can change the ledger.
 * @returns above 0: there is more to be sealed
 */
export async function sealTrail(
  deps: Pick<GrantsDeps, 'ledger' | 'logger' | 'wake' | 'signSeal'>,
): Promise<number> {
  const { ledger, logger, wake, signSeal } = deps
  const sealed = await ledger.seal({ sign: signSeal, randomHex: () => randomBytes(32).toString('hex') })
  // Only a full seal leaves more behind it. What came meanwhile is for the next time: while coupons are issued there is
  // always some, and sealing would never end.
  if (sealed >= MOST_SEALED) return sealed
  const head = await ledger.tellHead(TELL_EVERY)
  if (!head) return 0
  const { number, hash, last, key } = head
  logger.info({ seal: `${number}:${hash}`, last, auditKey: key }, 'the trail is sealed')
  wake()
  return 0
}
