import type { Person, PressTarget } from '../types.ts'
import { type Body, FieldError, onlyFields, optionalText, text, typedValues } from './fields.ts'

/** One thing that a person can do. */
type Act = {
  /** Its fields beside `person` and `do`; a question mark for those that may be left out. */
  takes: string[]
  /** For the manual. */
  does: string
  run(person: Person, body: Body): unknown
}

export const acts: Record<string, Act> = {
  command: {
    takes: ['command', 'text?', 'channel?'],
    does: 'runs a slash command',
    run: (person, body) => {
      const channel = optionalText(body, 'channel')
      return person.command(
        text(body, 'command'),
        optionalText(body, 'text') ?? '',
        channel === undefined ? {} : { channel },
      )
    },
  },
  fill: {
    takes: ['values'],
    does: 'types into the form on top: { action_id: text | option value | list | null }',
    run: (person, body) => person.fill(typedValues(body, 'values')),
  },
  press: {
    takes: ['actionId', 'value?', 'messageTs?', 'channel?'],
    does: 'presses a button or chooses in a select; says yes to its confirm dialog, if any',
    run: (person, body) => {
      const target: PressTarget = { actionId: text(body, 'actionId') }
      for (const key of ['value', 'messageTs', 'channel'] as const) {
        const given = optionalText(body, key)
        if (given !== undefined) target[key] = given
      }
      return person.press(target)
    },
  },
  suggest: {
    takes: ['actionId', 'query'],
    does: 'types ahead in an external select',
    run: (person, body) => person.suggest(text(body, 'actionId'), text(body, 'query')),
  },
  submit: { takes: [], does: 'submits the form on top', run: (person) => person.submit() },
  cancel: {
    takes: [],
    does: 'presses the close button of the form on top',
    run: (person) => person.cancel(),
  },
  close: { takes: [], does: 'presses the X: closes every form', run: (person) => person.close() },
  say: {
    takes: ['text', 'channel?', 'threadTs?'],
    does: 'writes a message; without channel to the app',
    run: (person, body) =>
      person.say(text(body, 'text'), optionalText(body, 'channel'), optionalText(body, 'threadTs')),
  },
  home: { takes: [], does: "opens the app's Home tab", run: (person) => person.openHome() },
  read: {
    takes: ['channel', 'ts'],
    does: 'has read a channel up to this message',
    run: (person, body) => person.read(text(body, 'channel'), text(body, 'ts')),
  },
}

/** Does what a body asks for. @throws FieldError for a wrong body, Error for what no person could do */
export async function act(personById: (id: string) => Person, body: Body): Promise<unknown> {
  const person = personById(text(body, 'person'))
  const name = text(body, 'do')
  const chosen = Object.hasOwn(acts, name) ? acts[name] : undefined
  if (!chosen)
    throw new FieldError('do', `must be one of ${Object.keys(acts).join(', ')}, not ${JSON.stringify(name)}.`)
  onlyFields(body, ['person', 'do', ...chosen.takes.map((field) => field.replace('?', ''))])
  return chosen.run(person, body)
}
