import { exampleWorkspace } from '../../../src/sandbox/slack/index.ts'
import type { Onlooker } from '../../../src/sandbox/transcript/mrkdwn.ts'

/** Somebody of the example workspace, who looks at this moment. */
export function onlookerOf(id: string, at: string): Onlooker {
  const person = exampleWorkspace.people.find((one) => one.id === id)
  if (!person) throw new Error(`nobody has the id ${id}`)
  return { person, workspace: exampleWorkspace, now: Date.parse(at) }
}
