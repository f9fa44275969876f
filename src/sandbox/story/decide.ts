import type { Message, View } from '../slack/index.ts'
import { askByCommand, isIssued } from './give.ts'
import type { PlannedAsk } from './plan.ts'
import type { Player } from './player.ts'
import { awaited, SECONDS, type StoryContext, StoryError, show, showCalls } from './steps.ts'

/** The approver, and the channel of the card. */
export interface ApprovalDesk {
  lead: Player
  channel: { id: string; name: string }
}

/** An approver reads the card, approves, and the coupon is issued. */
export async function approve(story: StoryContext, { lead, channel }: ApprovalDesk): Promise<void> {
  const { slack, transcript, wechatpay, words, player } = story
  const { realName } = lead.person
  const card = await latestCard(story, channel.id)
  transcript.tells(words.seesCard(realName, channel.name))
  transcript.frame(words.inChannel(channel.name), lead.messageLines(card))

  const known = wechatpay.calls().length
  const given = wechatpay.coupons().length
  const heard = player.acts.dm().length
  const pressed = await lead.acts.press({ actionId: 'approve', channel: channel.id, messageTs: card.ts })
  if (!pressed.ok) throw new StoryError(words.stuck.slack(pressed.error))
  const delivery = slack.traffic().findLast(({ name }) => name === 'block_actions')
  if (pressed.confirm) {
    const { title, text, confirm, deny } = pressed.confirm
    transcript.tells(words.isAsked(realName, labelOf(card, 'approve')))
    transcript.frame(title, [text, '', `[${deny}]  [${confirm}]`])
  }
  transcript.tells(words.confirms(realName, (delivery?.ms ?? 0).toFixed(0)))
  const coupon = await awaited(story, () => wechatpay.coupons()[given], words.stuck.notIssued(SECONDS))
  // The card of an ended grant has no header.
  const isDecided = ({ ts, blocks = [] }: Message) => ts === card.ts && blocks[0]?.type !== 'header'
  const late = words.stuck.notIssued(SECONDS)
  const done = await awaited(story, () => slack.channelMessages(channel.id).findLast(isDecided), late)
  const message = await awaited(
    story,
    () =>
      player.acts
        .dm()
        .slice(heard - 1)
        .findLast(isIssued),
    late,
  )
  // Calls that only draw the card are not a result of the decision.
  const issues = wechatpay
    .calls()
    .slice(known)
    .filter(({ method }) => method === 'POST')
  showCalls(story, issues, { isBelieved: true, coupon })
  transcript.tells(words.cardNowSays)
  transcript.frame(words.inChannel(channel.name), lead.messageLines(done))
  transcript.tells(words.dmChanged(player.person.realName))
  show(story, message)
}

/** An approver rejects another ask, and its requester reads why. */
export async function reject(
  story: StoryContext,
  { lead, channel }: ApprovalDesk,
  ask: PlannedAsk,
): Promise<void> {
  const { slack, transcript, words, player } = story
  const { realName } = lead.person
  await askByCommand(story, ask)
  const card = await latestCard(story, channel.id)
  transcript.tells(words.pressesOnCard(realName, labelOf(card, 'reject')))
  const pressed = await lead.acts.press({ actionId: 'reject', channel: channel.id, messageTs: card.ts })
  if (!pressed.ok) throw new StoryError(words.stuck.slack(pressed.error))
  const form = await awaited(story, () => lead.acts.view(), words.stuck.noAnswer(SECONDS))
  lead.acts.fill({ why_input: words.why })
  transcript.frame(words.form(form.title.text), lead.viewLines(lead.acts.view() ?? form))
  await lead.acts.submit()
  const isTold = ({ callback_id }: View) => callback_id !== form.callback_id
  const told = await awaited(story, () => lead.acts.views().find(isTold), words.stuck.refused)
  transcript.tells(words.formSays(realName))
  transcript.frame(words.form(told.title.text), lead.viewLines(told))
  await lead.acts.close()
  const message = await awaited(
    story,
    () => player.acts.dm().findLast(({ blocks }) => JSON.stringify(blocks).includes(words.why)),
    words.stuck.noAnswer(SECONDS),
  )
  await awaited(
    story,
    () => slack.channelMessages(channel.id).findLast(({ ts, edited }) => ts === card.ts && edited),
    words.stuck.noAnswer(SECONDS),
  )
  transcript.tells(words.dmChanged(player.person.realName))
  show(story, message)
}

/** The newest card that offers a decision. */
function latestCard(story: StoryContext, channel: string): Promise<Message> {
  const isLive = ({ blocks }: Message) => JSON.stringify(blocks ?? []).includes('"action_id":"approve"')
  return awaited(
    story,
    () => story.slack.channelMessages(channel).findLast(isLive),
    story.words.stuck.noAnswer(SECONDS),
  )
}

function labelOf({ blocks }: Message, actionId: string): string {
  for (const { elements } of blocks ?? [])
    for (const element of Array.isArray(elements) ? elements : [])
      if (element.action_id === actionId) return String(element.text?.text)
  return actionId
}
