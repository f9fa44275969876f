import { type Finding, found } from './finding.ts'
import { type Instruments, MISSING, type Setup } from './setup.ts'

/** What nobody is called: a look-up that keeps the contract answers that it knows no such user. */
const NOBODY = 'set-up-check'

/** Whether the merchant's own look-up of users answers, signed as agreed. Nothing, where the policy names none. */
export async function checkLookup(
  { problems, policy: read }: Setup,
  { lookUp }: Instruments,
): Promise<Finding[]> {
  if (!read.ok) return []
  const { customers, stocks } = read.policy
  const [kind] = customers?.kinds ?? []
  if (!customers?.endpoint || !kind) return []
  const appids = [...new Set(stocks.map(({ appid }) => appid))].filter((appid) => appid !== MISSING)
  // What is missing or wrong in the settings is told there.
  if (appids.length === 0 || problems.some(({ variable }) => variable.startsWith('CUSTOMER_LOOKUP_')))
    return []
  if (lookUp === null) return [found('lookup-off')]
  const failed = await lookUp(customers.endpoint, {
    kind: kind.key,
    value: NOBODY,
    appids,
    askedBy: 'doctor',
  })
  return [failed === null ? found('lookup-good') : found('lookup-faulty', failed)]
}
