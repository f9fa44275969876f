import { openAuditReads } from '../../src/ledger/ledger.ts'
import { linesOf } from '../../src/tools/audit-lines.ts'
import { type Known, type Verified, verifyTrail } from '../../src/tools/verify-trail.ts'

/** Verifies a ledger on its own, as `npm run audit -- verify` does. */
export async function prove(url: string, known: Partial<Known> = {}): Promise<Verified> {
  const reads = await openAuditReads(url)
  async function* lines() {
    const all = { from: null, to: null, openids: false, texts: false, by: 'test' }
    for await (const line of linesOf(reads, all))
      yield { where: 'id' in line ? `${line.type} ${line.id}` : line.type, line }
  }
  return verifyTrail(lines(), { keys: [], heads: [], ...known }).finally(() => reads.close())
}
