import { setTimeout as sleep } from 'node:timers/promises'
import type { AckFn, ViewResponseAction } from '@slack/bolt'
import type { AnyBlock, ModalView, PlainTextOption } from '@slack/types'
import { z } from 'zod'
import type { CustomerMatch, FindOutcome } from '../../customers/index.ts'
import { maskedNumber } from '../../domain/customer.ts'
import type { Person } from '../../domain/permissions.ts'
import { loadingView, modal } from '../blocks/buttons-and-views.ts'
import { refusalText } from '../blocks/explain.ts'
import { kindName } from '../blocks/grant-facts.ts'
import type { Reader } from '../blocks/reader.ts'
import { asPlain, context, plain, section, typed } from '../blocks/text.ts'
import { byCode } from '../blocks/words/index.ts'
import { type Answer, openView, pushView, SETTLED_AFTER } from '../edge/answer.ts'
import type { Edge } from '../edge/handlers.ts'
import type { FormView, User } from '../edge/payloads.ts'
import { actions, fields, views } from '../ids.ts'
import { type FoundUser, foundValue, readFound } from './found-value.ts'
import {
  aroundMatches,
  kindsText,
  lookedForText,
  malformedText,
  matchLabel,
  matchText,
  notFoundText,
  privacyContext,
} from './matches.ts'

/**
 * A view that asks by which number to find a user, and then shows the users found. Over the form, it carries what the
 * form holds, as the form's own code wrote it; when it is submitted, Slack closes it and the form is back. Opened on
 * its own, it also asks what to do with the user.
 */

/** ms; Slack waits 3 s for the acknowledgement of a submission. */
const ANSWER_WITHIN = 2000
const ROLES_WITHIN = 1000
const MAX_NUMBER = 100

/** What to do with a user who was found, if no form waits for one. */
export type FindNext = 'give' | 'look-up' | 'records'

/** Slack keeps 3,000 characters, so nothing is stored as JSON within JSON. */
const carried = z.strictObject({ form: z.unknown(), matches: z.array(z.unknown()) })

/**
 * Pushes the view over the form.
 * @param form what the form holds, for the form's own code to read
 * @param typedIn the text in its openid field
 */
export async function openFind(
  edge: Edge,
  {
    form,
    typedIn,
    ...opening
  }: { user: User; triggerId: string; answer: Answer; form: unknown; typedIn: string },
): Promise<void> {
  // A trigger lives 3 s. Who the person is decides whether anything is found, not whether the view opens.
  const reader = edge.people.readerOf(opening.user.id)
  const [kind] = edge.customers.recognise(typedIn)
  const view = findView(edge, reader, { form, kind: kind?.key ?? null, number: kind ? typedIn : null })
  await pushView(edge, { ...opening, late: ({ notice }) => notice.late }, view)
}

/** Opens the view on its own, as from Home. */
export async function openFindAlone(
  edge: Edge,
  opening: { user: User; triggerId: string; answer: Answer },
): Promise<void> {
  const reader = edge.people.readerOf(opening.user.id)
  const view = findView(edge, reader, { form: null, kind: null, number: null })
  await openView(edge, { ...opening, late: ({ notice }) => notice.late }, view)
}

/** Asks by which number to look. @param options.form null: the view stands alone */
export function findView(
  { customers }: Pick<Edge, 'customers'>,
  reader: Reader,
  {
    form,
    kind,
    number,
    says = [],
  }: { form: unknown; kind: string | null; number: string | null; says?: AnyBlock[] },
): ModalView {
  const { find } = reader.words
  const options = customers.kinds().map((one): PlainTextOption => {
    const hint = byCode<string>(find.kindHints, one.key)
    return {
      text: plain(kindName(one, reader), 75),
      value: one.key,
      ...(hint ? { description: plain(hint, 75) } : {}),
    }
  })
  const initial = options.find(({ value }) => value === kind) ?? options[0]
  return modal(reader, {
    id: views.find,
    carries: JSON.stringify({ form, matches: [] } satisfies z.infer<typeof carried>),
    title: find.title,
    submit: find.submit,
    close: form === null ? reader.words.cancel : find.back,
    blocks: [
      ...says,
      {
        type: 'input',
        block_id: fields.findKind,
        label: plain(find.kind, 150),
        element: {
          type: 'radio_buttons',
          action_id: actions.findKindRadio,
          options,
          ...(initial ? { initial_option: initial } : {}),
        },
      },
      {
        type: 'input',
        block_id: fields.findNumber,
        label: plain(find.number, 150),
        hint: plain(find.numberHint, 150),
        element: {
          type: 'plain_text_input',
          action_id: actions.findNumberInput,
          max_length: MAX_NUMBER,
          focus_on_load: true,
          ...(number === null ? {} : { initial_value: number.slice(0, MAX_NUMBER) }),
        },
      },
    ],
  })
}

type Reply = { view: ModalView } | { error: string }

/** Looks a user up by what was filled in, and shows the users found. */
export async function submitFind(
  edge: Edge,
  { user, view, ack }: { user: User; view: FormView; ack: AckFn<ViewResponseAction> },
): Promise<void> {
  const { form } = readCarried(view) ?? { form: null }
  const asked = {
    kind: view.state.values[fields.findKind]?.[actions.findKindRadio]?.selected_option?.value ?? null,
    number: view.state.values[fields.findNumber]?.[actions.findNumberInput]?.value ?? '',
  }
  const work = look(edge, user, { ...asked, form })
  const reply = await Promise.race([work, sleep(ANSWER_WITHIN, null, { ref: false })])
  if (reply) {
    if ('view' in reply) return ack({ response_action: 'update', view: reply.view })
    return ack({ response_action: 'errors', errors: { [fields.findNumber]: reply.error } })
  }
  const reader = edge.people.readerOf(user.id)
  const { title, loading } = reader.words.find
  await ack({ response_action: 'update', view: loadingView(reader, { title, loading }) })
  const late = await work
  await sleep(SETTLED_AFTER)
  const shown =
    'view' in late ? late.view : findView(edge, reader, { ...asked, form, says: [typed(late.error)] })
  await edge.client.views.update({ view_id: view.id, view: shown })
}

async function look(
  edge: Edge,
  user: User,
  { kind, number, form }: { kind: string | null; number: string; form: unknown },
): Promise<Reply> {
  const { person, reader } = await edge.people.who(user, ROLES_WITHIN)
  const outcome = await edge.customers.find({ person, kind, value: number })
  if (outcome.kind === 'found' && outcome.matches.length > 0)
    return {
      view: foundView(outcome, form === null ? { next: await nextOf(edge, person) } : { form }, reader),
    }
  return { error: errorText(edge, outcome, number, reader) }
}

/** Why no user is shown, in plain text for the field. */
function errorText(edge: Edge, outcome: FindOutcome, number: string, reader: Reader): string {
  const { words, dates } = reader
  switch (outcome.kind) {
    case 'refused':
      return refusalText(outcome.refusal, words, dates)
    case 'busy':
      return words.notice.busy
    case 'malformed':
      return malformedText(outcome.of, reader)
    case 'which':
      return asPlain(words.find.unknown(kindsText(edge.customers.kinds(), reader)))
    case 'found': {
      const why = outcome.problems.map((problem) => notFoundText(problem, reader))
      return asPlain([...new Set(why)].join(words.gap)) || words.find.foundNone(maskedNumber(number))
    }
  }
}

async function nextOf({ grants }: Edge, person: Person): Promise<FindNext[]> {
  const { mayRequest, mayLookUp, readsHistory } = await grants.abilities(person)
  return [
    ...(mayRequest === null ? ['give' as const] : []),
    ...(mayLookUp === null ? ['look-up' as const] : []),
    ...(readsHistory ? ['records' as const] : []),
  ]
}

/**
 * The users found, to be confirmed or chosen.
 * @param use what the form below holds, or what the user can be used for
 */
export function foundView(
  outcome: Extract<FindOutcome, { kind: 'found' }>,
  use: { form: unknown } | { next: readonly FindNext[] },
  reader: Reader,
): ModalView {
  const { find, cancel } = reader.words
  const isAlone = 'next' in use
  const { matches } = outcome
  const { above, below } = aroundMatches(outcome, reader)
  const [first] = matches
  return modal(reader, {
    id: views.found,
    carries: JSON.stringify({
      form: isAlone ? null : use.form,
      matches: matches.map((match) => foundValue(match, null)),
    } satisfies z.infer<typeof carried>),
    title: find.title,
    submit: isAlone ? find.goOn : find.use,
    close: isAlone ? cancel : find.back,
    blocks: [
      ...(first ? [context(find.found(matches.length, lookedForText(first.foundBy, reader)))] : []),
      ...above,
      ...(first && matches.length === 1 ? [section(matchText(first, reader))] : chooser(matches, reader)),
      ...(isAlone ? nextChooser(use.next, reader) : []),
      ...below,
      privacyContext(reader),
    ],
  })
}

function nextChooser(next: readonly FindNext[], { words }: Reader): AnyBlock[] {
  const { find } = words
  const says = { give: find.give, 'look-up': find.lookUpNext, records: find.recordsNext }
  const options = next.map((one): PlainTextOption => ({ text: plain(says[one], 75), value: one }))
  const [first] = options
  if (!first) return []
  return [
    {
      type: 'input',
      block_id: fields.findNext,
      label: plain(find.next, 150),
      element: {
        type: 'radio_buttons',
        action_id: actions.findNextRadio,
        options,
        initial_option: first,
      },
    },
  ]
}

function chooser(matches: readonly CustomerMatch[], reader: Reader): AnyBlock[] {
  const options = matches.map((match, index): PlainTextOption => {
    const { hint } = match
    return {
      text: plain(matchLabel(match, reader), 75),
      value: String(index),
      ...(hint === null ? {} : { description: plain(hint, 75) }),
    }
  })
  return [
    {
      type: 'input',
      block_id: fields.findMatch,
      label: plain(reader.words.find.choose, 150),
      element: { type: 'radio_buttons', action_id: actions.findMatchRadio, options },
    },
  ]
}

/** The chosen user, with what the form below held or what to do next; null if this app did not write the view. */
export function chosenUser(
  edge: Edge,
  view: FormView,
): { form: unknown; next: FindNext; found: FoundUser } | null {
  const read = readCarried(view)
  const index = view.state.values[fields.findMatch]?.[actions.findMatchRadio]?.selected_option?.value ?? '0'
  const found = readFound(read?.matches[Number(index)], edge.customers.kinds())
  const chosen = view.state.values[fields.findNext]?.[actions.findNextRadio]?.selected_option?.value
  const next = (['give', 'records'] as const).find((one) => one === chosen) ?? 'look-up'
  return read && found ? { form: read.form ?? null, next, found } : null
}

function readCarried({ private_metadata }: FormView): z.infer<typeof carried> | null {
  try {
    return carried.parse(JSON.parse(private_metadata))
  } catch {
    return null
  }
}
