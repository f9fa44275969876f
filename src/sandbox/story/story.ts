import type { StoryLocale } from '../flags.ts'
import type { SlackSandbox, Workspace } from '../slack/index.ts'
import type { Paint, Transcript } from '../transcript/transcript.ts'
import type { WechatPaySandbox } from '../wechatpay/index.ts'
import { askByCommand, giveByForm } from './give.ts'
import { lookUp, mistype } from './look-up.ts'
import { type PolicyFacts, planFor } from './plan.ts'
import { createScreen } from './screen.ts'
import type { Stage } from './stage.ts'
import { storyWords } from './words.ts'

/** Who plays in which language, and for which customer. */
export const cast = {
  en: { personId: 'U0AGENT1', openid: 'oUpF8uT4vKe_R7mLs2WdYb0JnCxQ' },
  'zh-CN': { personId: 'U0AGENT2', openid: 'oUpF8uKq3ZL_h7YtRw2mXcVbN9sE' },
} satisfies Record<StoryLocale, object>

/**
 * Plays the main job once in each language.
 *
 * @param scenery.appName as people see it in Slack
 * @param scenery.now epoch ms
 * @throws StoryError where it gets stuck
 */
export async function playStories(scenery: {
  locales: readonly StoryLocale[]
  slack: SlackSandbox
  wechatpay: WechatPaySandbox
  workspace: Workspace
  policy: PolicyFacts
  appName: string
  transcript: Transcript
  paint: Paint
  now: () => number
}): Promise<void> {
  let scenes = 0
  for (const [index, locale] of scenery.locales.entries()) {
    const words = storyWords[locale]
    const { personId, openid } = cast[locale]
    const screen = createScreen({ ...scenery, personId, words })
    const plan = planFor(scenery.policy, locale, words.note)
    // What else there is to see is the same in every language, and once is enough.
    const isWhole = index === 0
    await playStory({ ...scenery, screen, words, plan, openid }, { nextNumber: () => ++scenes, isWhole })
  }
}

/** One person gives a coupon and looks it up; in the whole story also asks for what needs approval, and mistypes. */
async function playStory(
  stage: Stage,
  { nextNumber, isWhole }: { nextNumber: () => number; isWhole: boolean },
): Promise<void> {
  const { transcript, screen, words, plan } = stage
  const { realName, name, tz } = screen.person
  const scene = (title: (name: string) => string) =>
    transcript.scene(`${nextNumber()}  ${title(realName)}`, `@${name} · ${words.language} · ${tz}`)

  if (plan.automatic) {
    scene(words.scene.give)
    await giveByForm(stage, plan.automatic)
    scene(words.scene.list)
    await lookUp(stage)
  } else transcript.tells(words.nothingAutomatic)
  if (!isWhole) return
  if (plan.byPeople) {
    scene(words.scene.waiting)
    await askByCommand(stage, plan.byPeople)
  }
  scene(words.scene.typo)
  await mistype(stage)
}
