import type { Message, View } from '../slack/index.ts'
import { showCalls } from './exchanges.ts'
import { askByCommand } from './give.ts'
import type { PlannedAsk } from './plan.ts'
import type { Screen } from './screen.ts'
import { awaited, SECONDS, type Stage, StoryError, show } from './stage.ts'

/** The one who decides, and where the card stands. */
export interface Desk {
  lead: Screen
  channel: { id: string; name: string }
}

/** An approver reads the card, approves, and the coupon is issued. */
export async function approve(stage: Stage, { lead, channel }: Desk): Promise<void> {
  const { slack, transcript, wechatpay, words, screen } = stage
  const { realName } = lead.person
  const card = await latestCard(stage, channel.id)
  transcript.tells(words.seesCard(realName, channel.name))
  transcript.frame(words.inChannel(channel.name), lead.messageLines(card))

  const known = wechatpay.calls().length
  const given = wechatpay.coupons().length
  const pressed = await lead.hands.press({ actionId: 'approve', channel: channel.id, messageTs: card.ts })
  if (!pressed.ok) throw new StoryError(words.stuck.slack(pressed.error))
  const delivery = slack.traffic().findLast(({ name }) => name === 'block_actions')
  if (pressed.confirm) {
    const { title, text, confirm, deny } = pressed.confirm
    transcript.tells(words.isAsked(realName, labelOf(card, 'approve')))
    transcript.frame(title, [text, '', `[${deny}]  [${confirm}]`])
  }
  transcript.tells(words.confirms(realName, (delivery?.ms ?? 0).toFixed(0)))
  const coupon = await awaited(stage, () => wechatpay.coupons()[given], words.stuck.notIssued(SECONDS))
  const says = ({ blocks }: Message) => JSON.stringify(blocks ?? []).includes(coupon.coupon_id)
  const late = words.stuck.notIssued(SECONDS)
  const done = await awaited(stage, () => slack.channelMessages(channel.id).findLast(says), late)
  const message = await awaited(stage, () => screen.hands.dm().findLast(says), late)
  showCalls(stage, wechatpay.calls().slice(known), { isBelieved: true, coupon })
  transcript.tells(words.cardNowSays)
  transcript.frame(words.inChannel(channel.name), lead.messageLines(done))
  transcript.tells(words.dmChanged(screen.person.realName))
  show(stage, message)
}

/** Another ask is rejected, and its requester reads why. */
export async function reject(stage: Stage, { lead, channel }: Desk, ask: PlannedAsk): Promise<void> {
  const { slack, transcript, words, screen } = stage
  const { realName } = lead.person
  await askByCommand(stage, ask)
  const card = await latestCard(stage, channel.id)
  transcript.tells(words.pressesOnCard(realName, labelOf(card, 'reject')))
  const pressed = await lead.hands.press({ actionId: 'reject', channel: channel.id, messageTs: card.ts })
  if (!pressed.ok) throw new StoryError(words.stuck.slack(pressed.error))
  const form = await awaited(stage, () => lead.hands.view(), words.stuck.noAnswer(SECONDS))
  lead.hands.fill({ why_input: words.why })
  transcript.frame(words.form(form.title.text), lead.viewLines(lead.hands.view() ?? form))
  await lead.hands.submit()
  const isTold = ({ callback_id }: View) => callback_id !== form.callback_id
  const told = await awaited(stage, () => lead.hands.views().find(isTold), words.stuck.refused)
  transcript.tells(words.formSays(realName))
  transcript.frame(words.form(told.title.text), lead.viewLines(told))
  await lead.hands.close()
  const message = await awaited(
    stage,
    () => screen.hands.dm().findLast(({ blocks }) => JSON.stringify(blocks).includes(words.why)),
    words.stuck.noAnswer(SECONDS),
  )
  await awaited(
    stage,
    () => slack.channelMessages(channel.id).findLast(({ ts, edited }) => ts === card.ts && edited),
    words.stuck.noAnswer(SECONDS),
  )
  transcript.tells(words.dmChanged(screen.person.realName))
  show(stage, message)
}

/** The newest card on which something can be decided. */
function latestCard(stage: Stage, channel: string): Promise<Message> {
  const isLive = ({ blocks }: Message) => JSON.stringify(blocks ?? []).includes('"action_id":"approve"')
  return awaited(
    stage,
    () => stage.slack.channelMessages(channel).findLast(isLive),
    stage.words.stuck.noAnswer(SECONDS),
  )
}

function labelOf({ blocks }: Message, actionId: string): string {
  for (const { elements } of blocks ?? [])
    for (const element of Array.isArray(elements) ? elements : [])
      if (element.action_id === actionId) return String(element.text?.text)
  return actionId
}
