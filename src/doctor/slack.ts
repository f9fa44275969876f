import { z } from 'zod'
import { OWN_TROUBLE } from '../domain/slack-codes.ts'
import { checkClock, type Exchange, type Exchanged } from './exchange.ts'
import { type Finding, found } from './finding.ts'
import type { Instruments, Setup } from './setup.ts'

const SLACK = 'https://slack.com/api/'

/** The scopes of `manifest/manifest.json`; a test compares them. */
export const scopes = {
  needed: [
    'channels:read',
    'chat:write',
    'commands',
    'groups:read',
    'im:write',
    'usergroups:read',
    'users:read',
    'users:read.email',
  ],
  /**
   * Without these, the app can't find a message again whose answer was lost, and
   * may post it twice; or it can't send files.
   */
  optional: ['channels:history', 'files:write', 'groups:history', 'im:history'],
} as const

/** Slack's answer to a method; `code` is Slack's own word. */
export type SlackAnswer =
  | { kind: 'ok'; body: Record<string, unknown>; headers: Readonly<Record<string, string>> }
  | { kind: 'refused'; code: string; headers: Readonly<Record<string, string>> }
  /** Slack did not answer; the finding says why. */
  | { kind: 'none'; finding: Finding }

export type AskSlack = (method: string, args?: Record<string, string>, token?: string) => Promise<SlackAnswer>

/** Seconds to wait at most for a rate limit, and how many tries. */
const MOST_WAIT = 30
const TRIES = 3

/** Calls Slack with the bot's token, or with another one if given. @param deps.wait resolves after this many ms */
export function createAskSlack(deps: {
  exchange: Exchange
  setup: Setup['slack']
  wait: (ms: number) => Promise<unknown>
}): AskSlack {
  const { exchange, setup, wait } = deps
  return async (method, args = {}, token = setup.botToken) => {
    for (let tries = 1; ; tries++) {
      const answer = await exchange({
        url: `${setup.apiUrl ?? SLACK}${method}`,
        method: 'POST',
        headers: {
          authorization: `Bearer ${token}`,
          'content-type': 'application/x-www-form-urlencoded',
          accept: 'application/json',
        },
        body: new URLSearchParams(args).toString(),
      })
      const seconds = answer.kind === 'answer' && answer.status === 429 ? waitOf(answer.headers) : null
      if (seconds === null || tries === TRIES) return readAnswer(answer)
      await wait(seconds * 1000)
    }
  }
}

function waitOf(headers: Readonly<Record<string, string>>): number | null {
  const seconds = Number(headers['retry-after'] ?? 1)
  return seconds <= MOST_WAIT ? seconds : null
}

const answered = z.looseObject({ ok: z.boolean(), error: z.string().optional() })

function readAnswer(answer: Exchanged): SlackAnswer {
  if (answer.kind === 'away') return { kind: 'none', finding: slackAway(answer) }
  const { status, headers, json } = answer
  const read = answered.safeParse(json)
  if (status === 429) return { kind: 'none', finding: found('slack-untold', { why: 'ratelimited' }) }
  if (!read.success)
    return {
      kind: 'none',
      finding: found(status >= 500 ? 'slack-untold' : 'slack-not-itself', {
        why: `HTTP ${status}`,
        status,
        type: headers['content-type'] ?? '–',
      }),
    }
  if (read.data.ok) return { kind: 'ok', body: read.data, headers }
  const code = read.data.error ?? 'unknown_error'
  return OWN_TROUBLE.includes(code)
    ? { kind: 'none', finding: found('slack-untold', { why: code }) }
    : { kind: 'refused', code, headers }
}

function slackAway({ why, detail, proxy }: Extract<Exchanged, { kind: 'away' }>): Finding {
  return why === 'proxy'
    ? found('slack-proxy', { detail, proxy: proxy ?? '' })
    : found('slack-away', { why, detail, proxy: proxy ?? '' })
}

/** Who the app is at Slack; null if its token doesn't work. */
export interface Bot {
  teamId: string
  /** Undefined if Slack didn't say. */
  appId: string | undefined
}

const authed = z.object({
  team: z.string().default(''),
  team_id: z.string(),
  user: z.string().default(''),
  bot_id: z.string().optional(),
})
const botInfo = z.object({ bot: z.object({ app_id: z.string(), name: z.string().optional() }) })
const appAuthed = z.object({ app_id: z.string() })

/** Checks the bot's token, its workspace, its scopes, and the clock against Slack's. */
export async function checkBot(
  ask: AskSlack,
  { now }: Instruments,
): Promise<{ findings: Finding[]; bot: Bot | null }> {
  const answer = await ask('auth.test')
  if (answer.kind === 'none') return { findings: [answer.finding], bot: null }
  const clock = checkClock('Slack', answer, now())
  if (answer.kind === 'refused')
    return { findings: [...clock, found('bot-token-refused', { code: answer.code })], bot: null }
  const read = authed.safeParse(answer.body)
  if (!read.success || read.data.bot_id === undefined)
    return { findings: [...clock, found('bot-token-of-person')], bot: null }
  const { team, team_id: teamId, user, bot_id: botId } = read.data
  const info = await ask('bots.info', { bot: botId })
  const bot = info.kind === 'ok' ? botInfo.safeParse(info.body).data?.bot : undefined
  return {
    findings: [
      ...clock,
      found('bot-token-good', { team: team || teamId, teamId, bot: bot?.name ?? user }),
      ...checkScopes(answer.headers['x-oauth-scopes']),
    ],
    bot: { teamId, appId: bot?.app_id },
  }
}

function checkScopes(header: string | undefined): Finding[] {
  if (header === undefined) return []
  const granted = header.split(',').map((scope) => scope.trim())
  const missing = (of: readonly string[]) => of.filter((scope) => !granted.includes(scope))
  const needed = missing(scopes.needed)
  const optional = missing(scopes.optional)
  if (needed.length + optional.length === 0) return [found('scopes-good', { count: granted.length })]
  return [
    ...(needed.length > 0 ? [found('scopes-missing', { scopes: needed.join(', ') })] : []),
    ...(optional.length > 0 ? [found('scopes-missing-optional', { scopes: optional.join(', ') })] : []),
  ]
}

/**
 * Checks how Slack reaches the app. It asks for a socket address and never uses it: Slack
 * would send clicks to a process that connects.
 */
export async function checkTransport(
  ask: AskSlack,
  { slack: { transport, appToken = '' } }: Setup,
  bot: Bot,
): Promise<Finding[]> {
  if (transport === 'http') return [found('signing-secret-unproven')]
  if (appToken === '') return []
  const opened = await ask('apps.connections.open', {}, appToken)
  if (opened.kind === 'none') return [opened.finding]
  if (opened.kind === 'refused') return [found('app-token-refused', { code: opened.code })]
  const told = await ask('auth.test', {}, appToken)
  const appId = told.kind === 'ok' ? appAuthed.safeParse(told.body).data?.app_id : undefined
  if (appId !== undefined && bot.appId !== undefined && appId !== bot.appId)
    return [found('app-token-of-other-app', { app: appId, bot: bot.appId })]
  return [found('app-token-good')]
}

const channelInfo = z.object({
  channel: z.object({
    name: z.string().optional(),
    is_archived: z.boolean().optional(),
    is_member: z.boolean().optional(),
    is_ext_shared: z.boolean().optional(),
    is_pending_ext_shared: z.boolean().optional(),
    is_read_only: z.boolean().optional(),
    is_thread_only: z.boolean().optional(),
  }),
})

/** Checks the two channels of the policy. */
export async function checkChannels(ask: AskSlack, { policy }: Setup): Promise<Finding[]> {
  if (!policy.ok) return []
  const { approval, alerts } = policy.policy
  const checks = [checkChannel(ask, 'approval', approval.channel)]
  if (alerts !== null && alerts !== approval.channel) checks.push(checkChannel(ask, 'alerts', alerts))
  const findings = (await Promise.all(checks)).flat()
  return alerts === null ? [...findings, found('alerts-unset')] : findings
}

async function checkChannel(ask: AskSlack, use: 'approval' | 'alerts', id: string): Promise<Finding[]> {
  const answer = await ask('conversations.info', { channel: id })
  if (answer.kind === 'none') return [answer.finding]
  const values = { use, channel: id }
  // Slack says nothing about a private channel that the app is not in.
  if (answer.kind === 'refused')
    return [
      found(answer.code === 'channel_not_found' ? 'channel-missing' : 'channel-unreadable', {
        ...values,
        code: answer.code,
      }),
    ]
  const channel = channelInfo.safeParse(answer.body).data?.channel ?? {}
  const named = { ...values, name: channel.name ?? id }
  const findings = [
    ...(channel.is_archived ? [found('channel-archived', named)] : []),
    ...(channel.is_ext_shared || channel.is_pending_ext_shared
      ? [found(use === 'approval' ? 'channel-shared' : 'channel-shared-alerts', named)]
      : []),
    ...(channel.is_member ? [] : [found('channel-not-joined', named)]),
    ...(channel.is_read_only || channel.is_thread_only ? [found('channel-read-only', named)] : []),
  ]
  return findings.length > 0 ? findings : [found('channel-good', named)]
}

/** Looks for another process that takes a share of what Slack sends. */
export async function checkConsumers({ connections }: Instruments): Promise<Finding[]> {
  const known = await connections()
  if (known === null || known.counted <= known.own) return []
  return [found('second-consumer', known)]
}
