import type { StoryLocale } from '../flags.ts'

/** Plans the story's asks for any policy. */

/** One ask of the story; stock and reason are keys, as in the form's selects. */
export interface PlannedAsk {
  stock: string
  reason: string
  /** The reason as this person would type it. */
  typedReason: string
  ticket: string | null
  note: string | null
}

export interface Plan {
  /** What the policy approves automatically. */
  automatic: PlannedAsk | null
  /** What a person must approve. */
  byPeople: PlannedAsk | null
}

/** The parts of a policy that the plan reads; the rest may be anything. */
export interface PolicyFacts {
  roles: Readonly<Record<string, readonly string[]>>
  alerts: string | null
  stocks: readonly { key: string; quota: number }[]
  reasons: readonly { key: string; name: Readonly<Record<StoryLocale, string>>; noteRequired: boolean }[]
  ticket: { required: boolean; pattern: string | null } | null
  approval: {
    channel: string
    automatic: readonly {
      stocks: readonly string[] | null
      reasons: readonly string[] | null
      upToQuota: number | null
    }[]
  }
}

const TICKET = 'SUP-12'

/** Chooses a coupon and a reason that the policy approves automatically, and a pair that it doesn't. */
export function planFor(policy: PolicyFacts, locale: StoryLocale, note: string): Plan {
  // Reasons without a note come first, because they need less typing.
  const reasons = [...policy.reasons].sort((a, b) => Number(a.noteRequired) - Number(b.noteRequired))
  const asks = policy.stocks.flatMap((stock) => reasons.map((reason) => ({ stock, reason })))
  const isAutomatic = ({ stock, reason }: (typeof asks)[number]) =>
    policy.approval.automatic.some(
      (rule) =>
        (rule.stocks?.includes(stock.key) ?? true) &&
        (rule.reasons?.includes(reason.key) ?? true) &&
        stock.quota <= (rule.upToQuota ?? stock.quota),
    )
  const planned = (ask: (typeof asks)[number] | undefined): PlannedAsk | null =>
    ask
      ? {
          stock: ask.stock.key,
          reason: ask.reason.key,
          typedReason: locale === 'en' ? ask.reason.key : ask.reason.name[locale],
          ticket: ticketFor(policy.ticket),
          note: ask.reason.noteRequired ? note : null,
        }
      : null
  return {
    automatic: planned(asks.find(isAutomatic)),
    byPeople: planned(asks.find((ask) => !isAutomatic(ask))),
  }
}

function ticketFor(ticket: PolicyFacts['ticket']): string | null {
  if (!ticket) return null
  return ticket.pattern === null || new RegExp(ticket.pattern, 'u').test(TICKET) ? TICKET : null
}
