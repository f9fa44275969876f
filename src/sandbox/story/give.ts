import type { Block, Message, View } from '../slack/index.ts'
import { valueText } from '../transcript/blocks.ts'
import type { IssuedCoupon } from '../wechatpay/index.ts'
import { showCalls } from './exchanges.ts'
import type { PlannedAsk } from './plan.ts'
import { answersOf, awaited, SECONDS, type Stage, StoryError, show, type } from './stage.ts'

/** From the empty form to the coupon. */
export async function giveByForm(stage: Stage, ask: PlannedAsk): Promise<void> {
  const { transcript, screen, words, wechatpay } = stage
  const form = await openForm(stage, words.subcommands.send)
  transcript.tells(words.formOpens)
  transcript.frame(words.form(form.title.text), screen.viewLines(form))
  transcript.tells(words.fillsIn(screen.person.realName))
  const filled = await fillIn(stage, form, ask)
  transcript.tells(words.formNowSays)
  transcript.frame(words.form(form.title.text), screen.changedLines(form, filled))

  const known = wechatpay.calls().length
  await submit(stage, filled)
  const late = words.stuck.notIssued(SECONDS)
  const issued = () => wechatpay.coupons().findLast(({ openid }) => openid === stage.openid)
  const coupon = await awaited(stage, issued, late).catch((error: unknown) => {
    // What came of it so far is the best explanation.
    showCalls(stage, wechatpay.calls().slice(known), { isBelieved: false })
    for (const message of screen.hands.dm().slice(-1)) show(stage, message)
    throw error
  })
  const tellsIt = (shown: Shown) => says(shown, coupon)
  const message = await awaited(stage, () => screen.hands.dm().findLast(tellsIt), late)
  const view = await awaited(stage, () => screen.hands.views().findLast(tellsIt), late)
  transcript.tells(words.calls)
  showCalls(stage, wechatpay.calls().slice(known), { isBelieved: true, coupon })
  await tellResult(stage, message, view)
}

/** From a command that says all of it to the message that it waits for approval. */
export async function askByCommand(stage: Stage, ask: PlannedAsk): Promise<void> {
  const { transcript, screen, words } = stage
  const typed = [stage.openid, ask.stock, ask.typedReason, ask.ticket, ask.note].filter(
    (word) => word !== null,
  )
  const form = await openForm(stage, [words.subcommands.send, ...typed].join(' '))
  transcript.tells(words.formOpensFilled)
  transcript.frame(words.form(form.title.text), screen.viewLines(form))

  const known = screen.hands.dm().length
  const recorded = await submit(stage, form)
  const message = await awaited(stage, () => screen.hands.dm()[known], words.stuck.noAnswer(SECONDS))
  const { realName } = screen.person
  const news = screen.messageLines(message).filter((line) => !screen.contentOf(recorded).includes(line))
  if (news.length === 1) transcript.tells(words.dmRepeats(realName, news.join()))
  else {
    transcript.tells(words.dm(realName))
    show(stage, message)
  }
  await screen.hands.close()
}

/** @throws StoryError once something else came than a form */
async function openForm(stage: Stage, text: string): Promise<View> {
  const { screen, words } = stage
  const answers = answersOf(stage)
  await type(stage, text)
  // A view without inputs says "one moment", or why there is no form.
  const isForm = ({ blocks }: View) => blocks.some(({ type: kind }) => kind === 'input')
  const found = await awaited(
    stage,
    () => screen.hands.views().find(isForm) ?? answers().at(0),
    words.stuck.form,
  )
  if ('state' in found) return found
  show(stage, found)
  throw new StoryError(words.stuck.form)
}

/** Fills the form in, and waits until it tells what would become of it. */
async function fillIn(stage: Stage, form: View, ask: PlannedAsk): Promise<View> {
  const { screen, words, transcript } = stage
  const wanted = {
    openid_input: stage.openid,
    stock_select: ask.stock,
    reason_select: ask.reason,
    note_input: ask.note,
    ticket_input: ask.ticket,
  }
  const values = Object.fromEntries(Object.entries(wanted).filter(([, value]) => value !== null))
  screen.hands.fill(values)
  const filled = screen.hands.view()?.state.values ?? {}
  transcript.enters(
    form.blocks.flatMap(({ type: kind, element, label, block_id }) => {
      const { action_id: id } = Object(element) as { action_id?: string }
      if (kind !== 'input' || id === undefined || !(id in values)) return []
      return [[textOf(label), valueText(Object(element), filled[String(block_id)]?.[id])]]
    }),
  )
  const isRedrawn = () => [screen.hands.view()].find((view) => view && view.hash !== form.hash)
  return awaited(stage, isRedrawn, words.stuck.noAnswer(SECONDS))
}

/**
 * Presses the button, and shows the view that Slack was acknowledged with.
 *
 * @throws StoryError unless the ask was recorded
 */
async function submit({ slack, screen, transcript, words }: Stage, form: View): Promise<View> {
  const { realName } = screen.person
  const button = form.submit?.text ?? ''
  const result = await screen.hands.submit()
  if (result.kind === 'failed') throw new StoryError(words.stuck.slack(result.error))
  const delivery = slack.traffic().findLast(({ name }) => name === 'view_submission')
  const { view } = Object(delivery?.answer) as { view?: View }
  const isRecorded = result.kind === 'updated' && view?.callback_id === 'recorded'
  const shown = view ?? screen.hands.view() ?? form
  transcript.tells(
    isRecorded
      ? words.presses(realName, button, (delivery?.ms ?? 0).toFixed(0))
      : words.pressesInVain(realName, button),
  )
  transcript.frame(words.form(shown.title.text), screen.viewLines(shown))
  if (!isRecorded) throw new StoryError(words.stuck.refused)
  return shown
}

/** The result, in a message that stays and in the form while it is open. */
async function tellResult(stage: Stage, message: Message, view: View): Promise<void> {
  const { transcript, screen, words } = stage
  const { realName } = screen.person
  const lines = screen.messageLines(message)
  const isSame = screen.contentOf(view).every((line) => lines.includes(line))
  transcript.tells(isSame ? words.dmAndForm(realName) : words.dm(realName))
  show(stage, message)
  if (!isSame) {
    transcript.tells(words.formStill)
    transcript.frame(words.form(view.title.text), screen.viewLines(view))
  }
  await screen.hands.close()
}

type Shown = { blocks?: Block[] }

function says({ blocks }: Shown, { coupon_id }: IssuedCoupon): boolean {
  return JSON.stringify(blocks ?? []).includes(coupon_id)
}

function textOf(value: unknown): string {
  return String((Object(value) as { text?: unknown }).text ?? '')
}
