import type { AnyBlock } from '@slack/types'
import type { Hold } from '../../grants/index.ts'
import type { Reader } from '../reader.ts'
import { header, safe, section, typedContext } from '../text.ts'
import { byCode, type Words } from '../words/index.ts'

/** What the operators are told of a fault that makes coupons wait, and of its end in the same message. */
export function holdMessage(hold: Hold, { words, dates }: Reader): { text: string; blocks: AnyBlock[] } {
  const ended = hold.endedAt !== null
  const scope =
    hold.scope === 'all'
      ? words.hold.all(ended)
      : hold.scope === 'first-attempts'
        ? words.hold.firstAttempts(ended)
        : words.hold.stock(`\`${safe(hold.scope.slice('stock:'.length), 60)}\``, ended)
  const reason = hold.reason === 'NOAUTH' ? 'NO_AUTH' : hold.reason
  const title = words.hold.title(ended)
  return {
    text: words.hold.text(title, safe(hold.reason)),
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
      section(
        ended ? words.hold.ended : `${words.hold.waiting(hold.waiting)}${words.gap}${goesOn(hold, words)}`,
      ),
      ...(hold.message ? [typedContext(messageOf(hold, words))] : []),
    ],
  }
}

/** While no answer can be trusted, nothing new is tried: only what was begun can end the hold. */
function goesOn({ scope }: Hold, words: Words): string {
  return scope === 'first-attempts' ? words.hold.goesOnWhenTrusted : words.hold.goesOn
}

/** The app's own reasons are not put into WeChat Pay's mouth. */
function messageOf({ reason, message }: Hold, words: Words): string {
  const isOurs = !/^[A-Z_]+$/.test(reason) || ['SETUP', 'INVALID_CALL'].includes(reason)
  return isOurs ? message : words.hold.says(reason, message)
}
