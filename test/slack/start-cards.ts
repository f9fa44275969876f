import type { Logger } from 'pino'
import type { Card } from '../../src/domain/card.ts'
import type { Grant } from '../../src/domain/grant.ts'
import type { SlackSandbox } from '../../src/sandbox/slack/index.ts'
import { createChannels } from '../../src/slack/edge/channels.ts'
import { createSlackClients } from '../../src/slack/edge/clients.ts'
import { createPeople } from '../../src/slack/edge/people.ts'
import { createCards } from '../../src/slack/notifier.ts'
import { policyWith } from './builders.ts'

/** Starts the notifier on a Slack stand-in; `draw` shows a grant and nothing else. */
export function startCards(slack: SlackSandbox, logger: Logger, inForce = policyWith()) {
  const { interactions: client, notifications } = createSlackClients({
    botToken: slack.botToken,
    apiUrl: slack.apiUrl,
    logger,
  })
  const policy = () => inForce
  const people = createPeople({ client, policy, logger, now: Date.now })
  people.setHome({ teamId: slack.teamId, enterpriseId: null })
  const channels = createChannels({ client, logger, now: Date.now })
  const notifier = createCards({ client: notifications, people, channels, policy, logger })
  const draw = (card: Card, grant: Grant) =>
    notifier.draw(card, grant, { decisions: [], settlement: null, forDeciding: null })
  return { ...notifier, draw, notifier }
}
