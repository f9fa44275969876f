import { WebAPIPlatformError, WebAPIRateLimitedError } from '@slack/web-api'
import { PERSON_UNKNOWN } from '../../domain/slack-codes.ts'
import { causesOf } from '../../web-proxy.ts'

/** Slack's own code of an error, e.g. `message_not_found`; null where Slack gave none. */
export function slackCode(error: unknown): string | null {
  if (error instanceof AnswerRefusedError) return error.code
  return error instanceof WebAPIPlatformError ? error.data.error : null
}

/** Slack did not take an answer to a `response_url`. */
export class AnswerRefusedError extends Error {
  override readonly name = 'AnswerRefusedError'
  readonly code: string

  constructor(status: number, code: string) {
    super(`Slack did not take an answer (${status}${code === '' ? '' : `, ${code.slice(0, 60)}`})`)
    this.code = code
  }
}

/** What the innermost error says of why nothing came, with its code: `fetch failed` alone helps nobody. */
export function innermostReason(error: unknown): string {
  let said = ''
  for (const one of causesOf(error)) {
    const { code } = one as { code?: unknown }
    const named = typeof code === 'string' && !one.message.includes(code) ? ` (${code})` : ''
    if (one.message !== '' || named !== '') said = `${one.message}${named}`.trim()
  }
  return said || String(error)
}

/*
 * Slack's errors are of three kinds. Gone: the message or the person is not there any more. Never: the same call will not
 * be taken until somebody changes something. Later: all that is not named here; it is worth another try.
 */

/** There is no such person for this app, or nobody who can be written to. */
const nobody = new Set([...PERSON_UNKNOWN, 'user_disabled', 'cannot_dm_bot'])

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

/** Whether a message is not there any more. */
export function isGone(error: unknown): boolean {
  return slackCode(error) === 'message_not_found'
}

/** As of a message that was posted before the Slack app was made anew, or is older than the workspace lets people edit. */
const unchangeable = new Set(['cant_update_message', 'edit_window_closed', 'block_mismatch'])

/** Whether a message can never be changed again. */
export function isUnchangeable(error: unknown): boolean {
  return unchangeable.has(slackCode(error) ?? '')
}

/** Nothing can be written to direct messages of anybody. */
const closedForAll = new Set(['messages_tab_disabled', 'missing_scope', 'no_permission', 'ekm_access_denied'])
/** Also `restricted_action` and all that begin with it, but for those of a thread. */
const closed = new Set([
  ...closedForAll,
  'channel_not_found',
  'not_in_channel',
  'is_archived',
  'access_denied',
  'team_access_not_granted',
  'method_not_supported_for_channel_type',
])

/** Whether Slack takes no messages of this app in a channel, until somebody changes something. */
export function isClosed(error: unknown): boolean {
  const code = slackCode(error) ?? ''
  return closed.has(code) || (code.startsWith('restricted_action') && !threadRefused.has(code))
}

/** Whether a code of Slack's means that the app can't write to people. */
export function isClosedForAll(code: string): boolean {
  return closedForAll.has(code)
}

const threadRefused = new Set([
  'thread_not_found',
  'cannot_reply_to_message',
  'restricted_action_thread_locked',
  'restricted_action_non_threadable_channel',
])

/** Whether a message can't be answered in its thread, or is not there to be answered. */
export function isThreadRefused(error: unknown): boolean {
  return threadRefused.has(slackCode(error) ?? '')
}

const contentRefused = new Set([
  'msg_too_long',
  'msg_blocks_too_long',
  'invalid_blocks',
  'invalid_blocks_format',
  'invalid_payload',
  'no_text',
  'too_many_attachments',
  'attachment_payload_limit_exceeded',
  'metadata_too_large',
  'invalid_metadata_format',
  'invalid_metadata_schema',
  // Of a view.
  'view_too_large',
  'invalid_arguments',
])

/** Whether Slack refuses what a message or a view holds, and would refuse it again. */
export function isContentRefused(error: unknown): boolean {
  return contentRefused.has(slackCode(error) ?? '')
}

/** Where Slack sees mistakes in what it refuses; paths, not what people wrote. */
export function slackProblems(error: unknown): string[] {
  return error instanceof WebAPIPlatformError ? (error.data.response_metadata?.messages ?? []) : []
}

/** How long Slack asks to wait, in ms, or null. */
export function retryAfterMs(error: unknown): number | null {
  return error instanceof WebAPIRateLimitedError ? error.retryAfter * 1000 : null
}

/** A token is wrong. The message says what to do. */
export class SlackStartError extends Error {
  override readonly name = 'SlackStartError'
}

/** Slack could not be reached or did not work at the start: starting again later may help. */
export class SlackUnreachableError extends Error {
  override readonly name = 'SlackUnreachableError'
}
