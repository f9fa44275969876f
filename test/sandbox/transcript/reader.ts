import { exampleWorkspace } from '../../../src/sandbox/slack/index.ts'
import type { Reader } from '../../../src/sandbox/slack/markup/read.js'
import { readerOf } from '../../../src/sandbox/transcript/blocks.ts'

/** A person of the example workspace who reads at this moment. */
export function readerAt(id: string, at: string): Reader {
  const person = exampleWorkspace.people.find((one) => one.id === id)
  if (!person) throw new Error(`nobody has the id ${id}`)
  return readerOf(person, exampleWorkspace, Date.parse(at))
}
