import type { AnyBlock } from '@slack/types'
import type { Hold } from '../../grants/index.ts'
import type { Reader } from '../reader.ts'
import { context, header, safe, section, typedContext } from '../text.ts'
import { byCode } from '../words/index.ts'

/** What the operators are told of a fault that makes coupons wait, and of its end in the same message. */
export function holdMessage(hold: Hold, { words, dates }: Reader): { text: string; blocks: AnyBlock[] } {
  const ended = hold.endedAt !== null
  const scope =
    hold.scope === 'all'
      ? words.hold.all
      : hold.scope === 'first-attempts'
        ? words.hold.firstAttempts
        : words.hold.stock(`\`${safe(hold.scope.slice('stock:'.length), 60)}\``)
  const reason = hold.reason === 'NOAUTH' ? 'NO_AUTH' : hold.reason
  const title = words.hold.title(ended)
  return {
    text: `${title}: ${hold.reason}`,
    blocks: [
      header(title),
      section(
        [
          scope,
          words.hold.since(dates.slack(hold.since)),
          ...(hold.endedAt === null ? [] : [words.hold.until(dates.slack(hold.endedAt))]),
        ].join(' · '),
      ),
      ...(ended ? [] : [section(byCode(words.hold.check, reason) ?? words.hold.check.other)]),
      section(ended ? words.hold.ended : words.hold.waiting(hold.waiting)),
      ...(hold.message ? [typedContext(words.hold.says(hold.reason, hold.message))] : []),
      ...(ended ? [] : [context(`\`${safe(hold.scope, 80)}\``)]),
    ],
  }
}
