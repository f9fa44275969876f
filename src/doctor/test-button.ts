import { z } from 'zod'
import type { Language } from '../domain/text.ts'
import { type Finding, found } from './finding.ts'
import type { AskSlack } from './slack.ts'
import { doctorWords } from './words/index.ts'

/** The button's `action_id`; the running app answers it. */
export const PRESS_ACTION = 'set_up_press'

/** ms to wait for the click, and ms between two looks: Slack counts calls. */
const PRESSED_WITHIN = 120_000
const LOOK_EVERY = 1500

const user = z.object({ user: z.object({ locale: z.string().optional() }) })
const opened = z.object({ channel: z.object({ id: z.string() }) })
const posted = z.object({ ts: z.string() })
const history = z.object({
  messages: z.array(z.object({ ts: z.string(), text: z.string().default(''), blocks: z.unknown() })),
})

/**
 * Sends a person a button and waits until the running app has answered the click. This proves that commands and clicks
 * arrive, by either transport. Deletes the message if nobody presses the button.
 * @param deps.say tells the person who waits what to do
 * @param deps.within ms
 */
export async function press(
  person: string,
  deps: {
    ask: AskSlack
    say: (text: string) => void
    wait: (ms: number) => Promise<unknown>
    within?: number
  },
): Promise<Finding> {
  const { ask, say, wait, within = PRESSED_WITHIN } = deps
  const told = await ask('users.info', { user: person, include_locale: 'true' })
  if (told.kind === 'none') return told.finding
  if (told.kind === 'refused') return found('press-unsent', { person, code: told.code })
  const isChinese = /^zh/i.test(user.safeParse(told.body).data?.user.locale ?? '')
  const language: Language = isChinese ? 'zh-CN' : 'en'
  const words = doctorWords[language].press
  const place = await ask('conversations.open', { users: person })
  if (place.kind !== 'ok')
    return place.kind === 'none' ? place.finding : found('press-unsent', { person, code: place.code })
  const channel = opened.parse(place.body).channel.id
  const sent = await ask('chat.postMessage', {
    channel,
    text: words.text,
    blocks: JSON.stringify([
      { type: 'section', text: { type: 'plain_text', text: words.text } },
      {
        type: 'actions',
        elements: [
          {
            type: 'button',
            action_id: PRESS_ACTION,
            text: { type: 'plain_text', text: words.button },
            value: 'press',
          },
        ],
      },
    ]),
  })
  if (sent.kind !== 'ok')
    return sent.kind === 'none' ? sent.finding : found('press-unsent', { person, code: sent.code })
  const { ts } = posted.parse(sent.body)
  say(doctorWords.en.press.waiting(person, within / 1000))
  const end = performance.now() + within
  while (performance.now() < end) {
    await wait(LOOK_EVERY)
    const seen = await ask('conversations.history', { channel, oldest: ts, inclusive: 'true', limit: '1' })
    if (seen.kind === 'refused') {
      await ask('chat.delete', { channel, ts })
      return found('press-unseen', { code: seen.code })
    }
    const messages = seen.kind === 'ok' ? history.parse(seen.body).messages : []
    const message = messages.find((one) => one.ts === ts)
    if (message && !JSON.stringify(message.blocks ?? '').includes(PRESS_ACTION))
      return found('press-good', { ms: /(\d+) ms/.exec(message.text)?.[1] ?? '?' })
  }
  await ask('chat.delete', { channel, ts })
  return found('press-unanswered', { person, seconds: within / 1000 })
}
