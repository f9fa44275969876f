import { type Finding, levelOf, sameFor } from '../doctor/index.ts'
import type { GrantsDeps } from './deps.ts'
import type { NotDone } from './grants.ts'
import { mayNotOperate, type Operator } from './operator-commands.ts'

export type SetUpOutcome = { kind: 'checked'; findings: Finding[] } | NotDone

/** Checks the whole set-up for an operator. The result contains no secret. */
export async function checkSetUp(
  { policy, examine }: Pick<GrantsDeps, 'policy' | 'examine'>,
  { by }: { by: Operator },
): Promise<SetUpOutcome> {
  const refusal = mayNotOperate(policy(), by)
  if (refusal) return { kind: 'refused', refusal }
  return { kind: 'checked', findings: await examine() }
}

/**
 * Tells the operators which set-up faults block the app; the same faults once a day, whichever replica reports them.
 */
export async function reportSetUp(
  { ledger, wake }: Pick<GrantsDeps, 'ledger' | 'wake'>,
  findings: readonly Finding[],
): Promise<void> {
  const blocking = findings.filter((finding) => levelOf(finding) === 'blocks')
  if (blocking.length === 0) return
  await ledger.write((tx) =>
    tx.notice({
      kind: 'set-up-blocked',
      what: sameFor(blocking),
      findings: blocking.map(({ code, values }) => ({ code, values: { ...values } })),
    }),
  )
  wake()
}
