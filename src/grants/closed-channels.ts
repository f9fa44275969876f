import type { FoundClosed } from '../ledger/ledger.ts'
import type { GrantsDeps } from './deps.ts'
import { ChannelClosedError } from './notifier.ts'

/** The closed channel that an error is about; null: it isn't about one. */
export function closedBy({ policy }: GrantsDeps, error: unknown): FoundClosed | null {
  if (!(error instanceof ChannelClosedError)) return null
  const { channel, code, foundBy } = error
  return { channel, code, foundBy, alerts: policy().alerts }
}

/** Logs that a channel is closed, and wakes the worker, which tells the operators. */
export function reportClosed({ logger, wake }: GrantsDeps, { channel, code }: FoundClosed): void {
  logger.error(
    { channel, code },
    'Slack takes no messages in this channel, so what belongs there waits: invite the app, unarchive the channel, allow the app to post there, or name another channel in the policy; for direct messages switch on the Messages tab of the app',
  )
  wake()
}

/** Records that a channel is closed, if that is why a message wasn't sent. */
export async function noteClosed(deps: GrantsDeps, error: unknown): Promise<void> {
  const closed = closedBy(deps, error)
  if (closed && (await deps.ledger.channelClosed(closed))) reportClosed(deps, closed)
}

/** Records that a channel is open, because Slack has taken a message there. */
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
