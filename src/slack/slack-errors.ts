import { WebAPIPlatformError, WebAPIRateLimitedError } from '@slack/web-api'

/** Slack's own code of an error, e.g. `message_not_found`; null where Slack gave none. */
export function slackCode(error: unknown): string | null {
  return error instanceof WebAPIPlatformError ? error.data.error : null
}

/*
 * Slack's errors are of three kinds. Gone: the message or the person is not there any more. Never: the same call will not
 * be taken until somebody changes something. Later: all that is not named here; it is worth another try.
 */

/** There is no such person for this app, or nobody who can be written to. */
const nobody = new Set([
  'user_not_found',
  'users_not_found',
  'user_not_visible',
  'user_disabled',
  'cannot_dm_bot',
])

/** Whether Slack knows of no such person, or shows none to this app. */
export function isNobody(error: unknown): boolean {
  return nobody.has(slackCode(error) ?? '')
}

/** Slack takes nothing with this token until somebody acts: https://docs.slack.dev/reference/methods/auth.test#errors */
const deadToken = new Set([
  'account_inactive',
  'app_uninstalled',
  'invalid_auth',
  'invalid_token',
  'not_allowed_token_type',
  'not_authed',
  'token_expired',
  'token_revoked',
])

/** Slack's code where an error says that the token is dead, else null. */
export function deadTokenCode(error: unknown): string | null {
  const code = slackCode(error)
  return code !== null && deadToken.has(code) ? code : null
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
