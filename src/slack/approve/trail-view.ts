import type { AnyBlock, ModalView } from '@slack/types'
import type { TrailEntry } from '../../grants/index.ts'
import { views } from '../ids.ts'
import type { Reader } from '../reader.ts'
import { context, plain, safe, section } from '../text.ts'
import { byCode } from '../words/index.ts'

/** Lines of a section stay below Slack's 3,000 characters. */
const LINES_A_BLOCK = 8
const MOST_LINES = 200
const MAX_DETAIL = 150

/** The trail of a grant as a timeline, oldest first; of a very long one the latest part. */
export function trailView(entries: readonly TrailEntry[], reader: Reader): ModalView {
  const { words } = reader
  const shown = entries.slice(-MOST_LINES).map((entry) => lineOf(entry, reader))
  const blocks: AnyBlock[] = []
  if (shown.length < entries.length) blocks.push(context(words.trail.cut(entries.length - shown.length)))
  for (let from = 0; from < shown.length; from += LINES_A_BLOCK)
    blocks.push(section(shown.slice(from, from + LINES_A_BLOCK).join('\n')))
  return {
    type: 'modal',
    callback_id: views.trail,
    title: plain(words.trail.title, 24),
    close: plain(words.close, 24),
    blocks: blocks.length > 0 ? blocks : [section(words.trail.none)],
  }
}

type KindWords = (who: string, detail: string) => string

function lineOf(entry: TrailEntry, { words, dates }: Reader): string {
  const { trail } = words
  const kinds: Record<string, KindWords> = trail.kinds
  const says = Object.hasOwn(kinds, entry.kind) ? kinds[entry.kind] : undefined
  const who = byCode<string>(trail.actors, entry.actor) ?? `<@${entry.actor}>`
  const text = says ? says(who, safe(detailOf(entry.data), MAX_DETAIL)) : trail.other(safe(entry.kind, 60))
  return trail.line(dates.slack(entry.at), text)
}

/** Of what an event holds, the one thing that its line tells. */
function detailOf(data: TrailEntry['data']): string {
  const { have, needed, rule, number, code, reason, detail } = data
  if (have !== undefined && needed !== undefined) return `${have}/${needed}`
  return String(rule ?? number ?? code ?? reason ?? detail ?? '')
}
