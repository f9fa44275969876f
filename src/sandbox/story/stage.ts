import type { Message, SlackSandbox } from '../slack/index.ts'
import type { Transcript } from '../transcript/transcript.ts'
import type { WechatPaySandbox } from '../wechatpay/index.ts'
import type { Plan } from './plan.ts'
import type { Screen } from './screen.ts'
import type { StoryWords } from './words.ts'

/** The story can't go on; the message says why. */
export class StoryError extends Error {
  override readonly name = 'StoryError'
}

/** All that a scene is played with. */
export interface Stage {
  slack: SlackSandbox
  wechatpay: WechatPaySandbox
  transcript: Transcript
  screen: Screen
  words: StoryWords
  plan: Plan
  /** Of the customer. */
  openid: string
}

/** ms until something that must come counts as missing. */
export const PATIENCE = 15_000
export const SECONDS = PATIENCE / 1000

const COMMAND = '/withdraw-coupon'

/** Types the command with this after it. @throws StoryError where Slack shows an error of its own */
export async function type({ transcript, screen, words }: Stage, text: string): Promise<void> {
  const { person, channel, hands } = screen
  transcript.tells(words.types(person.realName, channel.name))
  transcript.types(`${COMMAND} ${text}`)
  const result = await hands.command(COMMAND, text, { channel: channel.id })
  if (!result.ok) throw new StoryError(words.stuck.slack(result.error))
}

/** Settles with the next thing that is there; @throws StoryError with `otherwise` after 15 s. */
export function awaited<T>({ slack }: Stage, look: () => T | undefined, otherwise: string): Promise<T> {
  return slack.waitFor(look, { timeout: PATIENCE }).catch(() => {
    throw new StoryError(otherwise)
  })
}

/** Shows a message in a frame that says where it stands. */
export function show({ transcript, screen, words }: Stage, message: Message): void {
  const caption =
    message.onlyFor === undefined ? words.dmFrom(screen.appName) : words.onlyFor(screen.channel.name)
  transcript.frame(caption, screen.messageLines(message))
}

/** What the app answers this person in the channel from now on, seen by nobody else. */
export function answersOf({ screen }: Stage): () => Message[] {
  const seen = () => screen.hands.messages(screen.channel.id).filter(({ onlyFor }) => onlyFor !== undefined)
  const known = seen().length
  return () => seen().slice(known)
}
