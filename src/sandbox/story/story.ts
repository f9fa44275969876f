import type { StoryLocale } from '../flags.ts'
import type { SlackSandbox, Workspace } from '../slack/index.ts'
import type { Paint, Transcript } from '../transcript/transcript.ts'
import type { WechatPaySandbox } from '../wechatpay/index.ts'
import { type ApprovalDesk, approve, reject } from './decide.ts'
import { askByCommand, giveByForm } from './give.ts'
import { lookUp, mistype } from './look-up.ts'
import { type PolicyFacts, planFor } from './plan.ts'
import { createPlayer } from './player.ts'
import type { StoryContext } from './steps.ts'
import { storyWords } from './words.ts'

/** For each language: who plays, the preferred approver, and the customer. */
export const cast = {
  en: { personId: 'U0AGENT1', leadId: 'U0LEAD1', openid: 'oUpF8uT4vKe_R7mLs2WdYb0JnCxQ' },
  'zh-CN': { personId: 'U0AGENT2', leadId: 'U0LEAD2', openid: 'oUpF8uKq3ZL_h7YtRw2mXcVbN9sE' },
} satisfies Record<StoryLocale, object>

/**
 * Plays the main story once in each language.
 *
 * @param scenery.appName the app's name in Slack
 * @param scenery.now epoch ms
 * @throws StoryError if the story gets stuck
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
    const player = createPlayer({ ...scenery, personId, words })
    const plan = planFor(scenery.policy, locale, words.note)
    // The other scenes are the same in every language, so one showing is enough.
    const isWhole = index === 0
    const desk = deskFor({ ...scenery, words, locale, requester: personId })
    await playStory(
      { ...scenery, player, words, plan, openid },
      { nextNumber: () => ++scenes, isWhole, desk },
    )
  }
}

const otherCustomer = 'oUpF8uP5nGd_T2kXw9QyHbM4sVzE'

/**
 * Another person who may approve and sees the cards, preferably the story language's approver; and the cards' channel.
 */
function deskFor(scenery: {
  slack: SlackSandbox
  workspace: Workspace
  policy: PolicyFacts
  appName: string
  paint: Paint
  now: () => number
  words: StoryContext['words']
  locale: StoryLocale
  requester: string
}): ApprovalDesk | null {
  const { workspace, policy, locale, requester } = scenery
  const approvers = policy.roles.approver ?? []
  const groups = workspace.groups.filter(({ id }) => approvers.includes(id)).flatMap(({ users }) => users)
  const may = workspace.people.filter(
    ({ id, email, isDeleted, guest, isBot }) =>
      id !== requester &&
      !isDeleted &&
      !guest &&
      !isBot &&
      (groups.includes(id) || approvers.includes(id) || approvers.includes(email ?? '')),
  )
  const channel = workspace.channels.find(({ id }) => id === policy.approval.channel)
  const there = may.filter(({ id }) => channel?.members.includes(id))
  const chosen = there.find(({ id }) => id === cast[locale].leadId) ?? there[0]
  if (!chosen || !channel) return null
  return { lead: createPlayer({ ...scenery, personId: chosen.id }), channel }
}

/**
 * One person gives a coupon and looks it up. The whole story also has asks that others decide, and a typing mistake.
 */
async function playStory(
  story: StoryContext,
  { nextNumber, isWhole, desk }: { nextNumber: () => number; isWhole: boolean; desk: ApprovalDesk | null },
): Promise<void> {
  const { transcript, player, words, plan } = story
  const scene = (title: (name: string) => string, { person: { realName, name, tz } } = player) =>
    transcript.section(`${nextNumber()}  ${title(realName)}`, `@${name} · ${words.language} · ${tz}`)

  if (plan.automatic) {
    scene(words.scene.give)
    await giveByForm(story, plan.automatic)
  } else transcript.tells(words.nothingAutomatic)
  if (isWhole && plan.byPeople) {
    scene(words.scene.waiting)
    await askByCommand(story, plan.byPeople)
    if (desk) {
      scene(words.scene.approve, desk.lead)
      await approve(story, desk)
    } else transcript.tells(words.nobodyDecides)
  }
  scene(words.scene.list)
  await lookUp(story)
  if (!isWhole) return
  if (plan.byPeople && desk) {
    scene(words.scene.reject, desk.lead)
    await reject({ ...story, openid: otherCustomer }, desk, plan.byPeople)
  }
  scene(words.scene.typo)
  await mistype(story)
}
