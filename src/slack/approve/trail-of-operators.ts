import { z } from 'zod'
import { MAX_EVIDENCE } from '../../domain/settlement.ts'
import type { TrailEntry } from '../../grants/index.ts'
import { verdictText } from '../cards/settlement-blocks.ts'
import { actorText } from '../reader.ts'
import { unformatted } from '../text.ts'
import type { Words } from '../words/index.ts'

const operated = z.object({
  by: z.string().optional(),
  settlement: z.string().optional(),
  proposedBy: z.string().default('app'),
  evidence: z.string().default(''),
  verdict: z
    .discriminatedUnion('kind', [
      z.object({ kind: z.literal('issued'), couponId: z.string() }),
      z.object({ kind: z.literal('not-issued') }),
    ])
    .optional(),
})

/** What operators have done to a grant, as a line of its trail; null: something else. */
export function operatorText({ kind, actor, data }: TrailEntry, words: Words): string | null {
  const { operatorTrail: says } = words
  const read = operated.safeParse(data)
  if (!read.success) return null
  const { by, settlement, proposedBy, evidence, verdict } = read.data
  const who = actorText(actor, words)
  switch (kind) {
    case 'held':
      return by === undefined ? null : says.heldBy(actorText(by, words))
    case 'resumed':
      return by === undefined ? null : says.resumedBy(actorText(by, words))
    case 'settlement-proposed':
      return verdict
        ? says.proposed(who, verdictText(verdict, words), unformatted(evidence, MAX_EVIDENCE))
        : null
    case 'settlement-withdrawn':
      return says.withdrawn(who)
    case 'issue':
    case 'refuse': {
      if (settlement === undefined) return null
      const tell = kind === 'issue' ? says.issued : says.notIssued
      return tell(actorText(proposedBy, words), who)
    }
    default:
      return null
  }
}
