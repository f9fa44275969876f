import { isSamePlace, type Place } from '../domain/card.ts'
import type { GrantsDeps } from './deps.ts'

/**
 * What a message is in which somebody pressed: the one that is kept true, `stray`: a copy beside that one, or `unknown`:
 * not known by this ledger, or not to be said now.
 */
export type Recognised = 'this' | 'stray' | 'unknown'

type Deps = Pick<GrantsDeps, 'ledger' | 'notifier'>

/**
 * Which card of a grant a message is. What carries a card is that card, wherever it is: where the answer to its post was
 * lost, where its message has vanished, or its channel has got another id, this message is its place from now on. Only a
 * copy of a card that stands elsewhere is a stray one: to take away the only card would be worse than to leave a copy.
 * @param card.cardId as the message says; null: it does not say
 */
export async function recogniseCard(
  { ledger, notifier }: Deps,
  card: { grantId: string; cardId: string | null },
  pressed: Place,
): Promise<Recognised> {
  const kind = 'channel' in pressed && pressed.channel.startsWith('D') ? 'dm' : 'approval'
  return recognise(notifier, pressed, {
    async read() {
      const cards = await ledger.cardsOf(card.grantId)
      return cards.find((one) => (card.cardId === null ? one.kind === kind : one.id === card.cardId))
    },
    adopt: ({ id }, from) => ledger.adoptCard(id, pressed, from),
  })
}

/** The same for the message that tells the operators of a hold. */
export async function recogniseAlert(
  { ledger, notifier }: Deps,
  holdId: string,
  pressed: Place,
): Promise<Recognised> {
  return recognise(notifier, pressed, {
    read: () => ledger.hold(holdId),
    adopt: (_hold, from) => ledger.adoptHold(holdId, pressed, from),
  })
}

/** Who draws it may note another place meanwhile. */
const MOST_LOOKS = 3

async function recognise<T extends { place: Place | null }>(
  notifier: Deps['notifier'],
  pressed: Place,
  of: { read(): Promise<T | null | undefined>; adopt(one: T, from: Place | null): Promise<boolean> },
): Promise<Recognised> {
  for (let look = 0; look < MOST_LOOKS; look++) {
    const one = await of.read()
    if (!one) return 'unknown'
    const { place } = one
    if (place && isSamePlace(place, pressed)) return 'this'
    const stands = place ? await notifier.stands(place) : false
    if (stands === null) return 'unknown'
    // A channel that gets another id keeps its messages, and these their times.
    if (stands) return place && isSameTime(place, pressed) ? 'this' : 'stray'
    if (await of.adopt(one, place)) return 'this'
  }
  return 'unknown'
}

function isSameTime(one: Place, other: Place): boolean {
  return 'ts' in one && 'ts' in other && one.ts === other.ts
}
