import { type Logger as BoltLogger, LogLevel } from '@slack/web-api'
import type { Logger } from 'pino'

const token = /\bx(?:ox[a-z]|app)-[\w-]+/g

/**
 * Lets Slack's libraries log through ours.
 * Their debug lines hold whole payloads, with openids and tickets of sockets: they are never written, whatever our
 * level. Of an error only its words are kept, as its fields may hold answers and headers.
 */
export function boltLogger(logger: Logger): BoltLogger {
  const line = (parts: unknown[]) =>
    parts
      .map((part) => (part instanceof Error ? part.message : String(part)))
      .join(' ')
      .replace(token, 'x…')
  return {
    debug: () => {},
    info: (...parts) => logger.debug({ from: 'slack-sdk' }, line(parts)),
    warn: (...parts) => logger.warn({ from: 'slack-sdk' }, line(parts)),
    error: (...parts) => logger.error({ from: 'slack-sdk' }, line(parts)),
    setLevel: () => {},
    getLevel: () => LogLevel.INFO,
    setName: () => {},
  }
}
