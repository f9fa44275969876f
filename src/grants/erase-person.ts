import { actorAtCommandLine } from '../domain/permissions.ts'
import type { Erased } from '../ledger/ledger.ts'
import type { GrantsDeps } from './deps.ts'

/**
 * Erases a person from the command line: the openid and what people typed about them, once they have no open grant.
 * The trail stays, records who erased and when, and still verifies.
 * @returns one entry for each appid under which the openid is known; none if it is unknown
 */
export function erasePerson(
  { ledger }: Pick<GrantsDeps, 'ledger'>,
  { by, of }: { by: { commandLine: string }; of: { openid: string } | { subject: string } },
): Promise<Erased[]> {
  const actor = actorAtCommandLine(by.commandLine)
  return ledger.write((tx) => tx.erase(of, { by: actor, reason: 'asked' }))
}
