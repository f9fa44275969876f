import { answersOf, awaited, SECONDS, type StoryContext, show, showCalls, type } from './steps.ts'

/** Lists the customer's coupons. */
export async function lookUp(story: StoryContext): Promise<void> {
  const { transcript, wechatpay, player, words } = story
  const known = wechatpay.calls().length
  const answers = answersOf(story)
  await type(story, `${words.subcommands.list} ${story.openid}`)
  const message = await awaited(story, () => answers().at(0), words.stuck.noAnswer(SECONDS))
  transcript.tells(words.looksUp)
  showCalls(story, wechatpay.calls().slice(known), { isBelieved: true })
  transcript.tells(words.sees(player.person.realName))
  show(story, message)
}

/** Mistypes a command, and reads what the app suggests and offers. */
export async function mistype(story: StoryContext): Promise<void> {
  const { transcript, player, words } = story
  const answers = answersOf(story)
  await type(story, words.subcommands.typo)
  const message = await awaited(story, () => answers().at(0), words.stuck.noAnswer(SECONDS))
  transcript.tells(words.sees(player.person.realName))
  show(story, message)
}
