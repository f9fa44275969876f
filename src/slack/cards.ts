import type { WebClient } from '@slack/web-api'
import type { Logger } from 'pino'
import type { Policy } from '../domain/policy.ts'
import type { Notifier } from '../grants/notifier.ts'

/** Draws grants into Slack: the requester's message, the view that follows a submission, and alerts. */
export function createCards(_deps: {
  /** The client for notifications. */
  client: WebClient
  policy: () => Policy
  logger: Logger
}): Notifier {
  return {
    draw: () => Promise.reject(new Error('not drawn yet')),
    tellHold: () => Promise.reject(new Error('not told yet')),
  }
}
