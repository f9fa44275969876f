import { createHmac } from 'node:crypto'
import type { SlackSandbox } from '../../src/sandbox/slack/index.ts'

/**
 * A request to the app, signed now as Slack signs: for what the stand-in itself would not send.
 * @returns sends it; the same again each time, as somebody can who has seen it
 */
export function signedRequest(
  { signingSecret }: Pick<SlackSandbox, 'signingSecret'>,
  port: number | null,
  fields: Record<string, string>,
): () => Promise<Response> {
  const body = new URLSearchParams(fields).toString()
  const timestamp = String(Math.floor(Date.now() / 1000))
  const digest = createHmac('sha256', signingSecret).update(`v0:${timestamp}:${body}`).digest('hex')
  return () =>
    fetch(`http://127.0.0.1:${port}/slack/events`, {
      method: 'POST',
      headers: {
        'content-type': 'application/x-www-form-urlencoded',
        'x-slack-request-timestamp': timestamp,
        'x-slack-signature': `v0=${digest}`,
      },
      body,
    })
}
