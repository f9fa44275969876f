import type { Message, SlackSandbox } from '../slack/index.ts'
import type { Transcript } from '../transcript/transcript.ts'
import type { IssuedCoupon, RecordedCall, WechatPaySandbox } from '../wechatpay/index.ts'
import type { Plan } from './plan.ts'
import type { Player } from './player.ts'
import type { StoryWords } from './words.ts'

/** The story can't go on; the message says why. */
export class StoryError extends Error {
  override readonly name = 'StoryError'
}

/** Everything that a scene needs. */
export interface StoryContext {
  slack: SlackSandbox
  wechatpay: WechatPaySandbox
  transcript: Transcript
  player: Player
  words: StoryWords
  plan: Plan
  /** The customer's openid. */
  openid: string
}

/** ms to wait before something expected counts as missing. */
export const PATIENCE = 15_000
export const SECONDS = PATIENCE / 1000

const COMMAND = '/withdraw-coupon'

/** Types the command followed by this text. @throws StoryError if Slack shows an error of its own */
export async function type({ transcript, player, words }: StoryContext, text: string): Promise<void> {
  const { person, channel, acts } = player
  transcript.tells(words.types(person.realName, channel.name))
  transcript.types(`${COMMAND} ${text}`)
  const result = await acts.command(COMMAND, text, { channel: channel.id })
  if (!result.ok) throw new StoryError(words.stuck.slack(result.error))
}

/** Resolves with the next result that `look` returns; @throws StoryError with `otherwise` after 15 s. */
export function awaited<T>(
  { slack }: StoryContext,
  look: () => T | undefined,
  otherwise: string,
): Promise<T> {
  return slack.waitFor(look, { timeout: PATIENCE }).catch(() => {
    throw new StoryError(otherwise)
  })
}

/** Shows a message in a frame that names its place. */
export function show({ transcript, player, words }: StoryContext, message: Message): void {
  const caption =
    message.onlyFor === undefined ? words.dmFrom(player.appName) : words.onlyFor(player.channel.name)
  transcript.frame(caption, player.messageLines(message))
}

/** Collects the app's answers in the channel that only this person sees, from now on. */
export function answersOf({ player }: StoryContext): () => Message[] {
  const seen = () => player.acts.messages(player.channel.id).filter(({ onlyFor }) => onlyFor !== undefined)
  const known = seen().length
  return () => seen().slice(known)
}

/**
 * Shows calls to WeChat Pay, grouped by address.
 *
 * @param told.isBelieved whether the app has shown the content of the answers, as it only does for verified ones
 * @param told.coupon the content of the answer that issued a coupon
 */
export function showCalls(
  story: StoryContext,
  calls: RecordedCall[],
  { isBelieved, coupon }: { isBelieved: boolean; coupon?: IssuedCoupon },
): void {
  const { transcript, wechatpay, words } = story
  const addresses = Map.groupBy(calls, ({ method, path, verified }) => `${method} ${path} ${verified}`)
  for (const group of addresses.values()) {
    const [{ method, path, verified, wechatpaySerial }] = group as [RecordedCall]
    const isIssue = method === 'POST'
    const statuses = [...Map.groupBy(group, ({ status }) => String(status ?? words.silent))]
      .map(([status, { length }]) => (length === 1 ? status : `${length} × ${status}`))
      .join(', ')
    transcript.exchange(
      [
        `${method} ${path}`,
        ...group.flatMap(({ query }) => (query === '' ? [] : [`?${query}`])),
        verified ? words.signed(wechatpay.info.mchid) : words.notVerified,
      ],
      [
        isBelieved ? words.answered(statuses, wechatpaySerial ?? wechatpay.info.platformSerial) : statuses,
        ...(isIssue && coupon ? couponLines(story, coupon) : []),
      ],
    )
  }
}

function couponLines({ player, words }: StoryContext, { coupon_id, expire_time }: IssuedCoupon): string[] {
  const { tz, locale } = player.person
  const clock = (timeZone: string) =>
    new Intl.DateTimeFormat(locale, { timeZone, dateStyle: 'medium', timeStyle: 'short' }).format(
      Date.parse(expire_time),
    )
  // WeChat Pay gives times of China; somebody who lives there need not convert them.
  const isElsewhere = clock(tz) !== clock('Asia/Shanghai')
  return [
    `coupon_id    ${coupon_id}`,
    `expire_time  ${expire_time}${isElsewhere ? `  (${words.thatIs(clock(tz), tz)})` : ''}`,
  ]
}
