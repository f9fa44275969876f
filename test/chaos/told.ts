import type { SlackSandbox, TrafficEntry } from '../../src/sandbox/slack/index.ts'
import { en } from '../../src/slack/blocks/words/en/index.ts'

/**
 * Something that the app said or tried to say about a grant. Attempts count: the app meant
 * them to be read, although Slack lost them.
 */
export interface Told {
  at: number
  grantId: string
  /** Null if it states no known state. */
  state: Said | null
  /** The whole text, for the log. */
  text: string
  /** The coupon ids in it. */
  coupons: string[]
}

export type Said = 'issued' | 'refused' | 'rejected' | 'cancelled' | 'expired' | 'recorded'

/** A message that shows a grant, as far as the answer to its post tells. */
export interface Posted {
  grantId: string
  cardId: string
  channel: string
  ts: string
  /** The buttons that it had when it was last drawn. */
  actions: string[]
}

export interface Listening {
  told: Told[]
  /** By channel and ts. */
  posted: Map<string, Posted>
  /**
   * The states in which the app tried to post new messages of a card, by card id: a new message notifies its reader.
   */
  postedAs: Map<string, Set<string>>
  /** How often a click got each answer, by its words. */
  answers: Map<string, number>
  /** Reads what is new. */
  catchUp(): void
  stop(): void
}

/** A card's menu holds its grant, and so does the view after a submission. */
const GRANT = /(?:"private_metadata":"|ids\|)([0-9A-HJKMNP-TV-Z]{26})"/g
const COUPON = /\b[0-9A-F]{64}-[0-9]+-[0-9]+\b/g
const EVERY = 200

const says = (sign: string, title: string) => (text: string) =>
  [title, `*${title}*`].some((word) => text.includes(`${sign} ${word} · `))
const titles: Record<Exclude<Said, 'recorded'>, (text: string) => boolean> = {
  issued: says('✅', en.approval.title.issued),
  refused: says('❌', en.approval.title.refused),
  rejected: says('❌', en.approval.title.rejected),
  cancelled: says('↩', en.approval.title.cancelled),
  expired: says('⌛', en.approval.title.expired),
}

/** Listens to everything that the app sends to people. */
export function listenTo(slack: SlackSandbox): Listening {
  const listening: Listening = {
    told: [],
    posted: new Map(),
    postedAs: new Map(),
    answers: new Map(),
    catchUp,
    stop: () => clearInterval(timer),
  }
  let last = 0
  let open = new Set<number>()
  const timer = setInterval(catchUp, EVERY)

  function catchUp(): void {
    for (const entry of slack.traffic()) {
      if (entry.id <= last && !open.has(entry.id)) continue
      last = Math.max(last, entry.id)
      if (entry.ms === undefined) {
        open.add(entry.id)
        continue
      }
      open.delete(entry.id)
      take(entry)
    }
    // Drop entries that were open and have left the log for good.
    if (open.size > 1000) open = new Set([...open].slice(-500))
  }

  function take(entry: TrafficEntry): void {
    const said = saidIn(entry)
    if (said === undefined) return
    const text = unquoted(said)
    for (const words of [en.decided.result, en.decided.resultHeld, en.decided.rejected, en.decided.cancelled])
      if (entry.kind === 'response_url' && text.includes(words))
        listening.answers.set(words, (listening.answers.get(words) ?? 0) + 1)
    const grantIds = new Set([...text.matchAll(GRANT)].map(([, id]) => id ?? ''))
    for (const grantId of grantIds)
      listening.told.push({
        // An acknowledgement is read at the end of its delivery, a call at its beginning.
        at: entry.direction === 'to_app' ? Math.ceil(entry.at + (entry.ms ?? 0)) : entry.at,
        grantId,
        state: stateIn(text, entry),
        text,
        coupons: text.match(COUPON) ?? [],
      })
    notePosted(entry)
  }

  function notePosted(entry: TrafficEntry): void {
    if (entry.name !== 'chat.postMessage' && entry.name !== 'chat.update') return
    const request = parsed(entry.request)
    const { ts, channel } = parsed(entry.answer)
    const metadata = parsed(request.metadata)
    if (metadata.event_type !== 'withdraw_coupon_card') return
    const payload = parsed(metadata.event_payload)
    if (entry.name === 'chat.postMessage') {
      const states = listening.postedAs.get(String(payload.card_id)) ?? new Set()
      listening.postedAs.set(String(payload.card_id), states.add(String(payload.state)))
    }
    if (typeof ts !== 'string') return
    const actions = [...JSON.stringify(request.blocks ?? '').matchAll(/action_id[\\":]+([a-z_]+)/g)].map(
      ([, id]) => id ?? '',
    )
    listening.posted.set(`${channel}/${ts}`, {
      grantId: String(payload.grant_id),
      cardId: String(payload.card_id),
      channel: String(channel),
      ts,
      actions,
    })
  }

  return listening
}

/** The part of an entry that people see: posts, views, answers to clicks, and the payload of an acknowledgement. */
function saidIn(entry: TrafficEntry): unknown {
  if (entry.direction === 'to_app') return entry.answer || undefined
  if (entry.kind === 'response_url') return entry.request
  return /^(chat\.(postMessage|update|postEphemeral)|views\.(open|update|push))$/.test(entry.name)
    ? entry.request
    : undefined
}

function stateIn(text: string, entry: TrafficEntry): Said | null {
  for (const [state, isSaid] of Object.entries(titles)) if (isSaid(text)) return state as Said
  // The view after a submission.
  return entry.direction === 'to_app' && text.includes('"recorded"') ? 'recorded' : null
}

/** Unfolds JSON within JSON. */
function unquoted(value: unknown): string {
  return JSON.stringify(value, (_, part: unknown) =>
    typeof part === 'string' && /^[[{]/.test(part) ? parsedOr(part) : part,
  )
}

function parsedOr(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}

function parsed(value: unknown): Record<string, unknown> {
  const known = typeof value === 'string' ? parsedOr(value) : value
  return typeof known === 'object' && known !== null ? (known as Record<string, unknown>) : {}
}
