import { z } from 'zod'
import { grantStates } from '../domain/grant.ts'
import type { StoredEvent } from '../domain/seal.ts'
import type { AuditReads } from '../ledger/ledger.ts'

/**
 * The lines of an export, and of the comparison with a ledger: a manifest; then the trail, each seal after the lines
 * it holds; then the grants; then the end.
 */

const text = z.string()
const int = z.int()

const manifest = z.object({
  type: z.literal('manifest'),
  format: z.literal('withdraw-coupon export 1'),
  /** The value that the first seal begins with; null: nothing was sealed yet. */
  ledger: text.nullable(),
  made_at: text,
  made_by: text,
  /** First and last day, inclusive, in this time zone; null: from the first line or to the last. */
  from: text.nullable(),
  to: text.nullable(),
  time_zone: text,
  openids: z.boolean(),
  texts: z.boolean(),
  /** The seal before the first one in this export. */
  after: z.object({ number: int, hash: text, last: int }).nullable(),
  /** The last seal that people were told of; null if it is not in this export. */
  told: z.object({ number: int, hash: text }).nullable(),
  /** Lines up to this id were written before seals existed: they are proven only from their sealing on. */
  older_to: int,
})

const event = z.object({
  type: z.literal('event'),
  id: int,
  grant_id: text.nullable(),
  kind: text,
  actor: text,
  subject: text.nullable(),
  at: int,
  data: text,
  said_text: text.nullable(),
  said: text.nullable().exactOptional(),
})

const seal = z.object({
  type: z.literal('seal'),
  number: int,
  last: int,
  count: int,
  before: text,
  at: int,
  marks: text,
  hash: text,
  key: text.nullable(),
  signature: text.nullable(),
})

const grant = z.object({
  type: z.literal('grant'),
  id: text,
  subject: text,
  openid: text.nullable().exactOptional(),
  appid: text,
  stock_ref: text,
  stock: text,
  quota: int,
  requester: text,
  reason: text,
  note: text.nullable().exactOptional(),
  ticket: text.nullable().exactOptional(),
  // Missing in exports of earlier versions.
  found_by: text.nullable().exactOptional(),
  state: z.enum(grantStates),
  created_at: int,
  state_at: int,
  policy_hash: text,
  approved_by_rule: text.nullable(),
  ended_by: text.nullable(),
  ended_reason: text.nullable(),
  end_said: text.nullable().exactOptional(),
  refusal: text.nullable(),
  coupon_id: text.nullable(),
  coupon_expires_at: int.nullable(),
  issued_at: int.nullable(),
  attempts: int,
  version: int,
})

const end = z.object({
  type: z.literal('end'),
  /** Number of lines before this one. */
  lines: int,
  /** Number of trail lines that no seal holds yet. */
  unsealed: int,
  /** Over the bytes of all lines before this one, in hex. */
  sha256: text,
  key: text.nullable(),
  signature: text.nullable(),
})

export const auditLine = z.discriminatedUnion('type', [manifest, event, seal, grant, end])
export type AuditLine = z.output<typeof auditLine>
export type Manifest = z.output<typeof manifest>
export type SealLine = z.output<typeof seal>
export type EventLine = z.output<typeof event>
export type GrantLine = z.output<typeof grant>
export type EndLine = z.output<typeof end>

export interface Selection {
  /** The day as the user named it, and epoch ms; null: no limit. */
  from: { name: string; at: number } | null
  to: { name: string; at: number } | null
  openids: boolean
  texts: boolean
  by: string
}

/** Number of lines per query for the rows that they refer to. */
const TOGETHER = 200

/** All lines except the end. */
export async function* linesOf(reads: AuditReads, of: Selection): AsyncGenerator<AuditLine> {
  const { ledger, head, last, olderTo, told, timeZone } = await reads.about()
  const isWhole = of.from === null && of.to === null
  const range = isWhole
    ? { after: null, last: head }
    : await reads.sealsOf({ from: of.from?.at ?? 0, to: of.to?.at ?? Number.MAX_SAFE_INTEGER })
  const { after } = range
  const upTo = range.last?.number ?? 0
  const goesToEnd = upTo === (head?.number ?? 0)
  yield {
    type: 'manifest',
    format: 'withdraw-coupon export 1',
    ledger,
    made_at: new Date().toISOString(),
    made_by: of.by,
    from: of.from?.name ?? null,
    to: of.to?.name ?? null,
    time_zone: timeZone,
    openids: of.openids,
    texts: of.texts,
    after: after && { number: after.number, hash: after.hash, last: after.last },
    told: told && told.number > (after?.number ?? 0) && (goesToEnd || told.number <= upTo) ? told : null,
    older_to: olderTo,
  }
  const named = new Set<string>()
  let sealed = after?.last ?? 0
  for await (const one of reads.seals({ after: after?.number ?? 0, upTo })) {
    yield* eventsWith(reads, of, { after: sealed, upTo: one.last }, named)
    yield { type: 'seal', ...one }
    sealed = one.last
  }
  if (goesToEnd) yield* eventsWith(reads, of, { after: sealed, upTo: last }, named)
  for await (const { openid, note, ticket, end_said, ...row } of reads.grants()) {
    if (!isWhole && !named.has(row.id)) continue
    yield {
      type: 'grant',
      ...row,
      ...(of.openids && { openid }),
      ...(of.texts && { note, ticket, end_said }),
    }
  }
}

async function* eventsWith(
  reads: AuditReads,
  { texts }: Selection,
  range: { after: number; upTo: number },
  named: Set<string>,
): AsyncGenerator<EventLine> {
  let some: StoredEvent[] = []
  async function* withTexts(): AsyncGenerator<EventLine> {
    const said = await reads.texts(some.flatMap(({ said_text }) => said_text ?? []))
    for (const event of some)
      yield { type: 'event', ...event, said: (event.said_text && said.get(event.said_text)) ?? null }
    some = []
  }
  for await (const event of reads.events(range)) {
    if (event.grant_id !== null) named.add(event.grant_id)
    if (!texts) {
      yield { type: 'event', ...event }
      continue
    }
    some.push(event)
    if (some.length >= TOGETHER) yield* withTexts()
  }
  yield* withTexts()
}
