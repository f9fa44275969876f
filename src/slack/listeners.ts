import type { App } from '@slack/bolt'
import type { z } from 'zod'
import { openidFieldOf } from './ask/form.ts'
import {
  becomeForm,
  changeGrant,
  giveAnother,
  giveForMessage,
  openForm,
  parseTypedAsk,
} from './ask/open-form.ts'
import { createPreviews } from './ask/preview.ts'
import { submitForm } from './ask/submit.ts'
import { heldByForm, useFoundUser } from './ask/use-found-user.ts'
import { awayAsked, awayTyped, backTyped } from './decide/away.ts'
import { approve, askWhy, cancelOwn, showHistory, showIds, showOpenid, submitWhy } from './decide/decide.ts'
import type { Answer } from './edge/answer.ts'
import { createHandlers, type Edge, type Unsure } from './edge/handlers.ts'
import { buttonPayload, groupEvent, homeEvent, tidyCard, type User } from './edge/payloads.ts'
import { orderIn, type Parsed, parseSubcommand } from './edge/typed-command.ts'
import { findAs, findTyped, numberInPlaceOfOpenid } from './find/find-typed.ts'
import { chosenUser, openFind, openFindAlone, submitFind } from './find/find-view.ts'
import { readFound } from './find/found-value.ts'
import { help, tooLong } from './help.ts'
import { createHomes } from './home/homes.ts'
import { actions, type Choice, commands, events, shortcuts, views } from './ids.ts'
import { leftTyped } from './lists/budget-left.ts'
import { couponListTyped, lookUpUser, readCouponList, showCouponList } from './lists/coupons.ts'
import {
  grantListTyped,
  readGrantList,
  readGrantValue,
  redrawList,
  showGrantList,
  writeListPlace,
} from './lists/grants.ts'
import { lookUpSubmitted, openLookUp } from './lists/look-up-view.ts'
import { pressed, setUpTyped } from './operate/check-set-up.ts'
import { pausePressed, pauseTyped, resumePressed, resumeTyped } from './operate/pause.ts'
import { openSettle, submitConfirm, submitSettle, withdraw } from './operate/settle.ts'
import { stuckTyped } from './operate/stuck.ts'
import { endErasurePressed, eraseTyped } from './records/erase.ts'
import { reportTyped } from './records/report.ts'

/** Three kinds from WeChat Pay, plus those that the policy may name. */
const MOST_KINDS = 10

type ButtonPress = z.infer<typeof buttonPayload> & { answer: Answer }
type PressedGrant = ReturnType<typeof readGrantValue>

const nothingFilled = () => ({ openid: null, stock: null, reason: null, ticket: null, note: null })

/** Registers every command, action, view and event that the app takes. @returns what timers run for them */
export function listen(app: App, edge: Edge): { drawHomes(): Promise<number> } {
  const { command, order, shortcut, messageShortcut, button, decision, input, submission, question } =
    createHandlers(edge)
  const previews = createPreviews(edge)
  const homes = createHomes(edge)

  /** A number that finds users, typed where an openid belongs or instead of a command. */
  const numberInstead = (asked: Parsed) => {
    if (asked.name === null) return numberInPlaceOfOpenid(edge, asked.typed)
    return ['send', 'list', 'history'].includes(asked.name) ? numberInPlaceOfOpenid(edge, asked.rest) : null
  }
  const asks = command(async ({ user, text, isTooLong, triggerId, answer }) => {
    if (isTooLong) return tooLong(edge, { user, answer })
    const asked = parseSubcommand(text, edge.grants.policy())
    const number = numberInstead(asked)
    if (number) {
      // The words after the number are read as if they followed an openid.
      const beside = parseTypedAsk(`openid:- ${number.rest}`, edge.grants.policy())
      return findTyped(edge, { user, text: number.number, beside, answer })
    }
    switch (asked.name) {
      case 'find':
        return findTyped(edge, { user, text: asked.rest, answer })
      case 'send':
        return openForm(edge, {
          user,
          triggerId,
          filled: (policy) => parseTypedAsk(asked.rest, policy),
          answer,
        })
      case 'list':
        return couponListTyped(edge, { user, text: asked.rest, answer })
      case 'pending':
      case 'mine':
      case 'history':
        return grantListTyped(edge, { user, kind: asked.name, text: asked.rest, answer })
      case 'left':
        return leftTyped(edge, { user, answer })
      case 'stuck':
        return stuckTyped(edge, { user, answer })
      case 'report':
        return reportTyped(edge, { user, text: asked.rest, answer })
      case 'doctor':
        return setUpTyped(edge, { user, answer })
      case 'away':
        return awayAsked(edge, { user, answer })
      default:
        return help(edge, { user, asked, answer })
    }
  })
  const ordered = (carryOut: typeof pauseTyped, unsure: Unsure) =>
    order(async (typed) => {
      if (typed.isTooLong) {
        await typed.ack()
        return tooLong(edge, typed)
      }
      const asked = parseSubcommand(typed.text)
      if (asked.name === null) throw new Error('what was typed is no order')
      await carryOut(edge, { ...typed, text: asked.rest })
    }, unsure)
  const orders = {
    pause: ordered(pauseTyped, ({ pausing }) => pausing.unsure),
    resume: ordered(resumeTyped, ({ pausing }) => pausing.unsure),
    away: ordered(awayTyped, ({ away }) => away.unsure),
    back: ordered(backTyped, ({ away }) => away.unsure),
    erase: ordered(eraseTyped, ({ erasure }) => erasure.unsure),
  }
  app.command(commands.coupon, (typed) => {
    const order = orderIn(typed.command.text ?? '')
    return (order ? orders[order] : asks)(typed)
  })

  app.shortcut(
    shortcuts.giveForMessage,
    messageShortcut((chosen) => giveForMessage(edge, chosen)),
  )
  app.shortcut(
    shortcuts.give,
    shortcut((chosen) => openForm(edge, { ...chosen, filled: nothingFilled })),
  )
  app.shortcut(
    shortcuts.lookUp,
    shortcut((chosen) => openLookUp(edge, chosen)),
  )

  const turnPage = button(async ({ user, value, answer }) => {
    const page = readCouponList(value)
    if (!page) throw new Error('a button carries a page that this app did not write')
    await showCouponList(edge, { user, value: page, answer, replace: true })
  })
  app.action(actions.listPrevious, turnPage)
  app.action(actions.listNext, turnPage)
  app.action(
    actions.recordsOfUser,
    button(async ({ user, value, answer }) => {
      const read = readCouponList(value)
      if (!read) throw new Error('a button carries a page that this app did not write')
      const list = { kind: 'history' as const, page: 1, key: read.openid }
      await showGrantList(edge, { user, list, answer, isTurned: true, replace: false, above: [] })
    }),
  )
  app.action(
    actions.giveToUser,
    button(async ({ user, value, triggerId, answer }) => {
      const { openid, stock } = readCouponList(value) ?? { openid: null, stock: null }
      const filled = { openid, stock, reason: null, ticket: null, note: null }
      await openForm(edge, { user, triggerId, filled: () => filled, answer })
    }),
  )
  app.action(
    actions.useFound,
    button(async ({ user, value, triggerId, answer }) => {
      const found = readFound(value, edge.customers.kinds())
      if (!found) throw new Error('a button carries a user whom this app did not write')
      const { openid, foundBy, beside } = found
      const filled = { stock: null, reason: null, ticket: null, note: null, ...beside, openid, foundBy }
      await openForm(edge, { user, triggerId, filled: () => filled, answer })
    }),
  )
  app.action(
    actions.lookUpFound,
    button(({ user, value = '', answer }) =>
      showCouponList(edge, { user, value: { openid: value, stock: null, page: 1 }, answer, replace: false }),
    ),
  )
  app.action(
    actions.recordsFound,
    button(({ user, value = '', answer }) => {
      const list = { kind: 'history' as const, page: 1, key: value }
      return showGrantList(edge, { user, list, answer, replace: false, above: [] })
    }),
  )
  app.action(
    actions.findUser,
    button(async ({ user, view, triggerId, answer }) => {
      if (!view) throw new Error('what is pressed in the form came without it')
      const typedIn = openidFieldOf(view)
      await openFind(edge, { user, triggerId, answer, form: heldByForm(view), typedIn })
    }),
  )
  app.view(
    views.find,
    question((sent) => submitFind(edge, sent)),
  )
  app.view(
    views.found,
    question(async ({ user, view, ack, answer, until }) => {
      const chosen = chosenUser(edge, view)
      if (!chosen || !view.root_view_id) throw new Error('a view carries a user whom this app did not write')
      const { form, found, next } = chosen
      if (form !== null)
        return useFoundUser(edge, { user, viewId: view.root_view_id, form, found, ack, until })
      if (next === 'give') return becomeForm(edge, { user, viewId: view.id, found, ack })
      // Looking up takes longer than Slack waits.
      await ack()
      const { openid } = found
      if (next === 'look-up')
        return showCouponList(edge, { user, value: { openid, stock: null, page: 1 }, answer, replace: false })
      const list = { kind: 'history' as const, page: 1, key: openid }
      await showGrantList(edge, { user, list, answer, replace: false, above: [] })
    }),
  )
  for (let index = 0; index < MOST_KINDS; index++)
    app.action(
      `${actions.findAs}${index}`,
      button((press) => findAs(edge, press)),
    )
  /** A button of a grant. The message that holds it may be a stray copy of that grant's card. */
  const onGrant =
    <P extends ButtonPress>(handler: (press: P & PressedGrant) => Promise<void>) =>
    async (press: P): Promise<void> => {
      const pressed = { ...press, ...readGrantValue(press.value) }
      await handler(pressed)
      await tidyCard(edge, pressed.grantId, press.message)
    }
  /** Changes a grant and answers with the result; in a list, above the redrawn list. */
  const changing = (change: typeof approve) =>
    decision(
      onGrant(async ({ list, ack, ...press }) => {
        const message = await change(edge, press, ack)
        // A click on Home is answered on Home, or in a message if Slack refuses the Home now.
        if (press.isHome) return homes.draw(press.user, message.blocks).catch(() => press.answer(message))
        if (!list) return press.answer(message)
        await showGrantList(edge, { ...press, list, replace: true, above: message.blocks })
      }),
    )
  app.action(actions.approve, changing(approve))
  app.action(actions.cancelOwn, changing(cancelOwn))
  app.action(actions.showOpenid, decision(onGrant(({ ack, ...press }) => showOpenid(edge, press, ack))))
  app.action(
    actions.reject,
    button(onGrant((press) => askWhy(edge, 'reject', { ...press, from: writeListPlace(press) }))),
  )
  app.action(actions.cancelIssue, button(onGrant((press) => askWhy(edge, 'cancel', press))))
  const history = button(onGrant((press) => showHistory(edge, press)))
  const menu: Record<Choice | 'unknown', typeof history> = {
    openid: decision(onGrant(({ ack, ...press }) => showOpenid(edge, press, ack))),
    history,
    ids: button(onGrant((press) => showIds(edge, press))),
    lookup: button(onGrant((press) => lookUpUser(edge, press))),
    unknown: button(() => {
      throw new Error('a menu carries a choice that this app did not write')
    }),
  }
  app.action(actions.more, (args) => menu[buttonPayload.safeParse(args.body).data?.choice ?? 'unknown'](args))
  app.action(actions.history, history)
  app.action(actions.giveAnother, button(onGrant((press) => giveAnother(edge, press))))
  app.action(
    actions.change,
    button(onGrant((press) => changeGrant(edge, { ...press, from: writeListPlace(press) }))),
  )
  app.action(actions.lookUpUser, button(onGrant((press) => lookUpUser(edge, press))))

  const turnGrants = button(async ({ user, value, answer }) => {
    const list = readGrantList(value)
    if (!list) throw new Error('a button carries a list that this app did not write')
    await showGrantList(edge, { user, list, answer, replace: true, above: [] })
  })
  app.action(actions.foundPrevious, turnGrants)
  app.action(actions.foundNext, turnGrants)

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

  app.action(
    actions.confirmErasure,
    decision((press) => endErasurePressed(edge, { ...press, confirms: true })),
  )
  app.action(
    actions.declineErasure,
    decision((press) => endErasurePressed(edge, { ...press, confirms: false })),
  )

  app.action(
    actions.press,
    button((press) => pressed(edge, press)),
  )

  const changed = input(previews.changed)
  app.action(actions.openidInput, changed)
  app.action(actions.stockSelect, changed)
  app.action(actions.reasonSelect, changed)
  app.action(actions.ticketInput, changed)

  const redrawOf =
    ({ user }: { user: User }) =>
    (place: string) =>
      redrawList(edge, { user, place })
  app.view(
    views.give,
    submission((sent) =>
      submitForm(edge, {
        ...sent,
        from: 'form',
        drawn: previews.submitted(sent.view),
        redraw: redrawOf(sent),
      }),
    ),
  )
  app.view(
    views.another,
    submission((sent) => submitForm(edge, { ...sent, from: 'another', drawn: null, redraw: redrawOf(sent) })),
  )

  app.view(
    views.lookUp,
    question((sent) => lookUpSubmitted(edge, sent)),
  )
  app.view(
    views.reject,
    submission(async (sent) => {
      const isDone = await submitWhy(edge, 'reject', sent)
      const [, ...place] = sent.view.private_metadata.split('\n')
      if (isDone) await redrawList(edge, { ...sent, place: place.join('\n') })
    }),
  )
  app.view(
    views.cancel,
    submission(async (sent) => {
      await submitWhy(edge, 'cancel', sent)
    }),
  )

  app.view(
    views.settle,
    submission((sent) => submitSettle(edge, sent)),
  )
  app.view(
    views.confirm,
    submission((sent) => submitConfirm(edge, sent)),
  )

  const forget = async ({ payload }: { payload: unknown }) => {
    const id = groupEvent.safeParse(payload)
    if (!id.success) return
    edge.people.forgetGroup(id.data)
    // Tells those who wait for an emptied group now, without waiting for the timer.
    await edge.grants.lookForStranded()
  }
  app.event(events.groupMembersChanged, forget)
  app.event(events.groupUpdated, forget)

  app.event(events.homeOpened, async ({ payload }: { payload: unknown }) => {
    const opened = homeEvent.safeParse(payload)
    if (opened.success && opened.data.isHome) await homes.opened(opened.data.user, opened.data.hash)
  })
  app.action(
    actions.homeGive,
    button((press) => openForm(edge, { ...press, filled: nothingFilled })),
  )
  app.action(
    actions.homeLookUp,
    button((press) => openLookUp(edge, press)),
  )
  app.action(
    actions.homeFind,
    button((press) => openFindAlone(edge, press)),
  )
  app.action(
    actions.homeSetUp,
    button((press) => setUpTyped(edge, press)),
  )
  app.action(
    actions.homeRefresh,
    button(({ user }) => homes.draw(user)),
  )
  app.action(
    actions.homeStuck,
    button((press) => stuckTyped(edge, press)),
  )
  return { drawHomes: homes.drawDue }
}
