import { WebAPIPlatformError, WebAPIRateLimitedError } from '@slack/web-api'

/** Slack's own code of an error, e.g. `message_not_found`; null where Slack gave none. */
export function slackCode(error: unknown): string | null {
  return error instanceof WebAPIPlatformError ? error.data.error : null
}

/** How long Slack asks to wait, in ms, or null. */
export function retryAfterMs(error: unknown): number | null {
  return error instanceof WebAPIRateLimitedError ? error.retryAfter * 1000 : null
}

/** A token or the port is wrong. The message says what to do. */
export class SlackStartError extends Error {
  override readonly name = 'SlackStartError'
}

/** Slack could not be reached or did not work at the start: starting again later may help. */
export class SlackUnreachableError extends Error {
  override readonly name = 'SlackUnreachableError'
}
