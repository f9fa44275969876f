import type { Erasure } from '../../domain/erasure.ts'
import type { News } from '../../domain/news.ts'
import { actions } from '../ids.ts'
import { button, buttonRow } from './buttons-and-views.ts'
import { actorText, type Reader } from './reader.ts'
import { context, header, type Message, plain, safe, section } from './text.ts'

/** Asks operators whether to erase a person. */
export function erasureMessage(
  { erasureId, subject, askedBy, grants }: Extract<News, { kind: 'erasure' }>,
  { words }: Reader,
): Message {
  const { erasure: says } = words
  const who = actorText(askedBy, words)
  return {
    text: says.asks(who),
    blocks: [
      header(says.title),
      section(says.asks(who)),
      section(says.what(grants)),
      buttonRow(
        {
          ...button(actions.confirmErasure, says.confirm, erasureId, 'danger'),
          confirm: {
            title: plain(says.confirmTitle, 100),
            text: plain(says.confirmText, 300),
            confirm: plain(says.confirmYes, 30),
            deny: plain(words.cancel, 30),
            style: 'danger',
          },
        },
        button(actions.declineErasure, says.decline, erasureId),
      ),
      context(says.subject(`\`${safe(subject)}\``)),
    ],
  }
}

/** The same message once the decision is made. */
export function endedErasureMessage({ subject, askedBy, ended }: Erasure, { words, dates }: Reader): Message {
  const { erasure: says } = words
  const by = actorText(ended?.by ?? 'app', words)
  const text = says.ended[ended ? wordOf(ended) : 'over'](by, dates.slack(ended?.at ?? 0))
  return {
    text,
    blocks: [
      section(text),
      context(says.askedBy(actorText(askedBy, words)), says.subject(`\`${safe(subject)}\``)),
    ],
  }
}

/** Tells the auditor who asked how it ended, in a separate message. */
export function erasureEndText(
  { subject, by, outcome }: Extract<News, { kind: 'erasure-ended' }>,
  { words }: Reader,
): string {
  return words.erasure.told[wordOf({ by, outcome })](`\`${safe(subject)}\``, actorText(by, words))
}

/** The app itself declines only if the person who asked is no longer an auditor. */
function wordOf({ by, outcome }: Pick<NonNullable<Erasure['ended']>, 'by' | 'outcome'>) {
  return outcome === 'declined' && by === 'app' ? 'lapsed' : outcome
}
