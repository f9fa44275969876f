import { z } from 'zod'
import type { GrantState } from '../domain/grant.ts'
import { beginSealing, isSignedBy, markAt } from '../domain/seal.ts'
import type { AuditLine, EndLine, EventLine, GrantLine, Manifest, SealLine } from './audit-lines.ts'

/**
 * Verifies that nothing was changed in the lines of an export, or in a ledger
 * read as such. Stops at the first bad line.
 */

/** Facts known from elsewhere. */
export interface Known {
  /** Public keys, as seals name them; empty: none is known, so any valid signature is accepted. */
  keys: readonly string[]
  /** Seals that people were told of, in the log or in the alerts channel. */
  heads: readonly { number: number; hash: string }[]
}

export interface Proof {
  manifest: Manifest | null
  /** Number of trail lines, and how many of them no seal holds yet. */
  events: number
  unsealed: number
  seals: number
  /** When the last seal was made, epoch ms; null: there is none. */
  sealedAt: number | null
  grants: number
  /** Each signing key with its first seal; null: unsigned. */
  signers: { key: string | null; from: number }[]
  end: EndLine | null
}

export type Verified = { ok: true; proof: Proof } | { ok: false; where: string; problem: string }

/** Something has changed. */
class Bad extends Error {
  readonly where: string
  constructor(where: string, problem: string) {
    super(problem)
    this.where = where
  }
}

/** The error for a text that can't be read as a line at all. */
export function unreadable(where: string, problem: string): Error {
  return new Bad(where, problem)
}

export interface Placed {
  /** E.g. `line 12`. */
  where: string
  line: AuditLine
}

/** Verifies lines, and says where the first bad one is. */
export async function verifyTrail(lines: AsyncIterable<Placed>, known: Known): Promise<Verified> {
  const trail = createTrail(known)
  try {
    for await (const { where, line } of lines) trail.take(where, line)
    return { ok: true, proof: trail.end() }
  } catch (error) {
    if (error instanceof Bad) return { ok: false, where: error.where, problem: error.message }
    throw error
  }
}

/** A line that the next seal must hold. */
interface Waiting {
  id: number
  where: string
  mark: string
}

function createTrail(known: Known) {
  const proof: Proof = {
    manifest: null,
    events: 0,
    unsealed: 0,
    seals: 0,
    sealedAt: null,
    grants: 0,
    signers: [],
    end: null,
  }
  let before: Pick<SealLine, 'number' | 'hash' | 'last'> | null = null
  let sealing = beginSealing()
  let waiting: Waiting[] = []
  let lastId = 0
  let lastGrant = ''
  let heads: { number: number; hash: string }[] = []
  const replay = createReplay()

  function begin(where: string, line: Manifest): void {
    if (proof.manifest) throw new Bad(where, 'there are two manifests')
    proof.manifest = line
    before = line.after
    lastId = line.after?.last ?? 0
    heads = [...known.heads, ...(line.told ? [line.told] : [])].filter(
      ({ number }) => number > (line.after?.number ?? 0),
    )
    for (const head of known.heads)
      if (head.number === line.after?.number && head.hash !== line.after.hash)
        throw new Bad(where, `it goes on from another seal ${head.number} than the one that was told`)
  }

  function takeEvent(
    where: string,
    { type: _, said: __, ...event }: EventLine,
    { older_to: olderTo }: Manifest,
  ): void {
    if (event.id <= lastId) throw new Bad(where, `line ${event.id} of the trail comes after line ${lastId}`)
    lastId = event.id
    proof.events += 1
    waiting.push({ id: event.id, where, mark: sealing.add(event) })
    replay.take(where, event, olderTo)
  }

  function takeSeal(where: string, seal: SealLine, manifest: Manifest): void {
    const { number, last, count, at, marks } = seal
    const next: number = (before?.number ?? 0) + 1
    if (number > next)
      throw new Bad(where, `seal ${next} is missing${number > next + 1 ? `, up to ${number - 1}` : ''}`)
    if (number < next) throw new Bad(where, `seal ${number} comes twice, or after ${next - 1}`)
    const hashBefore = before ? before.hash : manifest.ledger
    if (seal.before !== hashBefore)
      throw new Bad(
        where,
        before
          ? `it does not go on from seal ${number - 1}: one of the two is of another chain`
          : 'it is of another ledger',
      )
    const wrong = firstDifference(seal, waiting)
    if (wrong) throw new Bad(wrong.where ?? where, wrong.problem)
    const hash = sealing.end({ number, last, before: seal.before, at, marks, count })
    if (hash !== seal.hash || last !== lastId) throw new Bad(where, 'the seal is not as it was made')
    checkSigner(where, seal)
    for (const head of heads)
      if (head.number === number && head.hash !== hash)
        throw new Bad(where, `seal ${number} is another one than the one that was told`)
    before = seal
    sealing = beginSealing()
    waiting = []
    proof.seals += 1
    proof.sealedAt = at
  }

  function checkSigner(where: string, { number, hash, key, signature }: SealLine): void {
    const current = proof.signers.at(-1)
    if (key === null || signature === null) {
      if (current?.key) throw new Bad(where, 'it is not signed, as the seals before it are')
    } else {
      if (!isSignedBy(key, 'seal', hash, signature)) throw new Bad(where, 'its signature is wrong')
      if (known.keys.length > 0 && !known.keys.includes(key))
        throw new Bad(where, `it is signed by another key: ${key}; if that is yours, name it by --key`)
    }
    if (!current || current.key !== key) proof.signers.push({ key, from: number })
  }

  function takeGrant(where: string, grant: GrantLine, manifest: Manifest): void {
    if (grant.id <= lastGrant) throw new Bad(where, `${grant.id} comes twice, or after ${lastGrant}`)
    lastGrant = grant.id
    proof.grants += 1
    const problem = replay.contradiction(grant, {
      hasBegin: manifest.from === null,
      hasEnd: manifest.to === null,
    })
    if (problem) throw new Bad(where, problem)
  }

  function takeEnd(where: string, end: EndLine): void {
    proof.end = end
    if (end.unsealed !== waiting.length)
      throw new Bad(where, `${end.unsealed} lines were not sealed yet, ${waiting.length} are here`)
    if (end.key === null || end.signature === null) return
    if (!isSignedBy(end.key, 'export', end.sha256, end.signature))
      throw new Bad(where, 'the signature of the export is wrong')
    if (known.keys.length > 0 && !known.keys.includes(end.key))
      throw new Bad(where, `the export is signed by another key: ${end.key}`)
  }

  return {
    take(where: string, line: AuditLine): void {
      if (line.type === 'manifest') {
        begin(where, line)
        return
      }
      if (!proof.manifest) throw new Bad(where, 'it does not begin with a manifest')
      if (proof.end) throw new Bad(where, 'something follows after the end')
      if (lastGrant !== '' && line.type !== 'grant' && line.type !== 'end')
        throw new Bad(where, 'lines of the trail come before the grants')
      if (line.type === 'event') takeEvent(where, line, proof.manifest)
      else if (line.type === 'seal') takeSeal(where, line, proof.manifest)
      else if (line.type === 'grant') takeGrant(where, line, proof.manifest)
      else takeEnd(where, line)
    },
    end(): Proof {
      if (!proof.manifest) throw new Bad('the begin', 'there is no manifest: it is no export')
      const at = before?.number ?? 0
      const missing = heads.find(({ number }) => number > at)
      if (missing)
        throw new Bad('the end', `seal ${at + 1} is missing: people were told of seal ${missing.number}`)
      const left = replay.withoutRow()
      if (left) throw new Bad(left.where, `grant ${left.id} has a trail and no row`)
      proof.unsealed = waiting.length
      return proof
    },
  }
}

/** The first line that differs from its seal; `where` null: the line is missing. */
function firstDifference(
  seal: SealLine,
  lines: readonly Waiting[],
): { where: string | null; problem: string } | null {
  for (let place = 0; place < Math.max(seal.count, lines.length); place++) {
    const line = lines[place]
    const mark = markAt(seal, place)
    if (!line) {
      const last = lines.at(-1)
      return { where: null, problem: `what followed ${last ? `line ${last.id}` : 'in it'} is missing` }
    }
    if (line.mark === mark) continue
    const isNext = line.mark === markAt(seal, place + 1)
    if (isNext) return { where: line.where, problem: `what came before line ${line.id} is missing` }
    const isInserted = place >= seal.count || lines[place + 1]?.mark === mark
    return {
      where: line.where,
      problem: isInserted
        ? `line ${line.id} was not there when it was sealed`
        : `line ${line.id} is not as it was sealed`,
    }
  }
  return null
}

/** What the trail says about a grant. */
interface Replayed {
  where: string
  state: GrantState
  /** Number of lines; null: the first one is not in the export. */
  lines: number | null
  isOlder: boolean
  requester: string | null
  facts: { subject?: string; stockRef?: string; quota?: number; reason?: string }
  couponId: string | null
  rule: string | null
}

const facts = z.object({
  subject: z.string().exactOptional(),
  stockRef: z.string().exactOptional(),
  quota: z.int().exactOptional(),
  reason: z.string().exactOptional(),
})
const withCoupon = z.object({ couponId: z.string().exactOptional() })
const withRule = z.object({ rule: z.string() })

/** The state of a grant after each kind of line. */
const becomes: Readonly<Record<string, GrantState>> = {
  requested: 'pending',
  'approved-by-rule': 'approved',
  approve: 'approved',
  reject: 'rejected',
  expire: 'expired',
  cancel: 'cancelled',
  attempt: 'issuing',
  restored: 'issuing',
  release: 'approved',
  issue: 'issued',
  correct: 'issued',
  refuse: 'refused',
}

/** Replays the trail of each grant, to compare its row with it. */
function createReplay() {
  const grants = new Map<string, Replayed>()

  function take(where: string, event: Omit<EventLine, 'type' | 'said'>, olderTo: number): void {
    const { grant_id, kind, actor } = event
    if (grant_id === null) return
    const isFirst = kind === 'requested'
    const known = grants.get(grant_id) ?? {
      where,
      state: 'pending',
      lines: isFirst ? 0 : null,
      isOlder: event.id <= olderTo,
      requester: isFirst ? actor : null,
      facts: isFirst ? read(where, facts, event.data) : {},
      couponId: null,
      rule: null,
    }
    grants.set(grant_id, known)
    if (known.lines !== null) known.lines += 1
    known.state = (Object.hasOwn(becomes, kind) ? becomes[kind] : undefined) ?? known.state
    if (kind === 'approved-by-rule') known.rule = read(where, withRule, event.data).rule
    if (kind === 'issue' || kind === 'correct')
      known.couponId = read(where, withCoupon, event.data).couponId ?? null
  }

  function contradiction(
    row: GrantLine,
    { hasBegin, hasEnd }: { hasBegin: boolean; hasEnd: boolean },
  ): string | null {
    const trail = grants.get(row.id)
    grants.delete(row.id)
    if (!trail) return `grant ${row.id} has no trail`
    // Its first lines are not in the export.
    if (trail.lines === null)
      return hasBegin ? `grant ${row.id} has a trail that does not begin with what was asked` : null
    const says = (what: string, by: unknown, is: unknown) =>
      `grant ${row.id} contradicts its trail: its ${what} is ${is}, by the trail ${by}`
    if (hasEnd && trail.state !== row.state) return says('state', trail.state, row.state)
    // Card updates that follow a hold count as changes too, without a line.
    if (row.version < trail.lines && !trail.isOlder)
      return says('number of changes', `at least ${trail.lines}`, row.version)
    const { subject, stockRef, quota, reason } = trail.facts
    const compared: [string, unknown, unknown][] = [
      ['requester', trail.requester, row.requester],
      ['subject', subject, row.subject],
      ['stock', stockRef, row.stock_ref],
      ['quota', quota, row.quota],
      ['reason', reason, row.reason],
      ['rule', trail.rule, row.approved_by_rule],
      ['coupon', row.state === 'issued' ? couponOf(trail) : null, row.coupon_id],
    ]
    const wrong = compared.find(([, by, is]) => by !== undefined && by !== is)
    return wrong ? says(...wrong) : null
  }

  return {
    take,
    contradiction,
    /** A grant that has a trail but no row. */
    withoutRow(): { id: string; where: string } | null {
      const [left] = grants
      return left ? { id: left[0], where: left[1].where } : null
    },
  }
}

/** Undefined: an older version's line doesn't name the coupon, or the line is not in the export. */
const couponOf = ({ couponId }: Replayed) => couponId ?? undefined

function read<T>(where: string, schema: z.ZodType<T>, data: string): T {
  try {
    return schema.parse(JSON.parse(data))
  } catch {
    throw new Bad(where, 'its data is not what the app writes')
  }
}
