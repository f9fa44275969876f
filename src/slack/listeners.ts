import type { App } from '@slack/bolt'
import type { z } from 'zod'
import { openForm, parseTypedAsk } from './ask/open-form.ts'
import { createPreviews } from './ask/preview.ts'
import { submitForm } from './ask/submit.ts'
import { giveAnother, lookUpUser } from './card-buttons.ts'
import {
  approve,
  askWhy,
  cancelOwn,
  type Pressed,
  showHistory,
  showOpenid,
  submitWhy,
} from './decide/decide.ts'
import type { Respond } from './edge/answer.ts'
import { createGuards, type Edge } from './edge/handlers.ts'
import { type buttonPayload, groupEvent } from './edge/payloads.ts'
import { tidyCard } from './edge/stray-copies.ts'
import { isOrder, parseSubcommand } from './edge/typed-command.ts'
import { help, tooLong } from './help.ts'
import { actions, commands, events, views } from './ids.ts'
import { listPage, listTyped, readListValue } from './lists/coupons.ts'
import { findTyped, readFoundValue, readGrantValue, showFound } from './lists/grants.ts'
import { pausePressed, pauseTyped, resumePressed, resumeTyped } from './operate/pause.ts'
import { openSettle, submitConfirm, submitSettle, withdraw } from './operate/settle.ts'
import { stuckTyped } from './operate/stuck.ts'

/** Every command, action, view and event that the app takes. */
export function listen(app: App, edge: Edge): void {
  const { command, order, button, decision, input, submission } = createGuards(edge)
  const previews = createPreviews(edge)

  const asks = command(async ({ user, text, isTooLong, triggerId, respond }) => {
    if (isTooLong) return tooLong(edge, { user, respond })
    const asked = parseSubcommand(text)
    switch (asked.name) {
      case 'send':
        return openForm(edge, {
          user,
          triggerId,
          filled: (policy) => parseTypedAsk(asked.rest, policy),
          respond,
        })
      case 'list':
        return listTyped(edge, { user, text: asked.rest, respond })
      case 'pending':
      case 'mine':
      case 'history':
        return findTyped(edge, { user, kind: asked.name, text: asked.rest, respond })
      case 'stuck':
        return stuckTyped(edge, { user, respond })
      default:
        return help(edge, { user, asked, respond })
    }
  })
  const orders = order(async (typed) => {
    if (typed.isTooLong) {
      await typed.ack()
      return tooLong(edge, typed)
    }
    const asked = parseSubcommand(typed.text)
    switch (asked.name) {
      case 'pause':
        return pauseTyped(edge, { ...typed, text: asked.rest })
      case 'resume':
        return resumeTyped(edge, { ...typed, text: asked.rest })
      default:
        throw new Error('what was typed is no order')
    }
  })
  app.command(commands.coupon, (typed) => (isOrder(typed.command.text ?? '') ? orders : asks)(typed))

  const turnPage = button(async ({ user, value, respond }) => {
    const page = readListValue(value)
    if (!page) throw new Error('a button carries a page that this app did not write')
    await listPage(edge, { user, value: page, respond, replace: true })
  })
  app.action(actions.listPrevious, turnPage)
  app.action(actions.listNext, turnPage)
  app.action(
    actions.giveToUser,
    button(async ({ user, value, triggerId, respond }) => {
      const { openid, stock } = readListValue(value) ?? { openid: null, stock: null }
      const filled = { openid, stock, reason: null, ticket: null, note: null }
      await openForm(edge, { user, triggerId, filled: () => filled, respond })
    }),
  )
  /** What is pressed in a message may be a stray copy of its card. */
  const onCard =
    <P extends z.infer<typeof buttonPayload>>(listener: (press: P) => Promise<void>) =>
    async (press: P): Promise<void> => {
      await listener(press)
      await tidyCard(edge, readGrantValue(press.value).grantId, press.message)
    }
  const pressed = ({ value, ...press }: z.infer<typeof buttonPayload> & { respond: Respond }): Pressed => ({
    ...press,
    ...readGrantValue(value),
  })
  app.action(actions.approve, decision(onCard(({ ack, ...press }) => approve(edge, pressed(press), ack))))
  app.action(actions.cancelOwn, decision(onCard(({ ack, ...press }) => cancelOwn(edge, pressed(press), ack))))
  app.action(
    actions.showOpenid,
    decision(onCard(({ ack, ...press }) => showOpenid(edge, pressed(press), ack))),
  )
  app.action(actions.reject, button(onCard((press) => askWhy(edge, 'reject', pressed(press)))))
  app.action(actions.cancelIssue, button(onCard((press) => askWhy(edge, 'cancel', pressed(press)))))
  app.action(actions.history, button(onCard((press) => showHistory(edge, pressed(press)))))
  app.action(actions.giveAnother, button(onCard((press) => giveAnother(edge, press))))
  app.action(actions.lookUpUser, button(onCard((press) => lookUpUser(edge, press))))
  const turnFound = button(async ({ user, value, respond }) => {
    const list = readFoundValue(value)
    if (!list) throw new Error('a button carries a list that this app did not write')
    await showFound(edge, { user, list, respond, replace: true, told: [] })
  })
  app.action(actions.foundPrevious, turnFound)
  app.action(actions.foundNext, turnFound)

  app.action(
    actions.pauseIssuing,
    decision((press) => pausePressed(edge, press)),
  )
  app.action(
    actions.resumeIssuing,
    decision((press) => resumePressed(edge, press)),
  )
  app.action(
    actions.settle,
    button((press) => openSettle(edge, press)),
  )
  app.action(
    actions.withdraw,
    decision((press) => withdraw(edge, press)),
  )

  const changed = input(({ user, view, at }) => previews.changed(user, view, at))
  app.action(actions.openidInput, changed)
  app.action(actions.stockSelect, changed)
  app.action(actions.reasonSelect, changed)
  app.action(actions.ticketInput, changed)

  app.view(
    views.give,
    submission((sent) => submitForm(edge, { ...sent, from: 'form', drawn: previews.submitted(sent.view) })),
  )
  app.view(
    views.another,
    submission((sent) => submitForm(edge, { ...sent, from: 'another', drawn: null })),
  )

  app.view(
    views.reject,
    submission((sent) => submitWhy(edge, 'reject', sent)),
  )
  app.view(
    views.cancel,
    submission((sent) => submitWhy(edge, 'cancel', sent)),
  )

  app.view(
    views.settle,
    submission((sent) => submitSettle(edge, sent)),
  )
  app.view(
    views.confirm,
    submission((sent) => submitConfirm(edge, sent)),
  )

  const forget = ({ payload }: { payload: unknown }) => {
    const id = groupEvent.safeParse(payload)
    if (id.success) edge.people.forgetGroup(id.data)
    return Promise.resolve()
  }
  app.event(events.groupMembersChanged, forget)
  app.event(events.groupUpdated, forget)
}
