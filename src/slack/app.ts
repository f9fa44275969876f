import type { Logger } from 'pino'
import type { Grants } from '../grants/index.ts'
import type { SlackClients } from './clients.ts'

export interface SlackConfig {
  botToken: string
  transport: 'socket' | 'http'
  /** Socket Mode only. */
  appToken?: string
  /** HTTP only. */
  signingSecret?: string
  /** Where HTTP listens (0: any free port); with Socket Mode, where `/healthz` is served, if at all. */
  port?: number
  /** Address to listen on; default: every one. */
  host?: string
  /** Of another Slack than slack.com. */
  apiUrl?: string
}

export interface Slack {
  /**
   * Connects and begins to take commands.
   * @returns the port listened on, or null @throws SlackStartError when a token or the address is wrong.
   */
  start(): Promise<{ port: number | null }>
  /** Stops taking new work and waits for what was begun, at most so many ms. Safe to call twice, or before start. */
  stop(deadlineMs: number): Promise<void>
  /** Whether commands can arrive now. */
  healthy(): boolean
}

/** The Slack app: commands, forms and buttons over `grants`. */
export function createSlack(_deps: {
  config: SlackConfig
  clients: SlackClients
  grants: Grants
  logger: Logger
  /** Epoch ms. */
  now: () => number
}): Slack {
  return {
    start: () => Promise.reject(new Error('not started yet')),
    stop: () => Promise.resolve(),
    healthy: () => false,
  }
}
