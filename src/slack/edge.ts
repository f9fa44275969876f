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
  /** Told of every acknowledgement; ms since what is acknowledged came. */
  acknowledged?: (kind: Acknowledged, ms: number) => void
}

/** What Slack hands over and waits for; a decision is a button that changes something. */
export type Acknowledged = 'command' | 'button' | 'decision' | 'input' | 'submission'

/** Who Slack says acts. */
export interface User {
  id: string
  team: string | null
}
