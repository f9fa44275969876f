import { showCalls } from './exchanges.ts'
import { answersOf, awaited, SECONDS, type Stage, show, type } from './stage.ts'

/** Lists what the customer holds. */
export async function lookUp(stage: Stage): Promise<void> {
  const { transcript, wechatpay, screen, words } = stage
  const known = wechatpay.calls().length
  const answers = answersOf(stage)
  await type(stage, `${words.subcommands.list} ${stage.openid}`)
  const message = await awaited(stage, () => answers().at(0), words.stuck.noAnswer(SECONDS))
  transcript.tells(words.looksUp)
  showCalls(stage, wechatpay.calls().slice(known), { isBelieved: true })
  transcript.tells(words.sees(screen.person.realName))
  show(stage, message)
}

/** Makes a slip, and is told what was meant and what is possible. */
export async function mistype(stage: Stage): Promise<void> {
  const { transcript, screen, words } = stage
  const answers = answersOf(stage)
  await type(stage, words.subcommands.typo)
  const message = await awaited(stage, () => answers().at(0), words.stuck.noAnswer(SECONDS))
  transcript.tells(words.sees(screen.person.realName))
  show(stage, message)
}
