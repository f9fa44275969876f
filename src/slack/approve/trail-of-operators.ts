import { MAX_EVIDENCE } from '../../domain/settlement.ts'
import type { TrailEntry } from '../../grants/index.ts'
import { verdictText } from '../cards/settlement-blocks.ts'
import { actorText } from '../reader.ts'
import { unformatted } from '../text.ts'
import type { Words } from '../words/index.ts'

/** What operators have done to a grant, as a line of its trail; null: something else. */
export function operatorText({ kind, actor, data, said }: TrailEntry, words: Words): string | null {
  const { operatorTrail: says } = words
  const who = actorText(actor, words)
  switch (kind) {
    case 'held':
      return data.by === undefined ? null : says.heldBy(actorText(data.by, words))
    case 'resumed':
      return data.by === undefined ? null : says.resumedBy(actorText(data.by, words))
    case 'settlement-proposed':
      return says.proposed(who, verdictText(data.verdict, words), unformatted(said ?? '', MAX_EVIDENCE))
    case 'settlement-withdrawn':
      return says.withdrawn(who)
    case 'issue':
    case 'refuse': {
      if (data.settlement === undefined) return null
      const tell = kind === 'issue' ? says.issued : says.notIssued
      return tell(actorText(data.proposedBy ?? 'app', words), who)
    }
    default:
      return null
  }
}
