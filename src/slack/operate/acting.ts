import type { Person } from '../../domain/permissions.ts'
import { createReader, type Reader } from '../blocks/reader.ts'
import type { Edge, User } from '../edge/handlers.ts'

/** What changes something waits so long at most, ms: Slack waits 3 s for the acknowledgement, after the commit. */
export const CHANGING = 700
/** What a command that only reads waits for at most, ms: it is acknowledged by then. */
export const READING = 5000

export interface Acting {
  by: { person: Person }
  reader: Reader
}

/** Who operates, and in which language it is answered. @param within ms that Slack has to tell */
export async function acting(edge: Edge, user: User, within: number): Promise<Acting> {
  const { person, language } = await edge.people.who(user, within)
  return { by: { person }, reader: createReader(language, edge.grants.policy()) }
}
