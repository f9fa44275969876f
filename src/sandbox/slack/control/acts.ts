import { z } from 'zod'
import { readInput } from '../../input.ts'
import type { Person } from '../types.ts'

const text = z.string()
const optional = text.optional()
const typed = z.union([text, z.array(text), z.null()], 'expected a text, a list of texts, or null')

/** One act of a person: its fields besides `person` and `do`, and its text in the manual. */
function act<S extends Record<string, z.ZodType>>(
  does: string,
  fields: S,
  run: (person: Person, fields: z.output<z.ZodObject<S>>) => unknown,
) {
  const schema = z.strictObject(fields)
  return {
    does,
    /** A question mark marks optional fields. */
    takes: Object.entries(fields).map(([name, field]) =>
      field.safeParse(undefined).success ? `${name}?` : name,
    ),
    run: (person: Person, given: object) => run(person, readInput(schema, given, 'act')),
  }
}

export const acts = {
  command: act(
    'runs a slash command',
    { command: text, text: optional, channel: optional },
    (person, { command, text = '', channel }) =>
      person.command(command, text, channel === undefined ? {} : { channel }),
  ),
  shortcut: act(
    'chooses a shortcut by its callback_id: of a message with channel and messageTs',
    { callbackId: text, channel: optional, messageTs: optional },
    (person, { callbackId, channel, messageTs }) =>
      person.shortcut(
        callbackId,
        channel === undefined || messageTs === undefined ? undefined : { channel, messageTs },
      ),
  ),
  fill: act(
    'types into the form on top: { action_id: text | option value | list | null }',
    { values: z.record(text, typed) },
    (person, { values }) => person.fill(values),
  ),
  press: act(
    'presses a button, or chooses in a select or menu; says yes to a confirm dialog',
    { actionId: text, value: optional, blockId: optional, messageTs: optional, channel: optional },
    (person, target) => person.press(target),
  ),
  suggest: act(
    'types ahead in an external select',
    { actionId: text, query: text },
    (person, { actionId, query }) => person.suggest(actionId, query),
  ),
  submit: act('submits the form on top', {}, (person) => person.submit()),
  cancel: act('presses the close button of the form on top', {}, (person) => person.cancel()),
  close: act('presses the X: closes every form', {}, (person) => person.close()),
  say: act(
    'writes a message; without channel to the app',
    { text, channel: optional, threadTs: optional },
    (person, { text, channel, threadTs }) => person.say(text, channel, threadTs),
  ),
  home: act("opens the app's Home tab", {}, (person) => person.openHome()),
  read: act(
    'has read a channel up to this message; with threadTs a thread',
    { channel: text, ts: text, threadTs: optional },
    (person, { channel, ts, threadTs }) => person.read(channel, ts, threadTs),
  ),
}

const names = Object.keys(acts) as (keyof typeof acts)[]
const actSchema = z.looseObject({
  person: text,
  do: z.enum(names, { error: `expected one of ${names.join(', ')}` }),
})

/**
 * Runs the act in a body.
 *
 * @throws SandboxInputError for a wrong body, Error for an act that no person could do
 */
export async function runAct(personById: (id: string) => Person, body: unknown): Promise<unknown> {
  const { person, do: name, ...fields } = readInput(actSchema, body, 'act')
  return acts[name].run(personById(person), fields)
}
