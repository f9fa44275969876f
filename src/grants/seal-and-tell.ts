import { randomBytes } from 'node:crypto'
import { MOST_SEALED } from '../ledger/ledger.ts'
import type { GrantsDeps } from './deps.ts'

/** How often people are told the last seal, ms. */
const TELL_EVERY = 24 * 60 * 60 * 1000

/**
 * Seals new lines of the trail, one step a call, and reports the last seal once a day, in the log and in the alerts
 * channel: there, somebody who can change the ledger can't reach it.
 * @returns above 0: there is more to seal
 */
export async function sealTrail(
  deps: Pick<GrantsDeps, 'ledger' | 'logger' | 'wake' | 'signSeal'>,
): Promise<number> {
  const { ledger, logger, wake, signSeal } = deps
  const sealed = await ledger.seal({ sign: signSeal, randomHex: () => randomBytes(32).toString('hex') })
  // Only a full seal means that lines are left. Newer lines wait for the next time: while coupons are issued there are
  // always some, and sealing would never end.
  if (sealed >= MOST_SEALED) return sealed
  const head = await ledger.tellHead(TELL_EVERY)
  if (!head) return 0
  const { number, hash, last, key } = head
  logger.info({ seal: `${number}:${hash}`, last, auditKey: key }, 'the trail is sealed')
  wake()
  return 0
}
