import type { AnyBlock, InputBlock, ModalView, PlainTextOption, SectionBlock } from '@slack/types'
import { z } from 'zod'
import { type Ask, MAX_NOTE, MAX_TICKET, openidProblemOf } from '../../domain/ask.ts'
import type { FoundBy } from '../../domain/customer.ts'
import type { Policy } from '../../domain/policy.ts'
import { cleanOrNull, cut } from '../../domain/text.ts'
import { cleanOpenid } from '../../domain/wechatpay-ids.ts'
import type { Abilities, LimitState, Preview, Received } from '../../grants/index.ts'
import { button, buttonRow, modal } from '../blocks/buttons-and-views.ts'
import { refusalText } from '../blocks/explain.ts'
import { foundByLines, receivedLines } from '../blocks/grant-facts.ts'
import { couponsLeft, limitTexts, type Reader } from '../blocks/reader.ts'
import { context, plain, safe, section, upTo } from '../blocks/text.ts'
import { byCode } from '../blocks/words/index.ts'
import { type FormView, readGrantId } from '../edge/payloads.ts'
import { actions, blocks, fields, views } from '../ids.ts'

/** What the form holds, as typed after `send` or filled in; null: nothing, or not understood. It decides nothing. */
export interface FormContent {
  openid: string | null
  /** Keys of the policy. */
  stock: string | null
  reason: string | null
  ticket: string | null
  note: string | null
  /** How the user of exactly this openid was found, if by another number. */
  foundBy?: FoundBy | null
  /** The address in Slack of the message that the form was filled in from. */
  source?: string | null
  /** The list that the form was opened from, to be redrawn after the submission. */
  from?: string | null
}

/** Slack shows at most this many options in a select. */
const MAX_OPTIONS = 100

/** Leaves room for text pasted around an openid, so that the form can say what is wrong with it. */
const MAX_OPENID_INPUT = 200

const MAX_PROBLEMS = 5

/** The form "Give a coupon". What a person filled in survives a redraw. */
export function formView(options: {
  reader: Reader
  policy: Policy
  abilities: Abilities
  filled: FormContent
  preview: Preview | 'failed' | null
  /** What the user got lately, if known. */
  received?: Received | null
  /** The grant that the form replaces. */
  instead?: string | null
  /**
   * `block_id` of the openid's field. To change its content, it needs a new id: Slack keeps what is in a field that it
   * knows.
   */
  openidBlock?: string
  /** Whether users can be found by other numbers. */
  finds?: boolean
  /** What the form says about the message that it was filled in from. */
  above?: AnyBlock[]
}): ModalView {
  const {
    reader,
    policy,
    abilities,
    filled,
    preview,
    received = null,
    instead = null,
    finds = false,
    above = [],
  } = options
  const { openidBlock = fields.openid } = options
  const { form } = reader.words
  const stocks = abilities.stocks.slice(0, MAX_OPTIONS).map((entry) => stockOption(entry, reader))
  const reasons = policy.reasons.slice(0, MAX_OPTIONS).map(({ key, name, noteRequired }) => ({
    text: plain(reader.plainName(name), 75),
    value: key,
    ...(noteRequired ? { description: plain(form.reasonNeedsNote, 75) } : {}),
  }))
  return modal(reader, {
    id: views.give,
    title: instead === null ? form.title : form.changeTitle,
    ...carriedBy(filled, instead),
    submit: submitLabel(preview, reader),
    close: reader.words.cancel,
    blocks: [
      context(instead === null ? form.intro : form.changing),
      ...above,
      openidInput(reader, filled.openid, openidBlock),
      ...warningBlocks(received, filled.openid, reader, policy),
      ...belowOpenid(reader, policy, filled, finds),
      select(
        fields.stock,
        actions.stockSelect,
        form.stock,
        form.stockPlaceholder,
        stocks,
        filled.stock,
        moreThanShown(abilities.stocks, reader),
      ),
      select(
        fields.reason,
        actions.reasonSelect,
        form.reason,
        form.reasonPlaceholder,
        reasons,
        filled.reason ?? onlyOne(reasons),
        moreThanShown(policy.reasons, reader),
      ),
      {
        type: 'input',
        block_id: fields.note,
        optional: true,
        label: plain(form.note, 150),
        hint: plain(form.noteHint, 150),
        element: {
          type: 'plain_text_input',
          action_id: actions.noteInput,
          multiline: true,
          max_length: MAX_NOTE,
          ...(filled.note ? { initial_value: cut(filled.note, MAX_NOTE) } : {}),
        },
      },
      ...(policy.ticket ? [ticketInput(reader, policy.ticket.required, filled.ticket)] : []),
      previewBlock(preview, reader),
    ],
  })
}

/** What would become of the ask as filled in now. */
export function previewBlock(preview: Preview | 'failed' | null, reader: Reader): SectionBlock {
  return { ...section(previewLines(preview, reader).join('\n')), block_id: blocks.preview }
}

/** Right below the openid: what is wrong with it, or what its user got lately. */
export function warningBlocks(
  received: Received | null,
  openid: string | null,
  reader: Reader,
  policy: Pick<Policy, 'openid'>,
): SectionBlock[] {
  const problem = openid ? openidProblemOf(policy, openid) : null
  const lines = problem
    ? [`⛔ ${safe(refusalText({ code: 'openid-malformed', problem }, reader.words, reader.dates), 300)}`]
    : openid && received
      ? receivedLines(received, reader)
      : []
  return lines.length > 0 ? [{ ...section(lines.join('\n')), block_id: blocks.warning }] : []
}

/** The label of the submit button, which says what submitting would do. */
export function submitLabel(preview: Preview | 'failed' | null, { words }: Reader): string {
  if (preview === 'failed') return words.form.submit
  if (preview?.kind === 'automatic') return words.form.give
  return preview?.kind === 'needs-approval' ? words.form.ask : words.form.submit
}

function previewLines(preview: Preview | 'failed' | null, reader: Reader): string[] {
  const { form } = reader.words
  if (preview === 'failed') return [form.previewFailed]
  switch (preview?.kind) {
    case undefined:
      return [form.previewNone]
    case 'automatic':
      return [automaticLine(preview, reader), ...limitsLine(preview.limits, reader)]
    case 'needs-approval':
      return [
        form.previewApproval(
          preview.approvals,
          `<#${preview.channel}>`,
          safe(reader.words.approval.why(preview.reason), 300),
        ),
        ...limitsLine(preview.limits, reader),
      ]
    case 'refused':
      return upTo(
        MAX_PROBLEMS,
        preview.problems.map(({ refusal }) =>
          form.previewRefused(safe(refusalText(refusal, reader.words, reader.dates), 300)),
        ),
        reader.words,
      )
  }
}

function automaticLine({ hold }: Extract<Preview, { kind: 'automatic' }>, { words }: Reader): string {
  if (!hold) return words.form.previewAutomatic
  return words.form.previewHeld(byCode(words.holdBy, hold) ?? words.holdBy.other)
}

function limitsLine(limits: LimitState[], { words: { form } }: Reader): string[] {
  const parts = limitTexts(limits, form.limit)
  return parts.length > 0 ? [form.limits(parts.join(' · '))] : []
}

/** A way to find a user whose openid isn't known, and how the user in the form was found. */
function belowOpenid(
  reader: Reader,
  { customers }: Pick<Policy, 'customers'>,
  filled: FormContent,
  finds: boolean,
): AnyBlock[] {
  const help = customers?.openidHelp
  const told = help && safe(help.text[reader.language], 100)
  const found = filled.openid ? foundByLines({ foundBy: filled.foundBy ?? null }, reader) : []
  return [
    ...(found.length > 0 ? [{ ...context(...found), block_id: blocks.foundBy }] : []),
    ...(told ? [context(help.url === null ? told : `<${help.url}|${told.replaceAll('|', '¦')}>`)] : []),
    ...(finds ? [buttonRow(button(actions.findUser, reader.words.find.button, 'find'))] : []),
  ]
}

/** `block_id` of the openid's field in a drawn form. */
export function openidBlockOf({ blocks }: Pick<FormView, 'blocks'>): string {
  const found = blocks.find(({ block_id }) => block_id?.split('.')[0] === fields.openid)
  return found?.block_id ?? fields.openid
}

/** The text in the openid's field, as typed. */
export function openidFieldOf(view: FormView): string {
  return view.state.values[openidBlockOf(view)]?.[actions.openidInput]?.value ?? ''
}

/** Another `block_id` for the same field. */
export function nextOpenidBlock(view: Pick<FormView, 'blocks'>): string {
  const [, count = '1'] = openidBlockOf(view).split('.')
  return `${fields.openid}.${Number(count) + 1}`
}

function openidInput({ words }: Reader, openid: string | null, blockId: string): InputBlock {
  return {
    type: 'input',
    block_id: blockId,
    dispatch_action: true,
    label: plain(words.form.openid, 150),
    hint: plain(words.form.openidHint, 150),
    element: {
      type: 'plain_text_input',
      action_id: actions.openidInput,
      max_length: MAX_OPENID_INPUT,
      placeholder: plain(words.form.openidPlaceholder, 150),
      dispatch_action_config: { trigger_actions_on: ['on_character_entered'] },
      ...(openid ? { initial_value: cut(openid, MAX_OPENID_INPUT) } : {}),
    },
  }
}

function ticketInput({ words }: Reader, required: boolean, ticket: string | null): InputBlock {
  return {
    type: 'input',
    block_id: fields.ticket,
    optional: !required,
    label: plain(words.form.ticket, 150),
    dispatch_action: required,
    element: {
      type: 'plain_text_input',
      action_id: actions.ticketInput,
      ...(required ? { dispatch_action_config: { trigger_actions_on: ['on_character_entered'] } } : {}),
      max_length: MAX_TICKET,
      ...(ticket ? { initial_value: cut(ticket, MAX_TICKET) } : {}),
    },
  }
}

function select(
  blockId: string,
  actionId: string,
  label: string,
  placeholder: string,
  options: PlainTextOption[],
  chosen: string | null,
  hint: string | null,
): InputBlock {
  const initial = options.find(({ value }) => value === chosen)
  return {
    type: 'input',
    block_id: blockId,
    dispatch_action: true,
    label: plain(label, 150),
    ...(hint === null ? {} : { hint: plain(hint, 150) }),
    element: {
      type: 'static_select',
      action_id: actionId,
      placeholder: plain(placeholder, 150),
      options,
      ...(initial ? { initial_option: initial } : {}),
    },
  }
}

function stockOption({ stock, left }: Abilities['stocks'][number], reader: Reader): PlainTextOption {
  const { form } = reader.words
  const count = couponsLeft(left, stock.quota)
  const money = reader.money(stock.quota)
  // The amount must stay visible, so a long name gives way to it.
  const room = 75 - form.stockOption('', money).length
  return {
    text: plain(form.stockOption(cut(reader.plainName(stock.name), room), money), 75),
    value: stock.key,
    ...(count === null ? {} : { description: plain(form.stockLeft(count, left?.days), 75) }),
  }
}

/** How many options don't fit into the select: people can type their keys after the command. */
function moreThanShown(all: readonly unknown[], { words }: Reader): string | null {
  return all.length > MAX_OPTIONS ? words.cut.more(all.length - MAX_OPTIONS) : null
}

function onlyOne(options: PlainTextOption[]): string | null {
  return options.length === 1 ? (options[0]?.value ?? null) : null
}

/** How a user was found, as a view carries it. */
export const foundByCarried = z.object({
  kind: z.string(),
  name: z.object({ en: z.string(), 'zh-CN': z.string() }).nullable(),
  number: z.string(),
  amount: z.int().nullable(),
  at: z.int().nullable(),
})

/** How the user was found counts only for the same openid. */
const carried = z.object({
  instead: z.string(),
  openid: z.string(),
  found: foundByCarried.nullable(),
  /** Kept for any openid. */
  source: z.url().max(500).nullable().default(null),
  from: z.string().nullable().default(null),
})

/** What Slack keeps with the form: the grant to be corrected, alone or with everything that no field holds. */
function carriedBy(
  { openid, foundBy, source = null, from = null }: FormContent,
  instead: string | null,
): { carries?: string } {
  const found = openid && foundBy ? foundBy : null
  if (found === null && source === null && from === null) return instead === null ? {} : { carries: instead }
  const carries = { instead: instead ?? '', openid: openid ?? '', found, source, from }
  carries satisfies z.infer<typeof carried>
  return { carries: JSON.stringify(carries) }
}

function readCarried(privateMetadata: string): z.infer<typeof carried> | null {
  try {
    return carried.parse(JSON.parse(privateMetadata))
  } catch {
    return null
  }
}

/** The grant that the form corrects. */
export function insteadIn({ private_metadata }: Pick<FormView, 'private_metadata'>): string | null {
  return readGrantId(readCarried(private_metadata)?.instead ?? private_metadata) || null
}

/** What the form holds now; empty inputs as null. */
export function filledForm(view: FormView): FormContent {
  const { state, private_metadata } = view
  const input = (block: string, action: string) => state.values[block]?.[action]
  const text = (block: string, action: string) => cleanOrNull(input(block, action)?.value ?? null)
  const openid = cleanOpenid(input(openidBlockOf(view), actions.openidInput)?.value ?? '') || null
  const found = readCarried(private_metadata)
  return {
    openid,
    foundBy: found?.openid === openid ? (found?.found ?? null) : null,
    stock: input(fields.stock, actions.stockSelect)?.selected_option?.value ?? null,
    reason: input(fields.reason, actions.reasonSelect)?.selected_option?.value ?? null,
    note: text(fields.note, actions.noteInput),
    ticket: text(fields.ticket, actions.ticketInput),
    ...(found?.source ? { source: found.source } : {}),
    ...(found?.from ? { from: found.from } : {}),
  }
}

/** The ask as submitted; a missing field becomes a value that `grants` refuses with its reason. */
export function askOf(filled: FormContent): Ask {
  return {
    openid: filled.openid ?? '',
    stock: filled.stock ?? '',
    reason: filled.reason ?? '',
    note: filled.note,
    ticket: filled.ticket,
    ...(filled.source ? { source: filled.source } : {}),
  }
}
