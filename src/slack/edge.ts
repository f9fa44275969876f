import type { WebClient } from '@slack/web-api'
import type { Logger } from 'pino'
import type { Grants } from '../grants/index.ts'
import type { People } from './people.ts'

/** What every listener works with. */
export interface Edge {
  /** The client for interactions. */
  client: WebClient
  grants: Grants
  people: People
  logger: Logger
  /** Epoch ms. */
  now: () => number
}

/** Who Slack says acts. */
export interface User {
  id: string
  team: string | null
}
