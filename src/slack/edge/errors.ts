import { WebAPIPlatformError, WebAPIRateLimitedError } from '@slack/web-api'
import { PERSON_UNKNOWN } from '../../domain/slack-codes.ts'
import { causesOf } from '../../web-proxy.ts'

/** Slack's own code of an error, e.g. `message_not_found`; null if Slack gave none. */
export function slackCode(error: unknown): string | null {
  if (error instanceof AnswerRefusedError) return error.code
  return error instanceof WebAPIPlatformError ? error.data.error : null
}

/** Slack refused an answer to a `response_url`. */
export class AnswerRefusedError extends Error {
  override readonly name = 'AnswerRefusedError'
  readonly code: string

  constructor(status: number, code: string) {
    super(`Slack did not take an answer (${status}${code === '' ? '' : `, ${code.slice(0, 60)}`})`)
    this.code = code
  }
}

/** The innermost error's message and code: `fetch failed` alone helps nobody. */
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
 * Slack's errors are of three kinds. Gone: the message or the person no longer exists. Never: Slack refuses the same
 * call until a person changes something. Later: all errors not named here; another try may work.
 */

/** This app sees no such person, or can't write to them. */
const nobody = new Set([...PERSON_UNKNOWN, 'user_disabled', 'cannot_dm_bot'])

/** Whether Slack knows no such person, or doesn't show them to this app. */
export function isNobody(error: unknown): boolean {
  return nobody.has(slackCode(error) ?? '')
}

/**
 * Slack accepts nothing with this token until a person acts: https://docs.slack.dev/reference/methods/auth.test#errors
 */
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

/** Slack's code if an error says that the token is dead, else null. */
export function deadTokenCode(error: unknown): string | null {
  const code = slackCode(error)
  return code !== null && deadToken.has(code) ? code : null
}

/** Whether a message no longer exists. */
export function isGone(error: unknown): boolean {
  return slackCode(error) === 'message_not_found'
}

/**
 * For example, the message was posted before the Slack app was recreated, or is older than the workspace lets people
 * edit.
 */
const unchangeable = new Set(['cant_update_message', 'edit_window_closed', 'block_mismatch'])

/** Whether a message can never be changed again. */
export function isUnchangeable(error: unknown): boolean {
  return unchangeable.has(slackCode(error) ?? '')
}

/** The app can't send direct messages to anybody. */
const closedForAll = new Set(['messages_tab_disabled', 'missing_scope', 'no_permission', 'ekm_access_denied'])
/** Also `restricted_action` and all codes that begin with it, except those about threads. */
const closed = new Set([
  ...closedForAll,
  'channel_not_found',
  'not_in_channel',
  'is_archived',
  'access_denied',
  'team_access_not_granted',
  'method_not_supported_for_channel_type',
])

/** Whether Slack takes no messages of this app in a channel until a person changes something. */
export function isClosed(error: unknown): boolean {
  const code = slackCode(error) ?? ''
  return closed.has(code) || (code.startsWith('restricted_action') && !threadRefused.has(code))
}

/** Whether a code of Slack's means that the app can't send direct messages to anybody. */
export function isClosedForAll(code: string): boolean {
  return closedForAll.has(code)
}

const threadRefused = new Set([
  'thread_not_found',
  'cannot_reply_to_message',
  'restricted_action_thread_locked',
  'restricted_action_non_threadable_channel',
])

/** Whether the app can't answer in a message's thread, or the message no longer exists. */
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
  // For views.
  'view_too_large',
  'invalid_arguments',
])

/** Whether Slack refuses the content of a message or a view, and would refuse it again. */
export function isContentRefused(error: unknown): boolean {
  return contentRefused.has(slackCode(error) ?? '')
}

/** Where Slack sees mistakes in refused content: paths, not what people wrote. */
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

/** Slack could not be reached or failed at the start; starting again later may help. */
export class SlackUnreachableError extends Error {
  override readonly name = 'SlackUnreachableError'
}
