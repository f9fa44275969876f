import type { Block, Message, View } from '../slack/index.ts'
import { valueText } from '../transcript/blocks.ts'
import type { PlannedAsk } from './plan.ts'
import { answersOf, awaited, SECONDS, type StoryContext, StoryError, show, showCalls, type } from './steps.ts'

/** Gives a coupon through the form, from the empty form to the coupon. */
export async function giveByForm(story: StoryContext, ask: PlannedAsk): Promise<void> {
  const { transcript, player, words, wechatpay } = story
  const form = await openForm(story, words.subcommands.send)
  transcript.tells(words.formOpens)
  transcript.frame(words.form(form.title.text), player.viewLines(form))
  transcript.tells(words.fillsIn(player.person.realName))
  const filled = await fillIn(story, form, ask)
  transcript.tells(words.formNowSays)
  transcript.frame(words.form(form.title.text), player.changedLines(form, filled))

  const known = wechatpay.calls().length
  const heard = player.acts.dm().length
  await submit(story, filled)
  const late = words.stuck.notIssued(SECONDS)
  const issued = () => wechatpay.coupons().findLast(({ openid }) => openid === story.openid)
  const coupon = await awaited(story, issued, late).catch((error: unknown) => {
    // The calls so far explain best what happened.
    showCalls(story, wechatpay.calls().slice(known), { isBelieved: false })
    for (const message of player.acts.dm().slice(-1)) show(story, message)
    throw error
  })
  const message = await awaited(story, () => player.acts.dm().slice(heard).findLast(isIssued), late)
  const view = await awaited(story, () => player.acts.views().findLast(isIssued), late)
  transcript.tells(words.calls)
  const issues = wechatpay
    .calls()
    .slice(known)
    .filter(({ method }) => method === 'POST')
  showCalls(story, issues, { isBelieved: true, coupon })
  await tellResult(story, message, view)
}

/** Types a command that says everything, up to the message that the grant waits for approval. */
export async function askByCommand(story: StoryContext, ask: PlannedAsk): Promise<void> {
  const { transcript, player, words } = story
  const typed = [story.openid, ask.stock, ask.typedReason, ask.ticket, ask.note].filter(
    (word) => word !== null,
  )
  const form = await openForm(story, [words.subcommands.send, ...typed].join(' '))
  transcript.tells(words.formOpensFilled)
  transcript.frame(words.form(form.title.text), player.viewLines(form))

  const known = player.acts.dm().length
  const recorded = await submit(story, form)
  const message = await awaited(story, () => player.acts.dm()[known], words.stuck.noAnswer(SECONDS))
  const { realName } = player.person
  const news = player.messageLines(message).filter((line) => !player.contentOf(recorded).includes(line))
  if (news.length === 1) transcript.tells(words.dmRepeats(realName, news.join()))
  else {
    transcript.tells(words.dm(realName))
    show(story, message)
  }
  await player.acts.close()
}

/** Opens the form. @throws StoryError if something other than a form comes */
async function openForm(story: StoryContext, text: string): Promise<View> {
  const { player, words } = story
  const answers = answersOf(story)
  await type(story, text)
  // A view without inputs says "one moment", or why there is no form.
  const isForm = ({ blocks }: View) => blocks.some(({ type: kind }) => kind === 'input')
  const found = await awaited(
    story,
    () => player.acts.views().find(isForm) ?? answers().at(0),
    words.stuck.form,
  )
  if ('state' in found) return found
  show(story, found)
  throw new StoryError(words.stuck.form)
}

/** Fills in the form, and waits until it says what would happen to the ask. */
async function fillIn(story: StoryContext, form: View, ask: PlannedAsk): Promise<View> {
  const { player, words, transcript } = story
  const wanted = {
    openid_input: story.openid,
    stock_select: ask.stock,
    reason_select: ask.reason,
    note_input: ask.note,
    ticket_input: ask.ticket,
  }
  const values = Object.fromEntries(Object.entries(wanted).filter(([, value]) => value !== null))
  player.acts.fill(values)
  const filled = player.acts.view()?.state.values ?? {}
  transcript.enters(
    form.blocks.flatMap(({ type: kind, element, label, block_id }) => {
      const { action_id: id } = Object(element) as { action_id?: string }
      if (kind !== 'input' || id === undefined || !(id in values)) return []
      return [[textOf(label), valueText(Object(element), filled[String(block_id)]?.[id])]]
    }),
  )
  const isRedrawn = () => [player.acts.view()].find((view) => view && view.hash !== form.hash)
  return awaited(story, isRedrawn, words.stuck.noAnswer(SECONDS))
}

/**
 * Presses the button, and shows the view that the app's acknowledgement carried.
 *
 * @throws StoryError unless the app recorded the ask
 */
async function submit({ slack, player, transcript, words }: StoryContext, form: View): Promise<View> {
  const { realName } = player.person
  const button = form.submit?.text ?? ''
  const result = await player.acts.submit()
  if (result.kind === 'failed') throw new StoryError(words.stuck.slack(result.error))
  const delivery = slack.traffic().findLast(({ name }) => name === 'view_submission')
  const { view } = Object(delivery?.answer) as { view?: View }
  const isRecorded = result.kind === 'updated' && view?.callback_id === 'recorded'
  const shown = view ?? player.acts.view() ?? form
  transcript.tells(
    isRecorded
      ? words.presses(realName, button, (delivery?.ms ?? 0).toFixed(0))
      : words.pressesInVain(realName, button),
  )
  transcript.frame(words.form(shown.title.text), player.viewLines(shown))
  if (!isRecorded) throw new StoryError(words.stuck.refused)
  return shown
}

/** Shows the result: in a message that stays, and in the form while it is open. */
async function tellResult(story: StoryContext, message: Message, view: View): Promise<void> {
  const { transcript, player, words } = story
  const { realName } = player.person
  const lines = player.messageLines(message)
  const isSame = player.contentOf(view).every((line) => lines.includes(line))
  transcript.tells(isSame ? words.dmAndForm(realName) : words.dm(realName))
  show(story, message)
  if (!isSame) {
    transcript.tells(words.formStill)
    transcript.frame(words.form(view.title.text), player.viewLines(view))
  }
  await player.acts.close()
}

/** Whether the message says that a coupon was issued: only then does it have words to copy. */
export function isIssued({ blocks }: { blocks?: Block[] }): boolean {
  return JSON.stringify(blocks ?? []).includes('"rich_text_preformatted"')
}

function textOf(value: unknown): string {
  return String((Object(value) as { text?: unknown }).text ?? '')
}
