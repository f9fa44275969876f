import type { Logger } from 'pino'
import { deadTokenCode } from './slack-errors.ts'

type TokenName = 'SLACK_BOT_TOKEN' | 'SLACK_APP_TOKEN'

/** Whether Slack still accepts the tokens, as its answers tell. */
export interface Tokens {
  /** Slack has answered a call. */
  worked(name: TokenName): void
  /** A call failed, for whatever reason. */
  failed(name: TokenName, error: unknown): void
  /** Why nothing goes until somebody acts, or null. */
  trouble(): string | null
  /** Whether people can't be told apart any more, nor written to. */
  isBotDead(): boolean
  /** ms since Slack last said anything of the bot's token. */
  silentFor(): number
}

const REMEDY: Record<TokenName, string> = {
  SLACK_BOT_TOKEN:
    'install the Slack app again at “OAuth & Permissions” in its settings, set SLACK_BOT_TOKEN to the token (xoxb-…) that is shown there, and start this app again',
  SLACK_APP_TOKEN:
    'make an app-level token (xapp-…) with connections:write at “Basic Information” in the settings of the Slack app, set SLACK_APP_TOKEN to it, and start this app again',
}

export function createTokens(deps: { logger: Pick<Logger, 'fatal' | 'info'> }): Tokens {
  const { logger } = deps
  const dead = new Map<TokenName, string>()
  const proven = new Set<TokenName>()
  let heardAt = performance.now()
  return {
    worked(name) {
      if (name === 'SLACK_BOT_TOKEN') heardAt = performance.now()
      proven.add(name)
      if (dead.delete(name)) logger.info({ variable: name }, 'Slack accepts the token again')
    },
    failed(name, error) {
      const code = deadTokenCode(error)
      if (!code) return
      if (name === 'SLACK_BOT_TOKEN') heardAt = performance.now()
      // One that Slack has never accepted ends the start, which says so.
      if (!dead.has(name) && proven.has(name))
        logger.fatal({ variable: name, code }, `Slack no longer accepts ${name}: ${REMEDY[name]}`)
      dead.set(name, code)
    },
    trouble() {
      const [first] = dead
      return first ? `Slack no longer accepts ${first[0]} (${first[1]})` : null
    },
    isBotDead: () => dead.has('SLACK_BOT_TOKEN'),
    silentFor: () => performance.now() - heardAt,
  }
}
