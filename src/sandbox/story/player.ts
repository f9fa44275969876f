import type { Message, SlackSandbox, View, Workspace } from '../slack/index.ts'
import { blockLines, type Drawing, readerOf } from '../transcript/blocks.ts'
import { FRAME_WIDTH, type Paint } from '../transcript/transcript.ts'
import type { StoryWords } from './words.ts'

export type Player = ReturnType<typeof createPlayer>

/**
 * A person of the story: what they do (`acts`), and how their Slack looks as lines.
 * @throws Error if the workspace has nobody with this id
 */
export function createPlayer(deps: {
  slack: SlackSandbox
  workspace: Workspace
  personId: string
  /** The app's name in Slack. */
  appName: string
  words: StoryWords
  paint: Paint
  now: () => number
}) {
  const { slack, workspace, personId, words, paint, now } = deps
  const person = workspace.people.find(({ id }) => id === personId)
  if (!person) throw new Error(`There is nobody with the id ${personId} in the workspace.`)
  const channel = workspace.channels.find(({ members }) => members.includes(personId))
  if (!channel) throw new Error(`${personId} is in no channel.`)
  const drawing = (): Drawing => ({
    reader: readerOf(person, workspace, now()),
    width: FRAME_WIDTH,
    words: words.fields,
    strong: paint.strong,
  })
  const contentOf = (view: Pick<View, 'blocks'> & Partial<View>) =>
    blockLines(view.blocks, {
      ...drawing(),
      ...(view.state && view.errors ? { view: { state: view.state, errors: view.errors } } : {}),
    })

  return {
    person,
    appName: deps.appName,
    channel,
    acts: slack.person(personId),
    contentOf,
    /** A view with its buttons. */
    viewLines(view: Pick<View, 'blocks'> & Partial<View>): string[] {
      return [...contentOf(view), '', buttonsOf(view)]
    },
    messageLines(message: Pick<Message, 'blocks' | 'text'>): string[] {
      return message.blocks ? blockLines(message.blocks, drawing()) : message.text.split('\n')
    },
    /** The lines of a view that are new since `before`, without what was typed into it. */
    changedLines(before: View, after: View): string[] {
      const said = contentOf({ blocks: withoutInputs(before) })
      return [
        ...contentOf({ blocks: withoutInputs(after) }).filter((line) => !said.includes(line)),
        '',
        buttonsOf(after),
      ]
    },
  }
}

function withoutInputs({ blocks }: View) {
  return blocks.filter(({ type }) => type !== 'input')
}

function buttonsOf({ close, submit }: Partial<View>): string {
  return [close, submit].flatMap((button) => (button ? [`[${button.text}]`] : [])).join('  ')
}
