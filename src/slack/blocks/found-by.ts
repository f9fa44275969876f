import type { FindKind, FoundBy } from '../../domain/customer.ts'
import type { Grant } from '../../domain/grant.ts'
import type { Reader } from './reader.ts'
import { safe } from './text.ts'
import { byCode } from './words/index.ts'

/** What people call a kind of number, for plain text. */
export function kindName({ key, name }: FindKind, { words, plainName }: Reader): string {
  return name ? plainName(name) : (byCode<string>(words.find.kinds, key) ?? key)
}

/** How a user was found, for mrkdwn: by which number, and what was paid when. */
export function foundByText(found: FoundBy, reader: Reader): string {
  const { amount, at } = found
  return [
    foundByShort(found, reader),
    ...(amount === null ? [] : [reader.money(amount)]),
    ...(at === null ? [] : [reader.dates.slack(at)]),
  ].join(reader.words.separator)
}

/** How the user of a grant was found, where it was not by the openid. */
export function foundByLines({ foundBy }: Pick<Grant, 'foundBy'>, reader: Reader): string[] {
  return foundBy ? [reader.words.find.foundBy(foundByText(foundBy, reader))] : []
}

/** By which number somebody was found, without what was paid. */
export function foundByShort({ kind, name, number }: FoundBy, reader: Reader): string {
  const { other, ...ofPay } = reader.words.find.by
  const masked = safe(number, 40)
  const says = byCode<(number: string) => string>(ofPay, kind)
  return says?.(masked) ?? other(safe(kindName({ key: kind, name }, reader), 60), masked)
}
