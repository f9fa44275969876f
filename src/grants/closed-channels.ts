import type { FoundClosed } from '../ledger/ledger.ts'
import type { GrantsDeps } from './deps.ts'
import { ChannelClosedError } from './notifier.ts'

/** What an error says of a channel that takes no messages; null: nothing. */
export function closedBy({ policy }: GrantsDeps, error: unknown): FoundClosed | null {
  if (!(error instanceof ChannelClosedError)) return null
  const { channel, code, foundBy } = error
  return { channel, code, foundBy, alerts: policy().alerts }
}

export function reportClosed({ logger, wake }: GrantsDeps, { channel, code }: FoundClosed): void {
  logger.error(
    { channel, code },
    'Slack takes no messages in this channel, so what belongs there waits: invite the app, unarchive the channel, allow the app to post there, or name another channel in the policy; for direct messages switch on the Messages tab of the app',
  )
  wake()
}

/** Notes a channel that takes no messages, if that is why something could not be told. */
export async function noteClosed(deps: GrantsDeps, error: unknown): Promise<void> {
  const closed = closedBy(deps, error)
  if (closed && (await deps.ledger.channelClosed(closed))) reportClosed(deps, closed)
}

/** What was told somewhere was taken by Slack: so the channel is open. */
export async function reopen(
  { ledger, wake }: GrantsDeps,
  channel: string,
  foundBy: FoundClosed['foundBy'],
): Promise<void> {
  const closed = await ledger.closedChannels()
  if (!closed.some((one) => one.channel === channel)) return
  await ledger.channelOpen(channel, foundBy)
  wake()
}
