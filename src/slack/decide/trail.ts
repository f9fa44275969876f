import type { AnyBlock, ModalView } from '@slack/types'
import { type Grant, MAX_EVIDENCE } from '../../domain/grant.ts'
import type { TrailEntry } from '../../grants/index.ts'
import { modal } from '../blocks/buttons-and-views.ts'
import { askBlock, foundByText, grantHeadline } from '../blocks/grant-facts.ts'
import { sourceText, verdictText } from '../blocks/grant-parts.ts'
import { actorText, type Reader } from '../blocks/reader.ts'
import { context, header, safe, section, sections, unformatted } from '../blocks/text.ts'
import { byCode, type Words } from '../blocks/words/index.ts'
import { views } from '../ids.ts'

const MOST_LINES = 200
/** A view has at most 100 blocks, and 250 kB including everything around its texts. */
const MOST_SECTIONS = 94
const MOST_BYTES = 200_000
const MAX_DETAIL = 150
/** Lines; a note of 500 characters never has more. */
const WHOLE_NOTE = 500

/**
 * The trail of a grant as a timeline, oldest first; of a very long one, the latest part.
 * @param grant shown above the trail with its whole note
 */
export function trailView(
  entries: readonly TrailEntry[],
  reader: Reader,
  grant: Grant | null = null,
): ModalView {
  const { words } = reader
  const shown = latest(entries.slice(-MOST_LINES).map((entry) => lineOf(entry, reader)))
  const left = entries.length - shown.length
  const about: AnyBlock[] = grant
    ? [
        header(grantHeadline(grant, { decisions: [] }, reader)),
        askBlock(grant, reader, WHOLE_NOTE),
        ...sourceText(grant, reader).map((text) => context(text)),
        { type: 'divider' },
      ]
    : []
  const blocks: AnyBlock[] = [
    ...about,
    ...(left > 0 ? [context(words.trail.cut(left))] : []),
    ...sections(shown),
  ]
  return modal(reader, {
    id: views.trail,
    title: words.trail.title,
    blocks: shown.length > 0 ? blocks : [...blocks, section(words.trail.none)],
  })
}

/** As many of the last lines as fit into a view. */
function latest(lines: readonly string[]): string[] {
  let left = MOST_BYTES
  const before = lines.findLastIndex((line) => {
    left -= Buffer.byteLength(line)
    return left < 0
  })
  let shown = lines.slice(before + 1)
  while (sections(shown).length > MOST_SECTIONS) shown = shown.slice(1)
  return shown
}

type KindWords = (who: string, detail: string) => string
type EntryData<K> = Extract<TrailEntry, { kind: K }>['data']

function lineOf(entry: TrailEntry, reader: Reader): string {
  const { words, dates } = reader
  return words.trail.line(dates.slack(entry.at), operatorText(entry, words) ?? textOf(entry, reader))
}

function textOf(entry: TrailEntry, reader: Reader): string {
  const { words, name, ruleName } = reader
  const { trail } = words
  const kinds: Record<string, KindWords> = trail.kinds
  const says = byCode(kinds, variantOf(entry))
  // The app itself withdraws an approval; the line names whose approval it was.
  const actor = entry.kind === 'approval-lapsed' ? entry.data.approver : entry.actor
  const forWhom = 'for' in entry.data && entry.kind !== 'look-up' ? entry.data.for : undefined
  const own = actorText(actor, words)
  const who = forWhom === undefined ? own : words.away.standing(own, actorText(forWhom, words))
  const { said } = entry
  if (entry.kind === 'requested' && entry.data.found)
    return trail.kinds.requested(who, foundByText(entry.data.found, reader))
  if (entry.kind === 'erased' && entry.data.askedBy)
    return words.erasure.trail(who, actorText(entry.data.askedBy, words))
  // Unformatted, so that a person's text can't pass for one of these lines.
  const named = entry.kind === 'reject' && entry.data.named ? [name(entry.data.named)] : []
  const detail =
    said === null && named.length === 0
      ? safe(detailOf(entry, trail.reasons, ruleName), MAX_DETAIL)
      : [...named, ...(said === null ? [] : [unformatted(said, MAX_DETAIL)])].join(': ')
  return says ? says(who, detail) : trail.other(safe(entry.kind, 60))
}

/**
 * Picks the wording for an event. `-own`: the requester approved it. `-keep`: erased by the policy's `records.keep`.
 * `-last`: the app doesn't ask again about this outcome by itself.
 */
function variantOf({ kind, data }: TrailEntry): string {
  if ('own' in data && data.own) return `${kind}-own`
  if (kind === 'erased' && data.reason === 'keep') return `${kind}-keep`
  return 'again' in data && data.again === false ? `${kind}-last` : kind
}

/** The one detail that an event's line shows; for a failed call, the reason in words. */
function detailOf(
  { kind, data }: TrailEntry,
  reasons: Record<string, string>,
  ruleName: Reader['ruleName'],
): string {
  const named = (code = '') => byCode(reasons, code) ?? code
  switch (kind) {
    case 'approval':
    case 'approve':
      return `${data.have}/${data.needed}`
    case 'approved-by-rule':
      return ruleName(data.rule)
    case 'attempt':
    case 'attempt-lost':
      return String(data.number)
    case 'cancel':
    case 'held':
      return named(data.reason)
    case 'refuse':
    case 'channel-closed':
      return named(data.code)
    case 'release':
    case 'outcome-unknown':
      return failureIn(data, reasons)
    default:
      return ''
  }
}

function failureIn(
  { code, reason, detail, why, ...data }: EntryData<'release' | 'outcome-unknown'>,
  reasons: Record<string, string>,
): string {
  const inWords = code === undefined ? why : undefined
  const told = byCode(reasons, code ?? reason ?? '')
  // The reason for a missing connection already says that there was none.
  if (told && !(inWords && reason === 'connect')) return inWords === undefined ? told : `${told}: ${inWords}`
  const couponId = 'couponId' in data ? data.couponId : undefined
  return inWords ?? code ?? reason ?? detail ?? couponId ?? ''
}

/** What operators did to a grant, as a line of its trail; null: the event is something else. */
function operatorText({ kind, actor, data, said }: TrailEntry, words: Words): string | null {
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
