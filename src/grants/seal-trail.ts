import { randomBytes } from 'node:crypto'
import type { GrantsDeps } from './deps.ts'

/** How often people are told where the chain stands, ms. */
const TELL_EVERY = 24 * 60 * 60 * 1000

/**
 * Seals what the trail has gained, a step at a time, and has the last seal told once a day: in the log and in the alerts
 * channel it is out of reach of whoever can change the ledger.
 * @returns how many lines were sealed
 */
export async function sealTrail(
  deps: Pick<GrantsDeps, 'ledger' | 'logger' | 'wake' | 'signSeal'>,
): Promise<number> {
  const { ledger, logger, wake, signSeal } = deps
  const sealed = await ledger.seal({ sign: signSeal, randomHex: () => randomBytes(32).toString('hex') })
  if (sealed > 0) return sealed
  const head = await ledger.tellHead(TELL_EVERY)
  if (!head) return 0
  const { number, hash, last, key } = head
  logger.info({ seal: `${number}:${hash}`, last, auditKey: key }, 'the trail is sealed')
  wake()
  return 0
}
